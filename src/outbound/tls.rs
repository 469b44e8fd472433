//! How connections are secured: rustls with ring, the system's root certificates and those that the operator adds.
//! Never trusts more because something could not be loaded.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Makes ring the process's provider; a second call changes nothing.
pub(super) fn install_provider() {
    // An error says that there is one already, which is what is wanted.
    let _ = CryptoProvider::install_default(ring::default_provider());
}

/// Reads the certificates of a PEM file.
pub(super) fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let error = |why: String| format!("outbound.ca_file {}: {why}", path.display());
    let found = CertificateDer::pem_file_iter(path).map_err(|failure| error(failure.to_string()))?;
    let certificates = found.collect::<Result<Vec<_>, _>>().map_err(|failure| error(failure.to_string()))?;
    if certificates.is_empty() { Err(error("holds no certificate".to_owned())) } else { Ok(certificates) }
}

/// Trusts the system's roots and `extra`. Reads files: not for an async thread.
pub(super) fn verified(extra: &[CertificateDer<'static>]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "some of the system's root certificates could not be read");
    }
    roots.add_parsable_certificates(loaded.certs.into_iter().chain(extra.iter().cloned()));
    if roots.is_empty() {
        tracing::warn!("this system has no root certificates: no https request will work; install them or set outbound.ca_file");
    }
    with_roots(roots)
}

/// Trusts nobody: for clients that speak plain http only.
pub(super) fn trusting_nobody() -> ClientConfig {
    with_roots(RootCertStore::empty())
}

fn with_roots(roots: RootCertStore) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let builder = builder.expect("ring offers the default protocol versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
