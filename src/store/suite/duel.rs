//! Random histories: one store takes them entry by entry, another in batches, and both must say and hold the same.
//! Never asks what is right: the stories beside this one do; here two ways to the same end are compared.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::deliveries::message;
use super::*;
use crate::domain::alert::NewAlert;
use crate::domain::delivery::{AttemptOutcome, DeliveryState};
use crate::domain::ids::DeliveryId;
use crate::domain::record::RecordQuery;
use crate::store::read::AlertQuery;
use crate::store::write::{AfterAttempt, DeliveryClosed, NewDelivery};

on_postgres! {
    a_history_in_batches_is_the_same_as_entry_by_entry,
}

const ROUNDS: usize = 150;

#[tokio::test]
async fn a_history_in_batches_is_the_same_as_entry_by_entry() {
    let seed = rand::random();
    let reference = Bench::on_sqlite().await;
    let other = Bench::open().await;
    let mut world = World::new(seed);
    for round in 0..ROUNDS {
        let group = world.group();
        let expected = one_by_one(&reference, &group).await;
        let batched = other.all(group.clone()).await;
        assert_eq!(batched, expected, "seed {seed}, round {round}: {group:#?}");
        for (entry, answer) in group.iter().zip(&expected) {
            world.learn(entry, answer);
        }
        if round % 4 == 3 {
            let now = after(i64::try_from(round).unwrap() * 10);
            world.claimed(claims(&reference, now).await, claims(&other, now).await);
        }
    }
    same(&world, &reference, &other, seed).await;
}

async fn one_by_one(bench: &Bench, group: &[Entry]) -> Vec<Result<Receipt, Refusal>> {
    let mut broken = std::collections::HashSet::new();
    let mut answers = Vec::new();
    for entry in group {
        let execution = entry.execution();
        let answer = match execution {
            Some(id) if broken.contains(&id) => Err(Refusal::Chained),
            _ => bench.one(entry.clone()).await,
        };
        // Neither has what comes behind a call that had been made before anything to go on with.
        let replayed = matches!(&answer, Ok(Receipt::Replayed(earlier)) if Some(*earlier) != execution);
        if replayed || answer.is_err() {
            broken.extend(execution);
        }
        answers.push(answer);
    }
    answers
}

async fn claims(bench: &Bench, now: Timestamp) -> (Vec<Claimed>, Vec<Delivery>) {
    let mut executions = bench.store.write.claim_executions(now, 1000).await.unwrap();
    executions.sort_by_key(|claimed| claimed.owner.id);
    let mut deliveries = bench.store.write.claim_deliveries(now, 1000, Vec::new()).await.unwrap();
    deliveries.sort_by_key(|delivery| delivery.id);
    (executions, deliveries)
}

async fn same(world: &World, one: &Bench, other: &Bench, seed: u64) {
    let ids: Vec<ExecutionId> = world.executions.iter().map(|known| known.owner.id).collect();
    let (left, right) = (&one.store.read, &other.store.read);
    assert_eq!(left.executions(&ids).await.unwrap(), right.executions(&ids).await.unwrap(), "seed {seed}");
    for id in ids {
        assert_eq!(left.steps(id).await.unwrap(), right.steps(id).await.unwrap(), "seed {seed}");
        assert_eq!(left.deliveries(id).await.unwrap(), right.deliveries(id).await.unwrap(), "seed {seed}");
    }
    for table in TABLES {
        let query = RecordQuery::all(table);
        assert_eq!(left.records(&query).await.unwrap(), right.records(&query).await.unwrap(), "seed {seed}");
        let (left, right) = (&one.store.write, &other.store.write);
        let (left, right) = (left.reserve_record_ids(table, 1).await, right.reserve_record_ids(table, 1).await);
        assert_eq!(left.unwrap(), right.unwrap(), "seed {seed}");
    }
    let alerts = AlertQuery { limit: 1000, ..AlertQuery::default() };
    assert_eq!(left.alerts(&alerts).await.unwrap(), right.alerts(&alerts).await.unwrap(), "seed {seed}");
}

const TABLES: [&str; 2] = ["orders", "mails"];

/// What the histories' writer believes; it errs now and then, so that refusals are compared too.
struct World {
    random: StdRng,
    executions: Vec<Known>,
    deliveries: Vec<(DeliveryId, u32)>,
    next_record: i64,
    /// Where the ids of earlier batches end: which of two executions writes a row first in one batch is nobody's promise.
    stored: i64,
}

