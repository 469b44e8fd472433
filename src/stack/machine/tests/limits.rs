//! Fuel, memory, depth and sizes: what stops at its bound.
//! Never measures time.

use super::driver::{World, json};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::{FUEL_PER_TURN, JOURNAL_ENTRY_BYTES_MAX};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Ending, Machine, Need};

#[test]
fn an_endless_loop_yields_for_ever() {
    let world = World::new();
    for body in
        ["[]", r#"[{"function": "create_variable", "name": "x", "value": "{{ loop.index }}"}]"#, r#"[{"function": "continue"}]"#]
    {
        let stack = format!(r#"[{{"function": "while_loop", "condition": true, "operations": {body}}}]"#);
        let mut machine = Machine::new(world.start(&stack, "{}"));
        for _ in 0..100 {
            let mut fuel = FUEL_PER_TURN;
            assert!(matches!(machine.run(&mut fuel), Need::Yield));
            assert_eq!(fuel, 0);
        }
    }
}

#[test]
fn a_machine_that_yields_can_be_put_away_and_go_on() {
    let world = World::new();
    let stack = r#"[
        {"function": "create_variable", "name": "sum", "value": 0},
        {"function": "loop", "array": "{{ input.items }}", "operations": [{"function": "update_variable", "name": "sum", "value": "{{ sum + item }}"}]},
        {"function": "return", "value": "{{ sum }}"}
    ]"#;
    let items = Value::array((0..100).map(Value::Int).collect());
    let start = world.start(stack, &Value::object([("items", items)]).to_json_text());
    let mut machine = Machine::new(start.clone());
    let mut deltas = Vec::new();
    for _ in 0..1000 {
        match machine.run(&mut 7) {
            Need::Yield => {
                deltas.push(machine.take_delta(false));
                machine = Machine::restore(start.clone(), &deltas, &world).unwrap();
            }
            Need::End(Ending::Returned { output, .. }) => {
                assert_eq!(output, Value::Int(4950));
                assert!(deltas.len() > 10);
                return;
            }
            other => panic!("{other:?} was not expected"),
        }
    }
    panic!("it never ends")
}

#[test]
fn a_step_with_a_large_expression_costs_more_than_one_with_a_small_one() {
    let world = World::new();
    let cost = |value: &str| {
        let stack = format!(
            r#"[{{"function": "create_variable", "name": "x", "value": "{value}"}}, {{"function": "log", "message": "a"}}]"#
        );
        let items = Value::array((0..1000).map(Value::Int).collect());
        let mut machine = Machine::new(world.start(&stack, &Value::object([("items", items)]).to_json_text()));
        let mut fuel = 10_000;
        assert!(matches!(machine.run(&mut fuel), Need::Effects(_)));
        10_000 - fuel
    };
    assert_eq!(cost("{{ items }}"), 2);
    assert!(cost("{{ items | sum }}") >= 20, "a thousand items are twenty times fifty operations");
    assert!(cost("{{ (items | sum) + (items | sum) }}") >= 40);
}

fn accepted(value: Value) -> Failure {
    let world = World::new();
    let mut machine = Machine::new(world.start(r#"[{"function": "log", "message": "x"}]"#, "{}"));
    world.until_effect(&mut machine).unwrap();
    machine.accept("stack[0]", Ok(value), Timestamp(0), 0);
    match world.until_effect(&mut machine) {
        Err(Ending::Raised(failure)) => *failure,
        other => panic!("{other:?} is no failure"),
    }
}

#[test]
fn an_answer_that_cannot_be_stored_is_an_error_of_its_step() {
    assert_eq!(accepted(Value::text("a\0b")).code, ErrorCode::InvalidValue);
    assert_eq!(accepted(Value::Decimal(f64::NAN)).code, ErrorCode::InvalidValue);
    let failure = accepted(Value::text("x".repeat(JOURNAL_ENTRY_BYTES_MAX)));
    assert_eq!((failure.code, failure.stack.as_str()), (ErrorCode::ValueTooLarge, "at main stack[0] log"));
}

#[test]
fn an_answer_just_within_the_limit_is_taken() {
    let world = World::new();
    let mut machine = Machine::new(
        world.start(r#"[{"function": "log", "message": "x", "return_as": "big"}, {"function": "log", "message": "y"}]"#, "{}"),
    );
    world.until_effect(&mut machine).unwrap();
    let before = machine.memory_bytes();
    machine.accept("stack[0]", Ok(Value::text("x".repeat(JOURNAL_ENTRY_BYTES_MAX - 2))), Timestamp(0), 0);
    assert!(world.until_effect(&mut machine).is_ok());
    assert!(machine.memory_bytes() >= before + JOURNAL_ENTRY_BYTES_MAX - 2);
}

#[test]
fn a_variable_that_does_not_fit_is_refused_before_it_is_set() {
    let mut world = World::new();
    world.config.memory_limit_bytes = 100_000;
    let stack = r#"[
        {"function": "create_variable", "name": "x", "value": "0123456789"},
        {"function": "while_loop", "condition": true, "operations": [{"function": "update_variable", "name": "x", "value": "{{ x ~ x }}"}]}
    ]"#;
    let story = world.tell(stack, "{}");
    assert!(story.end().starts_with("raised ERROR_CODE_MEMORY_LIMIT `x` needs"), "{}", story.end());
}

/// Every place where a stack can hand over a value.
const HANDED: &[&str] = &[
    r#"{"function": "return", "value": BIG}"#,
    r#"{"function": "return_response", "body": BIG}"#,
    r#"{"function": "create_variable", "name": "x", "value": BIG}"#,
    r#"{"function": "throw_error", "message": "m", "payload": BIG}"#,
    r#"{"function": "add_record", "table": "t", "data": {"x": BIG}}"#,
    r#"{"function": "query_all_records", "table": "t", "filter": {"x": {"$in": BIG}}}"#,
    r#"{"function": "update_progress", "percent": 1, "data": BIG}"#,
    r#"{"function": "log", "message": "m", "data": BIG}"#,
    r#"{"function": "custom_function", "name": "f", "inputs": {"x": BIG}}"#,
    r#"{"function": "custom_function", "name": "f", "inputs": {"x": BIG}, "execution_mode": "async"}"#,
    r#"{"function": "send_callback", "url": "http://x", "body": BIG}"#,
    r#"{"function": "external_api_request", "url": "http://x", "method": "POST", "body": BIG}"#,
    r#"{"function": "switch", "input": BIG, "cases": [{"value": 1, "steps": []}]}"#,
    r#"{"function": "loop", "array": BIG, "operations": []}"#,
];

#[test]
fn no_step_takes_a_value_that_repeats_itself_beyond_the_memory() {
    let mut world = World::new().with_function("f", "[]");
    world.config.memory_limit_bytes = 1_000_000;
    let big = format!("[{}]", vec![r#""{{ input.items }}""#; 100].join(","));
    let items = Value::object([("items", Value::array((0..1000).map(Value::Int).collect()))]).to_json_text();
    for step in HANDED {
        let story = world.tell(&format!("[{}]", step.replace("BIG", &big)), &items);
        let expected = "raised ERROR_CODE_MEMORY_LIMIT a value has more than 1000000 bytes; raise memory_limit or keep less";
        assert!(story.end().starts_with(expected), "{step}: {}", story.end());
        assert!(story.effects.is_empty(), "{step}");
    }
}

#[test]
fn a_value_grows_no_deeper_than_the_limit() {
    let world = World::new();
    for deeper in [
        r#"{"function": "update_variable", "name": "x", "value": ["{{ x }}"]}"#,
        r#"{"function": "update_variable", "name": "x", "value": "{{ [[[[x]]]] }}"}"#,
        r#"{"function": "update_variable", "name": "x", "value": "{{ {a: x} }}"}"#,
        r#"{"function": "update_variable", "name": "x", "operation": "append", "value": "{{ [x[-1]] }}"}"#,
        r#"{"function": "update_variable", "name": "x", "value": "{{ []|push(x) }}"}"#,
    ] {
        let stack = format!(
            r#"[{{"function": "create_variable", "name": "x", "value": []}}, {{"function": "while_loop", "condition": true, "operations": [{deeper}]}}]"#
        );
        let story = world.tell(&stack, "{}");
        assert!(story.end().contains("is nested deeper than 128 levels"), "{deeper}: {}", story.end());
    }
    let path = vec!["a"; 100_000].join(".");
    let stack = format!(r#"[{{"function": "update_variable", "name": "x", "key": "{path}", "value": 1}}]"#);
    assert!(world.tell(&stack, "{}").end().contains("values have 128 levels"));
}

#[test]
fn a_loop_over_a_variable_counts_its_list_once() {
    let world = World::new();
    let stack = r#"[
        {"function": "create_variable", "name": "list", "value": "{{ input.items }}"},
        {"function": "loop", "array": "{{ list }}", "operations": [{"function": "log", "message": "x"}]}
    ]"#;
    let items = Value::array((0..1000).map(Value::Int).collect());
    let once = items.memory_bytes();
    let start = world.start(stack, &Value::object([("items", items)]).to_json_text());
    let mut machine = Machine::new(start.clone());
    world.until_effect(&mut machine).unwrap();
    assert!(machine.memory_bytes() < once * 2 + 1000, "the input and the variable, not the loop's list again");
    let restored = Machine::restore(start, &[machine.take_delta(true)], &world).unwrap();
    assert_eq!(restored.memory_bytes(), machine.memory_bytes(), "nor does a restored machine count it again");
}

#[test]
fn what_is_said_while_nothing_was_asked_changes_nothing() {
    let world = World::new();
    let mut machine = Machine::new(world.start(r#"[{"function": "return", "value": 1}]"#, "{}"));
    machine.accept_program(None);
    let ending = world.until_effect(&mut machine).unwrap_err();
    machine.accept("stack[0]", Ok(json("5")), Timestamp(0), 0);
    assert_eq!(world.until_effect(&mut machine).unwrap_err(), ending);
}
