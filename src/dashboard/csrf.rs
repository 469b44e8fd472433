//! What keeps other pages from sending our forms: a code in each form, and where its browser says it comes from.
//! Never trusts one of the two alone.

use actix_web::HttpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Keeps these codes apart from every other use of the same secret.
const PURPOSE: &[u8] = b"ringback form 1";
/// The field of a form that carries the code.
pub const FIELD: &str = "csrf";

/// The code of the forms that are shown to this session.
pub fn token(secret: &str, session: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(PURPOSE);
    mac.update(session.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

pub fn holds(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Whether a request comes from a page of ours, by what its browser says; one that says nothing is no browser.
pub fn is_own(request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (header("origin"), header("host")) else { return header("origin").is_none() };
    origin.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_code_holds_for_its_session_only() {
        let code = token("whsec_a", "one");
        assert!(holds(&code, &token("whsec_a", "one")));
        for other in [token("whsec_a", "two"), token("whsec_b", "one"), String::new()] {
            assert!(!holds(&code, &other), "{other}");
        }
    }

    #[test]
    fn a_form_of_another_page_is_known_by_its_headers() {
        let own = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::post(), |request, header| request.insert_header(*header));
            is_own(&request.to_http_request())
        };
        let host = ("host", "r.example:8080");
        assert!(own(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(own(&[host, ("origin", "http://r.example:8080")]));
        assert!(own(&[host]), "no browser");
        for site in ["cross-site", "same-site", "none"] {
            assert!(!own(&[host, ("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["null", "http://evil.example", "http://r.example", "http://r.example:8080.evil.example"] {
            assert!(!own(&[host, ("origin", origin)]), "{origin}");
        }
    }
}
