//! Who may call: the key, or without one only this machine and the pages that were named.
//! Never compares a key in a time that tells how much of it was right, and never trusts a name that was made to point here.

use actix_web::http::header::{self, HeaderMap};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::{Host, Url};

use super::code;
use super::problem::Problem;
use crate::config::Config;

/// The name under which executions remember the key of the configuration.
const KEY_NAME: &str = "default";

/// How callers are told apart.
#[derive(Debug)]
pub enum Access {
    /// Only the digest of the key is kept.
    Key { digest: [u8; 32] },
    /// No key: this machine only, and pages of these origins beside its own.
    Loopback { allowed_origins: Vec<String> },
}

/// What of a request decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub authorization: Option<&'a str>,
    pub fetch_site: Option<&'a str>,
    pub fetch_mode: Option<&'a str>,
}

impl<'a> Facts<'a> {
    pub fn of(path: &'a str, method: &'a str, headers: &'a HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        Self {
            path,
            method,
            host: text(header::HOST.as_str()),
            origin: text(header::ORIGIN.as_str()),
            authorization: text(header::AUTHORIZATION.as_str()),
            fetch_site: text("sec-fetch-site"),
            fetch_mode: text("sec-fetch-mode"),
        }
    }
}

impl Access {
    pub fn new(config: &Config) -> Self {
        match &config.access.api_key {
            Some(key) => Self::Key { digest: digest(key) },
            None => Self::Loopback { allowed_origins: config.cors.allowed_origins.clone() },
        }
    }

    /// The name of the caller's key, if there are keys.
    pub fn caller(&self) -> Option<String> {
        matches!(self, Self::Key { .. }).then(|| KEY_NAME.to_owned())
    }

    /// Whether the request may go on.
    ///
    /// # Errors
    /// Why not, and which setting would change that.
    pub fn check(&self, facts: &Facts<'_>) -> Result<(), Problem> {
        // Whether the process lives, and what a problem means, is no secret.
        // A resume URL is its own key.
        if facts.path == "/healthz" || facts.path.starts_with("/problems/") || facts.path.starts_with("/resume/") {
            return Ok(());
        }
        match self {
            // A browser asks with its preflight before it may send the key.
            Self::Key { .. } if facts.method == "OPTIONS" => Ok(()),
            Self::Key { digest } => check_key(digest, facts.authorization),
            Self::Loopback { allowed_origins } => check_place(allowed_origins, facts),
        }
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn check_key(expected: &[u8; 32], authorization: Option<&str>) -> Result<(), Problem> {
    let refused = |detail: &str| Problem::new(&code::UNAUTHORIZED, detail).with_header(header::WWW_AUTHENTICATE, "Bearer");
    let Some(authorization) = authorization else {
        return Err(refused("this server needs a key; send it as \"Authorization: Bearer KEY\""));
    };
    let key = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, key)) = key else {
        return Err(refused("the Authorization header is not of the form \"Bearer KEY\""));
    };
    if bool::from(digest(key.trim())[..].ct_eq(&expected[..])) { Ok(()) } else { Err(refused("this key is not known")) }
}

fn check_place(allowed_origins: &[String], facts: &Facts<'_>) -> Result<(), Problem> {
    if !facts.host.is_some_and(is_loopback_host) {
        let host = facts.host.unwrap_or_default();
        return Err(Problem::new(
            &code::FOREIGN_HOST,
            format!(
                "without a key this server answers only to localhost, 127.0.0.1 and [::1], not to \"{host}\"; set access.api_key \
                 (RINGBACK_API_KEY) to call it by another name"
            ),
        ));
    }
    let refused = |who: &str| {
        Err(Problem::new(
            &code::FOREIGN_ORIGIN,
            format!(
                "{who} may not call this server, since it has no key; add the origin to cors.allowed_origins \
                 (RINGBACK_CORS_ALLOWED_ORIGINS), or set access.api_key (RINGBACK_API_KEY)"
            ),
        ))
    };
    match facts.origin {
        Some(origin) if is_allowed(allowed_origins, origin) => Ok(()),
        Some(origin) => refused(&format!("a page of \"{origin}\"")),
        // Images and scripts are fetched without an origin; a link that somebody follows is fine.
        None if facts.fetch_site == Some("cross-site") => {
            let followed = facts.fetch_mode == Some("navigate") && matches!(facts.method, "GET" | "HEAD");
            if followed { Ok(()) } else { refused("a page of another site") }
        }
        None => Ok(()),
    }
}

