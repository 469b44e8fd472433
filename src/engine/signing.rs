//! The server's own keys: what signs messages, which the store keeps sealed, and their rotation.
//! Never shows a secret but to who rotates or asks for it, and never drops one while it still signs.

mod keys;
mod rotate;

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::CallbacksConfig;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::vault::{Purpose, Vault, VaultError};
use crate::outbound::signature::{InvalidSecret, Secret};
use crate::outbound::signature_v1a::InvalidKey;
use crate::store::StoreError;
use crate::store::read::Read;
use crate::store::write::Write;

pub use keys::{KeyPair, SigningKeys, SigningSecret};
pub use rotate::{Rotated, rotate, rotate_in, rotate_of_key};

/// The name of the setting in the store.
const SETTING: &str = "signing_keys";
/// How long the keys are believed: another node may have changed them, in milliseconds.
const BELIEVED_MS: i64 = 15_000;
/// Tries to change the keys while other nodes change them too.
const TRIES: usize = 10;
/// How long the keys before a rotation sign too, in milliseconds (24 h).
pub const OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the signing keys do not open: {0}")]
    Vault(#[from] VaultError),
    #[error("the signing keys do not read: {0}")]
    Corrupt(String),
    #[error("the signing keys do not read: {0}")]
    Key(#[from] InvalidKey),
    #[error("other nodes keep changing the signing keys; try again")]
    Contended,
    #[error(
        "the secret comes from callbacks.secret (RINGBACK_WEBHOOK_SECRET); set the new one there, and the present one as \
         callbacks.previous_secret for as long as receivers may know only that"
    )]
    Configured,
}

/// The keys that this process signs with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Signing(Arc<RwLock<Held>>);

#[derive(Debug)]
struct Held {
    keys: Arc<SigningKeys>,
    read_at: Timestamp,
}

impl Signing {
    pub fn of(keys: SigningKeys, now: Timestamp) -> Self {
        Self(Arc::new(RwLock::new(Held { keys: Arc::new(keys), read_at: now })))
    }

    /// Reads the keys of the store and makes what is missing.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub async fn open(
        settings: &CallbacksConfig,
        read: &dyn Read,
        write: &dyn Write,
        vault: &Vault,
        now: Timestamp,
    ) -> Result<Self, SigningError> {
        write.setting(SETTING, sealed(vault, &SigningKeys::fresh(now))).await?;
        let pairs_wanted = settings.sign_v1a;
        let keys = change(read, write, vault, |keys| {
            if pairs_wanted && keys.pairs.is_empty() {
                keys.pairs.push(KeyPair::fresh(now)?);
            }
            Ok(())
        })
        .await?;
        Ok(Self::of(keys.with_settings(settings), now))
    }

    /// The keys as they are now; while the store does not answer, as they were.
    pub async fn current(&self, engine: &Engine) -> Arc<SigningKeys> {
        let now = engine.clock.now();
        {
            let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if (0..BELIEVED_MS).contains(&now.since_ms(held.read_at)) {
                return Arc::clone(&held.keys);
            }
            // Others go on with what is known while this one asks.
            held.read_at = now;
        }
        match stored(&*engine.read, &engine.vault).await {
            Ok(Some((_, keys))) => self.replace(keys.with_settings(&engine.config.callbacks), now),
            Ok(None) => {}
            Err(error) => tracing::warn!(error = %error, "the signing keys could not be read again; the known ones sign"),
        }
        self.known()
    }

    /// Whether the messages of what an access key starts are signed with a secret of its own.
    pub fn has_secret_of(&self, key: &str) -> bool {
        self.known().of_keys.contains_key(key)
    }

    /// The keys as this process knows them.
    pub fn known(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).keys)
    }

    fn replace(&self, keys: SigningKeys, now: Timestamp) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Held { keys: Arc::new(keys), read_at: now };
    }
}

/// The secret that signs messages of today, for the command that shows it; `None` where no server was started yet.
///
/// # Errors
/// See [`SigningError`].
pub fn secret_in(setting: Option<&str>, vault: &Vault) -> Result<Option<String>, SigningError> {
    let Some(text) = setting else { return Ok(None) };
    Ok(opened(vault, text)?.secrets.into_iter().next().map(|secret| secret.secret))
}

/// Whether a text can sign.
///
/// # Errors
/// Why it cannot; never repeats it.
pub fn check_secret(text: &str) -> Result<(), InvalidSecret> {
    Secret::parse(text).map(|_| ())
}

/// The name under which the store keeps the keys.
pub fn setting_name() -> &'static str {
    SETTING
}

/// Changes the stored keys, and seals them with the present key of the vault.
async fn change(
    read: &dyn Read,
    write: &dyn Write,
    vault: &Vault,
    work: impl Fn(&mut SigningKeys) -> Result<(), SigningError>,
) -> Result<SigningKeys, SigningError> {
    for _ in 0..TRIES {
        let Some((text, before)) = stored(read, vault).await? else {
            return Err(SigningError::Corrupt(format!("the setting {SETTING} vanished")));
        };
        let mut keys = before.clone();
        work(&mut keys)?;
        if keys == before && !vault.is_outdated(&text) {
            return Ok(keys);
        }
        if write.replace_setting(SETTING, text, sealed(vault, &keys)).await? {
            return Ok(keys);
        }
    }
    Err(SigningError::Contended)
}

async fn stored(read: &dyn Read, vault: &Vault) -> Result<Option<(String, SigningKeys)>, SigningError> {
    let Some(text) = read.setting(SETTING).await? else { return Ok(None) };
    let keys = opened(vault, &text)?;
    Ok(Some((text, keys)))
}

fn opened(vault: &Vault, text: &str) -> Result<SigningKeys, SigningError> {
    let plain = vault.open(Purpose::Signing, text)?;
    // The parser's own words would quote what it read.
    serde_json::from_slice(&plain).map_err(|_| SigningError::Corrupt("it is no document of keys".to_owned()))
}

fn sealed(vault: &Vault, keys: &SigningKeys) -> String {
    vault.seal(Purpose::Signing, &serde_json::to_vec(keys).expect("keys are texts and times"))
}
