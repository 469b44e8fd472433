//! The keys under which secrets are stored: from the settings, or from a file that is made on first start.
//! Never shows a key, and never makes a second file where one is there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::RngExt as _;

use super::settings::Settings;

const KEY_BYTES: usize = 32;
/// Bytes of a key file; a larger one is something else.
const FILE_BYTES_MAX: u64 = 4096;

/// A key that seals secrets: 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptionKey([u8; KEY_BYTES]);

impl EncryptionKey {
    pub fn fresh() -> Self {
        let mut bytes = [0; KEY_BYTES];
        rand::rng().fill(&mut bytes);
        Self(bytes)
    }

    /// Base64 of 32 bytes, or 64 hex digits.
    ///
    /// # Errors
    /// What a key is instead; never what was given.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let decoded = hex::decode(text)
            .ok()
            .or_else(|| STANDARD.decode(text).ok())
            .or_else(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok());
        let bytes = decoded.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
        bytes
            .map(Self)
            .ok_or_else(|| "an encryption key is the base64 or the hex of 32 bytes (`openssl rand -base64 32`)".to_owned())
    }

    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn to_text(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(…)")
    }
}

/// Of section `store`: where the keys are.
#[derive(Debug, Clone)]
pub struct EncryptionConfig {
    /// Seals and opens; else the file's key does.
    pub key: Option<EncryptionKey>,
    pub key_file: PathBuf,
    /// These only open.
    pub also_open: Vec<EncryptionKey>,
}

/// The keys of a process.
#[derive(Debug, Clone)]
pub struct EncryptionKeys {
    pub sealing: EncryptionKey,
    pub also_open: Vec<EncryptionKey>,
    /// The file that was made for it just now.
    pub made: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "the encryption key cannot be read from {}: {error}; set store.encryption_key (RINGBACK_ENCRYPTION_KEY), or \
         store.encryption_key_file to a file that can",
        path.display()
    )]
    Read { path: PathBuf, error: io::Error },
    #[error(
        "the encryption key cannot be kept in {}: {error}; set store.encryption_key (RINGBACK_ENCRYPTION_KEY), or \
         store.encryption_key_file to a place that can be written",
        path.display()
    )]
    Write { path: PathBuf, error: io::Error },
    #[error("{} holds no encryption key: {message}", path.display())]
    Invalid { path: PathBuf, message: String },
}

impl EncryptionConfig {
    pub(super) fn read(settings: &mut Settings, environment: &BTreeMap<String, String>) -> Self {
        let key = settings.parsed("store.encryption_key", None, |text| match text {
            "" => Ok(None),
            text => EncryptionKey::parse(text).map(Some),
        });
        let also_open = settings.parsed_list("store.decryption_keys", EncryptionKey::parse);
        let given = settings.optional("store.encryption_key_file").map(PathBuf::from);
        let database = settings.text("store.database");
        Self { key, key_file: given.unwrap_or_else(|| default_file(&database, environment)), also_open }
    }

    /// The keys; a file that is not there yet is made, readable by its owner only.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn keys(&self) -> Result<EncryptionKeys, KeyError> {
        let (sealing, made) = match &self.key {
            Some(key) => (key.clone(), None),
            None => match read_file(&self.key_file)? {
                Some(key) => (key, None),
                None => make_file(&self.key_file)?,
            },
        };
        Ok(EncryptionKeys { sealing, also_open: self.also_open.clone(), made })
    }

    /// The keys, if there are any yet.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn existing_keys(&self) -> Result<Option<EncryptionKeys>, KeyError> {
        let sealing = match &self.key {
            Some(key) => Some(key.clone()),
            None => read_file(&self.key_file)?,
        };
        Ok(sealing.map(|sealing| EncryptionKeys { sealing, also_open: self.also_open.clone(), made: None }))
    }
}

