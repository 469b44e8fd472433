//! Standard Webhooks signatures, version `v1`.
//! Never shows a secret.

/// `v1,<base64>` over `id.timestamp.body` (HMAC-SHA256, Standard Webhooks 1.0).
///
/// # Errors
/// A secret that is not `whsec_` and base64 of 24–64 bytes.
pub fn sign(secret: &str, webhook_id: &str, timestamp_s: i64, body: &[u8]) -> Result<String, InvalidSecret> {
    let _ = (secret, webhook_id, timestamp_s, body);
    unimplemented!("owned by the outbound helper")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is `whsec_` and base64 of 24 to 64 bytes")]
pub struct InvalidSecret;

/// A fresh secret: `whsec_` and base64 of printable ASCII, so that tools that take only text can use it.
pub fn fresh_secret() -> String {
    unimplemented!("owned by the outbound helper")
}
