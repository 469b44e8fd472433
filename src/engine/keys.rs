//! The keys of this installation: who may come in, kept in memory and looked at again every few seconds.
//! Never compares a key in a time that tells how much of it was right, and never lets everybody in because keys have ended.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use subtle::ConstantTimeEq as _;

use super::Engine;
use crate::domain::access_key::{AccessKey, CONFIGURED, KeyPlan, Meter, digest};
use crate::domain::audit::AuditEntry;
use crate::domain::limits::KEYS_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::StoreError;
use crate::store::read::Read;

/// How old the keys in memory may be when a call comes in: a key that another node made or revoked holds there that soon.
const REFRESH_MS: i64 = 2000;

/// The keys as this node knows them. Cheap to clone.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

struct Inner {
    configured: Option<Arc<AccessKey>>,
    kept: RwLock<Arc<Vec<Arc<AccessKey>>>>,
    /// When they were read, in milliseconds since the epoch.
    read_at: AtomicI64,
    meters: Mutex<HashMap<String, Meter>>,
}

/// Why a call is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    #[error("this key is not known")]
    Unknown,
    #[error("this key has been revoked")]
    Revoked,
    #[error("this key has expired")]
    Expired,
    #[error("this key has used up its rate of calls")]
    TooOften { retry_after_ms: i64 },
}

