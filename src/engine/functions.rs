//! The functions that can be started, and every version that an execution may still run on.
//! Never changes a version once an execution may hold it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::Engine;
use super::vault::Vault;
use crate::domain::clock::Clock;
use crate::domain::function::{ExecutionMode, FunctionName, FunctionVersion};
use crate::domain::timestamp::Timestamp;
use crate::stack::document::{self, Folder};
use crate::stack::machine::Programs;
use crate::stack::program::{FunctionDefinition, Program, TableDefinition};
use crate::store::StoreError;
use crate::store::read::Read;
use crate::store::write::{Deployment, Write};

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
    /// When each function's usual running time was last asked for, and the answer.
    typical: Mutex<HashMap<FunctionName, (Timestamp, Option<i64>)>>,
}

#[derive(Default)]
struct Current {
    functions: HashMap<FunctionName, Arc<FunctionDefinition>>,
    tables: HashMap<Arc<str>, Arc<TableDefinition>>,
}

impl Functions {
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

/// Makes the functions of a folder current here and durable in the store, beside those that were deployed before and that
/// the folder does not name. Once this returns, executions that start will run on them.
///
/// # Errors
/// The store's; nothing has changed then.
pub async fn install(
    functions: &Functions,
    folder: Folder,
    read: &dyn Read,
    write: &dyn Write,
    clock: &dyn Clock,
    vault: &Vault,
) -> Result<(), StoreError> {
    let stored = read.functions().await?;
    let known = |function: &FunctionDefinition| {
        stored.iter().any(|deployment| deployment.name == function.name && deployment.version == function.version)
    };
    let now = clock.now();
    let fresh = folder.functions.iter().filter(|function| !known(function)).map(|function| Deployment {
        name: function.name.clone(),
        version: function.version.clone(),
        definition: vault.seal_definition(&function.to_canonical_json()).into(),
        at: now,
    });
    let fresh: Vec<Deployment> = fresh.collect();
    if !fresh.is_empty() {
        write.deploy(fresh).await?;
    }
    let current = Current {
        functions: folder.functions.into_iter().map(|function| (function.name.clone(), Arc::new(function))).collect(),
        tables: folder.tables.into_iter().map(|table| (Arc::clone(&table.name), Arc::new(table))).collect(),
    };
    *functions.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
    Ok(())
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

/// How long a typical duration is believed, in milliseconds.
const TYPICAL_KEEP_MS: i64 = 30_000;

impl Functions {
    /// The usual running time of a function, for callers that do not wait; asked of the store at most every half minute.
    pub(super) async fn typical_duration_ms(&self, engine: &Engine, name: &FunctionName, mode: ExecutionMode) -> Option<i64> {
        if mode == ExecutionMode::Sync {
            return None;
        }
        let now = engine.clock.now();
        let known = self.0.typical.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if let Some((_, typical)) = known.filter(|(at, _)| now.since_ms(*at) < TYPICAL_KEEP_MS) {
            return typical;
        }
        // Only a courtesy to the caller: without an answer there is no estimate.
        let typical = engine.read.typical_duration_ms(name).await.ok().flatten();
        self.0.typical.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), (now, typical));
        typical
    }
}
