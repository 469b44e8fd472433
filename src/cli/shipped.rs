//! The functions of `workflows/`, inside the binary, so that the demo works from any folder.
//! Never a second copy: the files themselves are compiled in.

/// A file's path below `workflows/`, and its text.
pub type ShippedFile = (&'static str, &'static str);

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../workflows/", $path)))),+]
    };
}

pub const FILES: &[ShippedFile] = shipped![
    "customers/register.jsonc",
    "customers/sync-to-crm.jsonc",
    "emails/send.jsonc",
    "hello.jsonc",
    "images/process-batch.jsonc",
    "images/process.jsonc",
    "maintenance/nightly-cleanup.jsonc",
    "monitoring/stuck-executions.jsonc",
    "orders/ask-for-review.jsonc",
    "orders/background-status.jsonc",
    "orders/create.jsonc",
    "orders/send-confirmation.jsonc",
    "orders/update-inventory.jsonc",
    "reports/generate.jsonc",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn found(folder: &Path, root: &Path, paths: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found(&path, root, paths);
            } else {
                paths.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
        let mut paths = Vec::new();
        found(&root, &root, &mut paths);
        paths.sort();
        assert_eq!(FILES.iter().map(|(path, _)| *path).collect::<Vec<_>>(), paths);
    }
}