#[derive(Clone)]
struct Known {
    owner: Ownership,
    running: bool,
    inbox: i64,
}

impl World {
    fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), executions: Vec::new(), deliveries: Vec::new(), next_record: 1, stored: 1 }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// A batch; later entries of an execution follow its earlier ones.
    fn group(&mut self) -> Vec<Entry> {
        let mut drafts: Vec<Known> = self.executions.clone();
        let count = self.random.random_range(1..30);
        let mut group = Vec::new();
        for _ in 0..count {
            let running: Vec<usize> = (0..drafts.len()).filter(|&at| drafts[at].running).collect();
            let entry = match (self.random.random_range(0..100), running.choose(&mut self.random)) {
                (0..25, _) | (_, None) => self.submit(&mut drafts),
                (25..55, Some(&at)) => self.step(&mut drafts, at),
                (55..62, Some(&at)) => self.park(&mut drafts, at),
                (62..78, Some(&at)) => self.end(&mut drafts, at),
                (78..83, _) => Entry::Cancel { id: drafts.choose(&mut self.random).unwrap().owner.id, at: NOW },
                (83..86, _) => Entry::Alert(self.alert()),
                _ => self.delivery(),
            };
            group.push(entry);
        }
        // Whether a wait or the end that it waits for comes first is nobody's promise; only that it wakes.
        group.sort_by_key(|entry| matches!(entry, Entry::Park(_)));
        self.stored = self.next_record;
        group
    }

    fn submit(&mut self, drafts: &mut Vec<Known>) -> Entry {
        let born = Birth { priority: self.random.random_range(0..3), ..birth() };
        let key = self.chance(20).then(|| {
            let hash = [self.random.random_range(0..60u8); 32];
            IdempotencyKey { hash, fingerprint: [self.random.random_range(0..2u8); 32], expires_at: after(9000), now: NOW }
        });
        let submit = if self.chance(70) { running(&born) } else { queued(&born, after(self.random.random_range(0..100))) };
        let running = matches!(submit.placement, Placement::Running { .. });
        drafts.push(Known { owner: Ownership { id: born.id, epoch: 1, seq: 0 }, running, inbox: 0 });
        Entry::Submit(Submit { key, ..submit })
    }

    fn owner(&mut self, drafts: &mut [Known], at: usize) -> Ownership {
        let stale = self.chance(4);
        let known = &mut drafts[at];
        if stale {
            return Ownership { seq: known.owner.seq + 2, ..known.owner };
        }
        known.owner.seq += 1;
        known.owner
    }

    fn step(&mut self, drafts: &mut [Known], at: usize) -> Entry {
        let owner = self.owner(drafts, at);
        let records = (0..self.random.random_range(0..3)).map(|_| self.record()).collect();
        let progress = self.chance(30).then(|| Value::Int(i64::from(owner.seq)));
        let children = if self.chance(10) { vec![queued(&birth(), NOW)] } else { Vec::new() };
        let alerts = if self.chance(5) { vec![self.alert()] } else { Vec::new() };
        let deliveries = if self.chance(15) { vec![self.message(owner, "step")] } else { Vec::new() };
        let full = self.chance(20);
        let delta = delta(full, &format!("d{}", owner.seq));
        Entry::Checkpoint(Checkpoint { records, progress, children, alerts, deliveries, delta, ..checkpoint(owner) })
    }

    fn record(&mut self) -> RecordWrite {
        let table: Arc<str> = TABLES.choose(&mut self.random).copied().unwrap().into();
        let id = if self.chance(90) { self.next_record } else { self.random.random_range(1..=self.stored) };
        self.next_record += 1;
        let value = Value::object([("id", Value::Int(id)), ("name", Value::text("x"))]);
        let unique = if self.chance(15) {
            vec![UniqueKey { name: "name".into(), value: format!("[{}]", self.random.random_range(0..9)).into() }]
        } else {
            Vec::new()
        };
        let (known, version) = (self.random.random_range(1..=self.stored), self.random.random_range(1..3));
        match self.random.random_range(0..10) {
            0 => RecordWrite::Update { table, id: known, version, value, unique },
            1 => RecordWrite::Delete { table, id: known, version },
            _ => RecordWrite::Insert { table, id, value, unique },
        }
    }

    fn park(&mut self, drafts: &mut [Known], at: usize) -> Entry {
        let owner = self.owner(drafts, at);
        let inbox_seen = drafts[at].inbox;
        let waits = if self.chance(60) { vec![drafts.choose(&mut self.random).unwrap().owner.id] } else { Vec::new() };
        let wake_at = self.chance(70).then(|| after(self.random.random_range(0..200)));
        Entry::Park(Park { inbox_seen, ..park(owner, wake_at, waits) })
    }

    fn end(&mut self, drafts: &mut [Known], at: usize) -> Entry {
        let owner = self.owner(drafts, at);
        let outcome = if self.chance(85) { completed() } else { cancelled() };
        let deliveries = if self.chance(60) { vec![self.message(owner, "end")] } else { Vec::new() };
        let alerts = if self.chance(5) { vec![self.alert()] } else { Vec::new() };
        Entry::Finish(Finish { deliveries, alerts, ..finish(owner, outcome) })
    }

    fn message(&mut self, owner: Ownership, label: &str) -> NewDelivery {
        let held = self.chance(70);
        let mut new = message(owner.id, held);
        new.delivery.id = DeliveryId::of(owner.id, &format!("{label}{}", owner.seq));
        new.delivery.attempts = u32::from(held && self.chance(50));
        self.deliveries.push((new.delivery.id, new.delivery.attempts));
        new
    }

    fn delivery(&mut self) -> Entry {
        let Some(&(id, attempts)) = self.deliveries.choose(&mut self.random) else { return Entry::Alert(self.alert()) };
        let number = attempts + 1;
        match self.random.random_range(0..10) {
            0..4 => Entry::DeliveryStarted { id, number, at: NOW, ordered: false },
            4 => Entry::DeliveryReleased { id, due_at: after(self.random.random_range(0..50)) },
            roll => {
                let due_at = after(self.random.random_range(0..50));
                let next = match roll {
                    5 => AfterAttempt::Again { due_at, held: true },
                    6 => AfterAttempt::Again { due_at, held: false },
                    _ => AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None },
                };
                let (counted, excused, had_unknown, thin) = (number, 0, self.chance(10), self.chance(10));
                let (status, detail, answer) = (Some(200), None, Some("ok".to_owned()));
                let outcome = AttemptOutcome::Success;
                Entry::DeliveryClosed(DeliveryClosed {
                    id,
                    number,
                    started_at: after(1),
                    at: after(1),
                    outcome,
                    status,
                    detail,
                    answer,
                    next,
                    counted,
                    excused,
                    had_unknown,
                    thin,
                })
            }
        }
    }

    fn alert(&mut self) -> NewAlert {
        let kind = format!("kind{}", self.random.random_range(0..3));
        NewAlert { message: Some("hm".to_owned()), ..NewAlert::new(&kind, NOW) }
    }

    fn learn(&mut self, entry: &Entry, answer: &Result<Receipt, Refusal>) {
        if let (Entry::Submit(submit), Ok(Receipt::Done)) = (entry, answer) {
            let running = matches!(submit.placement, Placement::Running { .. });
            let epoch = i32::from(running);
            self.executions.push(Known { owner: Ownership { id: submit.birth.id, epoch, seq: 0 }, running, inbox: 0 });
        }
        let Some(id) = entry.execution() else { return };
        let Some(known) = self.executions.iter_mut().find(|known| known.owner.id == id) else { return };
        match (entry, answer) {
            (Entry::Checkpoint(checkpoint), Ok(_)) => known.owner.seq = checkpoint.owner.seq,
            (Entry::Park(_) | Entry::Finish(_), Ok(_)) => known.running = false,
            (Entry::Cancel { .. }, Ok(Receipt::CancelMarked { .. })) => known.inbox += 1,
            (_, Err(Refusal::InboxMoved { inbox })) => known.inbox = *inbox,
            _ => {}
        }
    }

    fn claimed(&mut self, one: (Vec<Claimed>, Vec<Delivery>), other: (Vec<Claimed>, Vec<Delivery>)) {
        let ids = |claimed: &[Claimed]| claimed.iter().map(|claimed| claimed.owner).collect::<Vec<_>>();
        assert_eq!(ids(&one.0), ids(&other.0));
        one.0.iter().zip(&other.0).for_each(|(one, other)| assert_eq!(one, other));
        let ids = |claimed: &[Delivery]| claimed.iter().map(|claimed| claimed.id).collect::<Vec<_>>();
        assert_eq!(ids(&one.1), ids(&other.1));
        one.1.iter().zip(&other.1).for_each(|(one, other)| assert_eq!(one, other));
        for claimed in one.0 {
            self.executions.retain(|known| known.owner.id != claimed.owner.id);
            self.executions.push(Known { owner: claimed.owner, running: true, inbox: claimed.inbox });
        }
    }
}
