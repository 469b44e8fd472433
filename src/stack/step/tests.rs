//! Steps as they are read from documents.
//! Never performs one; that is the machine's.

use super::{StepKind, read_block};
use crate::stack::document::parse_jsonc;
use crate::stack::finding::{Findings, Severity};
use crate::stack::program::Block;

/// Reads a block; the findings are shown as `line:column severity code: message | help`.
fn read(text: &str) -> (Block, Vec<String>) {
    let mut findings = Findings::of("test.jsonc", text);
    let node = parse_jsonc(&mut findings).expect("the test's text is JSON");
    let steps = read_block(&node, &mut findings);
    let shown = findings.into_sorted().into_iter().map(|finding| {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let help = finding.help.map_or_else(String::new, |help| format!(" | {help}"));
        format!("{}:{} {severity} {}: {}{help}", finding.line, finding.column, finding.code, finding.message)
    });
    (steps, shown.collect())
}

fn findings(text: &str) -> Vec<String> {
    read(text).1
}

fn kind(text: &str) -> &'static str {
    let (steps, findings) = read(&format!("[{text}]"));
    assert!(findings.is_empty(), "{text}: {findings:?}");
    steps[0].kind.name()
}

#[test]
fn every_kind_is_read_under_all_its_spellings() {
    let check = |text: &str, expected: &str| assert_eq!(kind(text), expected);
    check(r#"{"function": "Create Variable", "variable_name": "x", "value": 1, "type": "text"}"#, "create_variable");
    check(r#"{"function": "Create Variables", "variables": {"a": 1, "b": []}}"#, "create_variable");
    check(
        r#"{"function": "Update Variable", "variable": "x", "operation": "set_key", "key": "slug", "value": 1}"#,
        "update_variable",
    );
    check(r#"{"function": "Update Variables", "updates": {"a": "{{ a + 1 }}"}}"#, "update_variable");
    check(
        r#"{"function": "External API Request", "url": "u", "query_parameters": {}, "output_variable": "x"}"#,
        "external_api_request",
    );
    check(
        r#"{"function": "external_api_request", "parameters": {"url": "u", "method": "POST", "return_as": "x"}}"#,
        "external_api_request",
    );
    check(r#"{"function": "Add Record", "table": "t", "data": {}, "return_variable": "x", "step": "Store it"}"#, "add_record");
    check(r#"{"function": "Get Records", "table": "t", "order": "id ASC", "limit": 3, "offset": 2}"#, "query_all_records");
    check(r#"{"function": "query_single_record", "table": "t", "filter": {"a": {"<": 1}}}"#, "get_record");
    check(r#"{"function": "Edit Record", "table": "t", "id": 1, "data": {}}"#, "edit_record");
    check(r#"{"function": "upsert_record", "table": "t", "filter": {}, "data": {}}"#, "upsert_record");
    check(r#"{"function": "Delete Record", "table": "t", "record_id": 1}"#, "delete_record");
    check(r#"{"function": "delete_records", "table": "t", "filter": {}}"#, "delete_records");
    check(r#"{"function": "count_records", "table": "t"}"#, "count_records");
    check(r#"{"function": "Response", "status_code": 400, "body": {}}"#, "return_response");
    check(r#"{"function": "return_response", "parameters": {"user": 1, "status": "active"}}"#, "return_response");
    check(r#"{"function": "return_value", "value": 1}"#, "return");
    check(r#"{"function": "Custom Function", "custom_function": "f", "parameters": {"name": "n"}}"#, "custom_function");
    check(r#"{"function": "custom_function", "parameters": {"name": "f", "inputs": {}}}"#, "custom_function");
    check(r#"{"function": "Async Function Await", "execution_ids": [], "timeout": 30}"#, "async_function_await");
    check(r#"{"function": "conditional", "condition": "a", "true_stack": [], "false_stack": []}"#, "conditional");
    check(r#"{"function": "Conditional", "condition": "{{ a }} === 'b'", "true_steps": []}"#, "conditional");
    check(r#"{"function": "For Each", "input": [], "inner_functions": []}"#, "loop");
    check(r#"{"function": "for_each_loop", "array": [], "function_stack": []}"#, "loop");
    check(r#"{"function": "Loop", "input_array": [], "loop_item_variable": "s", "steps": [], "concurrency": 3}"#, "loop");
    check(r#"{"function": "loop", "array": [], "as": "s", "for_each_loop": []}"#, "loop");
    check(r#"{"function": "Loop", "condition": "{{ a < 3 }}", "steps": []}"#, "while_loop");
    check(r#"{"function": "While Loop", "condition": "{{ a }} === true", "inner_logic": []}"#, "while_loop");
    check(r#"{"function": "Switch", "variable": "a", "cases": {"x": []}, "default_steps": []}"#, "switch");
    check(r#"{"function": "switch", "input": "a", "cases": [{"value": 1, "steps": []}], "default": []}"#, "switch");
    check(r#"{"function": "group", "operations": []}"#, "group");
    check(r#"{"function": "parallel", "branches": {"a": [], "b": []}}"#, "parallel");
    check(r#"{"function": "Try-Catch", "try_steps": [], "catch_steps": []}"#, "try_catch");
    check(r#"{"function": "Try/Catch Block", "try_block": [], "catch_block": [], "finally_block": []}"#, "try_catch");
    check(r#"{"function": "try_catch", "try_stack": [], "catch_stack": []}"#, "try_catch");
    check(r#"{"function": "Wait", "duration_seconds": 3}"#, "sleep");
    check(r#"{"function": "sleep", "amount": 3, "unit": "minutes"}"#, "sleep");
    check(r#"{"function": "wait_for_event", "name": "paid", "timeout": 5}"#, "wait_for_event");
    check(r#"{"function": "throw_error", "message": "m", "code": "C"}"#, "throw_error");
    check(r#"{"function": "Precondition", "condition": "a", "error": "m", "status": 403}"#, "precondition");
    check(r#"{"function": "log", "message": "m", "level": "info"}"#, "log");
    check(r#"{"function": "update_progress", "percent": 5}"#, "update_progress");
    check(r#"{"function": "send_callback", "body": {}}"#, "send_callback");
    check(r#"{"function": "Lambda Function", "parameters": {"code": "return $var.a", "timeout": 5}}"#, "lambda");
    check(r#"{"function": "lambda", "script": "1 + 1", "output_variable": "two"}"#, "lambda");
    check(r#"{"function": "Template Engine", "template": "Hi {{ name }}", "data": {"name": "{{ a }}"}}"#, "template_engine");
}

#[test]
fn an_unknown_kind_is_an_error_that_names_what_is_near() {
    let found = findings("[\n  {\"function\": \"creat_variable\"},\n  {\"function\": \"Qxz\"}\n]");
    assert_eq!(found[0], "2:16 error unknown_step_kind: unknown step kind `creat_variable` | did you mean `create_variable`?");
    assert!(
        found[1].starts_with("3:16 error unknown_step_kind: unknown step kind `Qxz` | there are create_variable"),
        "{}",
        found[1]
    );
}

#[test]
fn a_program_that_does_not_read_is_an_error_at_its_own_place() {
    let found = findings("[\n{\"function\": \"lambda\", \"code\": \"const a = 1;\\nreturn a +* 2;\"}]");
    assert_eq!(found.len(), 1, "{found:#?}");
    let expected = "error script: line 2 of the script: ";
    assert!(found[0].starts_with("2:57 ") && found[0].contains(expected), "{found:#?}");
    let found = findings("[{\"function\": \"template_engine\", \"template\": \"a\\n{{ b + }}\"}]");
    assert!(found.len() == 1 && found[0].contains("error template: line 2 of the template: "), "{found:#?}");
    let found = findings(r#"[{"function": "lambda", "code": 5}, {"function": "template_engine", "template": {"a": 1}}]"#);
    assert!(found.len() == 2 && found.iter().all(|line| line.contains("error text_expected")), "{found:#?}");
    let found = findings(r#"[{"function": "lambda", "code": "const a = $var.a * 2"}]"#);
    assert!(found.len() == 1 && found[0].contains("warning no_value"), "{found:#?}");
    let nul = findings(r#"[{"function": "lambda", "code": ""}, {"function": "template_engine", "template": ""}]"#);
    assert!(nul.iter().all(|line| line.contains("warning")), "{nul:#?}");
}

#[test]
fn a_missing_parameter_is_an_error_with_help_and_all_are_told() {
    let text = r#"[{"function": "external_api_request"}, {"function": "loop"}, {"function": "get_record", "table": "t"}, {"function": "delete_records", "table": "t"}, {"function": "create_variable"}]"#;
    let found = findings(text);
    let messages: Vec<_> = found.iter().map(|line| line.split(": ").nth(1).unwrap_or_default()).collect();
    let expected = [
        "external_api_request has no `url` | add \"url\" to this step",
        "loop has no `array` | add \"array\" to this step",
        "loop has no `operations` | add \"operations\" to this step",
        "get_record has no `record_id` or `filter` | add \"record_id\" or \"filter\" to this step",
        "delete_records has no `filter` | add \"filter\" to this step",
        "create_variable has no `name` | add \"name\" to this step",
    ];
    let (mut messages, mut expected) = (messages, expected.to_vec());
    messages.sort_unstable();
    expected.sort_unstable();
    assert_eq!(messages, expected);
    assert!(found.iter().all(|line| line.contains("error missing_parameter")), "{found:#?}");
}

#[test]
fn an_unknown_parameter_is_a_warning_and_free_keys_are_not() {
    let text = r#"[{"function": "add_record", "table": "t", "data": {}, "retrun_as": "x", "step": 1, "comment": "c", "purpose": "p", "description": "d", "zzz": 1}]"#;
    let expected = [
        "1:55 warning unknown_parameter: add_record has no parameter `retrun_as`; it is ignored | did you mean `return_as`?",
        "1:134 warning unknown_parameter: add_record has no parameter `zzz`; it is ignored",
    ];
    let found = findings(text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0], expected[0]);
    assert!(found[1].ends_with("`zzz`; it is ignored"), "{}", found[1]);
}

#[test]
fn break_and_continue_outside_a_loop_are_errors() {
    let outside =
        r#"[{"function": "break"}, {"function": "conditional", "condition": "a", "true_branch": [{"function": "continue"}]}]"#;
    let found = findings(outside);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|line| line.contains("error outside_loop")), "{found:#?}");
    let inside = r#"[{"function": "while_loop", "condition": "a", "operations": [{"function": "group", "operations": [{"function": "break"}]}]}]"#;
    assert_eq!(findings(inside), Vec::<String>::new());
    let branch = r#"[{"function": "loop", "array": [], "operations": [{"function": "parallel", "branches": {"a": [{"function": "break"}]}}]}]"#;
    assert!(findings(branch)[0].contains("outside_loop"), "a branch of parallel has no loop to end");
}

#[test]
fn what_is_no_step_or_no_block_says_so() {
    assert!(findings(r#"[5]"#)[0].contains("a step is an object, not a number"));
    assert!(findings(r#"[{"type": "log"}]"#)[0].contains("is `type` meant as `function`?"));
    assert!(findings(r#"[{"name": "x"}]"#)[0].contains("this step has no `function`"));
    assert!(findings(r#"[{"function": 5}]"#)[0].contains("`function` is a text"));
    assert!(findings(r#"{"a": 1}"#)[0].contains("a block is a list of steps, not an object"));
    assert!(findings(r#"[{"function": "group", "operations": 5}]"#)[0].contains("a block is a list of steps, not a number"));
    assert!(findings(r#"[{"function": "switch", "input": 1, "cases": [1]}]"#)[0].contains("case_expected"));
    assert!(findings(r#"[{"function": "parallel", "branches": 1}]"#)[0].contains("branches_expected"));
}

#[test]
fn a_single_step_stands_for_a_block_of_one() {
    let (steps, found) =
        read(r#"{"function": "conditional", "condition": "a", "true_branch": {"function": "log", "message": "m"}}"#);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(steps[0].kind.blocks()[0].steps.len(), 1);
}

#[test]
fn blocks_that_are_nested_too_deep_are_refused() {
    let deep = |levels: usize| {
        let open = r#"[{"function": "group", "operations": "#.repeat(levels);
        findings(&format!("{open}[]{}", "}]".repeat(levels)))
    };
    assert_eq!(deep(64), Vec::<String>::new());
    let found = deep(66);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("nested deeper than 64"));
}

#[test]
fn a_retry_policy_is_read_key_by_key() {
    let text = r#"[{"function": "log", "message": "m", "retry_policy": {"max_retries": 3, "backoff_strategy": "linear", "initial_delay": 50, "max_delay": 500, "jitter": 0, "retry_on": ["A"]}}]"#;
    let (steps, found) = read(text);
    assert!(found.is_empty(), "{found:?}");
    let patch = steps[0].retry.clone().unwrap();
    assert_eq!(
        (patch.max_retries, patch.initial_delay_ms, patch.max_delay_ms, patch.jitter),
        (Some(3), Some(50), Some(500), Some(0.0))
    );
    assert_eq!(patch.retry_on, Some(vec!["A".to_owned()]));
    let wrong = findings(r#"[{"function": "log", "message": "m", "retry_policy": {"max_retries": -1}}]"#);
    assert!(wrong[0].contains("error"), "{wrong:?}");
}

#[test]
fn what_means_nothing_on_a_step_is_a_warning() {
    let found = findings(
        r#"[{"function": "group", "operations": [], "timeout": 5}, {"function": "custom_function", "name": "f", "retry_policy": {"max_retries": 1}}]"#,
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`timeout` means nothing on group"), "{found:#?}");
    assert!(found[1].contains("`retry_policy` means nothing on custom_function"), "{found:#?}");
}

#[test]
fn a_step_says_what_it_sets_calls_and_holds() {
    let text = r#"[
        {"function": "create_variable", "name": "$var.x", "value": "{{ a }}"},
        {"function": "loop", "array": "{{ b }}", "as": "row", "operations": []},
        {"function": "custom_function", "name": "work", "inputs": {"n": "{{ c }}"}},
        {"function": "custom_function", "name": "{{ d }}"},
        {"function": "try_catch", "try_block": [], "catch_block": []}
    ]"#;
    let (steps, found) = read(text);
    assert!(found.is_empty(), "{found:?}");
    let sets = |index: usize| steps[index].kind.sets().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((sets(0), sets(1), sets(4)), (vec!["x".to_owned()], vec!["row".to_owned()], vec!["error".to_owned()]));
    assert_eq!((steps[2].kind.calls(), steps[3].kind.calls()), (Some("work"), None));
    let roots = |kind: &dyn StepKind| {
        let mut roots = Vec::new();
        kind.visit_templates(&mut |template| template.visit_roots(&mut |root| roots.push(root.to_owned())));
        roots
    };
    assert_eq!(roots(&*steps[0].kind), ["a"]);
    assert_eq!(roots(&*steps[2].kind), ["c"]);
    let mut labels = Vec::new();
    steps[4].kind.visit_blocks(&mut |label, _| labels.push(label.to_owned()));
    assert_eq!(labels, ["try_block", "catch_block", "finally_block"]);
}

#[test]
fn a_constant_filter_or_name_that_does_not_hold_is_found_when_the_file_is_read() {
    assert!(
        findings(r#"[{"function": "get_records", "table": "t", "filter": {"a": {"$near": 1}}}]"#)[0].contains("wrong_filter")
    );
    assert!(findings(r#"[{"function": "custom_function", "name": "Send it!"}]"#)[0].contains("wrong_name"));
    assert!(findings(r#"[{"function": "create_variable", "name": "{{ x }}", "value": 1}]"#)[0].contains("name_expected"));
    assert!(findings(r#"[{"function": "log", "message": "m", "disabled": 3}]"#)[0].contains("bool_expected"));
    assert!(
        findings(r#"[{"function": "update_variable", "name": "x", "operation": "add", "value": 3}]"#)[0]
            .contains("is one of set, merge")
    );
}
