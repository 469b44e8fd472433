//! Files to functions: JSON with comments, every accepted shape, and all errors with their places.
//! Never runs anything.

pub mod jsonc;
pub mod node;

use std::path::Path;

use super::finding::Finding;
use super::program::FunctionDefinition;
use crate::domain::function::{ConfigPatch, FunctionName};
pub use jsonc::parse_jsonc;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Document {
    pub functions: Vec<FunctionDefinition>,
    /// Set when the file holds only an `async_function_config`: defaults for its folder.
    pub folder_defaults: Option<ConfigPatch>,
    pub findings: Vec<Finding>,
}

/// Reads one file. `fallback_name` names its function if it names none itself; `defaults` are its folder's.
pub fn read_text(path: &str, text: &str, fallback_name: &str, defaults: &ConfigPatch) -> Document {
    let _ = (path, text, fallback_name, defaults);
    unimplemented!("owned by the document helper")
}

/// Everything below a folder of workflows (`tables/` aside), with the defaults of each folder merged in.
#[derive(Debug, Default)]
pub struct Folder {
    pub functions: Vec<FunctionDefinition>,
    pub tables: Vec<super::program::TableDefinition>,
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
}

/// Reads a folder, or a single file.
///
/// # Errors
/// A path that cannot be read.
pub fn read_path(root: &Path) -> std::io::Result<Folder> {
    let _ = root;
    unimplemented!("owned by the document helper")
}

/// A definition as it was stored by [`FunctionDefinition::to_canonical_json`].
///
/// # Errors
/// The findings, if this version of the language no longer accepts it.
pub fn read_stored(name: &FunctionName, canonical: &str) -> Result<FunctionDefinition, Vec<Finding>> {
    let _ = (name, canonical);
    unimplemented!("owned by the document helper")
}