/// Whether pages of this origin may call a server without a key.
pub fn is_allowed(allowed_origins: &[String], origin: &str) -> bool {
    is_loopback_origin(origin) || allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
}

fn is_loopback_host(host: &str) -> bool {
    // Only a bare host with a port may stand here; anything else would be read differently by others.
    let bare = !host.contains(['/', '@', '?', '#', '\\', ' ', '\t']);
    bare && Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(url.host()))
}

fn is_loopback_origin(origin: &str) -> bool {
    let url = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| is_loopback(url.host()))
}

fn is_loopback(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => std::net::IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Access {
        Access::Loopback { allowed_origins: vec!["https://app.example".to_owned()] }
    }

    fn call<'a>(host: &'a str, origin: Option<&'a str>) -> Facts<'a> {
        Facts { path: "/api/echo", method: "POST", host: Some(host), origin, ..Facts::default() }
    }

    fn status(access: &Access, facts: &Facts<'_>) -> u16 {
        access.check(facts).map_or_else(|problem| problem.status(), |()| 200)
    }

    #[test]
    fn without_a_key_this_machine_may_call_by_its_own_names_only() {
        for host in ["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:80", "127.9.9.9", "[::1]:8080", "[::ffff:127.0.0.1]"]
        {
            assert_eq!(status(&open(), &call(host, None)), 200, "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.7", "", "localhost@evil.example"]
        {
            assert_eq!(status(&open(), &call(host, None)), 403, "{host}");
        }
        assert_eq!(status(&open(), &Facts { host: None, ..call("", None) }), 403);
    }

    #[test]
    fn without_a_key_only_pages_of_this_machine_and_of_the_list_may_call() {
        let origins = ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:80", "https://app.example"];
        for origin in origins {
            assert_eq!(status(&open(), &call("localhost", Some(origin))), 200, "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "http://localhost.evil.example:8080",
            "http://127.0.0.1.evil.example",
            "null",
            "tauri://localhost",
            "",
        ] {
            for method in ["POST", "GET", "OPTIONS"] {
                let facts = Facts { method, ..call("localhost", Some(origin)) };
                let problem = open().check(&facts).unwrap_err();
                let words = problem.body("", "").to_json_text();
                assert!(problem.status() == 403 && words.contains("cors.allowed_origins"), "{origin}: {words}");
            }
        }
    }

    #[test]
    fn what_a_foreign_page_embeds_is_refused_and_what_a_person_follows_is_not() {
        let embedded =
            Facts { method: "GET", fetch_site: Some("cross-site"), fetch_mode: Some("no-cors"), ..call("localhost", None) };
        assert_eq!(status(&open(), &embedded), 403);
        assert_eq!(status(&open(), &Facts { fetch_mode: Some("navigate"), ..embedded }), 200);
        assert_eq!(status(&open(), &Facts { fetch_mode: Some("navigate"), method: "POST", ..embedded }), 403);
        assert_eq!(status(&open(), &Facts { fetch_site: Some("same-origin"), ..embedded }), 200);
    }

    #[test]
    fn with_a_key_the_key_alone_decides() {
        let keyed = Access::Key { digest: digest("the-one-key") };
        let with = |authorization| Facts { authorization, ..call("anywhere.example", Some("https://evil.example")) };
        assert_eq!(status(&keyed, &with(Some("Bearer the-one-key"))), 200);
        assert_eq!(status(&keyed, &with(Some("bearer the-one-key"))), 200);
        for wrong in
            [None, Some("Bearer the-one-kez"), Some("Bearer "), Some("the-one-key"), Some("Basic dXNlcjpwYXNz"), Some("?")]
        {
            assert_eq!(status(&keyed, &with(wrong)), 401, "{wrong:?}");
        }
        assert_eq!(status(&keyed, &Facts { method: "OPTIONS", ..with(None) }), 200);
    }

    #[test]
    fn whether_the_process_lives_is_told_to_anybody() {
        let keyed = Access::Key { digest: digest("the-one-key") };
        for access in [keyed, open()] {
            assert_eq!(status(&access, &Facts { path: "/healthz", host: Some("10.0.0.7"), ..Facts::default() }), 200);
        }
    }
}
