//! The ids of executions and deliveries: UUIDv7 (RFC 9562), so that their order is time.
//! Never makes an id from anything that a caller can guess and misuse as a secret.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::timestamp::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Names one run of a function.
    ExecutionId
);
id!(
    /// Names one message owed to one callback; on the wire it is `msg_<uuid>`.
    DeliveryId
);
id!(
    /// Names one cron rule that starts executions.
    ScheduleId
);

id!(
    /// Names a registered destination; shown as `dst_<uuid>`.
    DestinationId
);

impl DestinationId {
    const PREFIX: &'static str = "dst_";

    pub fn random(at: Timestamp) -> Self {
        Self(v7(at, rand::random()))
    }

    pub fn shown(self) -> String {
        format!("{}{}", Self::PREFIX, self.0)
    }

    /// Reads what [`Self::shown`] writes; anything else is no id.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.strip_prefix(Self::PREFIX)?).ok().map(Self)
    }
}

impl ExecutionId {
    /// Stands where a message belongs to no execution.
    pub const NONE: Self = Self(Uuid::nil());

    pub fn random(at: Timestamp) -> Self {
        Self(v7(at, rand::random()))
    }

    /// The same parent and position always give the same child, so submitting it twice starts one.
    pub fn of_child(parent: ExecutionId, position: &str, at: Timestamp) -> Self {
        Self(v7(at, derived(parent.0, "child", position)))
    }

    /// The same schedule and occurrence always give the same execution, so starting it twice starts one.
    pub fn of_schedule(schedule: ScheduleId, occurrence: &str, at: Timestamp) -> Self {
        Self(v7(at, derived(schedule.0, "schedule", occurrence)))
    }

    /// Reads a UUID in any of its usual spellings; anything else is no id.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(Self)
    }

    /// When the id was made, if it is a UUIDv7.
    pub fn created_at(self) -> Option<Timestamp> {
        (self.0.get_version_num() == 7).then(|| Timestamp(i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX)))
    }
}

impl ScheduleId {
    pub fn random(at: Timestamp) -> Self {
        Self(v7(at, rand::random()))
    }

    /// The same function and place in its file always give the same schedule, on every node and after every restart.
    pub fn of_file(function_key: &str, place: usize) -> Self {
        Self(v7(Timestamp(0), derived(Uuid::nil(), "schedule", &format!("{function_key}#{place}"))))
    }

    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(Self)
    }
}

/// How many bytes of its execution's id a message's begins with.
const SHARED_BYTES: usize = 9;

impl DeliveryId {
    /// One execution owes one terminal message; its id is made from the execution's, so the primary key keeps it single.
    pub fn terminal(execution: ExecutionId) -> Self {
        Self::of(execution, "terminal")
    }

    /// The id of the message that `label` names within an execution. It begins as that of the execution: with the time, and with
    /// 18 bits that hardly another of the same millisecond has, so that an execution's messages are found by their ids.
    pub fn of(execution: ExecutionId, label: &str) -> Self {
        let mut bytes = execution.0.into_bytes();
        let own = derived(execution.0, "delivery", label);
        bytes[SHARED_BYTES..].copy_from_slice(&own[..16 - SHARED_BYTES]);
        Self(Uuid::from_bytes(bytes))
    }

    /// The bounds between which the ids of an execution's messages lie, and hardly any other.
    pub fn bounds_of(execution: ExecutionId) -> (Self, Self) {
        let with = |rest: u8| {
            let mut bytes = execution.0.into_bytes();
            bytes[SHARED_BYTES..].fill(rest);
            Self(Uuid::from_bytes(bytes))
        };
        (with(0), with(u8::MAX))
    }

    /// The id of the one message about an execution's progress in a second, to its own callback or to a registered destination.
    pub fn of_progress(execution: ExecutionId, second: i64, destination: Option<DestinationId>) -> Self {
        match destination {
            None => Self::of(execution, &format!("progress {second}")),
            Some(destination) => Self::of(execution, &format!("progress {second} {}", destination.shown())),
        }
    }

    /// Reads a UUID in any of its usual spellings, also as a `webhook-id`; anything else is no id.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        Uuid::try_parse(text.strip_prefix("msg_").unwrap_or(text)).ok().map(Self)
    }

    /// The id of the message that tells one thing of one alert.
    pub fn of_alert(at: Timestamp, alert: i64, told: &str) -> Self {
        Self(v7(at, derived(Uuid::nil(), "alert", &format!("{alert} {told}"))))
    }

    /// The `webhook-id` of this message (Standard Webhooks).
    pub fn webhook_id(self) -> String {
        format!("msg_{}", self.0)
    }
}

/// The lowest UUIDv7 of an instant: a bound for ranges by time.
pub fn first_id_at(at: Timestamp) -> Uuid {
    let ms = u128::try_from(at.0.max(0)).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
    Uuid::from_u128(ms << 80)
}

fn v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    let ms = u64::try_from(at.0.max(0)).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

fn derived(from: Uuid, purpose: &str, label: &str) -> [u8; 10] {
    let mut mac = Hmac::<Sha256>::new_from_slice(from.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(label.as_bytes());
    let digest = mac.finalize().into_bytes();
    let mut out = [0; 10];
    out.copy_from_slice(&digest[..10]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made() {
        let at = Timestamp(1_700_000_000_123);
        let id = ExecutionId::random(at);
        assert_eq!(id.created_at(), Some(at));
        assert!(first_id_at(at) <= id.0);
        assert!(first_id_at(Timestamp(at.0 + 1)) > id.0);
    }

    #[test]
    fn the_messages_of_an_execution_have_ids_of_their_own_that_begin_as_its_id() {
        let at = Timestamp(1_700_000_000_123);
        let (one, other) = (ExecutionId::random(at), ExecutionId::random(at));
        let (first, last) = DeliveryId::bounds_of(one);
        let ids = [DeliveryId::terminal(one), DeliveryId::of(one, "started"), DeliveryId::of_progress(one, 7, None)];
        assert!(ids.iter().all(|id| first <= *id && *id <= last && id.0.get_version_num() == 7));
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] == DeliveryId::terminal(one));
        assert_ne!(DeliveryId::terminal(one), DeliveryId::terminal(other));
    }

    #[test]
    fn the_same_parent_and_position_give_the_same_child() {
        let at = Timestamp(1_700_000_000_123);
        let parent = ExecutionId::random(at);
        assert_eq!(ExecutionId::of_child(parent, "a", at), ExecutionId::of_child(parent, "a", at));
        assert_ne!(ExecutionId::of_child(parent, "a", at), ExecutionId::of_child(parent, "b", at));
    }
}
