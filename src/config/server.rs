//! Section `server`: where we listen and what we accept.
//! Never learns its own address from a request.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::settings::Settings;

#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `127.0.0.1:8080`
    pub listen: SocketAddr,
    /// Where callers reach us; from `listen` unless given. No trailing slash.
    pub public_url: Option<String>,
    /// Answer https instead of http.
    pub tls: Option<TlsFiles>,
    pub workflows: PathBuf,
    /// Read the workflows again when a file changes.
    pub watch: bool,
    pub body_bytes_max: usize,
    /// Threads that run executions.
    pub worker_threads: usize,
    pub event_streams_max: usize,
}

/// PEM files that the server proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those between it and its root.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl ServerConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let listen = settings.parsed("server.listen", SocketAddr::from(([127, 0, 0, 1], 0)), parse_listen);
        let public_url = settings.parsed("server.public_url", None, parse_public_url);
        if public_url.is_none() && listen.ip().is_unspecified() {
            settings.refuse(
                "server.listen",
                format!(
                    "{listen} is every address of this machine, so callers cannot be told where to come back to; set \
                     server.public_url (--public-url, RINGBACK_PUBLIC_URL)"
                ),
            );
        }
        Self {
            listen,
            public_url,
            tls: tls(settings),
            workflows: PathBuf::from(settings.text("server.workflows")),
            watch: settings.flag("server.watch"),
            body_bytes_max: settings.size("server.body_bytes_max", 1024..=1_073_741_824),
            worker_threads: match settings.size("server.worker_threads", 0..=1024) {
                0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
                threads => threads,
            },
            event_streams_max: settings.size("server.event_streams_max", 0..=1_000_000),
        }
    }

    /// Threads that serve HTTP: less than half of the work for a call, and with more of them than cores to spare they take turns.
    pub fn http_threads(&self) -> usize {
        self.worker_threads.div_ceil(2)
    }

    /// Whether only this machine can reach us.
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    /// Where callers reach us, without a trailing slash; `bound` is the address that we really got.
    pub fn public_url_at(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("{}://{bound}", self.scheme()))
    }

    /// What an address of ours begins with.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

fn tls(settings: &mut Settings) -> Option<TlsFiles> {
    let (certificate, key) = (settings.optional("server.tls_certificate_file"), settings.optional("server.tls_key_file"));
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.into(), key: key.into() }),
        (Some(_), None) => {
            settings.refuse("server.tls_key_file", "the certificate needs its key; set both, or none");
            None
        }
        (None, Some(_)) => {
            settings.refuse("server.tls_certificate_file", "the key needs its certificate; set both, or none");
            None
        }
        (None, None) => None,
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    numeric.parse().map_err(|_| format!("\"{text}\" is no address with a port, such as 127.0.0.1:8080 or [::1]:8080"))
}

fn parse_public_url(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = url::Url::parse(text).map_err(|error| format!("\"{text}\" is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("\"{text}\" begins with neither http:// nor https://"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("a public URL has no credentials, no query and no fragment".to_owned());
    }
    Ok(Some(text.trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_port() {
        assert_eq!(parse_listen("localhost:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(parse_listen("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert!(parse_listen("127.0.0.1").unwrap_err().contains("127.0.0.1:8080"));
    }

    #[test]
    fn a_public_url_has_no_trailing_slash() {
        assert_eq!(parse_public_url("https://a.example/x/"), Ok(Some("https://a.example/x".to_owned())));
        assert!(parse_public_url("a.example").is_err());
        assert!(parse_public_url("ftp://a.example").is_err());
        assert!(parse_public_url("https://a.example/?x=1").is_err());
    }
}
