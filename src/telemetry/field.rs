//! The names of fields in log lines, so that one thing has one name everywhere.
//! Never a name for what may not be logged.

/// Every name that a log line may use.
pub const NAMES: [&str; 38] = [
    "alert.id",
    "alert.type",
    "attempt",
    "call",
    "data",
    "delay_ms",
    "deliveries",
    "delivery.id",
    "deployed",
    "destination",
    "detail",
    "duration_ms",
    "entries",
    "error",
    "execution.id",
    "executions",
    "file",
    "function.name",
    "mended",
    "method",
    "mode",
    "node",
    "path",
    "reason",
    "removed",
    "resolved",
    "rows",
    "schedule.id",
    "setting",
    "signal",
    "size_bytes",
    "state",
    "status",
    "stuck",
    "subject",
    "table",
    "until",
    "version",
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use regex::Regex;

    use super::*;

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                files.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
        files
    }

    /// The arguments of a call, from behind its opening parenthesis; texts are left out.
    fn arguments(code: &str) -> Vec<String> {
        let (mut depth, mut arguments, mut current) = (0, Vec::new(), String::new());
        for character in code.chars() {
            match character {
                ')' | ']' | '}' if depth == 0 => break,
                ',' if depth == 0 => arguments.push(std::mem::take(&mut current)),
                other => {
                    depth += i32::from("([{".contains(other)) - i32::from(")]}".contains(other));
                    current.push(other);
                }
            }
        }
        arguments.push(current);
        arguments.iter().map(|argument| argument.trim().to_owned()).filter(|argument| !argument.is_empty()).collect()
    }

    fn names(code: &str) -> Vec<String> {
        let text = Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
        let call = Regex::new(r"tracing::(?:trace|debug|info|warn|error)!\(").unwrap();
        let code = text.replace_all(code, "\"").into_owned();
        // Behind the words there is only what they show.
        let fields =
            |call: regex::Match<'_>| arguments(&code[call.end()..]).into_iter().take_while(|argument| !argument.starts_with('"'));
        let found = call.find_iter(&code).flat_map(fields);
        found
            .map(|argument| argument.split('=').next().unwrap_or_default().trim().trim_start_matches(['%', '?']).to_owned())
            .collect()
    }

    #[test]
    fn the_names_of_a_call_are_found() {
        let code = r#"tracing::warn!(execution.id = %f(a, b), %error, node = x.y, "said {} (so)", it.is); tracing::info!("bare, text");"#;
        assert_eq!(names(code), ["execution.id", "error", "node"]);
    }

    #[test]
    fn one_thing_has_one_name_in_every_log_line() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut odd = Vec::new();
        for file in sources(&source).into_iter().filter(|file| !file.ends_with("telemetry/field.rs")) {
            let code = std::fs::read_to_string(&file).unwrap();
            let unknown = names(&code).into_iter().filter(|name| !NAMES.contains(&name.as_str()));
            odd.extend(unknown.map(|name| format!("{}: {name}", file.display())));
        }
        assert_eq!(odd, Vec::<String>::new(), "names that telemetry::field does not list");
    }
}
