//! The certificate that the server proves itself with, read again while connections stay open.
//! Never takes a file that does not hold: what was read before stays.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode;

use crate::config::TlsFiles;
use crate::domain::clock::SharedClock;
use crate::domain::timestamp::Timestamp;

/// How often the files are looked at; a change counts once it has been still for as long.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long before its end a certificate is warned of, in milliseconds.
const SOON_MS: i64 = 14 * 24 * 3_600_000;

/// Why a certificate cannot be used; each names its file and the mend.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{setting} {path}: {error}; name a PEM file that this user may read")]
    Unreadable { setting: &'static str, path: String, error: String },
    #[error("server.tls_certificate_file {path} holds no certificate; it is a PEM file with \"-----BEGIN CERTIFICATE-----\"")]
    Empty { path: String },
    #[error("server.tls_certificate_file {path} does not read as a certificate: {error}")]
    Certificate { path: String, error: String },
    #[error("server.tls_key_file {key} does not belong to the certificate in {certificate}; name the key that it was made with")]
    Mismatch { key: String, certificate: String },
    #[error("server.tls_key_file {path} cannot be used: {error}")]
    Key { path: String, error: String },
}

/// Whether a certificate still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    Good,
    EndsSoon,
    Ended,
    NotYet,
}

/// What was read from the files.
#[derive(Debug)]
struct Loaded {
    key: Arc<CertifiedKey>,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// The certificate in use. Handshakes take what is current when they begin; connections keep what they began with.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    current: RwLock<Arc<Loaded>>,
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// See [`CertificateError`].
    pub fn read(files: &TlsFiles) -> Result<Self, CertificateError> {
        Ok(Self { files: files.clone(), current: RwLock::new(Arc::new(load(files)?)) })
    }

    /// How connections are secured with whatever is current.
    pub fn server_config(self: &Arc<Self>) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("ring offers the default protocol versions");
        builder.with_no_client_auth().with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>)
    }

    /// Reads both files again; whether there was anything new.
    ///
    /// # Errors
    /// See [`CertificateError`]; what was read before stays.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        let loaded = load(&self.files)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = loaded.key.cert != current.key.cert;
        *current = Arc::new(loaded);
        Ok(is_new)
    }

    pub fn not_after(&self) -> Timestamp {
        self.current().not_after
    }

    pub fn validity(&self, now: Timestamp) -> Validity {
        let current = self.current();
        match current.not_after.since_ms(now) {
            ..=0 => Validity::Ended,
            _ if current.not_before > now => Validity::NotYet,
            left_ms if left_ms < SOON_MS => Validity::EndsSoon,
            _ => Validity::Good,
        }
    }

    /// The certificate itself, without those above it.
    pub fn end_entity(&self) -> Option<CertificateDer<'static>> {
        self.current().key.cert.first().cloned()
    }

    fn current(&self) -> Arc<Loaded> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current().key))
    }
}

/// Reads a certificate again whenever somebody asks or its files change, and warns of its end. Cheap to clone.
#[derive(Clone)]
pub struct CertificateKeeper {
    certificate: Arc<Certificate>,
    clock: SharedClock,
}

impl CertificateKeeper {
    pub fn new(certificate: Arc<Certificate>, clock: SharedClock) -> Self {
        Self { certificate, clock }
    }

    /// Reads the files again; tells the log either way.
    pub async fn reload(&self) {
        let certificate = Arc::clone(&self.certificate);
        match tokio::task::spawn_blocking(move || certificate.reload()).await {
            Ok(Ok(true)) => {
                tracing::info!(until = %self.certificate.not_after(), "the certificate was read again");
                self.warn();
            }
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::error!("the certificate was not read again, and the one of before stays: {error}"),
            Err(error) => tracing::error!("the certificate was not read again, and the one of before stays: {error}"),
        }
    }

    /// Warns where the certificate does not hold, or not for long; what it said.
    pub fn warn(&self) -> Validity {
        let (validity, until) = (self.certificate.validity(self.clock.now()), self.certificate.not_after());
        let file = self.certificate.files.certificate.display();
        match validity {
            Validity::Good => {}
            Validity::EndsSoon => tracing::warn!(%file, %until, "the certificate ends soon; renew it"),
            Validity::Ended => tracing::warn!(%file, %until, "the certificate has ended, and callers will refuse it; renew it"),
            Validity::NotYet => tracing::warn!(%file, "the certificate does not hold yet, and callers will refuse it"),
        }
        validity
    }

