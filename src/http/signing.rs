//! `POST /v1/webhook-secret/rotate` and the public keys of signatures.
//! Never shows a secret but the moment it is made.

use actix_web::http::header;
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::body;
use super::code;
use super::problem::Problem;
use crate::domain::value::Value;
use crate::engine::signing::{KeyPair, SigningError, check_secret, rotate, rotate_of_key as rotate_of_key_in};

/// `POST /v1/webhook-secret/rotate`
pub async fn rotate_secret(state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let rotated = rotate(&state.engine).await?;
        Ok(answer::ok(&rotated.to_value()))
    };
    Answer(handled.await)
}

/// `POST /v1/keys/{name}/webhook-secret`: the body may say which; the answer holds it, this once.
pub async fn rotate_of_key(
    name: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<HttpState>,
) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let given = match body.field("secret") {
            Value::Null => None,
            Value::Text(text) => Some(text.to_string()),
            other => return Err(Problem::unacceptable(format!("secret is a text, not {}", other.kind()))),
        };
        if let Some(secret) = &given {
            check_secret(secret).map_err(|error| Problem::unacceptable(format!("secret: {error}")))?;
        }
        if state.engine.keys.named(&name).is_none() {
            return Err(Problem::not_found(format!("there is no key \"{name}\"")));
        }
        let rotated = rotate_of_key_in(&state.engine, &name, given).await?;
        let mut response = answer::ok(&rotated.to_value());
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        Ok(response)
    };
    Answer(handled.await)
}

/// `GET /.well-known/ringback/webhook-keys.json`
pub async fn public_keys(state: web::Data<HttpState>) -> Answer {
    let engine = &state.engine;
    let keys = engine.signing.current(engine).await;
    let signing = if engine.config.callbacks.sign_v1a { keys.published(engine.clock.now()) } else { Vec::new() };
    Answer(Ok(answer::ok(&Value::object([("keys", Value::array(signing.into_iter().map(public_key).collect()))]))))
}

/// As Standard Webhooks spells it, and as a JSON Web Key.
fn public_key(pair: &KeyPair) -> Value {
    Value::object([
        ("kid", Value::text(pair.id.as_str())),
        ("public_key", Value::text(pair.public_key.as_str())),
        ("kty", Value::text("OKP")),
        ("crv", Value::text("Ed25519")),
        ("use", Value::text("sig")),
        ("x", Value::text(pair.public_x.as_str())),
        ("created_at", Value::Timestamp(pair.created_at)),
        ("signs_until", pair.signs_until.map_or(Value::Null, Value::Timestamp)),
    ])
}

impl From<SigningError> for Problem {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Store(error) => error.into(),
            SigningError::Configured => Self::new(&code::SECRET_CONFIGURED, error.to_string()),
            SigningError::Contended => Self::unavailable(error.to_string()),
            error => {
                tracing::error!(error = %error, "the signing keys cannot be used");
                Self::new(&code::INTERNAL, error.to_string())
            }
        }
    }
}
