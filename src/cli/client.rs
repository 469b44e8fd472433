//! Speaks to a server over its HTTP API, as any caller would.
//! Never opens the server's store and never takes a short cut past the API.

use std::time::Duration;

use reqwest::Method;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

use super::args::ServerFlags;
use super::error::CommandError;
use crate::outbound::trusted;

/// Longer than the longest answer of a server that holds a call open (`Prefer: wait=300`).
const TIMEOUT: Duration = Duration::from_secs(330);

/// A server and how to speak to it.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Without a trailing slash.
    base: String,
    key: Option<String>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    /// `x-execution-id`, on the answers of functions.
    pub execution_id: Option<String>,
    /// A body that is no JSON is a string.
    pub body: Value,
}

impl Client {
    pub fn new(server: &ServerFlags) -> Result<Self, CommandError> {
        Self::to(&server.url, server.key.clone())
    }

    pub fn to(url: &str, key: Option<String>) -> Result<Self, CommandError> {
        let base = base(url).ok_or_else(|| CommandError::Misuse(format!("\"{url}\" is no http or https URL of a server")))?;
        let http = trusted::trusted_client().map_err(CommandError::Failed)?;
        Ok(Self { http, base, key: key.filter(|key| !key.is_empty()) })
    }

    /// Speaks to a server on this machine whose certificate is known.
    pub fn pinned(url: &str, key: Option<String>, certificate: CertificateDer<'static>) -> Result<Self, CommandError> {
        let http = trusted::pinned_client(certificate).map_err(CommandError::Failed)?;
        Ok(Self { http, base: url.to_owned(), key: key.filter(|key| !key.is_empty()) })
    }

    /// Where it speaks to, without a trailing slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Reply, CommandError> {
        let mut url = format!("{}{path}", self.base);
        for (index, (name, value)) in query.iter().enumerate() {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            url.push_str(&format!("{}{name}={value}", if index == 0 { '?' } else { '&' }));
        }
        self.send(self.http.request(Method::GET, url)).await
    }

    pub async fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Result<Reply, CommandError> {
        let mut request = self.http.request(Method::POST, format!("{}{path}", self.base)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    pub async fn delete(&self, path: &str) -> Result<Reply, CommandError> {
        self.send(self.http.request(Method::DELETE, format!("{}{path}", self.base))).await
    }

    /// Whether anything answers there at all.
    pub async fn is_served(&self) -> bool {
        self.get("/healthz", &[]).await.is_ok()
    }

    /// The status entries of these ids, in the same order.
    pub async fn statuses(&self, ids: &[String]) -> Result<Vec<Value>, CommandError> {
        entries(self.post("/api/async-status", &json!({"execution_ids": ids}), &[]).await?)
    }

    /// The same, as soon as all have ended or the time is up.
    pub async fn wait(&self, ids: &[String], timeout_s: u64) -> Result<Vec<Value>, CommandError> {
        entries(self.post("/api/async-await", &json!({"execution_ids": ids, "timeout": timeout_s}), &[]).await?)
    }

    /// Cancels, and gives the entries with `cancelled`.
    pub async fn cancel(&self, ids: &[String]) -> Result<Vec<Value>, CommandError> {
        entries(self.post("/api/async-cancel", &json!({"execution_ids": ids}), &[]).await?)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, CommandError> {
        let request = match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let answer = request.timeout(TIMEOUT).send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status().as_u16();
        let execution_id = answer.headers().get("x-execution-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Ok(Reply { status, execution_id, body })
    }

    fn unreachable(&self, error: &reqwest::Error) -> CommandError {
        let base = &self.base;
        if error.is_connect() {
            return CommandError::NobodyThere(format!(
                "nothing answers at {base}; start a server with `ringback serve`, or name another with --url or RINGBACK_URL"
            ));
        }
        CommandError::Failed(if error.is_timeout() {
            format!("{base} did not answer within {} s", TIMEOUT.as_secs())
        } else {
            let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
            format!("the connection to {base} broke: {cause}")
        })
    }
}

impl Reply {
    /// The body of an answer that says yes.
    pub fn accepted(self) -> Result<Value, CommandError> {
        if self.status < 400 { Ok(self.body) } else { Err(CommandError::Failed(self.problem())) }
    }

    /// What a refusal says, in one text.
    pub fn problem(&self) -> String {
        let field = |name: &str| self.body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let said = field("detail").or_else(|| field("message")).or_else(|| field("title")).or_else(|| self.body.as_str());
        let mut text = match said {
            Some(said) => format!("{said} ({})", self.status),
            None => format!("the server answered {}: {}", self.status, self.body),
        };
        if let Some(payload) = self.body.get("payload").filter(|payload| !payload.is_null()) {
            text.push_str(&format!("\n{payload:#}"));
        }
        if self.status == 401 {
            text.push_str("; give the key with --key or RINGBACK_API_KEY");
        }
        text
    }
}

/// The URL of a server as it is typed, less a trailing `/` or `/api`.
fn base(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    let web = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    let trimmed = url.trim_end_matches('/');
    web.then(|| trimmed.strip_suffix("/api").unwrap_or(trimmed).trim_end_matches('/').to_owned())
}

fn entries(reply: Reply) -> Result<Vec<Value>, CommandError> {
    match reply.accepted()? {
        Value::Array(entries) => Ok(entries),
        other => Err(CommandError::Failed(format!("the server answered something else than a list: {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_end_in_a_slash_or_in_api() {
        for url in ["http://a:1", "http://a:1/", "http://a:1/api", "http://a:1/api/"] {
            assert_eq!(base(url).as_deref(), Some("http://a:1"), "{url}");
        }
        assert_eq!(base("https://host/ringback/api").as_deref(), Some("https://host/ringback"));
        for url in ["localhost:8080", "ftp://a", "", "a b"] {
            assert_eq!(base(url), None, "{url}");
        }
    }

    #[test]
    fn a_problem_says_what_the_server_said() {
        let reply = |status, body| Reply { status, execution_id: None, body };
        let refused = reply(422, json!({"title": "t", "detail": "the inputs do not hold", "payload": {"name": "is missing"}}));
        assert_eq!(refused.problem(), "the inputs do not hold (422)\n{\n  \"name\": \"is missing\"\n}");
        assert_eq!(reply(502, json!("bad gateway")).problem(), "bad gateway (502)");
        assert_eq!(reply(500, json!(null)).problem(), "the server answered 500: null");
        assert!(reply(401, json!({"message": "no key"})).problem().ends_with("give the key with --key or RINGBACK_API_KEY"));
    }

    #[test]
    fn only_a_refusal_is_an_error() {
        assert!(Reply { status: 201, execution_id: None, body: json!(1) }.accepted().is_ok());
        assert!(Reply { status: 400, execution_id: None, body: json!({}) }.accepted().is_err());
    }

    #[test]
    fn a_server_that_is_not_there_is_explained() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let client = Client::to(&format!("http://127.0.0.1:{port}"), None).unwrap();
        let error = actix_web::rt::System::new().block_on(client.get("/healthz", &[])).unwrap_err();
        let expected = format!("nothing answers at http://127.0.0.1:{port}; start a server with `ringback serve`");
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert_eq!(error.exit_code(), super::super::error::FAILED);
    }
}
