//! Functions that call functions, in one machine.
//! Never a child execution; the engine starts those.

use super::driver::World;
use crate::stack::machine::{Ending, Machine, Need};

fn world() -> World {
    World::new()
        .with_function("double", r#"[{"function": "log", "message": "double {{ n }} {{ secret }}"}, {"function": "return", "value": "{{ input.n * 2 }}"}]"#)
        .with_function("answer", r#"[{"function": "return_response", "status": 500, "body": {"error": "told", "got": "{{ request.body.x }}"}}, {"function": "log", "message": "never"}]"#)
        .with_function("fails", r#"[{"function": "group", "operations": [{"function": "external_api_request", "url": "http://fail/it"}]}]"#)
        .with_function("nothing", "[]")
        .with_function("deep", r#"[{"function": "custom_function", "name": "deep"}]"#)
}

#[test]
fn a_function_runs_inside_the_execution_with_its_inputs_and_nothing_else() {
    let stack = r#"[
        {"function": "create_variable", "name": "secret", "value": "hidden"},
        {"function": "custom_function", "name": "double", "inputs": {"n": "{{ input.n }}"}, "return_as": "d"},
        {"function": "custom_function", "name": "double", "inputs": {"n": "{{ d }}"}, "return_as": "d"},
        {"function": "return", "value": "{{ d }} {{ secret }}"}
    ]"#;
    world().check(stack, &["double 3 ", "double 6 "], r#"returned "12 hidden""#);
}

#[test]
fn the_body_of_a_response_is_the_output_and_its_status_raises_nothing() {
    let stack = r#"[
        {"function": "custom_function", "name": "answer", "inputs": {"x": 1}, "return_as": "a"},
        {"function": "custom_function", "name": "nothing", "return_as": "b"},
        {"function": "return", "value": ["{{ a }}", "{{ b }}"]}
    ]"#;
    world().check(stack, &[], r#"returned [{"error":"told","got":1},null]"#);
}

#[test]
fn a_status_belongs_to_the_response_of_the_outermost_function() {
    let stack = r#"[{"function": "custom_function", "name": "answer"}, {"function": "return_response", "status": 201, "body": 1, "headers": {"X-A": "b"}}]"#;
    let story = world().tell(stack, "{}");
    let Ending::Returned { response, .. } = story.ending else { panic!("it returns") };
    assert_eq!((response.status, response.headers), (Some(201), vec![("X-A".to_owned(), "b".to_owned())]));
}

#[test]
fn an_error_inside_a_function_has_a_trace_with_a_line_for_each_call() {
    let stack = r#"[
        {"function": "log", "message": "a"},
        {"function": "try_catch", "try_block": [{"function": "custom_function", "name": "fails"}],
         "catch_block": [{"function": "log", "message": "{{ error.stack }}"}, {"function": "log", "message": "{{ error.step }}"}]}
    ]"#;
    let trace = "at fails stack[0].operations[0] external_api_request\nat main stack[1].try_block[0] custom_function";
    world().check(stack, &["a", trace, "stack[1].try_block[0]>fails:stack[0].operations[0]"], "returned null");
}

#[test]
fn a_function_that_does_not_exist_raises_in_the_step() {
    let story = world().tell(r#"[{"function": "custom_function", "name": "gone"}]"#, "{}");
    assert!(story.end().starts_with("raised ERROR_CODE_FUNCTION_UNKNOWN there is no function \"gone\""), "{}", story.end());
    let story = world().tell(r#"[{"function": "custom_function", "name": "{{ n }}"}]"#, r#"{"n": "No Name!"}"#);
    assert!(story.end().starts_with("raised ERROR_CODE_FUNCTION_UNKNOWN"), "{}", story.end());
}

#[test]
fn functions_that_call_themselves_without_end_are_stopped() {
    let story = world().tell(r#"[{"function": "custom_function", "name": "deep"}]"#, "{}");
    assert!(story.end().starts_with("raised ERROR_CODE_LIMIT blocks and calls are nested deeper than 256"), "{}", story.end());
}

#[test]
fn a_function_is_found_once_and_pinned() {
    let world = world();
    let stack = r#"[
        {"function": "loop", "array": [1, 2], "operations": [{"function": "custom_function", "name": "nothing"}]},
        {"function": "log", "message": "x"},
        {"function": "custom_function", "name": "Nothing"}
    ]"#;
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    let Need::Program(name) = machine.run(&mut 400) else { panic!("a program is needed") };
    assert!(matches!(machine.run(&mut 400), Need::Program(again) if again == name), "it asks for the same again");
    machine.accept_program(crate::stack::machine::Programs::program(
        &world,
        &name,
        &crate::domain::function::FunctionVersion("v1".into()),
    ));
    assert!(matches!(machine.run(&mut 400), Need::Effects(_)), "the second call needs nothing");
    let delta = machine.take_delta(false);
    let mut restored = Machine::restore(start, &[delta], &world).unwrap();
    let effect = world.until_effect(&mut restored).unwrap();
    world.accept(&mut restored, &effect, 0);
    assert!(matches!(restored.run(&mut 400), Need::End(_)), "a restored machine keeps its pins");
}

#[test]
fn an_async_call_is_a_child() {
    let stack = r#"[
        {"function": "custom_function", "name": "double", "inputs": {"n": 1}, "execution_mode": "async", "delay": 2, "return_as": "id"},
        {"function": "async_function_await", "execution_ids": ["{{ id }}"], "return_as": "r"},
        {"function": "return", "value": "{{ r }}"}
    ]"#;
    world().check(stack, &[], r#"returned ["child-of-double"]"#);
}

#[test]
fn a_return_inside_blocks_of_a_function_ends_only_that_function() {
    let world = World::new().with_function(
        "find",
        r#"[{"function": "loop", "array": "{{ items }}", "operations": [
            {"function": "try_catch", "try_block": [
                {"function": "conditional", "condition": "{{ item == wanted }}", "true_branch": [{"function": "return", "value": "{{ loop.index0 }}"}]}
            ], "finally_block": [{"function": "log", "message": "looked at {{ item }}"}]}
        ]}]"#,
    );
    let stack = r#"[
        {"function": "custom_function", "name": "find", "inputs": {"items": ["a", "b", "c"], "wanted": "b"}, "return_as": "at"},
        {"function": "return", "value": "{{ at }}"}
    ]"#;
    world.check(stack, &["looked at a", "looked at b"], "returned 1");
}

#[test]
fn a_call_holds_to_the_inputs_that_the_function_declares() {
    use crate::domain::value::Value;
    use crate::stack::program::{InputField, InputKind};
    let field = |required, default| InputField {
        name: "n".into(),
        kind: InputKind::Int,
        list: false,
        required,
        default,
        choices: Vec::new(),
        description: None,
    };
    let text = r#"[{"function": "return", "value": "{{ n }}"}]"#;
    let stack = |inputs: &str| {
        format!(
            r#"[{{"function": "custom_function", "name": "f", "inputs": {inputs}, "return_as": "r"}}, {{"function": "return", "value": "{{{{ r }}}}"}}]"#
        )
    };
    let world = World::new().with_checked_function("f", field(false, Some(Value::Int(5))), text);
    world.check(&stack("{}"), &[], "returned 5");
    world.check(&stack(r#"{"n": "6"}"#), &[], "returned 6");
    let world = World::new().with_checked_function("f", field(true, None), text);
    world.check(&stack("{}"), &[], "raised ERROR_CODE_INPUT the inputs of f do not hold: `n` is required");
}
