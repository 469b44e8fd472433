//! The tables that a folder declares, one a file below `tables/`.
//! Never creates anything in a store.

use std::sync::Arc;

use super::inputs::{read_fields, unique_fields};
use super::node::{Data, Node};
use super::settings::Settings;
use crate::stack::finding::{Findings, did_you_mean};
use crate::stack::program::TableDefinition;

/// Tables that exist from the start.
const RESERVED: [&str; 2] = ["async_executions", "alerts"];
/// Fields that every row has without being declared.
const OWN_FIELDS: [&str; 2] = ["id", "created_at"];
const KEYS: [&str; 7] = ["name", "table", "description", "fields", "schema", "unique", "tags"];

/// Reads a table; its name is its own, else its file's. Says where the name stands.
pub fn read_table(node: &Node, file_name: &str, findings: &mut Findings) -> Option<(TableDefinition, usize)> {
    let settings = Settings::of(node, "a table", &KEYS, findings)?;
    let own = settings.get("name").or_else(|| settings.get("table"));
    let at = own.map_or(node.span.start, |node| node.span.start);
    let name = own.map_or(Some(file_name), Node::as_text).unwrap_or_default().trim().to_owned();
    let name_holds = check_name(&name, at, findings);
    let declared = settings.get("fields").or_else(|| settings.get("schema"));
    let fields = declared.map(|node| read_fields(node, findings)).unwrap_or_default();
    let mut unique: Vec<Vec<Arc<str>>> =
        declared.map(unique_fields).unwrap_or_default().into_iter().map(|field| vec![field.into()]).collect();
    if let Some(keys) = settings.get("unique") {
        let known: Vec<&str> = fields.iter().map(|field| &*field.name).chain(OWN_FIELDS).collect();
        unique.extend(read_unique(keys, &known, findings));
    }
    unique.sort();
    unique.dedup();
    name_holds.then(|| (TableDefinition { name: name.into(), fields, unique }, at))
}

fn check_name(name: &str, at: usize, findings: &mut Findings) -> bool {
    if RESERVED.contains(&name) {
        let message = format!("the table `{name}` exists from the start and cannot be declared");
        findings.error(at, "reserved_name", message, Some("declare it under another name".into()));
        return false;
    }
    let holds = !name.is_empty() && name.len() <= 63 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !holds {
        let message = format!("`{name}` is no name of a table");
        let help = "letters, digits and `_`, at most 63 of them, such as `email_logs`";
        findings.error(at, "bad_name", message, Some(help.into()));
    }
    holds
}

/// `"email"`, `["email"]` or `[["customer_id", "day"]]`.
fn read_unique(node: &Node, known: &[&str], findings: &mut Findings) -> Vec<Vec<Arc<str>>> {
    let one = std::slice::from_ref(node);
    let keys = node.as_array().unwrap_or(one);
    keys.iter().filter_map(|key| read_key(key, known, findings)).collect()
}

fn read_key(node: &Node, known: &[&str], findings: &mut Findings) -> Option<Vec<Arc<str>>> {
    let one = std::slice::from_ref(node);
    let parts = match &node.data {
        Data::Array(items) if !items.is_empty() => items.as_slice(),
        _ => one,
    };
    let mut fields = Vec::new();
    for part in parts {
        let Some(field) = part.as_text() else {
            let help = "write `[\"email\"]`, or `[[\"customer_id\", \"day\"]]` for two fields together";
            findings.error(
                part.span.start,
                "bad_setting",
                format!("a unique key names fields, not {}", part.kind()),
                Some(help.into()),
            );
            return None;
        };
        if known.len() > OWN_FIELDS.len() && !known.contains(&field) {
            let message = format!("the unique key names `{field}`, which is no field of this table");
            findings.error(part.span.start, "unknown_field", message, did_you_mean(field, known.iter().copied()));
        }
        fields.push(field.into());
    }
    Some(fields)
}
