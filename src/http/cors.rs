//! What browsers need to hear before a page may read an answer.
//! Never allows credentials, and never opens what `access` refuses.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::access;
use crate::config::Config;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, Prefer, X-Data-Source, X-Branch");
const EXPOSED: HeaderValue = HeaderValue::from_static("Location, Retry-After, X-Execution-Id, Idempotent-Replayed");
/// Seconds for which a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const PRIVATE_NETWORK_ASKED: &str = "access-control-request-private-network";
const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Which pages may read.
#[derive(Debug)]
pub struct Cors {
    /// Empty means any.
    allowed_origins: Vec<String>,
}

/// What is said about one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Any,
    Origin(HeaderValue),
    Nobody,
}

impl Cors {
    pub fn new(config: &Config) -> Self {
        Self { allowed_origins: config.cors.allowed_origins.clone() }
    }

    /// Puts the headers on an answer, whatever answer it is. Without keys, pages of this machine may always call.
    pub fn apply(&self, origin: Option<&HeaderValue>, keyless: bool, headers: &mut HeaderMap) {
        if !self.allowed_origins.is_empty() {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let allowed = match self.allowed(origin, keyless) {
            Allowed::Any => HeaderValue::from_static("*"),
            Allowed::Origin(origin) => origin,
            Allowed::Nobody => return,
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }

    /// What a preflight is told besides.
    pub fn preflight(asked: &HeaderMap, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if asked.contains_key(PRIVATE_NETWORK_ASKED) {
            headers.insert(PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
    }

    fn allowed(&self, origin: Option<&HeaderValue>, keyless: bool) -> Allowed {
        if self.allowed_origins.is_empty() {
            return Allowed::Any;
        }
        let Some(value) = origin else { return Allowed::Nobody };
        let Ok(text) = value.to_str() else { return Allowed::Nobody };
        let listed = self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(text));
        let fine = listed || (keyless && access::is_allowed(&self.allowed_origins, text));
        if fine { Allowed::Origin(value.clone()) } else { Allowed::Nobody }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], keyless: bool) -> (Cors, bool) {
        (Cors { allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect() }, keyless)
    }

    fn told((cors, keyless): &(Cors, bool), origin: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        cors.apply(Some(&HeaderValue::from_static(origin)), *keyless, &mut headers);
        headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn any_origin_may_read_unless_some_were_named() {
        assert_eq!(told(&cors(&[], false), "https://a.example").as_deref(), Some("*"));
        let listed = cors(&["https://app.example"], false);
        assert_eq!(told(&listed, "https://app.example").as_deref(), Some("https://app.example"));
        assert_eq!(told(&listed, "https://a.example"), None);
        assert_eq!(told(&listed, "http://localhost:3000"), None);
        assert_eq!(
            told(&cors(&["https://app.example"], true), "http://localhost:3000").as_deref(),
            Some("http://localhost:3000")
        );
    }

    #[test]
    fn credentials_are_never_allowed_and_caches_keep_origins_apart() {
        let mut headers = HeaderMap::new();
        cors(&["https://app.example"], true).0.apply(None, true, &mut headers);
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
        assert_eq!(headers.get(header::VARY).unwrap(), "Origin");
    }

    #[test]
    fn a_preflight_hears_which_headers_may_be_sent() {
        let (mut asked, mut headers) = (HeaderMap::new(), HeaderMap::new());
        asked.insert(HeaderName::from_static(PRIVATE_NETWORK_ASKED), HeaderValue::from_static("true"));
        Cors::preflight(&asked, &mut headers);
        let allowed = headers.get(header::ACCESS_CONTROL_ALLOW_HEADERS).unwrap().to_str().unwrap();
        assert!(allowed.contains("Idempotency-Key") && allowed.contains("Authorization"), "{allowed}");
        assert_eq!(headers.get(PRIVATE_NETWORK).unwrap(), "true");
    }
}
