//! Functions as whole files give them.

use super::*;
use crate::domain::function::{Backoff, ExecutionMode, Retention};
use crate::stack::finding::Severity;

fn read(text: &str) -> Document {
    read_text("folder/file.jsonc", text, "folder/file", &ConfigPatch::default())
}

fn function(text: &str) -> FunctionDefinition {
    let mut document = read(text);
    assert_eq!(document.findings, []);
    assert_eq!(document.functions.len(), 1);
    document.functions.remove(0)
}

/// `line:column code` of each finding.
fn findings(text: &str) -> Vec<String> {
    read(text).findings.iter().map(|found| format!("{}:{} {}", found.line, found.column, found.code)).collect()
}

const FULL: &str = r#"{
  "name": "Send Report", "description": "d", "tags": ["mail"],
  "inputs": {"to": {"type": "email", "required": true}, "n": {"type": "int[]", "default": [1]}},
  "execution_mode": "async", "expose": false,
  "async_function_config": {"retry_policy": {"max_retries": 3, "backoff_strategy": "linear"}},
  "retry_policy": {"max_retries": 5},
  "concurrency": {"limit": 2, "key": "{{ input.to }}"},
  "rate_limit": {"limit": 10, "per": "minute"},
  "priority": -5,
  "schedule": [{"cron": "0 9 * * mon", "timezone": "Europe/Berlin", "input": {"to": "a@b.test"}, "overlap": "skip", "catch_up": true}],
  "callback": {"url": "https://x.test/hook", "events": ["progress"], "headers": {"X-A": "b"}},
  "retention": "30d",
  "stack": [{"function": "create_variable", "name": "x", "value": 100.0}],
  "response": {"done": true}
}"#;

#[test]
fn every_key_of_a_function_is_read() {
    let function = function(FULL);
    assert_eq!(function.name.as_str(), "send_report");
    assert_eq!((function.execution_mode, function.exposed, function.priority), (ExecutionMode::Async, false, -5));
    assert_eq!((function.config.max_retries, function.config.backoff), (Some(5), Some(Backoff::Linear)));
    assert_eq!(function.concurrency.as_ref().map(|limit| (limit.limit, limit.key.is_some())), Some((2, true)));
    assert_eq!(function.rate_limit.as_ref().map(|limit| (limit.limit, limit.per_ms)), Some((10, 60_000)));
    let schedule = &function.schedules[0];
    assert_eq!((schedule.overlap.as_str(), schedule.catch_up.as_str()), ("skip", "last"));
    assert_eq!(function.retention, Some(Retention::of_all(30 * 86_400_000)));
    assert_eq!(function.program.steps.len(), 2, "the response is a step of its own");
    assert_eq!(function.program.inputs, function.inputs);
}

#[test]
fn the_stored_form_is_read_back_to_the_same_function() {
    let first = function(FULL);
    let again = read_stored(&first.name, &first.canonical).unwrap();
    assert_eq!(again.canonical, first.canonical);
    assert_eq!(again.version, first.version);
    assert_eq!(again.config, first.config);
    assert_eq!(again.schedules, first.schedules);
    assert_eq!(format!("{:?}", again.program), format!("{:?}", first.program));
}

