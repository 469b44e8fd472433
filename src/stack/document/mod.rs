//! Files to functions: JSON with comments, every accepted shape, and all errors with their places.
//! Never runs anything.

mod bounds;
mod callback;
mod canonical;
mod config_patch;
mod folder;
mod function;
mod inputs;
pub mod jsonc;
mod lint;
mod name;
pub mod node;
mod schedule;
mod settings;
mod shapes;
mod tables;
#[cfg(test)]
mod tests;
mod units;

use std::path::Path;

use super::finding::{Finding, Findings, Severity};
use super::program::FunctionDefinition;
use crate::domain::function::{ConfigPatch, FunctionName};
pub use config_patch::{CONFIG_KEYS, config_patch_from_value, config_patch_to_value, read_config_patch};
pub use function::SETTING_KEYS;
use function::{ReadFunction, read_function};
pub use inputs::{FIELD_KEYS, INPUT_TYPES};
pub use jsonc::parse_jsonc;
use lint::{Surroundings, lint};
pub use name::{WrongName, read_name};
use node::Node;
use shapes::{Shape, shape_of};

/// What a file holds.
#[derive(Debug, Default)]
pub struct Document {
    /// None if there are errors among the findings.
    pub functions: Vec<FunctionDefinition>,
    /// Set when the file holds only an `async_function_config`: defaults for its folder.
    pub folder_defaults: Option<ConfigPatch>,
    pub findings: Vec<Finding>,
}

/// Reads one file. `fallback_name` names its function if it names none itself; `defaults` are its folder's.
pub fn read_text(path: &str, text: &str, fallback_name: &str, defaults: &ConfigPatch) -> Document {
    let mut findings = Findings::of(path, text);
    let mut document = Document::default();
    if let Some(node) = parse_jsonc(&mut findings) {
        if let Some(config) = shapes::folder_defaults(&node) {
            document.folder_defaults = Some(read_config_patch(config, &mut findings));
        }
        let functions = read_functions(&node, fallback_name, defaults, &mut findings);
        note_duplicates(&functions, &mut findings);
        if !findings.has_errors() {
            functions.iter().for_each(|function| lint(function, &Surroundings::default(), &mut findings));
            document.functions = functions.into_iter().map(|function| function.definition).collect();
        }
    }
    document.findings = findings.into_sorted();
    document
}

/// Reads whatever these bytes say as a file, for fuzzing: it must return, and say where each thing is that it finds.
pub fn fuzz(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let document = read_text("fuzz", &text, "fuzz", &ConfigPatch::default());
    for finding in &document.findings {
        assert!(finding.line >= 1 && finding.column >= 1, "{finding}");
    }
    for function in &document.functions {
        let again = read_stored(&function.name, &function.canonical).map(|again| again.version);
        assert_eq!(again.as_ref(), Ok(&function.version), "what was stored is read as it was");
    }
}

/// Everything below a folder of workflows (`tables/` aside), with the defaults of each folder merged in.
#[derive(Debug, Default)]
pub struct Folder {
    /// Those of the files without errors; deploy none of them if there is an error among the findings.
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
    folder::read(root, None)
}

/// Reads a folder or a single file, and warns also of every `env` name that is not among `env_allowed`.
///
/// # Errors
/// A path that cannot be read.
pub fn check_path(root: &Path, env_allowed: &[String]) -> std::io::Result<Folder> {
    folder::read(root, Some(env_allowed))
}

/// A definition as it was stored by [`FunctionDefinition::to_canonical_json`].
///
/// # Errors
/// The findings, if this version of the language no longer accepts it.
pub fn read_stored(name: &FunctionName, canonical: &str) -> Result<FunctionDefinition, Vec<Finding>> {
    let path = name.to_string();
    let mut findings = Findings::of(path.as_str(), canonical);
    let node = parse_jsonc(&mut findings);
    let functions = node.iter().flat_map(|node| read_functions(node, name.as_str(), &ConfigPatch::default(), &mut findings));
    let mut functions: Vec<FunctionDefinition> = functions.map(|function| function.definition).collect();
    match functions.pop() {
        Some(function) if functions.is_empty() && !findings.has_errors() => Ok(function),
        _ => {
            if !findings.has_errors() {
                findings.error(0, "not_a_stack", format!("the stored definition of `{path}` holds not one function"), None);
            }
            Err(findings.into_sorted())
        }
    }
}

/// One function as somebody deploys it: what a file of this name would hold, and the warnings.
///
/// # Errors
/// Every finding, if there is an error among them.
pub fn read_deployed(name: &FunctionName, text: &str) -> Result<(FunctionDefinition, Vec<Finding>), Vec<Finding>> {
    let mut document = read_text(name.as_str(), text, name.as_str(), &ConfigPatch::default());
    if document.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(document.findings);
    }
    let refuse = |message: String, help: &str| {
        let mut findings = Findings::of(name.as_str(), text);
        findings.error(0, "not_this_function", message, Some(help.to_owned()));
        Err(findings.into_sorted())
    };
    match (document.functions.pop(), document.functions.len()) {
        (Some(function), 0) if function.name == *name => Ok((function, document.findings)),
        (Some(function), 0) => refuse(
            format!("this is the function `{}`, not `{name}`", function.name),
            "leave its name out, or deploy it under its own",
        ),
        (Some(_), more) => refuse(format!("there are {} functions here", more + 1), "deploy each of them under its own name"),
        (None, _) => refuse("there is no function here".to_owned(), "a function has a `stack`"),
    }
}

/// The functions of a file, whose findings say what is wrong with them.
fn read_functions<'a>(node: &'a Node, path_name: &str, defaults: &ConfigPatch, findings: &mut Findings) -> Vec<ReadFunction<'a>> {
    match shape_of(node, path_name, findings) {
        Some(Shape::Functions(sources)) => {
            sources.iter().filter_map(|source| read_function(source, defaults, findings)).collect()
        }
        Some(Shape::Defaults) | None => Vec::new(),
    }
}

fn note_duplicates(functions: &[ReadFunction<'_>], findings: &mut Findings) {
    for (index, function) in functions.iter().enumerate() {
        let name = &function.definition.name;
        if functions[..index].iter().any(|other| other.definition.name == *name) {
            let help = "rename one of them (`-` and `_` are the same in names)";
            findings.error(
                function.name_at,
                "duplicate_function",
                format!("the function `{name}` is defined twice"),
                Some(help.into()),
            );
        }
    }
}
