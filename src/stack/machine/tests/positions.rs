//! Positions of effects: the same again after a crash, different for every turn and call.
//! Never what an effect does.

use std::collections::HashSet;

use super::driver::World;

#[test]
fn positions_name_blocks_turns_and_calls() {
    let world = World::new().with_function("say", r#"[{"function": "log", "message": "x"}]"#);
    let stack = r#"[
        {"function": "log", "message": "a"},
        {"function": "loop", "array": [1, 2], "operations": [
            {"function": "loop", "array": [1, 2], "operations": [{"function": "log", "message": "b"}]},
            {"function": "custom_function", "name": "say"}
        ]},
        {"function": "switch", "input": "k", "cases": {"k": [{"function": "log", "message": "c"}]}},
        {"function": "parallel", "branches": {"left": [{"function": "log", "message": "d"}]}},
        {"function": "try_catch", "try_block": [{"function": "throw_error"}], "catch_block": [{"function": "log", "message": "e"}],
         "finally_block": [{"function": "log", "message": "f"}]}
    ]"#;
    let story = world.tell(stack, "{}");
    let expected = [
        "stack[0]",
        "stack[1].operations[0]#1.operations[0]#1",
        "stack[1].operations[0]#1.operations[0]#2",
        "stack[1].operations[1]#1>say:stack[0]",
        "stack[1].operations[0]#2.operations[0]#1",
        "stack[1].operations[0]#2.operations[0]#2",
        "stack[1].operations[1]#2>say:stack[0]",
        "stack[2].cases.k[0]",
        "stack[3].branches.left[0]",
        "stack[4].catch_block[0]",
        "stack[4].finally_block[0]",
    ];
    assert_eq!(story.positions(), expected);
}

#[test]
fn no_two_effects_share_a_position() {
    let world = World::new().with_function(
        "inner",
        r#"[{"function": "loop", "array": [1, 2], "operations": [{"function": "log", "message": "i"}]}, {"function": "log", "message": "j"}]"#,
    );
    let stack = r#"[
        {"function": "create_variable", "name": "n", "value": 0},
        {"function": "while_loop", "condition": "{{ n < 4 }}", "operations": [
            {"function": "update_variable", "name": "n", "value": "{{ n + 1 }}"},
            {"function": "conditional", "condition": "{{ n == 2 }}", "true_branch": [{"function": "continue"}]},
            {"function": "try_catch", "try_block": [{"function": "external_api_request", "url": "http://fail/{{ n }}"}],
             "catch_block": [{"function": "custom_function", "name": "inner"}, {"function": "custom_function", "name": "inner"}],
             "finally_block": [{"function": "log", "message": "k"}]}
        ]}
    ]"#;
    let story = world.tell(stack, "{}");
    let positions = story.positions();
    assert_eq!(positions.len(), 24);
    assert_eq!(positions.iter().collect::<HashSet<_>>().len(), 24, "{positions:?}");
}

#[test]
fn a_step_that_is_tried_again_keeps_its_position_and_its_bytes() {
    let world = World::new();
    let stack = r#"[{"function": "external_api_request", "url": "http://a/{{ uuid }}", "body": {"at": "{{ now }}"},
        "retry_policy": {"max_retries": 2, "initial_delay": 5}}]"#;
    let start = world.start(stack, "{}");
    let mut machine = crate::stack::machine::Machine::new(start.clone());
    let first = world.until_effect(&mut machine).unwrap();
    assert_eq!(first.retry.as_ref().map(|policy| (policy.max_retries, policy.initial_delay_ms)), Some((2, 5)));
    machine.retry_step(&first.position);
    let delta = machine.take_delta(false);
    let second = world.until_effect(&mut machine).unwrap();
    assert_eq!((first.attempt, second.attempt), (1, 2));
    assert_eq!((&first.position, &first.action), (&second.position, &second.action));
    let mut restored = crate::stack::machine::Machine::restore(start, &[delta], &world).unwrap();
    assert_eq!(world.until_effect(&mut restored).unwrap(), second);
    world.accept(&mut restored, &second, 0);
    assert!(world.until_effect(&mut restored).is_err());
}
