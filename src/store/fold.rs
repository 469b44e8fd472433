//! A batch folded in memory: one image per execution, one row per journal entry and per message, each row touched once.
//! Never decides what is refused: what does not fold, or does not hold in the store, is applied entry by entry instead.

mod image;

pub use image::{Image, JournalRow, RecordRow, StartedAttempt};

use super::own_steps;
use super::write::{Checkpoint, DeliveryClosed, Entry, Finish, NewDelivery, Submit};
use crate::domain::callback::EventType;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::map::{HashMap, HashSet};
use crate::domain::record::RecordWrite;
use crate::domain::timestamp::Timestamp;

/// What one transaction writes. Everything is in the order of its key, so that two nodes lock alike.
#[derive(Debug, Default)]
pub struct Folded<'a> {
    /// New executions, some of them ended already.
    pub born: Vec<Image<'a>>,
    /// Executions that exist and go on.
    pub stepped: Vec<Image<'a>>,
    /// Executions that exist and end.
    pub ended: Vec<Image<'a>>,
    pub journal: Vec<JournalRow<'a>>,
    /// Inserts without unique keys.
    pub records: Vec<RecordRow<'a>>,
    pub deliveries: Vec<&'a NewDelivery>,
    pub started: Vec<StartedAttempt>,
    pub closed: Vec<&'a DeliveryClosed>,
    /// Messages that go back without an attempt, and when each is due.
    pub released: Vec<(DeliveryId, Timestamp)>,
    /// The entries that do not fold, by their place in the batch: to be applied one by one, afterwards, in this order.
    pub alone: Vec<usize>,
}

impl Folded<'_> {
    /// Whether nothing is written together.
    pub fn is_empty(&self) -> bool {
        self.born.is_empty()
            && self.stepped.is_empty()
            && self.ended.is_empty()
            && self.journal.is_empty()
            && self.records.is_empty()
            && self.deliveries.is_empty()
            && self.started.is_empty()
            && self.closed.is_empty()
            && self.released.is_empty()
    }
}

/// Folds a batch. `own_tables` are those whose records are not plain rows; `lost` are executions whose idempotency key belongs to
/// an earlier call.
pub fn fold<'a>(batch: &'a [Entry], own_tables: &[&str], lost: &HashSet<ExecutionId>) -> Folded<'a> {
    let mut folded = Folded::default();
    let groups = groups(batch);
    let mut births: HashMap<ExecutionId, u32> = HashMap::default();
    let mut messages: HashMap<DeliveryId, u32> = HashMap::default();
    for entry in batch {
        each_birth(entry, &mut |id| *births.entry(id).or_default() += 1);
        each_message(entry, &mut |id| *messages.entry(id).or_default() += 1);
    }
    let mut keys = HashSet::default();
    let mut alone: HashSet<usize> = HashSet::default();
    let mut chain: Vec<&Entry> = Vec::new();
    for members in &groups {
        chain.clear();
        chain.extend(members.iter().map(|&at| &batch[at]));
        let mut once = true;
        for entry in &chain {
            each_birth(entry, &mut |id| once &= births.get(&id) == Some(&1));
            each_message(entry, &mut |id| once &= messages.get(&id) == Some(&1));
        }
        let first = own_key(&chain, &mut keys);
        let is_lost = chain.first().and_then(|entry| entry.execution()).is_some_and(|id| lost.contains(&id));
        let folding = if !first || !once || is_lost { 0 } else { folding(&chain, own_tables) };
        add(&mut folded, &chain[..folding]);
        alone.extend(&members[folding..]);
    }
    folded.alone = alone.into_iter().collect();
    folded.alone.sort_unstable();
    folded.sort();
    folded
}

impl Folded<'_> {
    fn sort(&mut self) {
        for images in [&mut self.born, &mut self.stepped, &mut self.ended] {
            images.sort_unstable_by_key(|image| image.id);
        }
        self.journal.sort_unstable_by_key(|row| (row.owner.id, row.owner.seq));
        self.records.sort_unstable_by(|one, other| (one.table, one.id).cmp(&(other.table, other.id)));
        self.deliveries.sort_unstable_by_key(|new| new.delivery.id);
        self.started.sort_unstable_by_key(|started| started.id);
        self.closed.sort_unstable_by_key(|closed| closed.id);
        self.released.sort_unstable();
    }
}

/// The places of the entries that belong together, in the order of the batch: those of one execution, or one alone.
fn groups(batch: &[Entry]) -> Vec<Vec<usize>> {
    let mut of: HashMap<ExecutionId, usize> = HashMap::default();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, entry) in batch.iter().enumerate() {
        let group = entry.execution().map(|id| *of.entry(id).or_insert(groups.len()));
        match group {
            Some(group) if group < groups.len() => groups[group].push(at),
            _ => groups.push(vec![at]),
        }
    }
    groups
}

