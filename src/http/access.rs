//! Who may call: who has a key, or without any key only this machine and the pages that were named.
//! Never trusts a name that was made to point here.

use actix_web::http::header::{self, HeaderMap, HeaderName};
use url::{Host, Url};

use super::caller::Caller;
use super::code;
use super::need::{self, Need};
use super::problem::Problem;
use crate::config::Config;
use crate::domain::timestamp::Timestamp;
use crate::engine::keys::{KeyRefusal, Keyring};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// How callers are told apart: by their keys, or without any key by where they are.
#[derive(Debug)]
pub struct Access {
    /// Without a key, pages of these origins may call beside those of this machine.
    allowed_origins: Vec<String>,
    /// Only this machine can reach us.
    loopback: bool,
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
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        Self {
            path,
            method,
            host: text(&header::HOST),
            origin: text(&header::ORIGIN),
            authorization: text(&header::AUTHORIZATION),
            fetch_site: text(&SEC_FETCH_SITE),
            fetch_mode: text(&SEC_FETCH_MODE),
        }
    }
}

impl Access {
    pub fn new(config: &Config) -> Self {
        Self { allowed_origins: config.cors.allowed_origins.clone(), loopback: config.server.is_loopback() }
    }

    /// Whether keys are not asked for, since there are none.
    pub fn is_open(&self, keys: &Keyring) -> bool {
        self.loopback && keys.is_empty()
    }

    /// Who calls, if the request may go on.
    ///
    /// # Errors
    /// Why not, and what would change that.
    pub fn admit(&self, keys: &Keyring, facts: &Facts<'_>, now: Timestamp) -> Result<Caller, Problem> {
        let need = need::of(facts.method, facts.path);
        if need == Need::Nothing {
            return Ok(Caller::Nobody);
        }
        if self.is_open(keys) {
            return check_place(&self.allowed_origins, facts).map(|()| Caller::Local);
        }
        // A browser asks with its preflight before it may send the key.
        if facts.method == "OPTIONS" || need == Need::Page {
            return Ok(Caller::Nobody);
        }
        let key = keys.admit(presented(facts.authorization)?, now).map_err(refused)?;
        Ok(Caller::Key(key))
    }
}

fn unauthorized(detail: impl Into<String>) -> Problem {
    Problem::new(&code::UNAUTHORIZED, detail).with_header(header::WWW_AUTHENTICATE, "Bearer")
}

/// The key in a header `Bearer KEY`.
fn presented(authorization: Option<&str>) -> Result<&str, Problem> {
    let authorization =
        authorization.ok_or_else(|| unauthorized("this server needs a key; send it as \"Authorization: Bearer KEY\""))?;
    let key = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, key) = key.ok_or_else(|| unauthorized("the Authorization header is not of the form \"Bearer KEY\""))?;
    Ok(key.trim())
}

fn refused(refusal: KeyRefusal) -> Problem {
    match refusal {
        KeyRefusal::TooOften { retry_after_ms } => {
            let seconds = (retry_after_ms.max(1) + 999) / 1000;
            Problem::new(&code::RATE_LIMITED, refusal.to_string()).with_header(header::RETRY_AFTER, seconds.to_string())
        }
        KeyRefusal::Unknown | KeyRefusal::Revoked | KeyRefusal::Expired => unauthorized(refusal.to_string()),
    }
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
    if is_plain_loopback(host) {
        return true;
    }
    let bare = !host.contains(['/', '@', '?', '#', '\\', ' ', '\t']);
    bare && Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(url.host()))
}

/// As almost everybody writes it: seen without reading it as a URL.
fn is_plain_loopback(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    matches!(name, "localhost" | "127.0.0.1") && port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit())
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

    const NOW: Timestamp = Timestamp(0);

    fn open() -> Access {
        Access { allowed_origins: vec!["https://app.example".to_owned()], loopback: true }
    }

    fn keys(configured: Option<&str>) -> Keyring {
        Keyring::new(configured, Vec::new(), NOW)
    }

    fn call<'a>(host: &'a str, origin: Option<&'a str>) -> Facts<'a> {
        Facts { path: "/api/echo", method: "POST", host: Some(host), origin, ..Facts::default() }
    }

    fn status(access: &Access, facts: &Facts<'_>) -> u16 {
        told(access, &keys(None), facts)
    }

    fn told(access: &Access, keys: &Keyring, facts: &Facts<'_>) -> u16 {
        access.admit(keys, facts, NOW).map_or_else(|problem| problem.status(), |_| 200)
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
                let problem = open().admit(&keys(None), &facts, NOW).unwrap_err();
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
        let keyed = keys(Some("the-one-key"));
        let with = |authorization| Facts { authorization, ..call("anywhere.example", Some("https://evil.example")) };
        let status = |facts: &Facts<'_>| told(&open(), &keyed, facts);
        assert_eq!(status(&with(Some("Bearer the-one-key"))), 200);
        assert_eq!(status(&with(Some("bearer the-one-key"))), 200);
        for wrong in
            [None, Some("Bearer the-one-kez"), Some("Bearer "), Some("the-one-key"), Some("Basic dXNlcjpwYXNz"), Some("?")]
        {
            assert_eq!(status(&with(wrong)), 401, "{wrong:?}");
        }
        assert_eq!(status(&Facts { method: "OPTIONS", ..with(None) }), 200);
    }

    #[test]
    fn a_server_that_others_can_reach_is_not_open_because_its_keys_are_gone() {
        let reachable = Access { loopback: false, ..open() };
        assert_eq!(told(&reachable, &keys(None), &call("localhost", None)), 401);
    }

    #[test]
    fn whether_the_process_lives_is_told_to_anybody() {
        for keys in [keys(Some("the-one-key")), keys(None)] {
            let facts = Facts { path: "/healthz", host: Some("10.0.0.7"), ..Facts::default() };
            assert_eq!(told(&open(), &keys, &facts), 200);
        }
    }
}
