//! Standard Webhooks signatures, version `v1`.
//! Never shows a secret.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::Sha256;
use subtle::ConstantTimeEq;

const PREFIX: &str = "whsec_";
const KEY_BYTES_MIN: usize = 24;
const KEY_BYTES_MAX: usize = 64;
/// Characters of a fresh secret: 190 bits.
const FRESH_CHARS: usize = 32;

/// The key that a secret spells: `whsec_` and base64 of 24–64 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is `whsec_` and base64 of 24 to 64 bytes")]
pub struct InvalidSecret;

impl Secret {
    /// Reads a secret.
    ///
    /// # Errors
    /// What is not `whsec_` and base64 of 24–64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let key = STANDARD.decode(text.strip_prefix(PREFIX).ok_or(InvalidSecret)?).map_err(|_| InvalidSecret)?;
        if (KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) { Ok(Self(key)) } else { Err(InvalidSecret) }
    }

    /// `v1,<base64>` over `id.timestamp.body`.
    pub fn sign(&self, webhook_id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{webhook_id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// `v1,<base64>` over `id.timestamp.body` (HMAC-SHA256, Standard Webhooks 1.0).
///
/// # Errors
/// A secret that is not `whsec_` and base64 of 24–64 bytes.
pub fn sign(secret: &str, webhook_id: &str, timestamp_s: i64, body: &[u8]) -> Result<String, InvalidSecret> {
    Ok(Secret::parse(secret)?.sign(webhook_id, timestamp_s, body))
}

/// The signatures of several secrets, separated by spaces: after a rotation the old one signs too.
///
/// # Errors
/// The first secret that is none.
pub fn sign_with_all<'a>(
    secrets: impl IntoIterator<Item = &'a str>,
    webhook_id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> Result<String, InvalidSecret> {
    let signatures: Result<Vec<_>, _> = secrets.into_iter().map(|secret| sign(secret, webhook_id, timestamp_s, body)).collect();
    signatures.map(|signatures| signatures.join(" "))
}

/// Whether one of the signatures of a `webhook-signature` header is this secret's. How old the timestamp may be is for the
/// caller to say. Takes the same time whatever the signatures hold.
pub fn verify(secret: &str, webhook_id: &str, timestamp_s: i64, body: &[u8], header: &str) -> bool {
    let Ok(expected) = sign(secret, webhook_id, timestamp_s, body) else { return false };
    let found = header.split_ascii_whitespace().map(|given| given.as_bytes().ct_eq(expected.as_bytes()));
    found.fold(subtle::Choice::from(0), |any, one| any | one).into()
}

/// A fresh secret: `whsec_` and base64 of printable ASCII, so that tools that take only text can use it.
pub fn fresh_secret() -> String {
    let key: String = rand::rng().sample_iter(rand::distr::Alphanumeric).take(FRESH_CHARS).map(char::from).collect();
    format!("{PREFIX}{}", STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_example_of_the_standard_comes_out() {
        assert_eq!(sign(SECRET, ID, AT, BODY).as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn a_signature_holds_for_its_own_message_only() {
        assert!(verify(SECRET, ID, AT, BODY, SIGNATURE));
        assert!(verify(SECRET, ID, AT, BODY, &format!("v1,AAAA v1a,x {SIGNATURE}")));
        assert!(!verify(SECRET, ID, AT + 1, BODY, SIGNATURE));
        assert!(!verify(SECRET, "msg_2", AT, BODY, SIGNATURE));
        assert!(!verify(SECRET, ID, AT, b"{}", SIGNATURE));
        assert!(!verify(&fresh_secret(), ID, AT, BODY, SIGNATURE));
        assert!(!verify(SECRET, ID, AT, BODY, ""));
        assert!(!verify("no secret", ID, AT, BODY, SIGNATURE));
    }

    #[test]
    fn after_a_rotation_both_secrets_sign() {
        let fresh = fresh_secret();
        let header = sign_with_all([fresh.as_str(), SECRET], ID, AT, BODY).expect("both are secrets");
        assert_eq!(header.split(' ').count(), 2);
        assert!(verify(SECRET, ID, AT, BODY, &header) && verify(&fresh, ID, AT, BODY, &header));
    }

    #[test]
    fn a_secret_is_base64_of_24_to_64_bytes() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7u8; bytes]));
        for (bytes, fine) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
            assert_eq!(Secret::parse(&of(bytes)).is_ok(), fine, "{bytes}");
        }
        for odd in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"] {
            assert!(Secret::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn fresh_secrets_differ_and_are_printable() {
        let (one, other) = (fresh_secret(), fresh_secret());
        assert_ne!(one, other);
        let Secret(key) = Secret::parse(&one).expect("a fresh secret is a secret");
        assert!(key.iter().all(u8::is_ascii_alphanumeric));
        assert_eq!(format!("{:?}", Secret(key)), "Secret(…)");
    }
}