fn each_birth(entry: &Entry, told: &mut impl FnMut(ExecutionId)) {
    match entry {
        Entry::Submit(submit) => told(submit.birth.id),
        Entry::Checkpoint(checkpoint) => checkpoint.children.iter().for_each(|child| told(child.birth.id)),
        _ => {}
    }
}

fn each_message(entry: &Entry, told: &mut impl FnMut(DeliveryId)) {
    match entry {
        Entry::Checkpoint(Checkpoint { deliveries, .. }) | Entry::Finish(Finish { deliveries, .. }) => {
            deliveries.iter().for_each(|new| told(new.delivery.id));
        }
        Entry::DeliveryStarted { id, .. } | Entry::DeliveryReleased { id, .. } => told(*id),
        Entry::DeliveryClosed(closed) => told(closed.id),
        Entry::Owe(new) => told(new.delivery.id),
        Entry::Submit(_) | Entry::Park(_) | Entry::Cancel { .. } | Entry::Event(_) | Entry::Resume(_) | Entry::Alert(_) => {}
    }
}

/// How many entries of a chain fold: all of them, or its birth at least, or none.
fn folding(chain: &[&Entry], own_tables: &[&str]) -> usize {
    match chain {
        _ if folds(chain, own_tables) => chain.len(),
        [birth @ Entry::Submit(_), _, ..] if folds(&[birth], own_tables) => 1,
        _ => 0,
    }
}

/// Whether a chain reads as one image: what it says follows from what came before it, and nothing needs a look in between.
fn folds(chain: &[&Entry], own_tables: &[&str]) -> bool {
    let mut image: Option<Image<'_>> = None;
    for entry in chain {
        let follows = match entry {
            Entry::Submit(submit) => image.is_none() && submit.limits.is_empty(),
            Entry::Checkpoint(checkpoint) => {
                checkpoint.alerts.is_empty()
                    && checkpoint.takes.is_none()
                    && checkpoint.children.iter().all(|child| child.key.is_none() && child.limits.is_empty())
                    && checkpoint.deliveries.iter().all(|new| new.delivery.event != EventType::Progress)
                    && checkpoint.records.iter().all(|write| is_plain_insert(write, own_tables))
                    && image.as_ref().is_none_or(|image| image.precedes(checkpoint.owner))
            }
            Entry::Finish(finish) => finish.alerts.is_empty() && image.as_ref().is_none_or(|image| image.precedes(finish.owner)),
            // Whose turn it is among those of an order key is looked at one by one.
            Entry::DeliveryStarted { ordered, .. } => return !ordered,
            Entry::DeliveryClosed(_) | Entry::DeliveryReleased { .. } => return true,
            _ => false,
        };
        if !follows {
            return false;
        }
        match &mut image {
            Some(image) => image.follow(entry),
            None => image = Image::of(entry),
        }
    }
    true
}

/// Two calls under one key in one batch: the second looks after the first is there.
fn own_key(chain: &[&Entry], keys: &mut HashSet<[u8; 32]>) -> bool {
    match chain.first() {
        Some(Entry::Submit(Submit { key: Some(key), .. })) => keys.insert(key.hash),
        _ => true,
    }
}

fn is_plain_insert(write: &RecordWrite, own_tables: &[&str]) -> bool {
    matches!(write, RecordWrite::Insert { table, unique, .. } if unique.is_empty() && !own_tables.contains(&&**table))
}

fn add<'a>(folded: &mut Folded<'a>, chain: &[&'a Entry]) {
    let mut image: Option<Image<'a>> = None;
    let first = folded.journal.len();
    for entry in chain {
        match entry {
            Entry::Checkpoint(checkpoint) => {
                folded.journal.extend(JournalRow::stepped(checkpoint));
                folded.records.extend(RecordRow::all(checkpoint));
                folded.born.extend(checkpoint.children.iter().map(Image::born));
                folded.deliveries.extend(&checkpoint.deliveries);
            }
            Entry::Finish(finish) => {
                folded.journal.extend(JournalRow::ended(finish));
                folded.deliveries.extend(&finish.deliveries);
            }
            Entry::DeliveryStarted { id, number, at, .. } => {
                folded.started.push(StartedAttempt { id: *id, number: *number, at: *at });
            }
            Entry::DeliveryClosed(closed) => folded.closed.push(closed),
            Entry::DeliveryReleased { id, due_at } => folded.released.push((*id, *due_at)),
            _ => {}
        }
        match &mut image {
            Some(image) => image.follow(entry),
            None => image = Image::of(entry),
        }
    }
    if let Some(image) = image.as_mut().filter(|image| image.is_whole()) {
        let steps = || folded.journal[first..].iter().filter_map(|row| Some((row.owner.seq, row.step?)));
        if own_steps::fit(steps().map(|(_, step)| step)) {
            image.own_steps = steps().collect();
            folded.journal.truncate(first);
        }
    }
    match image {
        Some(image) if image.born.is_some() => folded.born.push(image),
        Some(image) if image.end.is_some() => folded.ended.push(image),
        Some(image) => folded.stepped.push(image),
        None => {}
    }
}

#[cfg(test)]
mod tests;
