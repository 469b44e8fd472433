//! A machine from its deltas goes on as if nothing had happened.
//! Never a store; deltas are texts here.

use std::sync::Arc;

use super::driver::{World, json};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Ending, Machine, Need, Programs, RestoreError};
use crate::stack::program::Program;

const ALL_AT_ONCE: &str = r#"[
    {"function": "create_variable", "name": "seen", "value": []},
    {"function": "try_catch", "try_block": [
        {"function": "loop", "array": [1, 2, 3], "as": "n", "operations": [
            {"function": "custom_function", "name": "work", "inputs": {"n": "{{ n }}"}, "return_as": "done"},
            {"function": "update_variable", "name": "seen", "operation": "append", "value": {"done": "{{ done }}", "at": "{{ now }}", "id": "{{ uuid }}"}},
            {"function": "parallel", "branches": {
                "a": [{"function": "external_api_request", "url": "http://a/{{ n }}"}],
                "b": [{"function": "log", "message": "b {{ n }}"}, {"function": "count_records", "table": "t"}]
            }, "return_as": "both"},
            {"function": "conditional", "condition": "{{ n == 2 }}", "true_branch": [
                {"function": "throw_error", "message": "at {{ n }}", "payload": {"at": "{{ now }}"}}
            ]}
        ]}
    ], "catch_block": [
        {"function": "log", "message": "{{ error.message }} {{ error.payload.at }}"},
        {"function": "update_variable", "name": "error", "operation": "merge", "value": {"seen": true}},
        {"function": "log", "message": "{{ error.seen }}"},
        {"function": "return", "value": {"seen": "{{ seen }}", "both": "{{ both }}", "at": "{{ now }}"}}
    ], "finally_block": [
        {"function": "log", "message": "finally"},
        {"function": "sleep", "duration": 1}
    ]}
]"#;

fn world() -> World {
    World::new().with_function(
        "work",
        r#"[
            {"function": "create_variable", "name": "left", "value": "{{ n }}"},
            {"function": "while_loop", "condition": "{{ left > 0 }}", "operations": [
                {"function": "log", "message": "work {{ left }}"},
                {"function": "update_variable", "name": "left", "value": "{{ left - 1 }}"}
            ]},
            {"function": "return", "value": "{{ n * 10 }}"}
        ]"#,
    )
}

#[test]
fn a_stack_broken_at_every_effect_ends_as_it_would_have() {
    let story = world().tell(ALL_AT_ONCE, "{}");
    assert_eq!(story.effects.len(), 3 + 6 + 2 + 2);
    let Ending::Returned { output, .. } = &story.ending else { panic!("{}", story.end()) };
    assert_eq!(output.field("both").to_json_text(), r#"{"a":{"url":"http://a/2","status":200},"b":3}"#);
    let seen = output.field("seen");
    let first = &seen.as_array().unwrap()[0];
    assert!(matches!(first.field("at"), Value::Timestamp(_)), "timestamps stay timestamps: {first:?}");
    assert_eq!(first.field("done"), Value::Int(10));
}

#[test]
fn a_machine_that_waits_can_be_answered_by_its_successor() {
    let world = world();
    let stack = r#"[{"function": "wait_for_event", "name": "paid", "return_as": "event"}, {"function": "return", "value": "{{ event.n }}"}]"#;
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    world.until_effect(&mut machine).unwrap();
    let parked = machine.take_delta(true);
    let mut woken = Machine::restore(start, &[parked], &world).unwrap();
    woken.accept("stack[0]", Ok(json(r#"{"n": 5}"#)), Timestamp(5), 5);
    assert!(matches!(woken.run(&mut 400), Need::End(Ending::Returned { output: Value::Int(5), .. })));
}

#[test]
fn a_full_delta_needs_none_before_it() {
    let world = world();
    let start = world.start(ALL_AT_ONCE, "{}");
    let mut machine = Machine::new(start.clone());
    for count in 0..6 {
        let effect = world.until_effect(&mut machine).unwrap();
        world.accept(&mut machine, &effect, count);
        let _ = machine.take_delta(false);
    }
    let full = machine.take_delta(true);
    let mut restored = Machine::restore(start.clone(), std::slice::from_ref(&full), &world).unwrap();
    assert_eq!(restored.take_delta(true), full, "a restored machine writes the same");
    let earlier: Arc<str> = machine.take_delta(false);
    assert!(Machine::restore(start.clone(), &[earlier, full], &world).is_ok(), "what came before is forgotten");
    assert_eq!(world.until_effect(&mut restored), world.until_effect(&mut machine));
}

#[test]
fn the_end_of_a_stack_survives_too() {
    let world = world();
    for stack in [
        r#"[{"function": "return_response", "status": 404, "body": {"at": "{{ now }}"}}]"#,
        r#"[{"function": "throw_error", "status": 409}]"#,
    ] {
        let start = world.start(stack, "{}");
        let mut machine = Machine::new(start.clone());
        let ending = world.until_effect(&mut machine).unwrap_err();
        let mut restored = Machine::restore(start, &[machine.take_delta(false)], &world).unwrap();
        assert_eq!(world.until_effect(&mut restored).unwrap_err(), ending);
    }
}

struct Nothing;

impl Programs for Nothing {
    fn program(&self, _: &FunctionName, _: &FunctionVersion) -> Option<Arc<Program>> {
        None
    }
}

#[test]
fn what_cannot_be_restored_says_why() {
    let world = world();
    let start = world.start(ALL_AT_ONCE, "{}");
    let mut machine = Machine::new(start.clone());
    let effect = world.until_effect(&mut machine).unwrap();
    world.accept(&mut machine, &effect, 0);
    let delta = machine.take_delta(false);
    let missing = Machine::restore(start.clone(), std::slice::from_ref(&delta), &Nothing).unwrap_err();
    assert_eq!(missing.to_string(), "the version v1 of function work is not known here");
    let damaged = |delta: &str| Machine::restore(start.clone(), &[delta.into()], &world).unwrap_err();
    assert!(matches!(damaged("no json"), RestoreError::Damaged(_)));
    assert!(matches!(damaged(&delta.replace("\"v\":1", "\"v\":9")), RestoreError::Damaged(why) if why.contains("version 9")));
    assert!(matches!(damaged(&delta.replace("\"at\":1", "\"at\":77")), RestoreError::Damaged(_)));
}

/// Deltas as the first version wrote them; they must be read for ever.
#[test]
fn a_delta_of_the_first_version_is_still_read() {
    let world = world();
    let start = world.start(r#"[{"function": "log", "message": "a"}, {"function": "loop", "array": [1, 2], "operations": [{"function": "log", "message": "{{ x }} {{ item }}"}]}]"#, "{}");
    let kept: Arc<str> = concat!(
        r#"{"v":1,"now":1001000,"seed":100,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"item","turn":1}}},{"at":0}],"#,
        r#""kept":{"1":[1,2]},"variables":{"0":{"set":{"x":{"$timestamp":5}},"append":{}}}}"#
    )
    .into();
    let mut machine = Machine::restore(start, &[kept], &world).unwrap();
    let effect = world.until_effect(&mut machine).unwrap();
    assert_eq!(&*effect.position, "stack[1].operations[0]#2");
    assert!(
        matches!(&effect.action, crate::stack::machine::Action::Log { message, .. } if message == "1970-01-01T00:00:00.005Z 2")
    );
}
