//! From what the HTTP client says to a truthful [`SendError`].
//! Never shows a URL.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use super::address_policy::Target;
use super::guard::NoAddress;
use super::{Refused, SendError};

/// Why a request has no complete answer.
pub(super) fn send_error(error: reqwest::Error, target: &Target, connect_timeout_ms: i64) -> SendError {
    let error = error.without_url();
    if let Some(refused) = find::<Refused>(&error) {
        return SendError::Refused(refused.clone());
    }
    if let Some(NoAddress::Refused(refused)) = find::<NoAddress>(&error) {
        return SendError::Refused(refused.clone());
    }
    if error.is_dns() {
        return SendError::Dns(root_cause(&error));
    }
    if error.is_builder() {
        return SendError::InvalidRequest(root_cause(&error));
    }
    if error.is_connect() {
        if let Some(tls) = find::<rustls::Error>(&error) {
            return SendError::Tls(tls.to_string());
        }
        if error.is_timeout() {
            return SendError::Timeout { after_ms: connect_timeout_ms, sent: false };
        }
        let hint = if is_loopback(target) && in_container() { CONTAINER_HINT } else { "" };
        return SendError::Connect(root_cause(&error) + hint);
    }
    SendError::Broken(root_cause(&error))
}

const CONTAINER_HINT: &str = "; here localhost is the Ringback container; use http://n8n:5678 or host.docker.internal";

fn is_loopback(target: &Target) -> bool {
    match target.literal() {
        Some(ip) => ip.is_loopback(),
        None => target.host.to_string() == "localhost",
    }
}

fn in_container() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| ["/.dockerenv", "/run/.containerenv"].iter().any(|path| Path::new(path).exists()))
}

/// The first error of this type among the causes. An `io::Error` hides what it was made from, so that is asked too.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find::<T>(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What the innermost cause says.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
