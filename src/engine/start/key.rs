//! Idempotency keys as they are stored: hashed, with a fingerprint of the call.
//! Never keeps the key itself.

use sha2::{Digest, Sha256};

use super::CallerKey;
use crate::domain::function::FunctionName;
use crate::domain::limits::IDEMPOTENCY_KEEP_MS;
use crate::domain::timestamp::Timestamp;
use crate::store::write::IdempotencyKey;

/// The stored form of a caller's key, in the scope of his API key and the function.
pub(super) fn stored(given: &CallerKey, function: &FunctionName, started_by: Option<&str>, now: Timestamp) -> IdempotencyKey {
    let function = function.key();
    let scope = started_by.unwrap_or_default();
    IdempotencyKey {
        hash: digest(&[scope.as_bytes(), function.as_bytes(), given.key.as_bytes()]),
        fingerprint: digest(&[function.as_bytes(), &given.fingerprint_of]),
        expires_at: now.plus_ms(IDEMPOTENCY_KEEP_MS),
        now,
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_key_cannot_be_shifted_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn two_spellings_of_a_function_share_their_keys() {
        let key = CallerKey { key: "k".into(), fingerprint_of: b"{}".to_vec() };
        let stored = |name| stored(&key, &FunctionName::parse(name).unwrap(), None, Timestamp(0));
        assert_eq!(stored("send-mail"), stored("send_mail"));
    }
}
