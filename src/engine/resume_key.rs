//! Resume URLs: unguessable addresses, each of which posts events to one execution.
//! Never shows the key, and never tells how much of a token was right.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::ids::ExecutionId;

/// Keeps these tokens apart from whatever else a key might sign one day.
const PURPOSE: &[u8] = b"ringback resume url v1\0";
/// Characters of a fresh key: 256 bits and more.
const FRESH_CHARS: usize = 44;

/// What the tokens of all executions of this store are made from.
#[derive(Clone)]
pub struct ResumeKey(Arc<str>);

impl fmt::Debug for ResumeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeKey(…)")
    }
}

impl ResumeKey {
    /// The name under which the store keeps it, so that every node makes the same addresses.
    pub const SETTING: &'static str = "resume_key";

    pub fn of(text: &str) -> Self {
        Self(text.into())
    }

    /// The text of a new key.
    pub fn fresh() -> String {
        rand::rng().sample_iter(rand::distr::Alphanumeric).take(FRESH_CHARS).map(char::from).collect()
    }

    /// Where events for this execution may be posted without a key.
    pub fn url(&self, public_url: &str, id: ExecutionId) -> String {
        format!("{public_url}/resume/{id}/{}", self.token(id))
    }

    pub fn opens(&self, id: ExecutionId, token: &str) -> bool {
        bool::from(self.token(id).as_bytes().ct_eq(token.as_bytes()))
    }

    /// For other tokens of this server, each under a purpose of its own. Receivers know the webhook secret, and this one nobody.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn token(&self, id: ExecutionId) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(PURPOSE);
        mac.update(id.0.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn a_token_opens_its_own_execution_only() {
        let (key, other) = (ResumeKey::of("one"), ResumeKey::of("two"));
        let (a, b) = (ExecutionId::random(Timestamp(5)), ExecutionId::random(Timestamp(5)));
        let token = key.token(a);
        assert!(key.opens(a, &token));
        assert!(!key.opens(b, &token) && !other.opens(a, &token) && !key.opens(a, "") && !key.opens(a, &token[1..]));
        assert_eq!(key.url("https://x.example", a), format!("https://x.example/resume/{a}/{token}"));
        assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn keys_are_fresh_and_do_not_show_themselves() {
        let (one, two) = (ResumeKey::fresh(), ResumeKey::fresh());
        assert!(one.len() == FRESH_CHARS && one != two);
        assert!(!format!("{:?}", ResumeKey::of(&one)).contains(&one));
    }
}
