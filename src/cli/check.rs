//! `check`: says what is wrong with files of stacks, without starting anything.
//! Never changes a file and never opens a store.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::stack::document::{Folder, check_path};
use crate::stack::finding::{Finding, Severity};

/// No errors; warnings do not count.
pub const HOLDS: u8 = 0;
/// At least one error.
pub const REFUSED: u8 = 1;
/// Something could not be read, or the findings could not be written.
pub const UNREADABLE: u8 = 2;

/// Checks files and folders, prints what is wrong with them, and returns the exit code. `env_allowed` are the names
/// that `{{ env.… }}` may hold.
pub fn run(paths: &[PathBuf], json: bool, env_allowed: &[String], out: &mut dyn Write) -> u8 {
    let mut checked = Folder::default();
    let mut unreadable = false;
    for path in paths {
        match check_path(path, env_allowed) {
            Ok(folder) => {
                checked.findings.extend(folder.findings);
                checked.files += folder.files;
            }
            Err(error) => {
                unreadable = true;
                checked.findings.push(unreadable_path(path, &error));
            }
        }
    }
    let written = if json { write_json(&checked, out) } else { write_text(&checked, out) };
    if unreadable || written.is_err() {
        return UNREADABLE;
    }
    if count(&checked, Severity::Error) > 0 { REFUSED } else { HOLDS }
}

fn unreadable_path(path: &std::path::Path, error: &io::Error) -> Finding {
    Finding {
        path: path.to_string_lossy().into_owned(),
        line: 1,
        column: 1,
        severity: Severity::Error,
        code: "unreadable",
        message: format!("this path cannot be read: {error}"),
        help: None,
        source_line: String::new(),
        caret_column: 1,
    }
}

fn write_text(checked: &Folder, out: &mut dyn Write) -> io::Result<()> {
    for finding in &checked.findings {
        writeln!(out, "{finding}\n")?;
    }
    let (errors, warnings) = (count(checked, Severity::Error), count(checked, Severity::Warning));
    let (errors, warnings, files) = (counted(errors, "error"), counted(warnings, "warning"), counted(checked.files, "file"));
    writeln!(out, "{errors}, {warnings} in {files}")?;
    out.flush()
}

fn write_json(checked: &Folder, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &checked.findings)?;
    writeln!(out)?;
    out.flush()
}

