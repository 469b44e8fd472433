//! Secrets at rest: sealed under the server's key (XChaCha20-Poly1305), opened only where they are used.
//! Never shows a key or what it opens, and never takes an unsealed text for a sealed one.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::config::{EncryptionKey, EncryptionKeys};
use crate::domain::callback::{CallbackSettings, PrivateParts};

mod definition;

/// What a sealed text begins with; its number is the form's.
const PREFIX: &str = "rbs1";
const NONCE_BYTES: usize = 24;
/// Bytes of a key's id: enough to tell an operator's keys apart.
const ID_BYTES: usize = 4;

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<[Lock]>);

/// A key and its id; the first seals, all open.
struct Lock {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// What a text is sealed for: one that was sealed for something else does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Callback,
    Function,
    Signing,
    Setting,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Callback => b"callback",
            Self::Function => b"function",
            Self::Signing => b"signing",
            Self::Setting => b"setting",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("a secret was sealed with the key {id}, which this server does not have; add it to store.decryption_keys")]
    KeyUnknown { id: String },
    #[error("a stored secret is damaged")]
    Damaged,
}

impl Vault {
    pub fn new(keys: &EncryptionKeys) -> Self {
        let all = std::iter::once(&keys.sealing).chain(&keys.also_open);
        Self(all.map(Lock::of).collect())
    }

    /// The id of the key that seals.
    pub fn key_id(&self) -> &str {
        &self.0[0].id
    }

    /// Whether this key is here.
    pub fn knows(&self, key_id: &str) -> bool {
        self.0.iter().any(|lock| lock.id == key_id)
    }

    /// `rbs1.<key>.<base64>`.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> String {
        let lock = &self.0[0];
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: plain, aad: purpose.name() };
        let sealed = lock.cipher.encrypt(&XNonce::from(nonce), payload).expect("a cipher that fits in memory takes any text");
        let bytes = [&nonce[..], &sealed].concat();
        format!("{PREFIX}.{}.{}", lock.id, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What was sealed for this purpose.
    ///
    /// # Errors
    /// The key is not here, or the text is not what was sealed.
    pub fn open(&self, purpose: Purpose, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let (id, text) = parts(sealed).ok_or(VaultError::Damaged)?;
        let lock = self.0.iter().find(|lock| lock.id == id).ok_or_else(|| VaultError::KeyUnknown { id: id.to_owned() })?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| VaultError::Damaged)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Damaged)?;
        let payload = Payload { msg: sealed, aad: purpose.name() };
        lock.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| VaultError::Damaged)
    }

    /// Whether another key than the first sealed this.
    pub fn is_outdated(&self, sealed: &str) -> bool {
        parts(sealed).is_none_or(|(id, _)| id != self.key_id())
    }

    /// Seals what nobody may read of a callback's settings.
    pub fn seal_callback(&self, settings: &mut CallbackSettings) {
        let parts = settings.take_parts();
        if !parts.is_empty() {
            let plain = serde_json::to_vec(&parts).expect("headers, secrets and credentials are texts");
            settings.sealed = Some(self.seal(Purpose::Callback, &plain));
        }
    }

    /// What nobody may read of a callback's settings, for the one who is about to use it.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub fn open_callback(&self, settings: &CallbackSettings) -> Result<PrivateParts, VaultError> {
        match &settings.sealed {
            None => Ok(settings.open_parts()),
            Some(sealed) => {
                let plain = self.open(Purpose::Callback, sealed)?;
                serde_json::from_slice(&plain).map_err(|_| VaultError::Damaged)
            }
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("key", &self.key_id()).finish_non_exhaustive()
    }
}

impl Lock {
    fn of(key: &EncryptionKey) -> Self {
        let digest = Sha256::new().chain_update(b"ringback key id").chain_update(key.bytes()).finalize();
        Self { id: hex::encode(&digest[..ID_BYTES]), cipher: XChaCha20Poly1305::new(key.bytes().into()) }
    }
}

fn parts(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(PREFIX)?.strip_prefix('.')?.split_once('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh_keys() -> EncryptionKeys {
        EncryptionKeys { sealing: EncryptionKey::fresh(), also_open: Vec::new(), made: None }
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_only() {
        let vault = Vault::new(&fresh_keys());
        let sealed = vault.seal(Purpose::Callback, b"hush");
        assert_eq!(vault.open(Purpose::Callback, &sealed).as_deref(), Ok(&b"hush"[..]));
        assert_eq!(vault.open(Purpose::Signing, &sealed), Err(VaultError::Damaged));
        assert_ne!(sealed, vault.seal(Purpose::Callback, b"hush"), "the same text never looks the same twice");
    }

    #[test]
    fn a_text_with_one_character_changed_does_not_open() {
        let vault = Vault::new(&fresh_keys());
        let sealed = vault.seal(Purpose::Callback, b"hush");
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(vault.open(Purpose::Callback, &String::from_utf8(bytes).unwrap()).is_err(), "at {at}");
        }
        for odd in ["", "hush", "rbs1", "rbs1.", &sealed[..20]] {
            assert!(vault.open(Purpose::Callback, odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn after_a_change_of_keys_the_former_one_still_opens_and_no_longer_seals() {
        let former = fresh_keys();
        let sealed = Vault::new(&former).seal(Purpose::Signing, b"hush");
        let changed = EncryptionKeys { also_open: vec![former.sealing.clone()], ..fresh_keys() };
        let vault = Vault::new(&changed);
        assert_eq!(vault.open(Purpose::Signing, &sealed).as_deref(), Ok(&b"hush"[..]));
        assert!(vault.is_outdated(&sealed) && !vault.is_outdated(&vault.seal(Purpose::Signing, b"hush")));
        let stranger = Vault::new(&fresh_keys());
        let refused = stranger.open(Purpose::Signing, &sealed).unwrap_err();
        assert_eq!(refused, VaultError::KeyUnknown { id: Vault::new(&former).key_id().to_owned() });
    }

    #[test]
    fn a_callbacks_private_parts_come_back_and_stand_nowhere_in_the_open() {
        let vault = Vault::new(&fresh_keys());
        let mut settings = CallbackSettings::to("https://a.example/");
        vault.seal_callback(&mut settings);
        assert_eq!(settings.sealed, None, "nothing to hide, nothing sealed");
        settings.headers = vec![("X-Key".into(), "hidden".into())];
        settings.secret = Some("whsec_hidden".into());
        let parts = settings.open_parts();
        vault.seal_callback(&mut settings);
        assert!(settings.headers.is_empty() && settings.secret.is_none());
        assert_eq!(vault.open_callback(&settings), Ok(parts));
        assert!(!serde_json::to_string(&settings).unwrap().contains("hidden"));
    }
}
