//! Standard Webhooks signatures, version `v1a`: ed25519, so that a receiver needs no secret.
//! Never shows a private key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
const SEED_BYTES: usize = 32;

/// A pair of keys, made from 32 random bytes.
pub struct SigningPair(Ed25519KeyPair);

impl fmt::Debug for SigningPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningPair(…)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a private key is `whsk_` and base64 of 32 bytes")]
pub struct InvalidKey;

impl SigningPair {
    /// Reads `whsk_` and base64 of the 32 bytes.
    ///
    /// # Errors
    /// What is not that.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let seed = STANDARD.decode(text.strip_prefix(PRIVATE_PREFIX).ok_or(InvalidKey)?).map_err(|_| InvalidKey)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).map(Self).map_err(|_| InvalidKey)
    }

    /// `v1a,<base64>` over `id.timestamp.body`.
    pub fn sign(&self, webhook_id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let content = [format!("{webhook_id}.{timestamp_s}.").as_bytes(), body].concat();
        format!("v1a,{}", STANDARD.encode(self.0.sign(&content)))
    }

    /// `whpk_<base64>`.
    pub fn public_key(&self) -> String {
        format!("{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.public_key()))
    }

    /// The same key as a JSON Web Key spells it (RFC 8037).
    pub fn public_x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key())
    }
}

/// A fresh private key.
pub fn fresh_private_key() -> String {
    format!("{PRIVATE_PREFIX}{}", STANDARD.encode(rand::random::<[u8; SEED_BYTES]>()))
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// RFC 8032, 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn the_public_key_of_the_standard_comes_out() {
        let pair = SigningPair::parse(&format!("whsk_{}", STANDARD.encode(hex::decode(SEED).unwrap()))).unwrap();
        assert_eq!(pair.public_key(), format!("whpk_{}", STANDARD.encode(hex::decode(PUBLIC).unwrap())));
        assert_eq!(URL_SAFE_NO_PAD.decode(pair.public_x()).unwrap(), hex::decode(PUBLIC).unwrap());
    }

    #[test]
    fn a_signature_holds_for_its_own_message_only() {
        let pair = SigningPair::parse(&fresh_private_key()).unwrap();
        let signature = pair.sign("msg_1", 7, b"body");
        let bytes = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
        let public = STANDARD.decode(pair.public_key().strip_prefix("whpk_").unwrap()).unwrap();
        let key = UnparsedPublicKey::new(&ED25519, public);
        assert!(key.verify(b"msg_1.7.body", &bytes).is_ok());
        assert!(key.verify(b"msg_1.8.body", &bytes).is_err() && key.verify(b"msg_1.7.bodz", &bytes).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for odd in ["", "whsk_", "whsk_c2hvcnQ=", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert!(SigningPair::parse(odd).is_err(), "{odd}");
        }
    }
}
