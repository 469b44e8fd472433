//! Sends one request under the address policy, within bounds of time and size.
//! Never follows a redirect without checking it again, never reads more than it was told to.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::address_policy::{AddressPolicy, Target};
use super::body::{MarkedBody, Sent};
use super::clients::{Clients, Kind, Security, milliseconds};
use super::failure::send_error;
use super::guard::{Guard, Lookup, NoAddress, system_lookup};
use super::header::{HeaderFault, Name, read_header};
use super::{Refused, SendError, tls};
use crate::config::OutboundConfig;

/// One request to the outside.
#[derive(Debug, Clone)]
pub struct OutboundRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(Name, String)>,
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
    /// Asked for each piece of the answer's body before it is held.
    pub room: Option<Arc<dyn Room>>,
    /// A longer body is cut (`Answer::truncated`) instead of being an error.
    pub truncate: bool,
}

/// The memory that an answer may take.
pub trait Room: std::fmt::Debug + Send + Sync {
    /// Takes so many bytes; `false` if there are not that many.
    fn take(&self, bytes: usize) -> bool;
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
pub struct Outbound {
    guard: Guard,
    clients: Arc<Clients>,
}

/// Where a request stands among its redirects.
struct Hop {
    method: Method,
    url: Url,
    target: Target,
    headers: HeaderMap,
    body: Bytes,
}

impl Outbound {
    /// `loopback_open` is what `outbound.loopback = "auto"` means here: Ringback itself listens on loopback only.
    /// `forbidden` are our own listener and database, as host and port.
    ///
    /// # Errors
    /// A setting that does not hold, in words.
    pub fn new(config: &OutboundConfig, loopback_open: bool, forbidden: Vec<(String, u16)>) -> Result<Self, String> {
        Self::with_lookup(config, loopback_open, forbidden, system_lookup())
    }

    pub(super) fn with_lookup(
        config: &OutboundConfig,
        loopback_open: bool,
        forbidden: Vec<(String, u16)>,
        lookup: Lookup,
    ) -> Result<Self, String> {
        tls::install_provider();
        let policy = Arc::new(AddressPolicy::new(config, loopback_open, forbidden)?);
        let proxy = config.proxy.as_deref().map(reqwest::Proxy::all).transpose();
        let proxy = proxy.map_err(|error| format!("outbound.proxy cannot be used: {}", error.without_url()))?;
        let roots = config.ca_file.as_deref().map(tls::read_ca_file).transpose()?.unwrap_or_default();
        let guard = Guard { policy, lookup };
        Ok(Self { clients: Arc::new(Clients::new(guard.clone(), proxy, roots)), guard })
    }

    /// Whether a URL could be sent to, judged by its text and, for names, by what they resolve to now. A name that does not
    /// resolve now is let through: sending checks again.
    ///
    /// # Errors
    /// Why not, naming the setting.
    pub async fn check(&self, url: &str) -> Result<Url, Refused> {
        let (url, target) = self.guard.policy.check_url(url)?;
        match self.guard.addresses(&target).await {
            Ok(_) | Err(NoAddress::Dns(_)) => Ok(url),
            Err(NoAddress::Refused(refused)) => Err(refused),
        }
    }

    /// Sends. Dropping the future closes the connection at once.
    ///
    /// # Errors
    /// See [`SendError`]; an HTTP error status is an answer, not an error.
    pub async fn send(&self, request: OutboundRequest) -> Result<Answer, SendError> {
        let sent = Sent::default();
        let after_ms = request.timeout_ms;
        match tokio::time::timeout(milliseconds(after_ms), self.exchange(request, &sent)).await {
            Ok(result) => result,
            Err(_) => Err(SendError::Timeout { after_ms, sent: sent.get() }),
        }
    }

    async fn exchange(&self, request: OutboundRequest, sent: &Sent) -> Result<Answer, SendError> {
        let mut hop = first_hop(&self.guard.policy, &request)?;
        let mut redirects = 0;
        loop {
            let response = self.send_hop(&mut hop, &request, sent).await?;
            let next = if request.redirects_max == 0 { None } else { next_hop(&self.guard.policy, &hop, &response, &request)? };
            match next {
                Some(_) if redirects >= request.redirects_max => return Err(SendError::TooManyRedirects(request.redirects_max)),
                Some(next) => {
                    redirects += 1;
                    hop = next;
                }
                None => return read_answer(response, &hop, &request).await,
            }
        }
    }

