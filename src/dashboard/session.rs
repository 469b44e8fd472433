//! Sessions: a cookie that says with which key somebody signed in, until when, and that we wrote it.
//! Never keeps the key: the cookie ends with it, and says nothing of it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::access_key::{AccessKey, Scope};
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;

pub const COOKIE: &str = "ringback_session";
/// How long one may stay signed in, in milliseconds (12 h).
pub const SESSION_MS: i64 = 12 * 60 * 60 * 1000;
/// Keeps these codes apart from every other use of the same secret.
const PURPOSE: &[u8] = b"ringback session 1";

/// Whether nobody is asked for a key, since there is none.
pub fn is_open(engine: &Engine) -> bool {
    engine.config.server.is_loopback() && engine.keys.is_empty()
}

/// The cookie of somebody who showed this key.
///
/// # Errors
/// Why the key does not open the pages, in words.
pub fn begin(engine: &Engine, presented: &str) -> Result<String, String> {
    let now = engine.clock.now();
    let key = engine.keys.admit(presented, now).map_err(|refusal| refusal.to_string())?;
    if !key.scopes.allow(Scope::Read) {
        return Err("this key may not read; sign in with one that has the scope read or manage".to_owned());
    }
    let ends_at = now.plus_ms(SESSION_MS);
    Ok(write(engine.resume_key.text(), &key.name, &key.digest, ends_at))
}

/// The key that a cookie was made for, as long as both hold.
pub fn read(engine: &Engine, cookie: &str) -> Option<Arc<AccessKey>> {
    let now = engine.clock.now();
    let holds = |key: &Arc<AccessKey>| key.revoked_at.is_none() && !key.is_expired(now);
    let named = |name: &str| engine.keys.named(name).filter(holds);
    let name = check(engine.resume_key.text(), cookie, now, |name| named(name).map(|key| key.digest))?;
    named(&name)
}

fn write(secret: &str, name: &str, key: &[u8; 32], ends_at: Timestamp) -> String {
    let code = URL_SAFE_NO_PAD.encode(code(secret, name, key, ends_at).finalize().into_bytes());
    format!("{}.{}.{code}", URL_SAFE_NO_PAD.encode(name), ends_at.ms())
}

fn check(secret: &str, cookie: &str, now: Timestamp, known: impl Fn(&str) -> Option<[u8; 32]>) -> Option<String> {
    let mut parts = cookie.split('.');
    let name = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
    let ends_at = Timestamp(parts.next()?.parse().ok()?);
    let tag = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    let fine = code(secret, &name, &known(&name)?, ends_at).verify_slice(&tag).is_ok();
    (fine && now < ends_at && parts.next().is_none()).then_some(name)
}

/// Over the key's digest too, so that a key which is changed or revoked takes its sessions along.
fn code(secret: &str, name: &str, key: &[u8; 32], ends_at: Timestamp) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(PURPOSE);
    mac.update(key);
    mac.update(&ends_at.ms().to_be_bytes());
    mac.update(name.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access_key::digest;

    #[test]
    fn a_session_ends_with_its_time_and_with_its_key() {
        let (key, other) = (digest("one"), digest("two"));
        let cookie = write("whsec_a", "ci", &key, Timestamp(1000));
        let held = |secret: &str, cookie: &str, now: i64, key: Option<[u8; 32]>| {
            check(secret, cookie, Timestamp(now), |name| key.filter(|_| name == "ci"))
        };
        assert_eq!(held("whsec_a", &cookie, 999, Some(key)).as_deref(), Some("ci"));
        assert_eq!(held("whsec_a", &cookie, 1000, Some(key)), None, "its time is over");
        assert_eq!(held("whsec_a", &cookie, 999, Some(other)), None, "the key is another");
        assert_eq!(held("whsec_a", &cookie, 999, None), None, "the key is gone");
        assert_eq!(held("whsec_b", &cookie, 999, Some(key)), None, "somebody else wrote it");
        let prolonged = cookie.replace(".1000.", ".9000.");
        assert_eq!(held("whsec_a", &prolonged, 999, Some(key)), None);
        for odd in ["", "a.b.c", "..", &format!("{cookie}.x")] {
            assert_eq!(held("whsec_a", odd, 999, Some(key)), None, "{odd}");
        }
    }
}
