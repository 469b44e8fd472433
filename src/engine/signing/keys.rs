//! Secrets and key pairs with the time for which they sign.
//! Never decides when they change.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::OVERLAP_MS;
use crate::config::CallbacksConfig;
use crate::domain::timestamp::Timestamp;
use crate::outbound::signature::{InvalidSecret, fresh_secret, sign};
use crate::outbound::signature_v1a::{InvalidKey, SigningPair, fresh_private_key};

/// The newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SigningKeys {
    pub secrets: Vec<SigningSecret>,
    /// By the name of the access key that starts executions: what signs their messages instead.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub of_keys: BTreeMap<String, Vec<SigningSecret>>,
    #[serde(default)]
    pub pairs: Vec<KeyPair>,
    /// Whether the pairs sign; a setting.
    #[serde(skip)]
    sign_v1a: bool,
}

/// `whsec_…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningSecret {
    pub secret: String,
    pub created_at: Timestamp,
    /// After a rotation.
    #[serde(default)]
    pub signs_until: Option<Timestamp>,
}

/// A private key, `whsk_…`, and what may be known of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// The beginning of the public key's digest.
    pub id: String,
    private_key: String,
    pub public_key: String,
    pub public_x: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub signs_until: Option<Timestamp>,
}

impl SigningSecret {
    pub fn fresh(now: Timestamp) -> Self {
        Self { secret: fresh_secret(), created_at: now, signs_until: None }
    }
}

impl KeyPair {
    pub fn fresh(now: Timestamp) -> Result<Self, InvalidKey> {
        use sha2::Digest as _;
        let private_key = fresh_private_key();
        let pair = SigningPair::parse(&private_key)?;
        let (public_key, public_x) = (pair.public_key(), pair.public_x());
        let mut id = hex::encode(sha2::Sha256::digest(&public_key));
        id.truncate(16);
        Ok(Self { id, private_key, public_key, public_x, created_at: now, signs_until: None })
    }
}

impl SigningKeys {
    pub fn of(secrets: Vec<SigningSecret>) -> Self {
        Self { secrets, ..Self::default() }
    }

    pub fn fresh(now: Timestamp) -> Self {
        Self::of(vec![SigningSecret::fresh(now)])
    }

    /// The keys of the store under what the configuration says.
    pub(super) fn with_settings(mut self, settings: &CallbacksConfig) -> Self {
        if settings.secret.is_some() {
            let given = settings.secret.iter().chain(&settings.previous_secret);
            let secret = |secret: &String| SigningSecret { secret: secret.clone(), created_at: Timestamp(0), signs_until: None };
            self.secrets = given.map(secret).collect();
        }
        self.sign_v1a = settings.sign_v1a;
        self
    }

    /// What `webhook-signature` says: of the callback's own secret, or of those of the access key `signer`, or of the server's; and
    /// of the server's pairs.
    ///
    /// # Errors
    /// A secret that is none.
    pub fn signatures(
        &self,
        (own, signer): (Option<&str>, Option<&str>),
        now: Timestamp,
        webhook_id: &str,
        body: &[u8],
    ) -> Result<String, InvalidSecret> {
        let timestamp_s = now.ms().div_euclid(1000);
        let secrets: Vec<&str> = match own {
            Some(own) => vec![own],
            None => {
                let secrets = signer.and_then(|signer| self.of_keys.get(signer)).unwrap_or(&self.secrets);
                secrets.iter().filter(|secret| signs(secret.signs_until, now)).map(|s| s.secret.as_str()).collect()
            }
        };
        let mut signatures = Vec::with_capacity(secrets.len() + 1);
        for secret in secrets {
            signatures.push(sign(secret, webhook_id, timestamp_s, body)?);
        }
        for pair in self.published(now).iter().filter(|_| self.sign_v1a) {
            let pair = SigningPair::parse(&pair.private_key).map_err(|_| InvalidSecret)?;
            signatures.push(pair.sign(webhook_id, timestamp_s, body));
        }
        Ok(signatures.join(" "))
    }

    /// The pairs that sign, the newest first.
    pub fn published(&self, now: Timestamp) -> Vec<&KeyPair> {
        self.pairs.iter().filter(|pair| signs(pair.signs_until, now)).collect()
    }

    /// A new secret for the messages of what an access key starts; its former one signs for a while.
    pub(super) fn rotate_of_key(&mut self, name: &str, secret: String, now: Timestamp) {
        let secret = SigningSecret { secret, created_at: now, signs_until: None };
        renew(self.of_keys.entry(name.to_owned()).or_default(), secret, now);
    }

