//! Read tokens: a text that opens one execution for reading, for a while, to whoever holds it.
//! Never says anything about a key, and never opens more than the execution that it was made for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Engine;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::READ_TOKEN_MS;
use crate::domain::timestamp::Timestamp;

/// Keeps these codes apart from every other use of the same secret.
const PURPOSE: &[u8] = b"ringback read token 1";

/// A token for this execution, good from now on for as long as read tokens are.
pub fn issue(engine: &Engine, id: ExecutionId) -> String {
    token(engine.resume_key.text(), id, engine.clock.now().plus_ms(READ_TOKEN_MS))
}

/// Whether a token opens this execution now.
pub fn opens(engine: &Engine, text: &str, id: ExecutionId) -> bool {
    holds(engine.resume_key.text(), text, id, engine.clock.now())
}

/// `rt_` and, in base64url, the time at which it ends and the code over that and the execution.
fn token(secret: &str, id: ExecutionId, ends_at: Timestamp) -> String {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&ends_at.ms().to_be_bytes());
    bytes[8..].copy_from_slice(&code(secret, id, ends_at).finalize().into_bytes());
    let mut token = String::with_capacity(3 + 54);
    token.push_str("rt_");
    URL_SAFE_NO_PAD.encode_string(bytes, &mut token);
    token
}

fn holds(secret: &str, text: &str, id: ExecutionId, now: Timestamp) -> bool {
    let Some(bytes) = text.strip_prefix("rt_").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()) else { return false };
    let Some((time, tag)) = bytes.split_first_chunk::<8>() else { return false };
    let ends_at = Timestamp(i64::from_be_bytes(*time));
    // `verify_slice` compares in constant time.
    code(secret, id, ends_at).verify_slice(tag).is_ok() && now < ends_at
}

fn code(secret: &str, id: ExecutionId, ends_at: Timestamp) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(PURPOSE);
    mac.update(id.0.as_bytes());
    mac.update(&ends_at.ms().to_be_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_execution_until_its_time_is_over() {
        let (id, other) = (ExecutionId::random(Timestamp(5)), ExecutionId::random(Timestamp(5)));
        let token = token("whsec_a", id, Timestamp(1000));
        assert!(holds("whsec_a", &token, id, Timestamp(999)));
        assert!(!holds("whsec_a", &token, id, Timestamp(1000)), "it is over");
        assert!(!holds("whsec_a", &token, other, Timestamp(999)), "it is another's");
        assert!(!holds("whsec_b", &token, id, Timestamp(999)), "it was made by somebody else");
    }

    #[test]
    fn a_token_cannot_be_prolonged_or_shortened() {
        let id = ExecutionId::random(Timestamp(5));
        let good = token("whsec_a", id, Timestamp(1000));
        let mut bytes = URL_SAFE_NO_PAD.decode(good.strip_prefix("rt_").unwrap()).unwrap();
        bytes[7] ^= 0x10;
        assert!(!holds("whsec_a", &format!("rt_{}", URL_SAFE_NO_PAD.encode(&bytes)), id, Timestamp(10)));
        for odd in ["", "rt_", "rt_AAAA", "rt_!", &good[3..], &good[..good.len() - 4]] {
            assert!(!holds("whsec_a", odd, id, Timestamp(10)), "{odd}");
        }
    }
}
