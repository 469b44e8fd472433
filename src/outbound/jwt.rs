//! JSON Web Tokens for receivers that check those and no signature: HS256, made for one attempt.
//! Never shows the secret, and never makes a token that outlives its attempt for long.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// How long a token holds, in seconds.
const HOLDS_S: i64 = 5 * 60;

/// The token of one attempt: `sub` is the URL, `jti` the message's id, `body_sha256` the hex digest of the bytes sent.
pub fn attempt_token(secret: &str, url: &str, webhook_id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let claims = json!({
        "iss": "ringback",
        "sub": url,
        "jti": webhook_id,
        "iat": timestamp_s,
        "exp": timestamp_s + HOLDS_S,
        "body_sha256": hex::encode(Sha256::digest(body)),
    });
    signed(secret, &claims.to_string())
}

fn signed(secret: &str, claims: &str) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let content = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(content.as_bytes());
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_others_made_comes_out() {
        let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        let expected = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        assert_eq!(signed("your-256-bit-secret", claims), expected);
    }

    #[test]
    fn a_token_names_its_message_its_receiver_and_its_end() {
        let token = attempt_token("s", "https://a.example/x?y=1", "msg_1", 1000, b"{}");
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["sub"], &claims["jti"]), (&json!("https://a.example/x?y=1"), &json!("msg_1")));
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1000), &json!(1300)));
        assert_eq!(claims["body_sha256"], "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
