//! Keys in a store that nobody serves: how the first one is made before a server may be reached from elsewhere.
//! Never runs anything else of the product.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::args::SettingFlags;
use super::super::error::CommandError;
use super::super::output::Output;
use super::super::serve::database_label;
use crate::domain::access_key::KeyPlan;
use crate::domain::audit::AuditEntry;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::value::Value as DomainValue;
use crate::store::{self, Store, StoreError};

pub async fn create(settings: &SettingFlags, plan: Value, output: &mut Output) -> Result<Value, CommandError> {
    let now = SystemClock.now();
    let plan = KeyPlan::from_value(&DomainValue::from_json(plan), now);
    let plan = plan.map_err(|error| CommandError::Misuse(error.to_string()))?;
    let store = open(settings, output).await?;
    let (key, secret) = plan.into_key(now, None);
    if !store.write.add_key(key.clone()).await.map_err(failed)? {
        let name = &key.name;
        return Err(CommandError::Failed(format!("there is or was a key \"{name}\"; names are not used again")));
    }
    note(&store, format!("keys create {}", key.name)).await?;
    let mut shown = key.shown(now).to_json();
    shown["key"] = json!(secret);
    Ok(shown)
}

pub async fn list(settings: &SettingFlags, output: &mut Output) -> Result<Value, CommandError> {
    let keys = open(settings, output).await?.read.keys().await.map_err(failed)?;
    let now = SystemClock.now();
    Ok(Value::Array(keys.iter().map(|key| key.shown(now).to_json()).collect()))
}

pub async fn revoke(settings: &SettingFlags, name: &str, output: &mut Output) -> Result<Value, CommandError> {
    let store = open(settings, output).await?;
    let now = SystemClock.now();
    if !store.write.revoke_key(name, now).await.map_err(failed)? {
        return Err(CommandError::Failed(format!("there is no key \"{name}\" in the store; `ringback keys list` shows all")));
    }
    note(&store, format!("keys revoke {name}")).await?;
    let keys = store.read.keys().await.map_err(failed)?;
    Ok(keys.iter().find(|key| key.name == name).map_or(Value::Null, |key| key.shown(now).to_json()))
}

async fn open(settings: &SettingFlags, output: &mut Output) -> Result<Store, CommandError> {
    let (config, _) = settings.load()?;
    output.say(format_args!("no server answers, so the store itself is opened: {}", database_label(&config.store.database)));
    store::open(&config.store, Arc::new(SystemClock)).await.map_err(failed)
}

async fn note(store: &Store, path: String) -> Result<(), CommandError> {
    let entry = AuditEntry { at: SystemClock.now(), caller: None, method: "cli".to_owned(), path, status: 200, ip: None };
    store.write.note_audit(entry).await.map_err(failed)
}

fn failed(error: StoreError) -> CommandError {
    CommandError::Failed(error.to_string())
}
