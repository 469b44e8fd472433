//! The keys of stored secrets at start: found or made, and held against what the database was sealed with.
//! Never goes on with a key that does not open what is stored.

use std::sync::Arc;

use super::StartError;
use crate::config::Config;
use crate::domain::clock::{SharedClock, SystemClock};
use crate::domain::value::Value;
use crate::engine::signing::{self, Signing};
use crate::engine::vault::{Purpose, Vault};
use crate::store::{self, Store};

/// The setting that remembers whose secrets a database holds.
const KEY_ID: &str = "encryption_key_id";

/// The vault of a process. A key file that was made for a database of another key is taken back.
pub(super) async fn vault(config: &Config, store: &Store) -> Result<Vault, StartError> {
    let keyring = config.encryption.keys()?;
    let vault = Vault::new(&keyring);
    let key_id = vault.key_id().to_owned();
    let recorded = store.write.setting(KEY_ID, key_id.clone()).await?;
    if recorded != key_id {
        if !vault.knows(&recorded) {
            if let Some(made) = &keyring.made {
                std::fs::remove_file(made).ok();
            }
            return Err(StartError::Refused(refusal(config, &recorded, &key_id)));
        }
        seal_again(store, &vault).await?;
        store.write.replace_setting(KEY_ID, recorded, key_id.clone()).await?;
    }
    if let Some(made) = &keyring.made {
        tracing::info!(file = %made.display(), "made the key of stored secrets; keep a copy of it beside your backups");
    }
    Ok(vault)
}

/// A secret that the store keeps sealed, made by `fresh` if there is none yet.
pub(super) async fn kept(store: &Store, vault: &Vault, name: &'static str, fresh: String) -> Result<String, StartError> {
    let sealed = store.write.setting(name, vault.seal(Purpose::Setting, fresh.as_bytes())).await?;
    let unreadable = |error: String| StartError::Refused(format!("the setting {name} in the database: {error}"));
    let plain = vault.open(Purpose::Setting, &sealed).map_err(|error| unreadable(error.to_string()))?;
    if vault.is_outdated(&sealed) {
        // If another node was quicker it has done the same.
        store.write.replace_setting(name, sealed, vault.seal(Purpose::Setting, &plain)).await?;
    }
    String::from_utf8(plain).map_err(|_| unreadable("it is no text".to_owned()))
}

/// What lives as long as the database does moves under the present key; the rest goes with its executions.
async fn seal_again(store: &Store, vault: &Vault) -> Result<(), StartError> {
    let mut changed = Vec::new();
    for mut function in store.read.functions().await? {
        let name = function.name.clone();
        let opened = vault.open_definition(&function.definition);
        let opened = opened.map_err(|error| StartError::Refused(format!("the callback of function {name}: {error}")))?;
        let sealed = vault.seal_definition(&opened);
        if sealed != *opened {
            function.definition = sealed.into();
            changed.push(function);
        }
    }
    Ok(store.write.replace_definitions(changed).await?)
}

fn refusal(config: &Config, recorded: &str, key_id: &str) -> String {
    let file = config.encryption.key_file.display();
    format!(
        "the secrets in this database are sealed with the encryption key {recorded}, and this node has {key_id}: give it the \
         same key, by copying the key file of a node that has it to {file}, or by setting store.encryption_key \
         (RINGBACK_ENCRYPTION_KEY)"
    )
}

/// The secret that signs the messages of a database, for who runs the server; works beside a running one.
///
/// # Errors
/// The database or the key cannot be read, or does not fit.
pub async fn webhook_secret(config: &Config) -> Result<Option<String>, StartError> {
    if let Some(secret) = &config.callbacks.secret {
        return Ok(Some(secret.clone()));
    }
    let setting = store::peek_setting(&config.store.database, signing::setting_name()).await?;
    let Some(keyring) = config.encryption.existing_keys()? else { return Ok(None) };
    Ok(signing::secret_in(setting.as_deref(), &Vault::new(&keyring))?)
}

/// Rotates the secret of a database that nobody serves.
///
/// # Errors
/// The database is in use or cannot be opened, or the secret comes from the configuration.
pub async fn rotate_webhook_secret(config: Config) -> Result<Value, StartError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let store = store::open(&config.store, Arc::clone(&clock)).await?;
    let (vault, now) = (vault(&config, &store).await?, clock.now());
    Signing::open(&config.callbacks, &*store.read, &*store.write, &vault, now).await?;
    let (_, rotated) = signing::rotate_in(&config.callbacks, &*store.read, &*store.write, &vault, now).await?;
    Ok(rotated.to_value())
}