#[test]
fn a_version_follows_from_what_a_function_does_and_is_called() {
    let version = |text: &str| read(text).functions[0].version.clone();
    let first = version(r#"{"name": "a", "stack": [{"function": "return", "value": 1}]}"#);
    assert_eq!(first.0.len(), 16);
    assert_eq!(version(r#"{"steps": [{"function":"return", /* one */ "value":1}], "function_name": "a",}"#), first);
    assert_ne!(version(r#"{"name": "b", "stack": [{"function": "return", "value": 1}]}"#), first);
    assert_ne!(version(r#"{"name": "a", "stack": [{"function": "return", "value": 1.0}]}"#), first);
}

#[test]
fn a_name_is_its_own_or_its_files() {
    assert_eq!(function("[]").name.as_str(), "folder/file");
    assert_eq!(function(r#"{"endpoint": "/api/a-b", "stack": []}"#).name.as_str(), "a-b");
    assert_eq!(findings(r#"{"name": "async-status", "stack": []}"#), ["1:10 reserved_name"]);
    assert_eq!(findings(r#"{"name": 5, "stack": []}"#), ["1:10 bad_name"]);
    let nameless = read_text("Ä.json", "[]", "Ä", &ConfigPatch::default());
    assert!(nameless.findings[0].help.as_ref().unwrap().starts_with("give the function a `name`, or rename its file"));
}

#[test]
fn several_functions_share_their_files_configuration() {
    let text = r#"{"async_function_config": {"retry_policy": {"max_retries": 2}},
        "one": [], "two": {"retry_policy": {"max_retries": 0}, "stack": []}}"#;
    // An empty list is a stack where others beside it are.
    let functions = read(text).functions;
    let retries: Vec<_> = functions.iter().map(|function| (function.name.as_str(), function.config.max_retries)).collect();
    assert_eq!(retries, [("one", Some(2)), ("two", Some(0))]);
}

#[test]
fn a_folders_defaults_are_under_the_functions_own() {
    let defaults = ConfigPatch { max_retries: Some(9), max_execution_ms: Some(5), ..ConfigPatch::default() };
    let mut document = read_text("f.json", r#"{"max_retries": 1, "stack": []}"#, "f", &defaults);
    let config = document.functions.remove(0).config;
    assert_eq!((config.max_retries, config.max_execution_ms), (Some(1), Some(5)));
    let defaults = read(r#"{"async_function_config": {"resource_limits": {"max_execution_time": 60}}}"#);
    assert_eq!(defaults.folder_defaults.and_then(|patch| patch.max_execution_ms), Some(60_000));
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_name() {
    let document = read(r#"{"shedule": "0 0 * * *", "method": "GET", "_note": 1, "stack": []}"#);
    assert_eq!(document.functions.len(), 1);
    assert!(document.findings.iter().all(|found| found.severity == Severity::Warning));
    assert_eq!(document.findings[0].help.as_deref(), Some("did you mean `schedule`?"));
    assert_eq!(document.findings.len(), 2);
}

#[test]
fn every_setting_that_does_not_hold_is_an_error_and_nothing_is_deployed() {
    let text = r#"{"priority": 101, "retention": "soon", "expose": "maybe", "concurrency": 0, "rate_limit": {"limit": 1},
"schedule": ["bad", {"cron": "0 0 30 2 *"}, {"timezone": "Europe/Berlim"}], "callback": {"url": "ftp://x", "secret": "s", "events": ["x"]},
"tags": [1], "description": 2, "async_function_config": {"resource_limits": {"memory_limit": "lots"}}, "stack": {"function": "nope"}}"#;
    let document = read(text);
    assert!(document.functions.is_empty());
    let codes: Vec<_> = document.findings.iter().map(|found| (found.line, found.code)).collect();
    let count = |line: usize| codes.iter().filter(|(at, _)| *at == line).count();
    assert_eq!((count(1), count(2), count(3)), (5, 7, 4), "{codes:?}");
}

#[test]
fn two_functions_of_one_name_are_an_error_at_the_second() {
    let step = r#"[{"function": "return", "value": 1}]"#;
    assert_eq!(findings(&format!("{{\"a-b\": {step},\n\"a_b\": {step}}}")), ["2:1 duplicate_function"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_is_not_followed_and_another_is() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    std::fs::create_dir_all(at("orders/deep")).unwrap();
    std::fs::write(at("orders/deep/create.json"), "[]").unwrap();
    symlink(at("orders"), at("shop")).unwrap();
    symlink(folder.path(), at("orders/up")).unwrap();
    symlink(at("orders"), at("orders/deep/back")).unwrap();
    let read = read_path(folder.path()).unwrap();
    let mut names: Vec<String> = read.functions.iter().map(|function| function.name.to_string()).collect();
    names.sort_unstable();
    assert_eq!(names, ["orders/deep/create", "shop/deep/create"]);
    assert_eq!(read.files, 2);
}

#[test]
fn any_bytes_are_read_to_their_end() {
    use proptest::prelude::*;
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(50_000),
        "/*".repeat(10_000),
        "{{".repeat(10_000),
        "\u{feff}[]".to_owned(),
        format!("[\"{}", "\u{1}".repeat(1000)),
    ] {
        fuzz(text.as_bytes());
    }
    proptest!(|(bytes in proptest::collection::vec(any::<u8>(), 0..200))| {
        fuzz(&bytes);
    });
}

#[test]
fn no_file_whatever_makes_the_reader_panic_and_every_finding_stands_in_it() {
    use proptest::prelude::*;
    let pieces = r#"[\[\]{},:"0-9a-z{}|._ ]{0,8}"#;
    proptest!(|(cut in 0..FULL.len(), length in 0usize..40, piece in pieces)| {
        let before: String = FULL.chars().take(cut).collect();
        let after: String = FULL.chars().skip(cut + length).collect();
        let text = format!("{before}{piece}{after}");
        let document = read(&text);
        let lines = text.lines().count();
        for found in &document.findings {
            prop_assert!(found.line <= lines && found.column >= 1);
        }
        let refused = document.findings.iter().any(|found| found.severity == Severity::Error);
        prop_assert!(!refused || document.functions.is_empty());
        for function in &document.functions {
            let again = read_stored(&function.name, &function.canonical);
            prop_assert_eq!(again.map(|again| again.version).ok(), Some(function.version.clone()));
        }
    });
}
