//! Retention: deleting what is over and kept no longer, in bounded parts.
//! Never touches what lives, what somebody waits for, or whose message is still owed; the store looks again when it deletes.

use std::collections::BTreeMap;

use super::Engine;
use crate::config::RetentionConfig;
use crate::domain::execution::State;
use crate::domain::function::{FunctionName, Retention};
use crate::domain::timestamp::Timestamp;
use crate::store::read::{ExpiredCount, Expiry, Read, Which};
use crate::store::write::{Rest, Write};
use crate::store::{Store, StoreError};

/// Executions, and about how many rows, deleted in one transaction: other commits wait for it.
const EXECUTIONS_PER_PART: i64 = 200;
const ROWS_PER_PART: i64 = 5000;
/// Parts in one run; the next goes on.
const PARTS_MAX: usize = 2000;
/// Journals compacted in one run.
const JOURNALS_PER_RUN: i64 = 500;

/// What a run deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    pub executions: usize,
    /// Of all tables, executions included.
    pub rows: usize,
    /// Machine states that were emptied.
    pub compacted: usize,
}

/// How long executions are kept, by their function and the way they ended.
struct Keeping<'a> {
    own: Vec<(FunctionName, Retention)>,
    settings: &'a RetentionConfig,
}

/// Ids made before this may be of executions that are kept no longer.
pub fn oldest_kept(engine: &Engine) -> Timestamp {
    let settings = &engine.config.retention;
    let keeping = Keeping { own: own(engine), settings };
    let shortest_ms = keeping.own.iter().flat_map(|(_, own)| keeping.kept_ms(Some(own))).map(|(_, ms)| ms).min();
    let shortest_ms = shortest_ms.unwrap_or(i64::MAX).min(settings.finished_ms).min(settings.failed_ms);
    engine.clock.now().plus_ms(-shortest_ms)
}

/// Deletes what is kept no longer at `now`.
///
/// # Errors
/// The store's; what was deleted stays deleted, and the next run goes on.
pub async fn prune(engine: &Engine, now: Timestamp) -> Result<Removed, StoreError> {
    let keeping = Keeping { own: own(engine), settings: &engine.config.retention };
    run(&*engine.read, &*engine.write, &keeping, now).await
}

/// What [`prune`] would delete of executions.
///
/// # Errors
/// The store's.
pub async fn preview(engine: &Engine, now: Timestamp) -> Result<Vec<ExpiredCount>, StoreError> {
    let keeping = Keeping { own: own(engine), settings: &engine.config.retention };
    count(&*engine.read, &keeping, now).await
}

/// The same as [`prune`] for a store that no server has opened, with what its functions said last.
///
/// # Errors
/// The store's.
pub async fn prune_store(store: &Store, settings: &RetentionConfig, now: Timestamp) -> Result<Removed, StoreError> {
    let keeping = Keeping { own: stored(&*store.read).await?, settings };
    run(&*store.read, &*store.write, &keeping, now).await
}

/// The same as [`preview`] for a store that no server has opened.
///
/// # Errors
/// The store's.
pub async fn preview_store(store: &Store, settings: &RetentionConfig, now: Timestamp) -> Result<Vec<ExpiredCount>, StoreError> {
    let keeping = Keeping { own: stored(&*store.read).await?, settings };
    count(&*store.read, &keeping, now).await
}

fn own(engine: &Engine) -> Vec<(FunctionName, Retention)> {
    let functions = engine.functions.all();
    functions.iter().filter_map(|function| Some((function.name.clone(), function.retention?))).collect()
}

async fn stored(read: &dyn Read) -> Result<Vec<(FunctionName, Retention)>, StoreError> {
    let functions = read.functions().await?;
    let own = functions.iter().filter_map(|stored| {
        // What does not read any more is kept as long as the settings say.
        let function = crate::stack::document::read_stored(&stored.name, &stored.definition).ok()?;
        Some((function.name, function.retention?))
    });
    Ok(own.collect())
}

