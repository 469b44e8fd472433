//! Functions that come, change and go: from files, over HTTP, and from other nodes.
//! Never half of a change: what does not hold as a whole changes nothing, and what is current here is durable first.

use std::sync::Arc;

use super::Engine;
use super::functions::Functions;
use super::schedule;
use super::vault::Vault;
use crate::domain::clock::Clock;
use crate::domain::function::FunctionName;
use crate::domain::map::HashMap;
use crate::stack::document::{self, Folder};
use crate::stack::program::FunctionDefinition;
use crate::store::StoreError;
use crate::store::read::{Deployed, Read};
use crate::store::write::{Deployment, Origin, Write};

/// A function that somebody asked for in vain is looked for in the store at most this often, in milliseconds.
const LOOK_EVERY_MS: i64 = 1000;

/// What a folder of files changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installed {
    pub deployed: Vec<FunctionName>,
    pub removed: Vec<FunctionName>,
}

/// Makes the functions of a folder current here and durable in the store, beside those that were deployed over HTTP; one that
/// came from a file which is gone goes. Once this returns, executions that start will run on them.
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
) -> Result<Installed, StoreError> {
    let _alone = functions.changing().await;
    let stored = read.deployed().await?;
    // A file that has not changed since it was read does not undo what was deployed over HTTP meanwhile.
    let unchanged = |function: &FunctionDefinition| functions.is_filed(&function.name, &function.version);
    let same = |function: &FunctionDefinition| stored.iter().any(|known| is_same(known, function));
    let fresh: Vec<&FunctionDefinition> =
        folder.functions.iter().filter(|function| !same(function) && !unchanged(function)).collect();
    let gone =
        |known: &&Deployed| known.origin == Origin::File && !folder.functions.iter().any(|function| function.name == known.name);
    let removed: Vec<FunctionName> = stored.iter().filter(gone).map(|known| known.name.clone()).collect();
    let installed = Installed { deployed: fresh.iter().map(|function| function.name.clone()).collect(), removed };
    if !fresh.is_empty() || !installed.removed.is_empty() {
        let deployments = fresh.iter().map(|function| deployment(function, Origin::File, clock, vault)).collect();
        write.deploy(deployments, installed.removed.clone()).await?;
    }
    let mut current = HashMap::default();
    for known in stored.iter().filter(|known| !installed.removed.contains(&known.name)) {
        if let Some(function) = from_store(functions, read, vault, known).await? {
            current.insert(known.name.clone(), function);
        }
    }
    functions.file(&folder.functions);
    for function in folder.functions {
        let is_current = stored.iter().any(|known| is_same(known, &function)) || installed.deployed.contains(&function.name);
        if is_current {
            // The new spelling of the name, too.
            current.remove(&function.name);
            current.insert(function.name.clone(), Arc::new(function));
        }
    }
    let tables = folder.tables.into_iter().map(|table| (Arc::clone(&table.name), Arc::new(table))).collect();
    functions.replace(current, Some(tables));
    Ok(installed)
}

fn is_same(known: &Deployed, function: &FunctionDefinition) -> bool {
    known.name == function.name && known.version == function.version && known.origin == Origin::File
}

fn deployment(function: &FunctionDefinition, origin: Origin, clock: &dyn Clock, vault: &Vault) -> Deployment {
    Deployment {
        name: function.name.clone(),
        version: function.version.clone(),
        definition: vault.seal_definition(&function.to_canonical_json()).into(),
        origin,
        at: clock.now(),
    }
}

/// The same with the files as they are now.
///
/// # Errors
/// The store's; nothing has changed then.
pub async fn reload(engine: &Engine, folder: Folder) -> Result<Installed, StoreError> {
    let installed = install(&engine.functions, folder, &*engine.read, &*engine.write, &*engine.clock, &engine.vault).await?;
    sync_schedules(engine).await;
    Ok(installed)
}

/// Brings the schedules of the current functions into the store. What fails is done by the next change or start.
async fn sync_schedules(engine: &Engine) {
    if let Err(error) = schedule::sync_with_files(engine).await {
        tracing::error!(%error, "the schedules of functions could not be brought up to date");
    }
}

/// Makes a function current, here at once and within seconds on every node. Once this returns it is durable.
///
/// # Errors
/// The store's; nothing has changed then.
pub async fn deploy(engine: &Engine, function: FunctionDefinition) -> Result<Arc<FunctionDefinition>, StoreError> {
    let _alone = engine.functions.changing().await;
    engine.write.deploy(vec![deployment(&function, Origin::Api, &*engine.clock, &engine.vault)], Vec::new()).await?;
    let function = Arc::new(function);
    engine.functions.update(|current| {
        // The new spelling of the name, too.
        current.remove(&function.name);
        current.insert(function.name.clone(), Arc::clone(&function));
    });
    sync_schedules(engine).await;
    Ok(function)
}

/// Takes a function away: nothing starts it any more, and what runs on it runs to its end.
///
/// # Errors
/// The store's; nothing has changed then.
pub async fn undeploy(engine: &Engine, name: &FunctionName) -> Result<(), StoreError> {
    let _alone = engine.functions.changing().await;
    engine.write.deploy(Vec::new(), vec![name.clone()]).await?;
    engine.functions.update(|current| {
        current.remove(name);
    });
    sync_schedules(engine).await;
    Ok(())
}

/// Makes current here what is current in the store.
///
/// # Errors
/// The store's; what is current here stays so.
pub async fn sync(engine: &Engine) -> Result<(), StoreError> {
    let _alone = engine.functions.changing().await;
    let mut current = HashMap::default();
    for known in engine.read.deployed().await? {
        let here = engine.functions.current(&known.name);
        let same = here.as_ref().is_some_and(|here| here.version == known.version && here.name.as_str() == known.name.as_str());
        let function =
            if same { here } else { from_store(&engine.functions, &*engine.read, &engine.vault, &known).await?.or(here) };
        current.extend(function.map(|function| (known.name.clone(), function)));
    }
    engine.functions.replace(current, None);
    Ok(())
}

/// The current function of this name; one that is not known here may have been deployed on another node a moment ago.
pub async fn find(engine: &Engine, name: &FunctionName) -> Option<Arc<FunctionDefinition>> {
    let found = engine.functions.current(name);
    if found.is_some() || !engine.config.store.is_shared() || !engine.functions.may_look(engine.clock.now(), LOOK_EVERY_MS) {
        return found;
    }
    if let Err(error) = sync(engine).await {
        tracing::warn!(%error, "functions of other nodes could not be looked for");
    }
    engine.functions.current(name)
}

/// What the store holds, if this version of the language still reads it.
async fn from_store(
    functions: &Functions,
    read: &dyn Read,
    vault: &Vault,
    known: &Deployed,
) -> Result<Option<Arc<FunctionDefinition>>, StoreError> {
    if let Some(here) = functions.current(&known.name).filter(|here| here.version == known.version) {
        return Ok(Some(here));
    }
    let Some(definition) = read.function_version(&known.name, &known.version).await? else { return Ok(None) };
    match document::read_stored(&known.name, &vault.open_definition_in_part(&definition)) {
        Ok(function) => Ok(Some(Arc::new(function))),
        Err(findings) => {
            let first = findings.first().map(ToString::to_string).unwrap_or_default();
            tracing::error!(function.name = %known.name, version = %known.version, "a deployed function does not read here: {first}");
            Ok(None)
        }
    }
}
