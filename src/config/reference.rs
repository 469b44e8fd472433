//! A table of all settings, made from the default file; for the documentation.
//! Never a second list of them.

use super::layers::DEFAULTS;

/// Every setting as a row in Markdown: its name, its environment name, its default, what it does.
pub fn settings() -> String {
    let mut table = String::new();
    let (mut section, mut about) = ("", Vec::new());
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table += &format!("\n#### `[{name}]`\n\n| setting | environment | default | |\n| --- | --- | --- | --- |\n");
            (section, about) = (name, Vec::new());
        } else if let Some(comment) = line.strip_prefix('#') {
            about.push(comment.trim());
        } else if let Some((key, default)) = line.split_once(" = ").filter(|_| !section.is_empty()) {
            let environment = format!("RINGBACK_{}_{}", section.to_uppercase(), key.to_uppercase());
            let about = std::mem::take(&mut about).join(" ").replace('|', "\\|");
            table += &format!("| `{key}` | `{environment}` | `{default}` | {about} |\n");
        } else if line.is_empty() {
            about.clear();
        }
    }
    table
}
