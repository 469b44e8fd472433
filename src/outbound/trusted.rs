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