    /// New keys in front; those of before sign for a while, and what no longer signs goes.
    pub(super) fn rotate(&mut self, secret: bool, now: Timestamp) -> Result<(), InvalidKey> {
        let until = now.plus_ms(OVERLAP_MS);
        if secret {
            renew(&mut self.secrets, SigningSecret::fresh(now), now);
        }
        if !self.pairs.is_empty() {
            self.pairs.retain(|pair| signs(pair.signs_until, now));
            for former in &mut self.pairs {
                former.signs_until.get_or_insert(until);
            }
            self.pairs.insert(0, KeyPair::fresh(now)?);
        }
        Ok(())
    }
}

/// A new secret in front; those of before sign for a while, and what no longer signs goes.
fn renew(secrets: &mut Vec<SigningSecret>, fresh: SigningSecret, now: Timestamp) {
    secrets.retain(|secret| signs(secret.signs_until, now));
    for former in secrets.iter_mut() {
        former.signs_until.get_or_insert(now.plus_ms(OVERLAP_MS));
    }
    secrets.insert(0, fresh);
}

fn signs(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_none_or(|until| now < until)
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningSecret").field("signs_until", &self.signs_until).finish_non_exhaustive()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("id", &self.id).field("signs_until", &self.signs_until).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::signature::verify;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn count(keys: &SigningKeys, at: Timestamp) -> usize {
        keys.signatures((None, None), at, "msg_1", b"{}").unwrap().split(' ').count()
    }

    #[test]
    fn after_a_rotation_both_sign_for_a_day_and_then_the_new_one_alone() {
        let mut keys = SigningKeys::fresh(NOW);
        let former = keys.secrets[0].secret.clone();
        keys.rotate(true, NOW).unwrap();
        let header = keys.signatures((None, None), NOW, "msg_1", b"{}").unwrap();
        for secret in [&former, &keys.secrets[0].secret] {
            assert!(verify(secret, "msg_1", NOW.ms() / 1000, b"{}", &header));
        }
        assert_eq!((count(&keys, NOW.plus_ms(OVERLAP_MS - 1)), count(&keys, NOW.plus_ms(OVERLAP_MS))), (2, 1));
        keys.rotate(true, NOW.plus_ms(1)).unwrap();
        assert_eq!(count(&keys, NOW.plus_ms(2)), 3, "a second rotation on the same day takes no one's day away");
        keys.rotate(true, NOW.plus_ms(2 * OVERLAP_MS)).unwrap();
        assert_eq!(keys.secrets.len(), 2, "what no longer signs is not kept");
    }

    #[test]
    fn pairs_rotate_with_the_secret_and_are_published_while_they_sign() {
        let mut keys = SigningKeys::fresh(NOW);
        keys.pairs.push(KeyPair::fresh(NOW).unwrap());
        assert_eq!(count(&keys, NOW), 1, "they sign only where that is set");
        keys.sign_v1a = true;
        assert_eq!(count(&keys, NOW), 2);
        keys.rotate(false, NOW).unwrap();
        assert_eq!((keys.secrets.len(), keys.published(NOW).len(), count(&keys, NOW)), (1, 2, 3));
        assert_eq!(keys.published(NOW.plus_ms(OVERLAP_MS)).len(), 1);
    }

    #[test]
    fn a_callbacks_own_secret_signs_instead_of_the_servers() {
        let (keys, own) = (SigningKeys::fresh(NOW), fresh_secret());
        let header = keys.signatures((Some(&own), Some("n8n")), NOW, "msg_1", b"{}").unwrap();
        assert!(!header.contains(' ') && verify(&own, "msg_1", NOW.ms() / 1000, b"{}", &header));
    }

    #[test]
    fn the_configured_secret_and_the_one_before_sign() {
        let mut settings = crate::config::Config::for_testing().callbacks;
        (settings.secret, settings.previous_secret) = (Some(fresh_secret()), Some(fresh_secret()));
        let keys = SigningKeys::fresh(NOW).with_settings(&settings);
        let secrets: Vec<_> = keys.secrets.iter().map(|secret| Some(secret.secret.clone())).collect();
        assert_eq!(secrets, [settings.secret, settings.previous_secret]);
    }

    #[test]
    fn nothing_private_is_shown() {
        let mut keys = SigningKeys::fresh(NOW);
        keys.pairs.push(KeyPair::fresh(NOW).unwrap());
        let shown = format!("{keys:?}");
        assert!(!shown.contains(&keys.secrets[0].secret) && !shown.contains(&keys.pairs[0].private_key), "{shown}");
    }
}