fn count(checked: &Folder, severity: Severity) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == severity).count()
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder of its own with these files, removed at the end.
    struct Workflows(PathBuf);

    impl Workflows {
        fn with(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("ringback-check-{}-{name}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Self(root)
        }

        fn check(&self, json: bool) -> (u8, String) {
            let mut out = Vec::new();
            let code = run(std::slice::from_ref(&self.0), json, &["ALLOWED".into()], &mut out);
            let root = self.0.to_string_lossy().into_owned();
            (code, String::from_utf8(out).unwrap().replace(&root, "workflows"))
        }
    }

    impl Drop for Workflows {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_folder_that_holds_is_exit_code_zero() {
        let folder =
            Workflows::with("holds", &[("a.json", "[]"), ("b/c.jsonc", "[] // fine"), ("notes.txt", "{"), (".x.json", "{")]);
        assert_eq!(folder.check(false), (HOLDS, "0 errors, 0 warnings in 2 files\n".into()));
        assert_eq!(folder.check(true), (HOLDS, "[]\n".into()));
    }

    #[test]
    fn each_finding_is_shown_with_its_line_and_a_caret() {
        let folder =
            Workflows::with("refused", &[("a.json", "[\n  {\"function\": \"nop\"\n"), ("b.json", "{\"nme\": 1, \"stack\": []}")]);
        let (code, text) = folder.check(false);
        let expected = "workflows/a.json:2:3: error: this `{` is never closed\n    {\"function\": \"nop\"\n    ^\n\
                        help: write the `}` that belongs to it\n\n\
                        workflows/b.json:1:2: warning: a function has no key `nme`; it is ignored\n  {\"nme\": 1, \"stack\": []}\n   ^\n\
                        help: did you mean `name`?\n\n1 error, 1 warning in 2 files\n";
        assert_eq!((code, text.as_str()), (REFUSED, expected));
    }

    #[test]
    fn machines_get_one_array() {
        let folder = Workflows::with("json", &[("a.json", "[1")]);
        let (code, text) = folder.check(true);
        let findings: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys: Vec<_> = findings[0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["path", "line", "column", "severity", "code", "message", "help"]);
        assert_eq!((code, &findings[0]["severity"]), (REFUSED, &serde_json::json!("error")));
    }

    #[test]
    fn a_path_that_is_not_there_is_exit_code_two() {
        let mut out = Vec::new();
        assert_eq!(run(&["/nowhere/at/all".into()], false, &[], &mut out), UNREADABLE);
        assert!(String::from_utf8(out).unwrap().starts_with("/nowhere/at/all:1:1: error: this path cannot be read: "));
    }

    #[test]
    fn functions_of_one_name_name_both_places() {
        let folder = Workflows::with("twice", &[("a-b.json", "[]"), ("c.json", "{\"name\": \"A_B\", \"stack\": []}")]);
        let (code, text) = folder.check(false);
        assert_eq!(code, REFUSED);
        assert!(text.contains("workflows/c.json:1:10: error: the function `a_b` is defined twice"), "{text}");
        assert!(text.contains("help: the other one is at workflows/a-b.json:1:1;"), "{text}");
    }

    #[test]
    fn tables_are_read_and_held_to_their_fields() {
        let good = "{\"fields\": {\"email\": \"email\", \"day\": \"date\"}, \"unique\": [\"email\", [\"email\", \"day\"]]}";
        let files = [("tables/users.json", good), ("tables/alerts.json", "{}"), ("tables/x.json", "{\"name\": \"users\"}")];
        let folder = Workflows::with("tables", &files);
        let read = crate::stack::document::read_path(&folder.0).unwrap();
        let table = &read.tables[0];
        assert_eq!((&*table.name, table.fields.len(), table.unique.len(), read.functions.len()), ("users", 2, 2, 0));
        let codes: Vec<_> = read.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["reserved_name", "duplicate_table"]);
        let wrong =
            Workflows::with("unique", &[("tables/u.json", "{\"fields\": {\"email\": \"text\"}, \"unique\": [\"emial\"]}")]);
        assert!(wrong.check(false).1.contains("help: did you mean `email`?"));
    }

    #[test]
    fn the_narrower_folders_defaults_win_key_by_key() {
        let defaults = |retries: u32, more: &str| {
            format!("{{\"async_function_config\": {{\"retry_policy\": {{\"max_retries\": {retries}{more}}}}}}}")
        };
        let files = [
            ("d.json", defaults(1, ", \"initial_delay\": 7")),
            ("in/d.json", defaults(2, "")),
            ("in/f.json", "[]".to_owned()),
            ("g.json", "{\"max_retries\": 3, \"stack\": []}".to_owned()),
        ];
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let read = crate::stack::document::read_path(&Workflows::with("defaults", &files).0).unwrap();
        let set = |name: &str| {
            let config = &read.functions.iter().find(|function| function.name.as_str() == name).unwrap().config;
            (config.max_retries, config.initial_delay_ms)
        };
        assert_eq!((set("in/f"), set("g")), ((Some(2), Some(7)), (Some(3), Some(7))));
    }

    #[test]
    fn what_is_not_there_is_a_warning() {
        let caller = "[{\"function\": \"custom_function\", \"name\": \"sned\", \"inputs\": {\"k\": \"{{ env.SECRET }}{{ env.ALLOWED }}\"}},\
                      \n {\"function\": \"return\", \"value\": \"{{ totl }}\"}, {\"function\": \"create_variable\", \"name\": \"total\", \"value\": 1}]";
        let folder = Workflows::with("warn", &[("send.json", "[]"), ("caller.json", caller)]);
        let (code, text) = folder.check(false);
        assert_eq!(code, HOLDS, "{text}");
        for expected in [
            "caller.json:1:42: warning: there is no function `sned` here",
            "caller.json:1:70: warning: `env.SECRET` is not allowed here; it is null",
            "caller.json:2:38: warning: nothing here sets `totl`; it is null",
            "help: did you mean `send`?",
            "help: did you mean `total`?",
            "0 errors, 3 warnings in 2 files",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
