//! The functions that can be started, and every version that an execution may still run on.
//! Never changes a version once an execution may hold it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;

use super::Engine;
use crate::domain::function::{ExecutionMode, FunctionName, FunctionVersion};
use crate::domain::map::HashMap;
use crate::domain::timestamp::Timestamp;
use crate::stack::document;
use crate::stack::machine::Programs;
use crate::stack::program::{FunctionDefinition, Program, TableDefinition};
use crate::store::StoreError;

/// Names offered when somebody asks for one that does not exist.
const NEAR_MAX: usize = 3;
/// How alike two names are, from 0 to 1, so that one is offered for the other.
const NEAR_ENOUGH: f64 = 0.7;

/// The current functions of this node. Cheap to clone; replaced as a whole.
#[derive(Clone, Default)]
pub struct Functions(Arc<Inner>);

#[derive(Default)]
struct Inner {
    current: RwLock<Arc<Current>>,
    /// Versions that executions were found to run on, kept for as long as the process lives.
    pinned: Mutex<HashMap<(FunctionName, FunctionVersion), Arc<Program>>>,
    /// The versions that the files had when they were last read.
    filed: Mutex<HashMap<FunctionName, FunctionVersion>>,
    /// Whoever changes what is current does so alone, so that an older look at the store never undoes a newer change.
    changing: tokio::sync::Mutex<()>,
    /// When the store was last asked for a function that is not known here.
    looked_at: Mutex<Option<Timestamp>>,
    /// When each function's usual running time was last asked for, and the answer.
    typical: Mutex<HashMap<FunctionName, (Timestamp, Option<i64>)>>,
    /// How many deployments of all nodes have been counted, and who waits for another.
    deployments: watch::Sender<i64>,
}

#[derive(Default)]
struct Current {
    functions: HashMap<FunctionName, Arc<FunctionDefinition>>,
    tables: HashMap<Arc<str>, Arc<TableDefinition>>,
}

impl Functions {
    /// So many deployments were made on all nodes by now.
    pub fn deployments_counted(&self, count: i64) {
        self.0.deployments.send_if_modified(|known| std::mem::replace(known, count) != count);
    }

    /// What hears of deployments on any node.
    pub fn deployments(&self) -> watch::Receiver<i64> {
        self.0.deployments.subscribe()
    }

    pub fn current(&self, name: &FunctionName) -> Option<Arc<FunctionDefinition>> {
        self.snapshot().functions.get(name).cloned()
    }

    /// The declaration of a table, if it has one.
    pub fn table(&self, name: &str) -> Option<Arc<TableDefinition>> {
        self.snapshot().tables.get(name).cloned()
    }

    /// Exposed names near to what was asked for, nearest first.
    pub fn near(&self, asked: &str) -> Vec<FunctionName> {
        let asked = asked.to_ascii_lowercase().replace('-', "_");
        let mut scored: Vec<(f64, FunctionName)> = self
            .all()
            .iter()
            .filter(|function| function.exposed)
            .map(|function| (strsim::jaro_winkler(&asked, &function.name.key()), function.name.clone()))
            .filter(|(score, _)| *score >= NEAR_ENOUGH)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(NEAR_MAX).map(|(_, name)| name).collect()
    }

    /// All current functions, by name.
    pub fn all(&self) -> Vec<Arc<FunctionDefinition>> {
        let mut all: Vec<_> = self.snapshot().functions.values().cloned().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The declared tables, by name.
    pub fn tables(&self) -> Vec<Arc<TableDefinition>> {
        let mut all: Vec<_> = self.snapshot().tables.values().cloned().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    pub(super) async fn changing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.changing.lock().await
    }

    /// Makes these current instead of all others; the tables stay unless others are given.
    pub(super) fn replace(
        &self,
        functions: HashMap<FunctionName, Arc<FunctionDefinition>>,
        tables: Option<HashMap<Arc<str>, Arc<TableDefinition>>>,
    ) {
        let tables = tables.unwrap_or_else(|| self.snapshot().tables.clone());
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Current { functions, tables });
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut HashMap<FunctionName, Arc<FunctionDefinition>>)) {
        let mut functions = self.snapshot().functions.clone();
        change(&mut functions);
        self.replace(functions, None);
    }

    /// Remembers the versions of files.
    pub(super) fn file(&self, functions: &[FunctionDefinition]) {
        let versions = functions.iter().map(|function| (function.name.clone(), function.version.clone()));
        *self.0.filed.lock().unwrap_or_else(PoisonError::into_inner) = versions.collect();
    }

    /// Whether a file had this version when it was last read.
    pub(super) fn is_filed(&self, name: &FunctionName, version: &FunctionVersion) -> bool {
        self.0.filed.lock().unwrap_or_else(PoisonError::into_inner).get(name) == Some(version)
    }

    /// Whether it is time to look in the store again; whoever is told so should.
    pub(super) fn may_look(&self, now: Timestamp, every_ms: i64) -> bool {
        let mut looked_at = self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked_at.is_none_or(|at| now.since_ms(at).abs() >= every_ms);
        if due {
            *looked_at = Some(now);
        }
        due
    }

    fn snapshot(&self) -> Arc<Current> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn pinned(&self, name: &FunctionName, version: &FunctionVersion) -> Option<Arc<Program>> {
        if let Some(function) = self.current(name).filter(|function| function.version == *version) {
            return Some(Arc::clone(&function.program));
        }
        self.0.pinned.lock().unwrap_or_else(PoisonError::into_inner).get(&(name.clone(), version.clone())).cloned()
    }

    fn pin(&self, program: &Arc<Program>) {
        let key = (program.name.clone(), program.version.clone());
        self.0.pinned.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(program));
    }
}

