//! What an execution waits for before it may begin: permits and rates by key, and whose turn it is.
//! Never counts anything itself; the store does.

use sha2::{Digest, Sha256};

use super::timestamp::Timestamp;

/// Waiting this long is worth one point of priority: who waits long enough comes before anything newer.
pub const PRIORITY_POINT_MS: i64 = 60_000;

/// One limit that holds for an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// SHA-256 over what is limited and the value of its key: executions with the same share it.
    pub key: [u8; 32],
    pub kind: LimitKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// At most so many at once, from their beginning to their end.
    Concurrency { limit: u32 },
    /// At most so many beginnings within any stretch of `per_ms`.
    Rate { limit: u32, per_ms: i64 },
}

impl Limit {
    /// `about` says what is limited; `value` is that of its key, in one spelling.
    pub fn new(about: &str, value: &str, kind: LimitKind) -> Self {
        let name = match kind {
            LimitKind::Concurrency { .. } => WAITS_FOR_CONCURRENCY,
            LimitKind::Rate { .. } => WAITS_FOR_RATE,
        };
        let mut digest = Sha256::new();
        for part in [name, about, value] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        Self { key: digest.finalize().into(), kind }
    }
}

/// What `waiting_for` says.
pub const WAITS_FOR_CONCURRENCY: &str = "concurrency";
pub const WAITS_FOR_RATE: &str = "rate_limit";

/// Whose turn it is: the lower, the earlier. A point of priority is worth a fixed time, so nobody waits for ever.
pub fn rank(due_at: Timestamp, priority: i64) -> i64 {
    due_at.0.saturating_sub(priority.saturating_mul(PRIORITY_POINT_MS))
}

/// The first permit of `limit` that is not among those taken (in order).
pub fn free_slot(taken: &[i64], limit: i64) -> Option<i64> {
    (1..=limit).zip(taken.iter().copied().map(Some).chain(std::iter::repeat(None))).find_map(|(slot, taken)| match taken {
        Some(taken) if taken <= slot => None,
        _ => Some(slot),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_permit_is_the_first_that_nobody_holds() {
        let cases: [(&[i64], i64, Option<i64>); 6] = [
            (&[], 3, Some(1)),
            (&[1], 3, Some(2)),
            (&[2, 3], 3, Some(1)),
            (&[1, 3], 3, Some(2)),
            (&[1, 2, 3], 3, None),
            // A newer version of the function allows fewer.
            (&[1, 2, 3, 4], 2, None),
        ];
        for (taken, limit, expected) in cases {
            assert_eq!(free_slot(taken, limit), expected, "{taken:?} of {limit}");
        }
    }

    #[test]
    fn a_point_of_priority_is_worth_a_minute_of_waiting() {
        let (old, new) = (Timestamp(0), Timestamp(10 * PRIORITY_POINT_MS));
        assert!(rank(new, 11) < rank(old, 0), "what is more urgent comes first");
        assert!(rank(old, 0) < rank(new, 9), "unless the other has waited long enough");
    }

    #[test]
    fn limits_of_different_things_share_no_key() {
        let limit = |about, value, kind| Limit::new(about, value, kind).key;
        let concurrency = LimitKind::Concurrency { limit: 1 };
        let keys = [
            limit("a", "b", concurrency),
            limit("ab", "", concurrency),
            limit("a", "c", concurrency),
            limit("a", "b", LimitKind::Rate { limit: 1, per_ms: 1 }),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
        assert_eq!(limit("a", "b", concurrency), limit("a", "b", LimitKind::Concurrency { limit: 9 }), "the number may change");
    }
}
