//! A plain HTTP client for callers of the product: one call, one reply, nothing followed, nothing retried.
//! Never decides what a reply should have been, beyond the status that a story names.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use super::{runtime, seconds};

/// A call about to be made.
#[derive(Debug, Clone)]
#[must_use]
pub struct Call {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    within: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
    asked: String,
}

impl Call {
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self { method: method.to_owned(), url: url.into(), headers: Vec::new(), body: None, within: seconds(60) }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string())
    }

    /// A body as it stands, without a content type.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    #[track_caller]
    pub fn send(self) -> Reply {
        let asked = format!("{} {}", self.method, self.url);
        self.try_send().unwrap_or_else(|error| panic!("{asked}: {error}"))
    }

    pub fn try_send(self) -> Result<Reply, reqwest::Error> {
        runtime().block_on(self.go())
    }

    pub async fn go(self) -> Result<Reply, reqwest::Error> {
        let asked = format!("{} {}", self.method, self.url);
        let mut request = client().request(self.method.parse().unwrap(), self.url).timeout(self.within);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Ok(Reply { status, headers, body: response.text().await?, asked })
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.body);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{}: {error} in {}", self.asked, self.body))
    }

    /// A refusal in the one shape that every refusal has; returns it.
    #[track_caller]
    pub fn problem(&self) -> Value {
        let problem = self.json();
        let fields = ["type", "title", "status", "detail", "instance", "code", "message", "payload"];
        for field in fields {
            assert!(problem.get(field).is_some(), "{}: a problem without `{field}`: {problem}", self.asked);
        }
        assert_eq!(problem["status"], self.status, "{}: {problem}", self.asked);
        assert_eq!(problem["message"], problem["detail"], "{}: {problem}", self.asked);
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{}: empty `{field}`: {problem}", self.asked);
        }
        problem
    }
}

pub fn client() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // Another test may have been quicker; either provider is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "stories are callers from outside, not the product")]
        let builder = reqwest::Client::builder();
        builder.no_proxy().no_gzip().redirect(reqwest::redirect::Policy::none()).build().unwrap()
    })
}
