//! New signing keys, while those of before go on for a day.
//! Never takes a key away at once: a receiver may know only that one.

use super::{OVERLAP_MS, SigningError, SigningKeys, change};
use crate::config::CallbacksConfig;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::engine::vault::Vault;
use crate::outbound::signature::fresh_secret;
use crate::store::read::Read;
use crate::store::write::Write;

/// What a rotation made.
#[derive(Clone)]
pub struct Rotated {
    /// To be shown once; `None` where the configuration gives the secret and only the key pair was changed.
    pub secret: Option<String>,
    /// The public key, where messages carry `v1a` too.
    pub public_key: Option<String>,
    pub former_signs_until: Timestamp,
}

impl Rotated {
    /// As the API tells it.
    pub fn to_value(&self) -> Value {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::text);
        Value::object([
            ("secret", text(&self.secret)),
            ("public_key", text(&self.public_key)),
            ("former_signs_until", Value::Timestamp(self.former_signs_until)),
        ])
    }
}

/// Makes a new secret, and a new key pair where there is one. Once this returns, this node signs with both the new and the
/// former; other nodes do within seconds.
///
/// # Errors
/// See [`SigningError`].
pub async fn rotate(engine: &Engine) -> Result<Rotated, SigningError> {
    let settings = &engine.config.callbacks;
    let now = engine.clock.now();
    let (keys, rotated) = rotate_in(settings, &*engine.read, &*engine.write, &engine.vault, now).await?;
    engine.signing.replace(keys.with_settings(settings), now);
    tracing::info!(until = %rotated.former_signs_until, "the signing keys were rotated; those of before sign too until then");
    Ok(rotated)
}

/// Makes a secret, or takes the given one, for the messages of executions that the access key `name` starts; one that it had signs
/// for a while too. Once this returns it holds here, and within seconds on every node.
///
/// # Errors
/// See [`SigningError`].
pub async fn rotate_of_key(engine: &Engine, name: &str, given: Option<String>) -> Result<Rotated, SigningError> {
    let now = engine.clock.now();
    let secret = given.unwrap_or_else(fresh_secret);
    let keys = change(&*engine.read, &*engine.write, &engine.vault, |keys| {
        keys.rotate_of_key(name, secret.clone(), now);
        Ok(())
    })
    .await?;
    engine.signing.replace(keys.with_settings(&engine.config.callbacks), now);
    tracing::info!(subject = name, "the messages of what this key starts are signed with a secret of its own");
    Ok(Rotated { secret: Some(secret), public_key: None, former_signs_until: now.plus_ms(OVERLAP_MS) })
}

/// A rotation of the server's keys in a store that nobody serves.
///
/// # Errors
/// See [`SigningError`].
pub async fn rotate_in(
    settings: &CallbacksConfig,
    read: &dyn Read,
    write: &dyn Write,
    vault: &Vault,
    now: Timestamp,
) -> Result<(SigningKeys, Rotated), SigningError> {
    if settings.secret.is_some() && !settings.sign_v1a {
        return Err(SigningError::Configured);
    }
    let own_secret = settings.secret.is_none();
    let keys = change(read, write, vault, |keys| Ok(keys.rotate(own_secret, now)?)).await?;
    let rotated = Rotated {
        secret: keys.secrets.first().filter(|_| own_secret).map(|secret| secret.secret.clone()),
        public_key: keys.pairs.first().map(|pair| pair.public_key.clone()),
        former_signs_until: now.plus_ms(OVERLAP_MS),
    };
    Ok((keys, rotated))
}
