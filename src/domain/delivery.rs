//! A delivery: one message owed to one callback, and its delivery attempts.
//! Never changes its bytes or its id once it exists.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::callback::{CallbackSettings, EventType, is_one_shot_url};
use super::ids::{DeliveryId, ExecutionId};
use super::timestamp::Timestamp;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Owed: waits for its time, its lane or its answer.
    Pending,
    /// A 2xx arrived; the first one ends it for good.
    Delivered,
    /// Probably arrived, but no answer says so.
    DeliveredUnconfirmed,
    /// Given up; kept, and can be sent again.
    Dead,
    /// Kept until its registered destination is enabled again.
    Held,
}

impl DeliveryState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::DeliveredUnconfirmed => "delivered_unconfirmed",
            Self::Dead => "dead",
            Self::Held => "held",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::DeliveredUnconfirmed, Self::Dead, Self::Held]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A message as it is owed: everything that sending it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub execution_id: ExecutionId,
    pub event: EventType,
    /// Where it goes; differs from `callback.url` for failures with a `failure_url`.
    pub url: String,
    pub callback: CallbackSettings,
    /// The exact bytes of the message.
    pub body: Bytes,
    pub created_at: Timestamp,
    /// Delivery attempts made so far, the open one included.
    pub attempts: u32,
    /// Of those, how many count against the ladder.
    pub counted: u32,
    /// How many answers with `Retry-After` did not count.
    pub excused: u32,
    /// Some earlier attempt ended without anybody knowing whether it arrived.
    pub had_unknown: bool,
    /// The thin form was chosen after a 413.
    pub thin: bool,
}

impl Delivery {
    pub fn destination(&self) -> Destination {
        Destination::of(&self.url)
    }

    /// A message about progress whose second has been told already: owed in the next one.
    pub fn in_next_second(&self) -> Self {
        let second = self.created_at.ms().div_euclid(1000) + 1;
        let id = DeliveryId::of_progress(self.execution_id, second, self.callback.registered);
        Self { id, created_at: Timestamp(second * 1000), ..self.clone() }
    }

    /// Whether its receiver hears one message only, so that "I don't know you" may mean "I heard you already".
    pub fn is_one_shot(&self) -> bool {
        self.callback.one_shot || is_one_shot_url(&self.url)
    }
}

/// Where deliveries share a lane: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination(Arc<str>);

impl Destination {
    /// What is no URL with a host shares the lane of what can never be sent.
    pub fn of(url: &str) -> Self {
        if let Some(origin) = plain_origin(url) {
            return Self(origin.into());
        }
        let text = url::Url::parse(url).ok().and_then(|url| {
            let host = url.host_str()?.trim_end_matches('.').to_owned();
            Some(format!("{}://{}:{}", url.scheme(), host, url.port_or_known_default()?))
        });
        Self(text.unwrap_or_else(|| "nowhere".to_owned()).into())
    }

    /// One that was written down before.
    pub fn stored(text: String) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The part up to the port of a URL that is written as parsing would write it, which most are.
fn plain_origin(url: &str) -> Option<&str> {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let (authority, _) = url[scheme.len()..].split_once('/')?;
    let (host, port) = authority.split_once(':')?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    // A last label that begins with a digit may be read as a number in one of many spellings.
    let letters = host.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_lowercase()));
    let is_address = || host.parse::<std::net::Ipv4Addr>().is_ok();
    let is_plain = host.bytes().all(is_name) && !host.starts_with("xn--") && !host.contains(".xn--") && (letters || is_address());
    let is_number = !port.is_empty() && !port.starts_with('0') && port.parse::<u16>().is_ok();
    (is_plain && is_number).then(|| &url[..scheme.len() + authority.len()])
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One try at a delivery, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeliveryAttempt {
    pub number: u32,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// `unknown` until it is closed.
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    /// What went wrong, in words; never holds a URL's query or a secret.
    pub detail: Option<String>,
    /// The beginning of the answer's body.
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    Unknown,
    Success,
    Failure,
}

impl AttemptOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Unknown, Self::Success, Self::Failure].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// A delivery as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryView {
    pub id: DeliveryId,
    pub execution_id: ExecutionId,
    pub event: EventType,
    pub state: DeliveryState,
    /// Redacted.
    pub url: String,
    pub created_at: Timestamp,
    pub due_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub reason: Option<String>,
    pub attempts: Vec<DeliveryAttempt>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_url_has_the_destination_that_parsing_it_gives() {
        let hosts = [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0xabcdef",
            "1.2.3.0x1f",
            "example.com",
            "n8n",
            "a-b.c1",
            "a..b",
            "host.",
            "",
            "1e",
            "x.1e",
            "xn--bcher-kva.example",
            "bücher.example",
            "Example.com",
            "user@host",
            "[::1]",
            "a_b",
            "01.2.3.4",
        ];
        let mut quick = 0;
        for scheme in ["http", "https", "HTTP", "ftp"] {
            for host in hosts {
                for port in [":80", ":443", ":5678", ":05678", ":", ":99999", ""] {
                    let url = format!("{scheme}://{host}{port}/hook?x=http://other:1/");
                    let Some(origin) = plain_origin(&url) else { continue };
                    let parsed = url::Url::parse(&url).unwrap();
                    let host = parsed.host_str().unwrap();
                    assert_eq!(
                        origin,
                        format!("{}://{host}:{}", parsed.scheme(), parsed.port_or_known_default().unwrap()),
                        "{url}"
                    );
                    quick += 1;
                }
            }
        }
        assert_eq!(quick, 30, "two schemes, five hosts, three ports");
    }

    #[test]
    fn a_lane_is_shared_by_scheme_host_and_port() {
        let one = Destination::of("https://Hooks.Example.com/a?token=1");
        assert_eq!(one, Destination::of("https://hooks.example.com.:443/b"));
        assert_eq!(one.as_str(), "https://hooks.example.com:443");
        assert_ne!(one, Destination::of("http://hooks.example.com/a"));
        assert_ne!(one, Destination::of("https://hooks.example.com:8443/a"));
        assert_eq!(Destination::of("no url"), Destination::of("mailto:a@b.example"));
    }
}