/// Why a key was not made or ended.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("there is or was a key \"{0}\"; names are not used again, since executions remember them")]
    Taken(String),
    #[error("there are {KEYS_MAX} keys already; revoke some")]
    TooMany,
    #[error("the first key needs the scope manage: from then on every call needs a key, and nobody could make another")]
    FirstMustManage,
    #[error("there is no key \"{0}\"")]
    NotFound(String),
    #[error("the key \"{CONFIGURED}\" is the configuration's; take it from access.api_key (RINGBACK_API_KEY) and start again")]
    Configured,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keyring {
    pub fn new(configured: Option<&str>, kept: Vec<AccessKey>, now: Timestamp) -> Self {
        Self(Arc::new(Inner {
            configured: configured.map(|key| Arc::new(AccessKey::configured(key))),
            kept: RwLock::new(shared(kept)),
            read_at: AtomicI64::new(now.ms()),
            meters: Mutex::default(),
        }))
    }

    /// # Errors
    /// The store's.
    pub async fn load(configured: Option<&str>, read: &dyn Read, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self::new(configured, read.keys().await?, now))
    }

    /// Whether there is no key at all, so that only this machine may call. A key that has expired is still one.
    pub fn is_empty(&self) -> bool {
        self.0.configured.is_none() && self.kept().iter().all(|key| key.revoked_at.is_some())
    }

    /// By name, revoked ones too.
    pub fn named(&self, name: &str) -> Option<Arc<AccessKey>> {
        let configured = self.0.configured.as_ref().filter(|key| key.name == name);
        configured.cloned().or_else(|| self.kept().iter().find(|key| key.name == name).cloned())
    }

    /// Every key that the store keeps, by name.
    pub fn kept(&self) -> Arc<Vec<Arc<AccessKey>>> {
        Arc::clone(&self.0.kept.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whose key this is, and that it holds now.
    ///
    /// # Errors
    /// See [`KeyRefusal`].
    pub fn admit(&self, presented: &str, now: Timestamp) -> Result<Arc<AccessKey>, KeyRefusal> {
        let presented = digest(presented);
        let mut found = None;
        // All of them, whichever it is.
        for key in self.0.configured.iter().chain(self.kept().iter()) {
            if bool::from(key.digest[..].ct_eq(&presented[..])) {
                found = Some(Arc::clone(key));
            }
        }
        let key = found.ok_or(KeyRefusal::Unknown)?;
        if key.revoked_at.is_some() {
            return Err(KeyRefusal::Revoked);
        }
        if key.is_expired(now) {
            return Err(KeyRefusal::Expired);
        }
        if let Some(rate) = key.rate {
            let mut meters = self.0.meters.lock().unwrap_or_else(PoisonError::into_inner);
            let counted = meters.entry(key.name.clone()).or_default().count(rate, now);
            counted.map_err(|retry_after_ms| KeyRefusal::TooOften { retry_after_ms })?;
        }
        Ok(key)
    }

    fn put(&self, kept: Vec<AccessKey>) {
        *self.0.kept.write().unwrap_or_else(PoisonError::into_inner) = shared(kept);
    }
}

fn shared(keys: Vec<AccessKey>) -> Arc<Vec<Arc<AccessKey>>> {
    Arc::new(keys.into_iter().map(Arc::new).collect())
}

/// Reads the keys again if those in memory are old. While the database is away, those in memory hold.
pub async fn refresh(engine: &Engine) {
    let (read_at, now) = (&engine.keys.0.read_at, engine.clock.now().ms());
    let seen = read_at.load(Ordering::Relaxed);
    // One caller looks; the others need not wait for it.
    let fresh = (now - seen).abs() < REFRESH_MS;
    if fresh || read_at.compare_exchange(seen, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        return;
    }
    match engine.read.keys().await {
        Ok(kept) => engine.keys.put(kept),
        Err(error) => tracing::warn!(%error, "the keys could not be read again; those of before hold"),
    }
}

/// Makes a key. Once this returns it is durable and holds here, and within seconds on every node. The secret is not kept.
///
/// # Errors
/// See [`KeyError`].
pub async fn create(engine: &Engine, plan: KeyPlan, created_by: Option<String>) -> Result<(AccessKey, String), KeyError> {
    if engine.keys.kept().iter().filter(|key| key.revoked_at.is_none()).count() >= KEYS_MAX {
        return Err(KeyError::TooMany);
    }
    if engine.keys.is_empty() && !plan.scopes.has(crate::domain::access_key::Scope::Manage) {
        return Err(KeyError::FirstMustManage);
    }
    let (key, secret) = plan.into_key(engine.clock.now(), created_by);
    if !engine.write.add_key(key.clone()).await? {
        return Err(KeyError::Taken(key.name));
    }
    engine.keys.put(engine.read.keys().await?);
    Ok((key, secret))
}

/// Ends a key for ever. Once this returns it opens nothing here, and within seconds nothing on any node.
///
/// # Errors
/// See [`KeyError`].
pub async fn revoke(engine: &Engine, name: &str) -> Result<Arc<AccessKey>, KeyError> {
    if name == CONFIGURED && engine.keys.0.configured.is_some() {
        return Err(KeyError::Configured);
    }
    if !engine.write.revoke_key(name, engine.clock.now()).await? {
        return Err(KeyError::NotFound(name.to_owned()));
    }
    engine.keys.put(engine.read.keys().await?);
    engine.keys.named(name).ok_or_else(|| KeyError::NotFound(name.to_owned()))
}

/// Notes that something was managed. It has happened either way, so a failure is only told to the log.
pub async fn note(engine: &Engine, entry: AuditEntry) {
    let told = format!("{} {} by {}", entry.method, entry.path, entry.caller.as_deref().unwrap_or("this machine"));
    if let Err(error) = engine.write.note_audit(entry).await {
        tracing::error!(%error, call = told, "a call that manages could not be noted in the audit");
    }
}

/// The `auth` root of a stack that this key started.
pub(super) fn auth_root(engine: &Engine, started_by: Option<&str>) -> Value {
    let scopes = started_by.and_then(|name| engine.keys.named(name)).map(|key| key.scopes);
    let words = scopes.map(|scopes| Value::array(scopes.words().map(Value::text).collect()));
    Value::object([("key", started_by.map_or(Value::Null, Value::text)), ("scopes", words.unwrap_or_default())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access_key::{KeyRate, fresh_key};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn key(name: &str) -> (AccessKey, String) {
        let secret = fresh_key();
        let key = AccessKey { name: name.to_owned(), digest: digest(&secret), ..AccessKey::configured("") };
        (key, secret)
    }

    #[test]
    fn each_key_opens_under_its_own_name_and_no_other_text_does() {
        let ((one, one_secret), (two, two_secret)) = (key("one"), key("two"));
        let ring = Keyring::new(Some("the-one-key"), vec![one, two], NOW);
        for (secret, name) in [("the-one-key", "default"), (&*one_secret, "one"), (&*two_secret, "two")] {
            assert_eq!(ring.admit(secret, NOW).unwrap().name, name);
        }
        for wrong in ["", "the-one-kez", &one_secret[1..], &format!("{one_secret} ")] {
            assert_eq!(ring.admit(wrong, NOW), Err(KeyRefusal::Unknown), "{wrong}");
        }
    }

    #[test]
    fn keys_that_have_ended_open_nothing_and_still_keep_the_door() {
        let (mut expiring, secret) = key("expiring");
        expiring.expires_at = Some(NOW);
        let ring = Keyring::new(None, vec![expiring.clone()], NOW);
        assert_eq!(ring.admit(&secret, NOW), Err(KeyRefusal::Expired));
        assert!(!ring.is_empty(), "a key that has expired must not open the server to everybody");
        let ring = Keyring::new(None, vec![AccessKey { revoked_at: Some(NOW), ..expiring }], NOW);
        assert_eq!(ring.admit(&secret, NOW), Err(KeyRefusal::Revoked));
        assert!(ring.is_empty());
        assert!(!Keyring::new(Some("k"), Vec::new(), NOW).is_empty());
    }

    #[test]
    fn a_key_with_a_rate_is_counted_and_the_others_are_not() {
        let (mut slow, secret) = key("slow");
        slow.rate = Some(KeyRate { limit: 2, per_ms: 1000 });
        let ring = Keyring::new(Some("free"), vec![slow], NOW);
        assert!(ring.admit(&secret, NOW).is_ok() && ring.admit(&secret, NOW).is_ok());
        assert_eq!(ring.admit(&secret, NOW), Err(KeyRefusal::TooOften { retry_after_ms: 500 }));
        assert!((0..10).all(|_| ring.admit("free", NOW).is_ok()));
        assert!(ring.admit(&secret, NOW.plus_ms(500)).is_ok());
    }
}
