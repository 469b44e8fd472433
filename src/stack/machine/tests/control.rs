//! Branches, loops, `try` and what leaves them early.
//! Never an effect beside the log that tells the way.

use super::driver::World;

fn check(text: &str, logged: &[&str], end: &str) {
    World::new().check(text, logged, end);
}

#[test]
fn a_stack_that_ends_without_a_return_has_no_output() {
    check("[]", &[], "returned null");
    check(r#"[{"function": "log", "message": "a"}]"#, &["a"], "returned null");
}

#[test]
fn a_return_ends_the_stack() {
    check(
        r#"[{"function": "return", "value": {"n": "{{ input.n }}"}}, {"function": "log", "message": "never"}]"#,
        &[],
        r#"returned {"n":3}"#,
    );
}

#[test]
fn a_disabled_step_is_skipped() {
    check(
        r#"[{"function": "log", "message": "a", "disabled": true}, {"function": "log", "message": "b"}]"#,
        &["b"],
        "returned null",
    );
}

#[test]
fn a_conditional_runs_the_branch_that_is_meant_and_what_it_sets_survives() {
    let stack = r#"[
        {"function": "conditional", "condition": "{{ input.n > 2 }}",
         "true_branch": [{"function": "create_variable", "name": "size", "value": "big"}],
         "false_branch": [{"function": "create_variable", "name": "size", "value": "small"}]},
        {"function": "conditional", "condition": "{{ input.n > 5 }}", "true_branch": [{"function": "log", "message": "never"}]},
        {"function": "return", "value": "{{ size }}"}
    ]"#;
    check(stack, &[], r#"returned "big""#);
}

#[test]
fn a_loop_binds_its_item_and_counts_its_turns() {
    let stack = r#"[
        {"function": "loop", "array": ["a", "b", "c"], "operations": [
            {"function": "log", "message": "{{ item }} {{ loop.index }} {{ loop.index0 }} {{ loop.first }} {{ loop.last }} {{ loop.length }}"}
        ]}
    ]"#;
    check(stack, &["a 1 0 true false 3", "b 2 1 false false 3", "c 3 2 false true 3"], "returned null");
}

#[test]
fn loops_in_loops_see_the_items_of_both() {
    let stack = r#"[
        {"function": "loop", "array": [1, 2], "as": "outer", "operations": [
            {"function": "loop", "array": ["x", "y"], "operations": [{"function": "log", "message": "{{ outer }}{{ item }}"}]}
        ]}
    ]"#;
    check(stack, &["1x", "1y", "2x", "2y"], "returned null");
}

#[test]
fn a_loop_over_null_has_no_turn_and_one_over_no_list_fails() {
    check(
        r#"[{"function": "loop", "array": "{{ missing }}", "operations": [{"function": "log", "message": "x"}]}]"#,
        &[],
        "returned null",
    );
    check(r#"[{"function": "loop", "array": [], "operations": [{"function": "log", "message": "x"}]}]"#, &[], "returned null");
    let story = World::new().tell(r#"[{"function": "loop", "array": "{{ input.n }}", "operations": []}]"#, r#"{"n": 3}"#);
    assert!(story.end().starts_with("raised ERROR_CODE_PARAMETER `array` is a list, not 3"), "{}", story.end());
}

#[test]
fn break_and_continue_mean_the_innermost_loop() {
    let stack = r#"[
        {"function": "loop", "array": [1, 2], "as": "outer", "operations": [
            {"function": "loop", "array": [1, 2, 3, 4], "as": "inner", "operations": [
                {"function": "conditional", "condition": "{{ inner == 2 }}", "true_branch": [{"function": "continue"}]},
                {"function": "conditional", "condition": "{{ inner == 4 }}", "true_branch": [{"function": "break"}]},
                {"function": "log", "message": "{{ outer }}{{ inner }}"}
            ]},
            {"function": "log", "message": "end {{ outer }}"}
        ]}
    ]"#;
    check(stack, &["11", "13", "end 1", "21", "23", "end 2"], "returned null");
}

#[test]
fn a_while_loop_runs_as_long_as_its_condition_holds() {
    let stack = r#"[
        {"function": "create_variable", "name": "left", "value": 3},
        {"function": "while_loop", "condition": "{{ left > 0 }}", "operations": [
            {"function": "log", "message": "{{ left }} in turn {{ loop.index }}"},
            {"function": "update_variable", "name": "left", "value": "{{ left - 1 }}"},
            {"function": "conditional", "condition": "{{ left == 1 }}", "true_branch": [{"function": "continue"}]},
            {"function": "log", "message": "then {{ left }}"}
        ]},
        {"function": "return", "value": "{{ left }}"}
    ]"#;
    check(stack, &["3 in turn 1", "then 2", "2 in turn 2", "1 in turn 3", "then 0"], "returned 0");
}

#[test]
fn a_while_loop_can_be_left() {
    let stack = r#"[
        {"function": "while_loop", "condition": true, "operations": [
            {"function": "log", "message": "{{ loop.index }}"},
            {"function": "conditional", "condition": "{{ loop.index == 2 }}", "true_branch": [{"function": "break"}]}
        ]},
        {"function": "log", "message": "out"}
    ]"#;
    check(stack, &["1", "2", "out"], "returned null");
}

#[test]
fn a_switch_runs_the_first_case_that_equals() {
    let stack = r#"[
        {"function": "loop", "array": [1, "2", "other"], "operations": [
            {"function": "switch", "input": "{{ item }}", "cases": [
                {"value": "1", "steps": [{"function": "log", "message": "one"}]},
                {"value": 2, "steps": [{"function": "log", "message": "two"}]}
            ], "default": [{"function": "log", "message": "none of them"}]}
        ]},
        {"function": "switch", "variable": "paid", "cases": {"open": [], "paid": [{"function": "log", "message": "by key"}]}}
    ]"#;
    check(stack, &["one", "two", "none of them", "by key"], "returned null");
}

