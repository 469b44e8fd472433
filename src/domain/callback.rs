//! Where and how a caller wants to hear of an execution.
//! Never shows its secret or its headers: `Debug` masks them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::flow::FlowControl;
use super::ids::DestinationId;
use super::trace::Trace;

/// The settings of one callback, as stored with its execution.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CallbackSettings {
    /// The URL byte for byte as the caller gave it; redacted wherever shown.
    pub url: String,
    /// The caller's own headers, as long as they are not sealed. Like the two below never stored in the open.
    #[serde(skip)]
    pub headers: Vec<(String, String)>,
    /// `whsec_…`; without one the server's secret signs.
    #[serde(skip)]
    pub secret: Option<String>,
    /// What the receiver checks beside the signature and what is made anew for every attempt.
    #[serde(skip)]
    pub auth: Option<CallbackAuth>,
    /// Headers, secret and auth as they are stored; opened when an attempt is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// The events beyond the terminal ones that the caller asked for; `None` means terminal only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<EventType>>,
    /// Takes the failures, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_url: Option<String>,
    /// Delays of the ladder in milliseconds, if the caller set his own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_delays_ms: Option<Vec<i64>>,
    /// Bound of one exchange, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub follow_redirects: u8,
    #[serde(default, skip_serializing_if = "is_default")]
    pub accept_html: bool,
    /// A receiver that hears one message only; also known by its path.
    #[serde(default, skip_serializing_if = "is_default")]
    pub one_shot: bool,
    /// Deliveries with the same key to the same destination go one at a time, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_control: Option<FlowControl>,
    /// The access key whose secret signs, where the settings hold none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// The registered destination whose settings these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<DestinationId>,
    /// The trace that a message goes on, set when it is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// Settings are stored twice with each execution, so what says nothing takes no room.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl CallbackSettings {
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            secret: None,
            auth: None,
            sealed: None,
            events: None,
            failure_url: None,
            retry_delays_ms: None,
            timeout_ms: None,
            follow_redirects: 0,
            accept_html: false,
            one_shot: false,
            order_key: None,
            flow_control: None,
            signer: None,
            registered: None,
            trace: None,
        }
    }
}

/// How a receiver that knows no signatures tells us from others; what is a fixed header becomes one of `headers`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallbackAuth {
    /// `Authorization: Bearer` and a token that is signed with HS256 for each attempt.
    Jwt { secret: String },
}

impl fmt::Debug for CallbackAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwt { .. } => f.write_str("Jwt(…)"),
        }
    }
}

/// The parts of a callback's settings that nobody may read.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PrivateParts {
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub secret: Option<String>,
    #[serde(default)]
    pub auth: Option<CallbackAuth>,
}

impl PrivateParts {
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.secret.is_none() && self.auth.is_none()
    }
}

impl fmt::Debug for PrivateParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateParts(…)")
    }
}

impl CallbackSettings {
    /// The parts that are not sealed yet.
    pub fn open_parts(&self) -> PrivateParts {
        PrivateParts { headers: self.headers.clone(), secret: self.secret.clone(), auth: self.auth.clone() }
    }

    /// Takes the parts out that are to be sealed.
    pub fn take_parts(&mut self) -> PrivateParts {
        PrivateParts { headers: std::mem::take(&mut self.headers), secret: self.secret.take(), auth: self.auth.take() }
    }
}

/// Whether a URL is known to hear one message only: an n8n Wait node goes on after the first and is gone then.
pub fn is_one_shot_url(url: &str) -> bool {
    url.split(['?', '#']).next().unwrap_or(url).contains("/webhook-waiting/")
}

/// A limit of n8n that its users should know of: its test URLs hear something only while the editor listens.
pub fn is_test_url(url: &str) -> bool {
    url.split(['?', '#']).next().unwrap_or(url).contains("/webhook-test/")
}

impl fmt::Debug for CallbackSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSettings").field("url", &redacted_url(&self.url)).finish_non_exhaustive()
    }
}

