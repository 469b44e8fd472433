//! Comparing with a file that is committed, or writing it anew with `UPDATE_EXPECTED=1`.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the tests' files.
pub fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The files of a folder with an extension, in the order of their names.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder that opens can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|own| own == extension));
    paths.sort();
    paths
}

/// What differs from the expected file, if anything does.
pub fn difference(expected: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(expected, actual).expect("the tests' own folder can be written to");
        return None;
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    if wanted == actual {
        return None;
    }
    let lines = wanted.lines().zip(actual.lines()).position(|(wanted, actual)| wanted != actual);
    let line = lines.unwrap_or_else(|| wanted.lines().count().min(actual.lines().count()));
    let shown = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    let (path, number) = (expected.display(), line + 1);
    Some(format!("{path}:{number}\n  expected: {}\n  actual:   {}", shown(&wanted), shown(actual)))
}