#[test]
fn a_group_is_its_steps() {
    check(
        r#"[{"function": "group", "operations": [{"function": "log", "message": "a"}]}, {"function": "log", "message": "b"}]"#,
        &["a", "b"],
        "returned null",
    );
}

#[test]
fn parallel_branches_give_their_last_values_by_name() {
    let stack = r#"[
        {"function": "parallel", "branches": {
            "left": [{"function": "create_variable", "name": "x", "value": 1}, {"function": "create_variable", "name": "y", "value": "{{ x + 1 }}"}],
            "right": [{"function": "external_api_request", "url": "http://a/b", "return_as": "r"}],
            "empty": []
        }, "return_as": "both"},
        {"function": "return", "value": "{{ both }}"}
    ]"#;
    check(stack, &[], r#"returned {"left":2,"right":{"url":"http://a/b","status":200},"empty":null}"#);
}

#[test]
fn an_error_runs_the_catch_block_with_what_is_known_of_it() {
    let stack = r#"[
        {"function": "try_catch", "try_block": [
            {"function": "external_api_request", "url": "http://fail/x"},
            {"function": "log", "message": "never"}
        ], "catch_block": [
            {"function": "log", "message": "{{ error.code }} {{ error.message }} {{ error.status }} {{ error.attempt }}"},
            {"function": "log", "message": "{{ error.stack }}"},
            {"function": "log", "message": "{{ error.step }}"}
        ]},
        {"function": "log", "message": "on with {{ error.code }}"}
    ]"#;
    let logged = [
        "ERROR_CODE_TRANSPORT no way to x 502 1",
        "at main stack[0].try_block[0] external_api_request",
        "stack[0].try_block[0]",
        "on with ",
    ];
    check(stack, &logged, "returned null");
}

#[test]
fn finally_runs_after_success_error_return_break_and_an_error_of_the_catch() {
    let within = |step: &str| {
        format!(
            r#"[{{"function": "loop", "array": [1, 2], "operations": [{{"function": "try_catch",
                "try_block": [{step}],
                "finally_block": [{{"function": "log", "message": "finally {{{{ item }}}}"}}]}}]}}, {{"function": "return", "value": "end"}}]"#
        )
    };
    check(&within(r#"{"function": "log", "message": "a"}"#), &["a", "finally 1", "a", "finally 2"], r#"returned "end""#);
    check(&within(r#"{"function": "throw_error", "message": "bad"}"#), &["finally 1"], "raised ERROR_CODE_THROWN bad");
    check(&within(r#"{"function": "return", "value": "early"}"#), &["finally 1"], r#"returned "early""#);
    check(&within(r#"{"function": "break"}"#), &["finally 1"], r#"returned "end""#);
    check(&within(r#"{"function": "continue"}"#), &["finally 1", "finally 2"], r#"returned "end""#);
    let stack = r#"[{"function": "try_catch",
        "try_block": [{"function": "throw_error", "message": "first"}],
        "catch_block": [{"function": "throw_error", "message": "second, after {{ error.message }}"}],
        "finally_block": [{"function": "log", "message": "finally {{ error.message }}"}]}]"#;
    check(stack, &["finally second, after first"], "raised ERROR_CODE_THROWN second, after first");
}

#[test]
fn what_a_finally_block_does_itself_wins() {
    let stack = r#"[{"function": "try_catch",
        "try_block": [{"function": "throw_error", "message": "lost"}],
        "finally_block": [{"function": "return", "value": "kept"}]}]"#;
    check(stack, &[], r#"returned "kept""#);
    let stack = r#"[{"function": "try_catch",
        "try_block": [{"function": "return", "value": "lost"}],
        "finally_block": [{"function": "throw_error", "message": "wins"}]}]"#;
    check(stack, &[], "raised ERROR_CODE_THROWN wins");
}

#[test]
fn the_innermost_try_catches_and_its_own_errors_go_outwards() {
    let stack = r#"[{"function": "try_catch",
        "try_block": [{"function": "try_catch",
            "try_block": [{"function": "throw_error", "message": "a"}],
            "catch_block": [{"function": "log", "message": "inner {{ error.message }}"}, {"function": "throw_error", "message": "b"}]
        }],
        "catch_block": [{"function": "log", "message": "outer {{ error.message }}"}]}]"#;
    check(stack, &["inner a", "outer b"], "returned null");
}

#[test]
fn an_error_inside_loops_and_branches_finds_its_catch() {
    let stack = r#"[
        {"function": "loop", "array": [1, 2, 3], "operations": [
            {"function": "try_catch",
             "try_block": [{"function": "group", "operations": [
                {"function": "conditional", "condition": "{{ item == 2 }}", "true_branch": [{"function": "throw_error", "message": "two"}]},
                {"function": "log", "message": "{{ item }}"}
             ]}],
             "catch_block": [{"function": "log", "message": "caught {{ error.message }} at {{ item }}"}]}
        ]}
    ]"#;
    check(stack, &["1", "caught two at 2", "3"], "returned null");
}

#[test]
fn a_precondition_fails_only_where_it_does_not_hold() {
    check(r#"[{"function": "precondition", "condition": "{{ input.n == 3 }}"}]"#, &[], "returned null");
    check(
        r#"[{"function": "precondition", "condition": "{{ input.n == 4 }}", "message": "n is {{ input.n }}"}]"#,
        &[],
        "raised ERROR_CODE_PRECONDITION n is 3",
    );
}
