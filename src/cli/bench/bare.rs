//! The bare path: the same rows as a whole life cycle, folded and committed in groups, without HTTP, machine or signatures.
//! Never more than the store itself: it says what the machine and the database could do at best.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::database::Scratch;
use super::failed;
use crate::cli::error::CommandError;
use crate::config::{Config, StoreConfig};
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryState};
use crate::domain::execution::{Birth, Outcome, Ownership, Response};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store;
use crate::store::write::{
    AfterAttempt, Checkpoint, DeliveryClosed, Delta, Entry, Finish, IdempotencyKey, NewDelivery, Placement, StepRecord, Submit,
};

/// Life cycles in one commit.
const BATCH: usize = 300;
/// Of those that a store is filled with, one in so many failed.
const FAILS_EVERY: usize = 20;

/// Life cycles a second in two commits – accepted, stepped and ended; delivered – as the hot path does.
pub async fn lifecycles_per_second(scratch: &Scratch, lasts: Duration) -> Result<f64, CommandError> {
    let config = StoreConfig { database: scratch.url.clone(), ..Config::for_testing().store };
    let store = store::open(&config, Arc::new(SystemClock)).await.map_err(|error| failed("the bare path", error))?;
    let now = SystemClock.now();
    store.write.start_node(now).await.map_err(|error| failed("the bare path", error))?;
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < lasts {
        live(&store, &(0..BATCH).map(|_| Life::new(now)).collect::<Vec<_>>()).await?;
        count += BATCH;
    }
    store.write.stop_node().await.map_err(|error| failed("the bare path", error))?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

/// Fills a store with so many ended executions of the last days; returns the newest.
pub async fn fill(scratch: &Scratch, count: usize, within_ms: i64) -> Result<ExecutionId, CommandError> {
    let config = StoreConfig { database: scratch.url.clone(), ..Config::for_testing().store };
    let store = store::open(&config, Arc::new(SystemClock)).await.map_err(|error| failed("the store", error))?;
    let now = SystemClock.now();
    store.write.start_node(now).await.map_err(|error| failed("the store", error))?;
    let age_ms = |number: usize| within_ms * i64::try_from(count - number).unwrap_or(0) / i64::try_from(count).unwrap_or(1);
    let lives: Vec<Life> = (0..count)
        .map(|number| {
            let life = Life::new(now.plus_ms(-age_ms(number)));
            if number % FAILS_EVERY == 0 { Life { fails: true, ..life } } else { life }
        })
        .collect();
    for batch in lives.chunks(BATCH) {
        live(&store, batch).await?;
    }
    store.write.stop_node().await.map_err(|error| failed("the store", error))?;
    lives.last().map(|life| life.owner.id).ok_or_else(|| failed("the store", "nothing was to be filled in"))
}

/// All of these from their beginning to their delivery, in two commits.
async fn live(store: &store::Store, lives: &[Life]) -> Result<(), CommandError> {
    let stages: [fn(&Life) -> Vec<Entry>; 2] = [Life::lived, Life::delivered];
    for stage in stages {
        let batch: Vec<Entry> = lives.iter().flat_map(stage).collect();
        let answers = store.write.commit(batch.into()).await.map_err(|error| failed("the bare path", error))?;
        if let Some(Err(refusal)) = answers.into_iter().find(Result::is_err) {
            return Err(failed("the bare path", refusal));
        }
    }
    Ok(())
}

struct Life {
    birth: Arc<Birth>,
    owner: Ownership,
    now: Timestamp,
    fails: bool,
}

impl Life {
    fn new(now: Timestamp) -> Self {
        let id = ExecutionId::random(now);
        let birth = Birth {
            id,
            function: FunctionName::parse("bench-life").expect("it is a name"),
            version: FunctionVersion("bare".into()),
            created_at: now,
            seed: 7,
            input: r#"{"n":123456}"#.into(),
            request: None,
            callback: Some(Arc::new(CallbackSettings::to("http://127.0.0.1:40000/123456"))),
            config: Arc::new(ExecutionConfig::default()),
            priority: 0,
            tags: Vec::new(),
            metadata: Value::Null,
            parent: None,
            started_by: None,
            rerun_of: None,
            trace: None,
        };
        Self { owner: Ownership { id, epoch: 1, seq: 0 }, birth: Arc::new(birth), now, fails: false }
    }

    fn at(&self, seq: i32) -> Ownership {
        Ownership { seq, ..self.owner }
    }

    fn lived(&self) -> Vec<Entry> {
        let mut entries = vec![self.accepted()];
        entries.extend(self.ended());
        entries
    }

    fn accepted(&self) -> Entry {
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(self.owner.id.0.as_bytes());
        let key = IdempotencyKey { hash, fingerprint: hash, expires_at: self.now.plus_ms(86_400_000), now: self.now };
        let placement = Placement::Running { started_at: self.now, deadline_at: self.now.plus_ms(300_000) };
        Entry::Submit(Submit { birth: Arc::clone(&self.birth), placement, key: Some(key), limits: Vec::new() })
    }

    fn ended(&self) -> [Entry; 2] {
        let step = StepRecord {
            position: "stack[0]".to_owned(),
            kind: "log".to_owned(),
            name: None,
            attempt: 1,
            started_at: self.now,
            ended_at: self.now,
            result: Value::Null,
            failed: false,
        };
        let checkpoint = Checkpoint {
            owner: self.at(1),
            at: self.now,
            step: Some(step),
            delta: Delta { full: false, text: r#"{"frames":[[1,0]]}"#.into() },
            progress: None,
            records: Vec::new(),
            takes: None,
            alerts: Vec::new(),
            children: Vec::new(),
            deliveries: Vec::new(),
        };
        let response = Response { status: Some(200), headers: Vec::new() };
        let outcome = if self.fails {
            let failure = Failure::new(ErrorCode::Transport, "no connection: the other side is away");
            Outcome::Failed { failure, output: Value::Null, response: Response::default() }
        } else {
            Outcome::Completed { output: Value::Int(123_456), response }
        };
        let finish = Finish {
            owner: self.at(2),
            at: self.now,
            outcome,
            attempt: 1,
            step: None,
            deliveries: vec![NewDelivery { delivery: self.delivery(), held: true, on_hold: false }],
            alerts: Vec::new(),
            destinations: 0,
        };
        [Entry::Checkpoint(checkpoint), Entry::Finish(finish)]
    }

    fn delivery(&self) -> Delivery {
        let url = "http://127.0.0.1:40000/123456";
        Delivery {
            id: DeliveryId::terminal(self.owner.id),
            execution_id: self.owner.id,
            event: EventType::Completed,
            url: url.to_owned(),
            callback: CallbackSettings::to(url),
            body: Bytes::from(vec![b'x'; 900]),
            created_at: self.now,
            attempts: 1,
            counted: 0,
            excused: 0,
            had_unknown: false,
            thin: false,
        }
    }

    fn delivered(&self) -> Vec<Entry> {
        vec![Entry::DeliveryClosed(DeliveryClosed {
            id: DeliveryId::terminal(self.owner.id),
            number: 1,
            started_at: self.now,
            at: self.now,
            outcome: AttemptOutcome::Success,
            status: Some(200),
            detail: None,
            answer: Some("{}".to_owned()),
            next: AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None },
            counted: 1,
            excused: 0,
            had_unknown: false,
            thin: false,
        })]
    }
}
