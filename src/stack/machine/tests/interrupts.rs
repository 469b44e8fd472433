//! What runs on, and what no longer does, when a stack is stopped from outside.
//! Never a clock: the stack is stopped between two of its needs.

use super::driver::World;
use crate::domain::failure::{ErrorCode, Failure};
use crate::stack::machine::{Action, Ending, Machine};

fn cancelled() -> Failure {
    Failure::new(ErrorCode::Cancelled, "cancelled by its caller")
}

/// Runs until the effect that logs `at`, interrupts there, and returns what is logged afterwards and the end.
fn interrupted_at(stack: &str, at: &str) -> (Vec<String>, Ending) {
    let world = World::new().with_function(
        "inner",
        r#"[{"function": "try_catch",
        "try_block": [{"function": "log", "message": "inside"}], "catch_block": [{"function": "log", "message": "never"}],
        "finally_block": [{"function": "log", "message": "inner finally"}]}]"#,
    );
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    let mut deltas = Vec::new();
    let mut after: Option<Vec<String>> = None;
    for count in 0.. {
        let effect = match world.until_effect(&mut machine) {
            Ok(effect) => effect,
            Err(ending) => return (after.expect("it was interrupted"), ending),
        };
        let Action::Log { message, .. } = &effect.action else { panic!("only logs") };
        match &mut after {
            Some(logged) => logged.push(message.clone()),
            None if message == at => {
                after = Some(Vec::new());
                machine.interrupt(cancelled());
                deltas.push(machine.take_delta(false));
                machine = Machine::restore(start.clone(), &deltas, &world).unwrap();
                continue;
            }
            None => {}
        }
        world.accept(&mut machine, &effect, count);
        deltas.push(machine.take_delta(false));
        machine = Machine::restore(start.clone(), &deltas, &world).unwrap();
    }
    unreachable!("the loop has no end")
}

fn check(stack: &str, at: &str, after: &[&str]) {
    let (logged, ending) = interrupted_at(stack, at);
    assert_eq!(logged, after);
    let Ending::Interrupted(failure) = ending else { panic!("{ending:?} is no interruption") };
    assert_eq!(failure.code, ErrorCode::Cancelled);
    assert!(failure.stack.starts_with("at "), "it says where it stood: {failure:?}");
}

#[test]
fn an_interruption_runs_the_finally_blocks_and_no_catch() {
    let stack = r#"[
        {"function": "try_catch", "try_block": [
            {"function": "loop", "array": [1, 2], "operations": [
                {"function": "try_catch", "try_block": [{"function": "log", "message": "here"}],
                 "catch_block": [{"function": "log", "message": "never"}],
                 "finally_block": [{"function": "log", "message": "first"}]}
            ]}
        ], "catch_block": [{"function": "log", "message": "never"}], "finally_block": [{"function": "log", "message": "second"}]},
        {"function": "log", "message": "never"}
    ]"#;
    check(stack, "here", &["first", "second"]);
}

#[test]
fn an_interruption_reaches_into_functions() {
    let stack = r#"[{"function": "try_catch", "try_block": [{"function": "custom_function", "name": "inner"}],
        "finally_block": [{"function": "log", "message": "outer finally"}]}]"#;
    check(stack, "inside", &["inner finally", "outer finally"]);
}

#[test]
fn a_finally_block_that_runs_already_comes_to_its_end() {
    let stack = r#"[{"function": "try_catch", "try_block": [{"function": "throw_error", "message": "x"}],
        "finally_block": [{"function": "log", "message": "here"}, {"function": "log", "message": "cleaned"}]},
        {"function": "log", "message": "never"}]"#;
    check(stack, "here", &["here", "cleaned"]);
}

#[test]
fn nothing_that_a_finally_block_does_undoes_an_interruption() {
    for step in [r#"{"function": "return", "value": 1}"#, r#"{"function": "throw_error"}"#, r#"{"function": "break"}"#] {
        let stack = format!(
            r#"[{{"function": "loop", "array": [1, 2], "operations": [{{"function": "try_catch",
                "try_block": [{{"function": "log", "message": "here"}}], "finally_block": [{step}]}}]}},
                {{"function": "log", "message": "never"}}]"#
        );
        check(&stack, "here", &[]);
    }
}

#[test]
fn a_stack_that_is_over_cannot_be_interrupted() {
    let world = World::new();
    let mut machine = Machine::new(world.start("[]", "{}"));
    assert!(world.until_effect(&mut machine).is_err());
    machine.interrupt(cancelled());
    assert!(matches!(world.until_effect(&mut machine), Err(Ending::Returned { .. })));
}