/// A URL as it may be shown: without its query string, which may hold a token, and without credentials.
pub fn redacted_url(url: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, ""), |(before, _)| (before, "?…"));
    let shown = match before.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => before.to_owned(),
    };
    shown + query
}

/// What a message tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    #[serde(rename = "execution.completed")]
    Completed,
    #[serde(rename = "execution.failed")]
    Failed,
    #[serde(rename = "execution.timed_out")]
    TimedOut,
    #[serde(rename = "execution.cancelled")]
    Cancelled,
    #[serde(rename = "execution.overdue")]
    Overdue,
    #[serde(rename = "execution.progress")]
    Progress,
    #[serde(rename = "function.message")]
    Message,
    #[serde(rename = "alert.raised")]
    AlertRaised,
    #[serde(rename = "alert.escalated")]
    AlertEscalated,
    #[serde(rename = "alert.resolved")]
    AlertResolved,
}

impl EventType {
    /// Those that a caller may ask for.
    pub const ALL: [EventType; 7] =
        [Self::Completed, Self::Failed, Self::TimedOut, Self::Cancelled, Self::Overdue, Self::Progress, Self::Message];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "execution.completed",
            Self::Failed => "execution.failed",
            Self::TimedOut => "execution.timed_out",
            Self::Cancelled => "execution.cancelled",
            Self::Overdue => "execution.overdue",
            Self::Progress => "execution.progress",
            Self::Message => "function.message",
            Self::AlertRaised => "alert.raised",
            Self::AlertEscalated => "alert.escalated",
            Self::AlertResolved => "alert.resolved",
        }
    }

    /// One that tells the operator, not a caller.
    pub fn is_alert(self) -> bool {
        matches!(self, Self::AlertRaised | Self::AlertEscalated | Self::AlertResolved)
    }

    /// One that a caller may ask for.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// Any, as it was stored.
    pub fn of_stored(text: &str) -> Option<Self> {
        let alerts = [Self::AlertRaised, Self::AlertEscalated, Self::AlertResolved];
        Self::parse(text).or_else(|| alerts.into_iter().find(|event| event.as_str() == text))
    }

    /// Exactly one message of an execution is terminal.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::TimedOut | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_holds_no_query_and_no_credentials() {
        assert_eq!(redacted_url("https://u:p@a.example/x?token=1"), "https://a.example/x?…");
        assert_eq!(redacted_url("https://a.example"), "https://a.example");
        assert_eq!(redacted_url("https://a.example?token=1"), "https://a.example?…");
    }

    #[test]
    fn debug_output_holds_no_secret_and_no_header() {
        let mut settings = CallbackSettings::to("https://a.example/x?token=1");
        settings.secret = Some("whsec_hidden".into());
        settings.headers = vec![("authorization".into(), "Bearer hidden".into())];
        settings.auth = Some(CallbackAuth::Jwt { secret: "hidden".into() });
        let shown = format!("{settings:?} {:?} {:?}", settings.open_parts(), settings.auth);
        assert!(!shown.contains("hidden") && !shown.contains("token"), "{shown}");
    }

    #[test]
    fn what_is_not_sealed_is_not_stored() {
        let mut settings = CallbackSettings::to("https://a.example/x");
        settings.secret = Some("whsec_hidden".into());
        settings.headers = vec![("authorization".into(), "Bearer hidden".into())];
        settings.auth = Some(CallbackAuth::Jwt { secret: "hidden".into() });
        let stored = serde_json::to_string(&settings).unwrap();
        assert!(!stored.contains("hidden") && !stored.contains("authorization"), "{stored}");
    }

    #[test]
    fn a_wait_node_is_known_by_its_path() {
        assert!(is_one_shot_url("http://n8n:5678/webhook-waiting/123"));
        assert!(!is_one_shot_url("http://n8n:5678/webhook/123?next=/webhook-waiting/1"));
        assert!(is_test_url("http://n8n:5678/webhook-test/123"));
    }
}
