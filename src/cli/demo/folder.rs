//! The demo's temporary folder with the shipped functions; gone when the demo is.
//! Never touches a folder that it did not make.

use std::path::{Path, PathBuf};

use crate::cli::error::CommandError;
use crate::cli::shipped;

#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn make() -> Result<Self, CommandError> {
        let path = std::env::temp_dir().join(format!("ringback-demo-{}", uuid::Uuid::new_v4().simple()));
        let folder = Self(path);
        folder.fill().map_err(|error| CommandError::Failed(format!("{} cannot be written: {error}", folder.0.display())))?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn fill(&self) -> std::io::Result<()> {
        for (path, text) in shipped::FILES {
            let path = self.0.join("workflows").join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, text)?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning of its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_shipped_functions_and_is_gone_with_its_owner() {
        let folder = Folder::make().unwrap();
        let path = folder.path().to_owned();
        assert!(path.join("workflows/orders/create.jsonc").is_file());
        drop(folder);
        assert!(!path.exists());
    }
}
