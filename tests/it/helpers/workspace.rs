//! One scratch folder for the whole run, and folders in it that vanish with their owner.
//! Never leaves anything behind: what a killed run could not remove, the guard removes.

use std::fmt::Display;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::guard;

/// A folder of one story.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(purpose: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = root().join(format!("{purpose}-{}", NEXT.fetch_add(1, Ordering::SeqCst)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below the folder and makes the folders on the way.
    pub fn write(&self, name: &str, text: impl Display) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.to_string()).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The guard removes what is still in use now.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Where servers of this run keep what they would keep among their user's own state.
pub fn state_folder() -> String {
    root().join("state").display().to_string()
}

/// The scratch folder of this run. It lies in `/tmp` because a cluster's socket path must be short, and anybody may pass
/// through it because the cluster belongs to another user when the tests run as root.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let path = tempfile::Builder::new().prefix("ringback-it-").tempdir_in("/tmp").unwrap().keep();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        guard::remove_at_end(&path);
        path
    })
}
