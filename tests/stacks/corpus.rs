//! Stacks that nobody here wrote: what of them loads, and what is said of the rest.
//!
//! The blocks are not part of the project: `RINGBACK_CORPUS` names their folder.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use ringback::domain::function::ConfigPatch;
use ringback::stack::document::read_text;
use ringback::stack::finding::Severity;

use crate::support::{difference, files, tests_folder};

#[test]
fn what_loads_and_what_is_refused_stays_as_it_was_judged() {
    let Some(folder) = std::env::var_os("RINGBACK_CORPUS").map(PathBuf::from) else {
        println!("corpus: not given");
        return;
    };
    let blocks = files(&folder, "jsonc");
    assert!(!blocks.is_empty(), "{} holds no blocks", folder.display());
    let mut report = String::new();
    for block in &blocks {
        writeln!(report, "{}", line(block)).unwrap();
    }
    let loads = report.lines().filter(|line| line.ends_with(": loads")).count();
    writeln!(report, "{loads} of {} load", blocks.len()).unwrap();
    println!("corpus: {loads} of {} load", blocks.len());
    assert_eq!(difference(&tests_folder().join("corpus.expected"), &report), None);
}

/// `NAME: loads`, `NAME: not a stack`, or the place and the reason of the first error, and how many more there are.
fn line(block: &Path) -> String {
    let name = block.file_stem().expect("a listed file has a name").to_string_lossy();
    let text = fs::read_to_string(block).expect("a listed file can be read");
    let document = read_text(&name, &text, "block", &ConfigPatch::default());
    let errors: Vec<_> = document.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    match errors.as_slice() {
        [] => {
            assert!(!document.functions.is_empty() || document.folder_defaults.is_some(), "{name} is nothing");
            format!("{name}: loads")
        }
        [only] if only.code == "not_a_stack" => format!("{name}: not a stack"),
        [first, others @ ..] => {
            assert!(first.line >= 1 && first.column >= 1 && !first.message.is_empty());
            let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
            format!("{name}: refused {}:{} {}{more}", first.line, first.column, first.message)
        }
    }
}