    async fn send_hop(&self, hop: &mut Hop, request: &OutboundRequest, sent: &Sent) -> Result<Response, SendError> {
        if self.clients.has_proxy() {
            // The proxy resolves the name, so this look is the best there is; what only it can resolve is its to judge.
            if let Err(NoAddress::Refused(refused)) = self.guard.addresses(&hop.target).await {
                return Err(SendError::Refused(refused));
            }
        }
        let security = match (hop.url.scheme(), request.verify_peer) {
            ("https", true) => Security::Verified,
            ("https", false) => Security::Unverified,
            _ => Security::Plain,
        };
        let kind = Kind { port: hop.target.port, security, connect_timeout_ms: request.connect_timeout_ms };
        let client = self.clients.get(kind).await?;
        let mut outgoing = reqwest::Request::new(hop.method.clone(), hop.url.clone());
        // Kept only for those who may have to send them again.
        *outgoing.headers_mut() = if request.redirects_max == 0 { std::mem::take(&mut hop.headers) } else { hop.headers.clone() };
        // Without a body nothing tells when the request has left, so it may have at any moment.
        sent.set(hop.body.is_empty());
        if !hop.body.is_empty() {
            let body = MarkedBody { bytes: Some(hop.body.clone()), sent: sent.clone() };
            *outgoing.body_mut() = Some(reqwest::Body::wrap(body));
        }
        client.execute(outgoing).await.map_err(|error| send_error(error, &hop.target, request.connect_timeout_ms))
    }
}

fn first_hop(policy: &AddressPolicy, request: &OutboundRequest) -> Result<Hop, SendError> {
    let method = Method::from_bytes(request.method.as_bytes()).ok().filter(|method| method != Method::CONNECT);
    let method =
        method.ok_or_else(|| SendError::InvalidRequest(format!("\"{}\" is no HTTP method to send with", request.method)))?;
    let (url, target) = policy.check_url(&request.url)?;
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        let (header, value) = read_header(name, value).map_err(|fault| {
            let what = if fault == HeaderFault::Name { "name" } else { "value" };
            SendError::InvalidRequest(format!("the {what} of the header \"{}\" cannot be sent", name.escape_debug()))
        })?;
        headers.append(header, value);
    }
    Ok(Hop { method, url, target, headers, body: request.body.clone() })
}

/// Where a redirect leads, judged as strictly as the first address; `None` if the answer is to be taken as it is.
fn next_hop(policy: &AddressPolicy, hop: &Hop, response: &Response, request: &OutboundRequest) -> Result<Option<Hop>, SendError> {
    let status = response.status();
    let keeps = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let moves = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER);
    let is_read = matches!(hop.method, Method::GET | Method::HEAD);
    if !(keeps || moves) || (request.strict_redirects && !keeps && !is_read) {
        return Ok(None);
    }
    let location = response.headers().get("location").and_then(|location| location.to_str().ok());
    let Some(url) = location.and_then(|location| hop.url.join(location).ok()) else { return Ok(None) };
    let (url, target) = policy.check_url(url.as_str())?;
    let mut next = Hop { method: hop.method.clone(), target, headers: hop.headers.clone(), body: hop.body.clone(), url };
    let becomes_get = status == StatusCode::SEE_OTHER || hop.method == Method::POST;
    if moves && becomes_get && !is_read {
        next.method = Method::GET;
        next.body = Bytes::new();
        for header in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
            next.headers.remove(header);
        }
    }
    if next.url.origin() != hop.url.origin() {
        // What was meant for one server is not shown to another.
        for header in [AUTHORIZATION, COOKIE, HeaderName::from_static("proxy-authorization"), HeaderName::from_static("host")] {
            next.headers.remove(header);
        }
    }
    Ok(Some(next))
}

/// Reads the body, decoded, up to its bounds. What comes beyond is never held.
async fn read_answer(mut response: Response, hop: &Hop, request: &OutboundRequest) -> Result<Answer, SendError> {
    let bytes_max = request.read_bytes_max;
    let mut body = BytesMut::new();
    let mut truncated = false;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let headers = headers.collect();
    loop {
        let chunk = response.chunk().await.map_err(|error| send_error(error, &hop.target, request.connect_timeout_ms))?;
        let Some(chunk) = chunk else { break };
        let room = bytes_max - body.len();
        if chunk.len() > room {
            if !request.truncate {
                return Err(SendError::TooLarge { bytes_max });
            }
            body.extend_from_slice(&chunk[..room]);
            truncated = true;
            break;
        }
        if request.room.as_ref().is_some_and(|room| !room.take(chunk.len())) {
            return Err(SendError::NoRoom);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze(), truncated, url: hop.url.clone() })
}

#[cfg(test)]
mod tests;
