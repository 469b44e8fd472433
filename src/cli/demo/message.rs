//! A callback as the demo's receiver takes it: its headers, its bytes, and whether the signature holds.
//! Never trusts a message whose signature does not.

use bytes::Bytes;
use serde_json::Value;

use crate::outbound::signature;

/// Seconds that a message's timestamp may be away from the receiver's clock.
const TOLERANCE_S: u64 = 300;

/// One delivery attempt, as it arrived.
#[derive(Debug, Clone)]
pub struct Message {
    pub webhook_id: String,
    /// `execution.completed` and its like.
    pub event: String,
    pub execution_id: String,
    pub attempt: String,
    pub verified: bool,
    pub body: Bytes,
    /// What the receiver answered.
    pub answered: u16,
}

/// The headers that a message comes with.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    pub webhook_id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
    pub attempt: &'a str,
}

impl Message {
    pub fn read(secret: &str, headers: Headers<'_>, body: Bytes, now_s: i64) -> Self {
        let content: Value = serde_json::from_slice(&body).unwrap_or_default();
        let field = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
        Self {
            webhook_id: headers.webhook_id.to_owned(),
            event: field("type"),
            execution_id: field("execution_id"),
            attempt: headers.attempt.to_owned(),
            verified: verifies(secret, headers, &body, now_s),
            body,
            answered: 0,
        }
    }

    /// Whether it tells the end of an execution, and was taken.
    pub fn ends(&self, execution_id: &str) -> bool {
        let terminal = ["execution.completed", "execution.failed", "execution.timed_out", "execution.cancelled"];
        self.execution_id == execution_id && self.answered < 300 && terminal.contains(&self.event.as_str())
    }
}

/// What any receiver does: fresh enough, and one of the signatures is the one that the secret makes.
fn verifies(secret: &str, headers: Headers<'_>, body: &[u8], now_s: i64) -> bool {
    let Ok(timestamp_s) = headers.timestamp.parse::<i64>() else { return false };
    let fresh = now_s.abs_diff(timestamp_s) <= TOLERANCE_S;
    fresh && signature::verify(secret, headers.webhook_id, timestamp_s, body, headers.signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_800_000_000;
    const BODY: &[u8] = br#"{"type":"execution.completed","execution_id":"0193"}"#;

    fn received(secret: &str, signed_at_s: i64, body: &'static [u8]) -> Message {
        let signature = signature::sign(secret, "msg_1", signed_at_s, BODY).unwrap();
        let timestamp = signed_at_s.to_string();
        let headers = Headers { webhook_id: "msg_1", timestamp: &timestamp, signature: &signature, attempt: "1" };
        Message::read(secret, headers, Bytes::from_static(body), NOW_S)
    }

    #[test]
    fn a_signed_message_verifies_and_one_that_was_changed_or_is_old_does_not() {
        let secret = signature::fresh_secret();
        assert!(received(&secret, NOW_S - 5, BODY).verified);
        assert!(!received(&secret, NOW_S - 5, br#"{"type":"execution.completed","execution_id":"0194"}"#).verified);
        assert!(!received(&secret, NOW_S - 301, BODY).verified);
    }

    #[test]
    fn only_a_terminal_message_that_was_taken_ends_an_execution() {
        let mut message = received(&signature::fresh_secret(), NOW_S, BODY);
        message.answered = 503;
        assert!(!message.ends("0193"));
        message.answered = 200;
        assert!(message.ends("0193") && !message.ends("0194"));
        message.event = "execution.progress".to_owned();
        assert!(!message.ends("0193"));
    }
}
