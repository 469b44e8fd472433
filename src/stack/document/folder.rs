//! A folder of workflows: its files, the defaults of its folders, its tables, and what they have in common.
//! Never follows anything out of reach: depth and sizes are bounded.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config_patch::read_config_patch;
use super::function::ReadFunction;
use super::lint::{Surroundings, lint};
use super::node::Node;
use super::shapes::folder_defaults;
use super::tables::read_table;
use super::{Folder, parse_jsonc, read_functions};
use crate::domain::function::{ConfigPatch, FunctionName};
use crate::stack::finding::{Findings, place};
use crate::stack::program::{FunctionDefinition, TableDefinition};

/// The folder that holds declarations of tables, below the root.
const TABLES: &str = "tables";
/// Folders in folders; more is a link that leads back.
const DEPTH_MAX: usize = 32;
/// Bytes of a file; stacks that people write are a thousand times smaller.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// One file, parsed.
struct File {
    /// As messages show it.
    path: String,
    /// Below the root, without the extension, with `/` between its parts.
    name: String,
    is_table: bool,
    node: Option<Node>,
    findings: Findings,
}

/// Reads everything below `root`, or the one file that it is. `env_allowed` are the names that `env` may hold;
/// without them no such name is doubted.
pub fn read(root: &Path, env_allowed: Option<&[String]>) -> io::Result<Folder> {
    let single = fs::metadata(root).map_err(|error| with_path(root, &error))?.is_file();
    let mut paths = Vec::new();
    if single {
        paths.push(root.to_path_buf());
    } else {
        list(root, &mut Vec::new(), &mut paths)?;
    }
    let mut files = paths.iter().map(|path| read_file(root, path, single)).collect::<io::Result<Vec<File>>>()?;
    let defaults = folders_defaults(&mut files);
    let (functions, tables) = read_contents(&mut files, &defaults, !single, env_allowed);
    let count = files.len();
    let findings = files.into_iter().flat_map(|file| file.findings.into_sorted()).collect();
    Ok(Folder { functions, tables, findings, files: count })
}

/// The files below a folder, in the order of their names. What begins with a dot is not looked at, nor is a link that leads
/// back to a folder around it.
fn list(folder: &Path, around: &mut Vec<PathBuf>, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let place = fs::canonicalize(folder).map_err(|error| with_path(folder, &error))?;
    if around.contains(&place) || around.len() > DEPTH_MAX {
        return Ok(());
    }
    around.push(place);
    let entries = fs::read_dir(folder).map_err(|error| with_path(folder, &error))?;
    let mut entries = entries.collect::<io::Result<Vec<_>>>().map_err(|error| with_path(folder, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let metadata = fs::metadata(&path).map_err(|error| with_path(&path, &error))?;
        if metadata.is_dir() {
            list(&path, around, paths)?;
        } else if metadata.is_file() && is_stack_file(&path) {
            paths.push(path);
        }
    }
    around.pop();
    Ok(())
}

fn is_stack_file(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    matches!(extension.as_deref(), Some("json" | "jsonc"))
}

fn read_file(root: &Path, path: &Path, single: bool) -> io::Result<File> {
    let base = if single { path.parent().unwrap_or(root) } else { root };
    let relative = path.strip_prefix(base).unwrap_or(path).with_extension("");
    let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let in_tables = base.file_name().is_some_and(|name| name == TABLES) && single;
    let is_table = in_tables || parts.len() > 1 && parts[0] == TABLES;
    let shown = path.to_string_lossy().replace('\\', "/");
    let (text, wrong) = read_content(path)?;
    let mut findings = Findings::of(shown.as_str(), text);
    let node = match wrong {
        Some((at, message)) => {
            findings.error(at, "unreadable", message, None);
            None
        }
        None => parse_jsonc(&mut findings),
    };
    Ok(File { path: shown, name: parts.join("/"), is_table, node, findings })
}

/// Where a file stops being text, and why.
type Illegible = (usize, String);

/// The text of a file, and why it is none.
fn read_content(path: &Path) -> io::Result<(Arc<str>, Option<Illegible>)> {
    let size = fs::metadata(path).map_err(|error| with_path(path, &error))?.len();
    if size > FILE_BYTES_MAX {
        return Ok(("".into(), Some((0, format!("this file has {size} bytes; at most {FILE_BYTES_MAX} are read")))));
    }
    let bytes = fs::read(path).map_err(|error| with_path(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text.into(), None)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Ok((text.into(), Some((at, "this file is not UTF-8 from here on".to_owned()))))
        }
    }
}