impl Keeping<'_> {
    fn kept_ms(&self, own: Option<&Retention>) -> [(State, i64); 4] {
        let own = own.copied().unwrap_or_default();
        let (finished_ms, failed_ms) = (self.settings.finished_ms, self.settings.failed_ms);
        [
            (State::Completed, own.completed_ms.unwrap_or(finished_ms)),
            (State::Failed, own.failed_ms.unwrap_or(failed_ms)),
            (State::TimedOut, own.timed_out_ms.unwrap_or(failed_ms)),
            (State::Cancelled, own.cancelled_ms.unwrap_or(finished_ms)),
        ]
    }

    /// One for each function with a word of its own and one for the others, by how long their states are kept.
    fn expiries(&self, now: Timestamp) -> Vec<Expiry> {
        let others = Which::AllBut(self.own.iter().map(|(name, _)| name.clone()).collect());
        let all = self.own.iter().map(|(name, own)| (Which::Only(name.clone()), Some(own))).chain([(others, None)]);
        all.flat_map(|(of, own)| {
            let mut states: BTreeMap<i64, Vec<State>> = BTreeMap::new();
            for (state, ms) in self.kept_ms(own) {
                states.entry(ms).or_default().push(state);
            }
            let dead_before = now.plus_ms(-self.settings.dead_messages_ms);
            states.into_iter().map(move |(ms, states)| Expiry {
                of: of.clone(),
                states,
                before: now.plus_ms(-ms),
                dead_before,
                now,
            })
        })
        .collect()
    }
}

async fn count(read: &dyn Read, keeping: &Keeping<'_>, now: Timestamp) -> Result<Vec<ExpiredCount>, StoreError> {
    let mut counts = Vec::new();
    for expiry in keeping.expiries(now) {
        counts.extend(read.count_expired(&expiry).await?);
    }
    Ok(counts)
}

async fn run(read: &dyn Read, write: &dyn Write, keeping: &Keeping<'_>, now: Timestamp) -> Result<Removed, StoreError> {
    let mut removed = Removed::default();
    let mut parts = 0;
    for expiry in keeping.expiries(now) {
        let mut after = None;
        loop {
            let ids = read.expired(&expiry, after, EXECUTIONS_PER_PART).await?;
            after = ids.last().copied();
            if ids.is_empty() || parts >= PARTS_MAX {
                break;
            }
            loop {
                let pruned = write.prune_executions(ids.clone(), expiry.dead_before, ROWS_PER_PART).await?;
                removed.executions += pruned.executions;
                removed.rows += pruned.rows;
                parts += 1;
                // A part that deleted nothing has come to its end, whatever it says: never turn on the spot.
                if pruned.is_all || pruned.rows == 0 {
                    break;
                }
            }
        }
    }
    removed.rows += prune_rest(write, keeping.settings, now).await?;
    for id in read.long_journals(JOURNALS_PER_RUN).await? {
        removed.compacted += write.compact_journal(id).await?;
    }
    while write.shrink().await? {}
    Ok(removed)
}

async fn prune_rest(write: &dyn Write, settings: &RetentionConfig, now: Timestamp) -> Result<usize, StoreError> {
    let rest = Rest {
        now,
        messages_before: now.plus_ms(-settings.dead_messages_ms),
        alerts_before: now.plus_ms(-settings.alerts_ms),
        audit_before: now.plus_ms(-settings.audit_ms),
    };
    let mut rows = 0;
    for _ in 0..PARTS_MAX {
        let deleted = write.prune_rest(rest, ROWS_PER_PART).await?;
        rows += deleted;
        if deleted == 0 {
            break;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_function_keeps_its_own_states_and_the_settings_keep_the_rest() {
        let mut settings = Config::for_testing().retention;
        settings.failed_ms = settings.finished_ms * 2;
        let own = Retention { completed_ms: Some(1000), ..Retention::default() };
        let name = FunctionName::parse("brief").unwrap();
        let keeping = Keeping { own: vec![(name.clone(), own)], settings: &settings };
        let now = Timestamp(100_000_000_000);
        let expiries = keeping.expiries(now);
        let said: Vec<(Which, Vec<State>, i64)> =
            expiries.into_iter().map(|expiry| (expiry.of, expiry.states, now.since_ms(expiry.before))).collect();
        let (only, others) = (Which::Only(name.clone()), Which::AllBut(vec![name]));
        let failed = vec![State::Failed, State::TimedOut];
        assert_eq!(
            said,
            [
                (only.clone(), vec![State::Completed], 1000),
                (only.clone(), vec![State::Cancelled], settings.finished_ms),
                (only, failed.clone(), settings.failed_ms),
                (others.clone(), vec![State::Completed, State::Cancelled], settings.finished_ms),
                (others, failed, settings.failed_ms),
            ]
        );
    }
}