    /// Looks at the files for ever.
    pub async fn watch(&self) {
        let paths = [self.certificate.files.certificate.clone(), self.certificate.files.key.clone()];
        let (mut known, mut told) = (look(&paths), self.warn());
        let mut moving = known.clone();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = look(&paths);
            let still = now == moving;
            moving = now;
            if still && moving != known {
                known.clone_from(&moving);
                self.reload().await;
            }
            let validity = self.certificate.validity(self.clock.now());
            if validity != told {
                told = self.warn();
            }
        }
    }
}

type Look = Vec<Option<(u64, Option<SystemTime>)>>;

/// Two `stat`s every two seconds: not worth another thread.
fn look(paths: &[PathBuf]) -> Look {
    let seen = |path: &PathBuf| std::fs::metadata(path).ok().map(|metadata| (metadata.len(), metadata.modified().ok()));
    paths.iter().map(seen).collect()
}

fn load(files: &TlsFiles) -> Result<Loaded, CertificateError> {
    let path = files.certificate.display().to_string();
    let text = read("server.tls_certificate_file", &files.certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| CertificateError::Certificate { path: path.clone(), error: error.to_string() })?;
    let Some(first) = chain.first() else { return Err(CertificateError::Empty { path }) };
    let (not_before, not_after) = validity(first).map_err(|error| CertificateError::Certificate { path: path.clone(), error })?;
    let key_path = files.key.display().to_string();
    let unusable = |error: String| CertificateError::Key { path: key_path.clone(), error };
    let text = read("server.tls_key_file", &files.key)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| unusable(error.to_string()))?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch { key: key_path.clone(), certificate: path },
        error => unusable(error.to_string()),
    })?;
    Ok(Loaded { key: Arc::new(certified), not_before, not_after })
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, CertificateError> {
    let unreadable = |error: std::io::Error| CertificateError::Unreadable {
        setting,
        path: path.display().to_string(),
        error: error.to_string(),
    };
    std::fs::read(path).map_err(unreadable)
}

fn validity(certificate: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), String> {
    let read = x509_cert::Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let validity = read.tbs_certificate().validity();
    let at = |time: x509_cert::time::Time| Timestamp(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX));
    Ok((at(validity.not_before), at(validity.not_after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Made {
        _folder: tempfile::TempDir,
        files: TlsFiles,
    }

    fn made(days: i64) -> Made {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
        write(&files, days);
        Made { _folder: folder, files }
    }

    /// A certificate that holds for so many days from 2030 on.
    fn write(files: &TlsFiles, days: i64) {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2030, 1, 1);
        parameters.not_after = parameters.not_before + Duration::from_secs(u64::try_from(days).unwrap() * 86_400);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&files.certificate, parameters.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
    }

    fn at(days: i64) -> Timestamp {
        Timestamp(1_893_456_000_000 + days * 86_400_000)
    }

    #[test]
    fn a_certificate_holds_until_its_end_and_is_warned_of_two_weeks_before() {
        let made = made(90);
        let certificate = Certificate::read(&made.files).unwrap();
        let found = [-1, 1, 70, 80, 90].map(|day| certificate.validity(at(day)));
        assert_eq!(found, [Validity::NotYet, Validity::Good, Validity::Good, Validity::EndsSoon, Validity::Ended]);
    }

    #[test]
    fn what_is_wrong_with_the_files_is_said_by_their_names() {
        let (one, other) = (made(1), made(1));
        let error = |certificate: &Path, key: &Path| {
            let files = TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() };
            Certificate::read(&files).unwrap_err().to_string()
        };
        let mismatch = error(&one.files.certificate, &other.files.key);
        assert!(mismatch.contains("does not belong to the certificate"), "{mismatch}");
        let missing = error(Path::new("/nowhere/c.pem"), &one.files.key);
        assert!(missing.starts_with("server.tls_certificate_file /nowhere/c.pem: "), "{missing}");
        let missing = error(&one.files.certificate, Path::new("/nowhere/k.pem"));
        assert!(missing.starts_with("server.tls_key_file /nowhere/k.pem: "), "{missing}");
        let swapped = error(&one.files.key, &one.files.certificate);
        assert!(swapped.contains("holds no certificate"), "{swapped}");
    }

    #[test]
    fn files_that_do_not_hold_leave_what_was_read_before() {
        let made = made(1);
        let certificate = Certificate::read(&made.files).unwrap();
        let before = certificate.end_entity();
        assert!(!certificate.reload().unwrap(), "nothing is new");
        std::fs::write(&made.files.key, "no key").unwrap();
        certificate.reload().unwrap_err();
        assert_eq!(certificate.end_entity(), before);
        write(&made.files, 2);
        assert!(certificate.reload().unwrap());
        assert_ne!(certificate.end_entity(), before);
    }
}
