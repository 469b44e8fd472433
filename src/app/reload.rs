//! Functions read again from their files while the server runs.
//! Never a part of them: where one file does not hold, everything stays as it was.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{StartError, read_workflows};
use crate::engine::Engine;
use crate::engine::deploy::{self, Installed};

/// How often the files are looked at with `--watch`; a change counts once it has been still for as long.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Folders in folders; more is a link that leads back.
const DEPTH_MAX: usize = 32;

/// Reads the functions again. Cheap to clone.
#[derive(Clone)]
pub struct Reloader(pub(super) Engine);

/// What a folder looks like from outside: its files, their sizes and times.
type Look = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl Reloader {
    /// Reads the files and makes what they hold current; tells the log either way.
    pub async fn reload(&self) {
        match self.try_reload().await {
            Ok(Installed { deployed, removed }) => {
                let names = |names: &[crate::domain::function::FunctionName]| {
                    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                };
                tracing::info!(deployed = names(&deployed), removed = names(&removed), "the functions were read again");
            }
            Err(error) => tracing::error!("the functions were not read again, and those of before stay: {error}"),
        }
    }

    async fn try_reload(&self) -> Result<Installed, StartError> {
        let config = self.0.config.clone();
        let read = tokio::task::spawn_blocking(move || read_workflows(&config)).await;
        let folder = read.map_err(|error| StartError::Refused(format!("reading the files broke off: {error}")))??;
        Ok(deploy::reload(&self.0, folder).await?)
    }

    /// Reloads whenever the files have changed, for ever.
    pub async fn watch(&self) {
        let root = self.0.config.server.workflows.clone();
        let mut known = look(&root).await;
        let mut moving = known.clone();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = look(&root).await;
            let still = now == moving;
            moving = now;
            if still && moving != known {
                known.clone_from(&moving);
                self.reload().await;
            }
        }
    }
}

async fn look(root: &Path) -> Look {
    let root = root.to_path_buf();
    let looked = tokio::task::spawn_blocking(move || {
        let mut look = Look::new();
        add(&root, 0, &mut look);
        look.sort();
        look
    });
    looked.await.unwrap_or_default()
}

/// What cannot be read now looks like nothing, and is told when it is loaded.
fn add(path: &Path, depth: usize, look: &mut Look) {
    let Ok(metadata) = std::fs::metadata(path) else { return };
    if metadata.is_file() {
        look.push((path.to_path_buf(), metadata.len(), metadata.modified().ok()));
    } else if depth < DEPTH_MAX {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| add(&entry.path(), depth + 1, look));
    }
}
