//! The only unguarded door: a client for addresses that the operator typed himself.
//! Never used for a URL that a caller, a stack or a redirect gave.

use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use super::{pinned, tls};

/// A client for our own command line, which speaks to the server that `--url` names. It follows no redirect and bounds
/// connecting; how long an answer may take is for each request to say.
///
/// # Errors
/// In words, what keeps it from being made.
pub fn trusted_client() -> Result<reqwest::Client, String> {
    client(tls::verified(&[]))
}

/// The same for a server on this machine whose certificate is known, whatever name it is made out to.
///
/// # Errors
/// In words, what keeps it from being made.
pub fn pinned_client(certificate: CertificateDer<'static>) -> Result<reqwest::Client, String> {
    client(pinned::trusting(certificate))
}

fn client(tls: ClientConfig) -> Result<reqwest::Client, String> {
    tls::install_provider();
    #[expect(clippy::disallowed_methods, reason = "this is outbound")]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("Ringback/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("no HTTP client can be made: {error}"))
}

/// Posts to an address that stands in the configuration.
#[derive(Debug, Clone)]
pub struct Poster(reqwest::Client);

impl Poster {
    /// # Errors
    /// In words, what keeps it from being made.
    pub fn new() -> Result<Self, String> {
        trusted_client().map(Self)
    }

    /// Sends JSON and gives the status of the answer; its body is not read.
    ///
    /// # Errors
    /// In words, why there was no answer.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        json: String,
        within: Duration,
    ) -> Result<u16, &'static str> {
        let mut request = self.0.post(url).timeout(within).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.body(json).send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Err("it does not answer"),
            Err(error) if error.is_connect() => Err("nobody listens there"),
            Err(_) => Err("the connection broke"),
        }
    }
}