/// Beside the file of SQLite; for Postgres among the user's own state, where all nodes of one machine find it.
fn default_file(database: &str, environment: &BTreeMap<String, String>) -> PathBuf {
    if let Some(path) = database.strip_prefix("sqlite://") {
        return PathBuf::from(format!("{path}.key"));
    }
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local").join("state")));
    let url = url::Url::parse(database).ok();
    let place = url.as_ref().map_or_else(String::new, |url| {
        format!("{}-{}{}", url.host_str().unwrap_or("local"), url.port().unwrap_or(5432), url.path().replace('/', "-"))
    });
    let name: String = place.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    state.map_or_else(|| PathBuf::from("ringback.key"), |state| state.join("ringback").join(format!("{name}.key")))
}

fn read_file(path: &Path) -> Result<Option<EncryptionKey>, KeyError> {
    let failed = |error| KeyError::Read { path: path.to_owned(), error };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(found) if found.len() > FILE_BYTES_MAX => {
            return Err(KeyError::Invalid { path: path.to_owned(), message: "it is too large".to_owned() });
        }
        Ok(_) => {}
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    EncryptionKey::parse(line).map(Some).map_err(|message| KeyError::Invalid { path: path.to_owned(), message })
}

/// Makes the file whole or not at all; where another process was quicker, its key holds.
fn make_file(path: &Path) -> Result<(EncryptionKey, Option<PathBuf>), KeyError> {
    let failed = |error| KeyError::Write { path: path.to_owned(), error };
    let key = EncryptionKey::fresh();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:08x}", rand::random::<u32>()));
    let draft = PathBuf::from(draft);
    let text = format!(
        "# The key of Ringback's stored secrets. Keep it, and keep it to yourself: without it they cannot be read.\n{}\n",
        key.to_text()
    );
    let written = write_draft(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
    // What is left of a draft holds a key that nobody uses.
    let removed = fs::remove_file(&draft);
    match written {
        Ok(()) => {
            removed.map_err(failed)?;
            Ok((key, Some(path.to_owned())))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match read_file(path)? {
            Some(key) => Ok((key, None)),
            None => Err(failed(error)),
        },
        Err(error) => Err(failed(error)),
    }
}

fn write_draft(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_32_bytes_in_base64_or_hex() {
        let key = EncryptionKey([7; KEY_BYTES]);
        for text in [key.to_text(), hex::encode([7; KEY_BYTES]), URL_SAFE_NO_PAD.encode([7; KEY_BYTES])] {
            assert_eq!(EncryptionKey::parse(&text), Ok(key.clone()));
        }
        for odd in ["", "short", &STANDARD.encode([7; 31]), &hex::encode([7; 33])] {
            let message = EncryptionKey::parse(odd).unwrap_err();
            assert!(odd.is_empty() || !message.contains(odd), "the key must not be shown: {message}");
        }
        assert!(!format!("{key:?}").contains('7'));
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_only_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("deep").join("test.db.key");
        let config = EncryptionConfig { key: None, key_file: key_file.clone(), also_open: Vec::new() };
        assert!(config.existing_keys().unwrap().is_none() && !key_file.exists());
        let first = config.keys().unwrap();
        assert_eq!(first.made.as_deref(), Some(key_file.as_path()));
        assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
        let again = config.keys().unwrap();
        assert!(again.sealing == first.sealing && again.made.is_none());
        assert_eq!(fs::read_dir(key_file.parent().unwrap()).unwrap().count(), 1, "no draft is left");
        fs::write(&key_file, "no key").unwrap();
        assert!(matches!(config.keys(), Err(KeyError::Invalid { .. })));
    }

    #[test]
    fn the_file_lies_beside_sqlite_and_among_the_users_state_for_postgres() {
        let home: BTreeMap<_, _> = [("HOME".to_owned(), "/home/ada".to_owned())].into();
        let path = |database: &str, environment: &BTreeMap<_, _>| default_file(database, environment).display().to_string();
        assert_eq!(path("sqlite:///var/lib/r.db", &home), "/var/lib/r.db.key");
        let postgres = "postgres://me:pass@db.example:5433/ringback?x=1";
        assert_eq!(path(postgres, &home), "/home/ada/.local/state/ringback/db.example-5433-ringback.key");
        assert_eq!(path(postgres, &BTreeMap::new()), "ringback.key");
    }
}
