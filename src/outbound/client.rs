//! Sends one request under the address policy, within bounds of time and size.
//! Never follows a redirect without checking it again, never reads more than it was told to.

use bytes::Bytes;
use url::Url;

use super::{Refused, SendError};
use crate::config::OutboundConfig;

/// One request to the outside.
#[derive(Debug, Clone)]
pub struct OutboundRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Bound of connecting, in milliseconds.
    pub connect_timeout_ms: i64,
    /// Bound of the whole exchange, the answer's body included, in milliseconds.
    pub timeout_ms: i64,
    /// 0 follows none.
    pub redirects_max: usize,
    /// Keep the method and body on 307 and 308 only and refuse other redirects of a POST (deliveries), or do as browsers do.
    pub strict_redirects: bool,
    pub verify_peer: bool,
    /// Bytes of the answer's body that are read.
    pub read_bytes_max: usize,
    /// A longer body is cut (`Answer::truncated`) instead of being an error.
    pub truncate: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// In lower case, in the order received.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub truncated: bool,
    /// Where the answer came from, after redirects.
    pub url: Url,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// The one client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound(());

impl Outbound {
    /// `loopback_open` is what `outbound.loopback = "auto"` means here: Ringback itself listens on loopback only.
    /// `forbidden` are our own listener and database, as host and port.
    ///
    /// # Errors
    /// A setting that does not hold, in words.
    pub fn new(config: &OutboundConfig, loopback_open: bool, forbidden: Vec<(String, u16)>) -> Result<Self, String> {
        let _ = (config, loopback_open, forbidden);
        unimplemented!("owned by the outbound helper")
    }

    /// Whether a URL could be sent to, judged by its text and, for names, by what they resolve to now. A name that does not
    /// resolve now is let through: sending checks again.
    ///
    /// # Errors
    /// Why not, naming the setting.
    pub async fn check(&self, url: &str) -> Result<Url, Refused> {
        let _ = url;
        unimplemented!("owned by the outbound helper")
    }

    /// Sends. Dropping the future closes the connection at once.
    ///
    /// # Errors
    /// See [`SendError`]; an HTTP error status is an answer, not an error.
    pub async fn send(&self, request: OutboundRequest) -> Result<Answer, SendError> {
        let _ = request;
        unimplemented!("owned by the outbound helper")
    }
}