/// What each folder that says so sets for the functions in and below it.
fn folders_defaults(files: &mut [File]) -> HashMap<String, ConfigPatch> {
    let mut found: HashMap<String, (ConfigPatch, String)> = HashMap::new();
    for file in files.iter_mut().filter(|file| !file.is_table) {
        let Some(config) = file.node.as_ref().and_then(folder_defaults) else { continue };
        let patch = read_config_patch(config, &mut file.findings);
        let folder = folder_of(&file.name).to_owned();
        if let Some((_, other)) = found.get(&folder) {
            let message = "this folder has its `async_function_config` in two files";
            let help = format!("the other one is {other}; put both into one");
            file.findings.error(config.span.start, "duplicate_defaults", message, Some(help));
            continue;
        }
        found.insert(folder, (patch, file.path.clone()));
    }
    found.into_iter().map(|(folder, (patch, _))| (folder, patch)).collect()
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The defaults of all folders around a file, the narrower over the wider.
fn merged_defaults(name: &str, defaults: &HashMap<String, ConfigPatch>) -> ConfigPatch {
    let mut merged = defaults.get("").cloned().unwrap_or_default();
    for (end, _) in name.match_indices('/') {
        if let Some(narrower) = defaults.get(&name[..end]) {
            merged = merged.overlaid(narrower);
        }
    }
    merged
}

fn read_contents(
    files: &mut [File],
    defaults: &HashMap<String, ConfigPatch>,
    whole: bool,
    env_allowed: Option<&[String]>,
) -> (Vec<FunctionDefinition>, Vec<TableDefinition>) {
    let mut tables = Tables::default();
    let mut functions = Functions::default();
    let mut read: Vec<(&mut Findings, Vec<ReadFunction<'_>>)> = Vec::new();
    for file in files.iter_mut() {
        let Some(node) = &file.node else { continue };
        if file.is_table {
            tables.add(node, &file.name, &mut file.findings);
            continue;
        }
        let patch = merged_defaults(&file.name, defaults);
        let own = read_functions(node, &file.name, &patch, &mut file.findings);
        for function in &own {
            functions.note(function, &mut file.findings);
        }
        read.push((&mut file.findings, own));
    }
    let surroundings = Surroundings { known: whole.then_some(&functions.places), env_allowed };
    let mut definitions = Vec::new();
    for (findings, own) in read {
        if findings.has_errors() {
            continue;
        }
        for function in own {
            lint(&function, &surroundings, findings);
            definitions.push(function.definition);
        }
    }
    (definitions, tables.definitions)
}

/// The functions seen so far, each with its place.
#[derive(Default)]
struct Functions {
    places: HashMap<FunctionName, String>,
}

impl Functions {
    fn note(&mut self, function: &ReadFunction<'_>, findings: &mut Findings) {
        let name = &function.definition.name;
        if let Some(first) = self.places.get(name) {
            let message = format!("the function `{name}` is defined twice");
            let help = format!("the other one is at {first}; rename one of them (`-` and `_` are the same in names)");
            findings.error(function.name_at, "duplicate_function", message, Some(help));
            return;
        }
        self.places.insert(name.clone(), placed(findings, function.name_at));
    }
}

#[derive(Default)]
struct Tables {
    definitions: Vec<TableDefinition>,
    places: HashMap<Arc<str>, String>,
}

impl Tables {
    fn add(&mut self, node: &Node, file: &str, findings: &mut Findings) {
        let file_name = file.rsplit('/').next().unwrap_or(file);
        let Some((table, at)) = read_table(node, file_name, findings) else { return };
        if let Some(first) = self.places.get(&table.name) {
            let message = format!("the table `{}` is declared twice", table.name);
            findings.error(at, "duplicate_table", message, Some(format!("the other one is at {first}; remove one of them")));
            return;
        }
        self.places.insert(Arc::clone(&table.name), placed(findings, at));
        if !findings.has_errors() {
            self.definitions.push(table);
        }
    }
}

fn placed(findings: &Findings, at: usize) -> String {
    let (line, column, _) = place(findings.text(), at);
    format!("{}:{line}:{column}", findings.path())
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