impl Programs for Functions {
    fn program(&self, name: &FunctionName, version: &FunctionVersion) -> Option<Arc<Program>> {
        self.pinned(name, version)
    }
}

/// The program of a version, read from the store if this process has not seen it yet.
///
/// # Errors
/// The store's, and a stored definition that this binary cannot read.
pub(super) async fn pinned_program(
    engine: &Engine,
    name: &FunctionName,
    version: &FunctionVersion,
) -> Result<Option<Arc<Program>>, StoreError> {
    if let Some(program) = engine.functions.pinned(name, version) {
        return Ok(Some(program));
    }
    let Some(definition) = engine.read.function_version(name, version).await? else { return Ok(None) };
    let function = document::read_stored(name, &engine.vault.open_definition_in_part(&definition)).map_err(|findings| {
        let first = findings.first().map(ToString::to_string).unwrap_or_default();
        StoreError::Corrupt(format!("version {version} of function {name} does not read: {first}"))
    })?;
    engine.functions.pin(&function.program);
    Ok(Some(function.program))
}

/// How long a typical duration is believed, in milliseconds, and how long it is that there is none.
const TYPICAL_KEEP_MS: i64 = 30_000;
const UNKNOWN_KEEP_MS: i64 = 1000;

impl Functions {
    /// The usual running time of a function, for callers that do not wait; asked of the store at most every half minute, once it is known.
    pub(super) async fn typical_duration_ms(&self, engine: &Engine, name: &FunctionName, mode: ExecutionMode) -> Option<i64> {
        if mode == ExecutionMode::Sync {
            return None;
        }
        let now = engine.clock.now();
        if let Some(typical) = self.known_typical(name, now) {
            return typical;
        }
        // Only a courtesy to the caller: without an answer there is no estimate.
        let typical = engine.read.typical_duration_ms(name).await.ok().flatten();
        self.0.typical.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), (now, typical));
        typical
    }

    /// What is believed; nothing where the caller is to ask. Everybody else believes the last answer meanwhile: a crowd that
    /// asks at once keeps all of itself waiting.
    fn known_typical(&self, name: &FunctionName, now: Timestamp) -> Option<Option<i64>> {
        let mut typical = self.0.typical.lock().unwrap_or_else(PoisonError::into_inner);
        let keep_ms = |typical: Option<i64>| if typical.is_some() { TYPICAL_KEEP_MS } else { UNKNOWN_KEEP_MS };
        match typical.get_mut(name) {
            Some((at, typical)) if now.since_ms(*at) < keep_ms(*typical) => Some(*typical),
            Some((at, _)) => {
                *at = now;
                None
            }
            None => {
                typical.insert(name.clone(), (now, None));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_crowd_asks_how_long_a_function_takes_and_the_others_believe_the_last_answer() {
        let functions = Functions::default();
        let name = FunctionName::parse("greet").unwrap();
        assert_eq!(functions.known_typical(&name, Timestamp(0)), None, "the first is to ask");
        assert_eq!(functions.known_typical(&name, Timestamp(1)), Some(None));
        functions.0.typical.lock().unwrap().insert(name.clone(), (Timestamp(1), Some(70)));
        assert_eq!(functions.known_typical(&name, Timestamp(TYPICAL_KEEP_MS)), Some(Some(70)));
        let later = Timestamp(TYPICAL_KEEP_MS + 1);
        assert_eq!(functions.known_typical(&name, later), None, "it is time to ask again");
        assert_eq!(functions.known_typical(&name, later), Some(Some(70)));
    }
}
