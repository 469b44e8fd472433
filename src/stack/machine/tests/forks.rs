//! Branches that run side by side: answers in any order, broken at every effect.
//! Never goes by the order in which the world happens to answer.

use std::collections::HashMap;
use std::sync::Arc;

use super::driver::{World, json};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Action, Effect, Ending, Machine, Start};

/// What a run came to: its requests by position, all effects' positions in the order of their answers, the most at once.
struct Told {
    requests: HashMap<Arc<str>, Action>,
    positions: Vec<String>,
    most: usize,
    ending: Ending,
}

impl Told {
    fn end(&self) -> String {
        match &self.ending {
            Ending::Returned { output, .. } => format!("returned {}", output.to_json_text()),
            Ending::Raised(failure) => format!("raised {} {}", failure.code.as_str(), failure.message),
            Ending::Interrupted(failure) => format!("interrupted {}", failure.code.as_str()),
        }
    }
}

fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed >> 33) as usize
}

/// Answers in an order that `seed` chooses. After every answer the machine may be lost and restored from its deltas: what was
/// asked for is asked for again, requests to the byte.
fn tell(world: &World, start: &Start, mut seed: u64, broken: bool) -> Told {
    let mut machine = Machine::new(start.clone());
    let mut deltas: Vec<Arc<str>> = Vec::new();
    let mut told =
        Told { requests: HashMap::new(), positions: Vec::new(), most: 0, ending: Ending::Interrupted(Box::new(failure())) };
    for count in 0..1000 {
        let effects = match world.until_effects(&mut machine) {
            Ok(effects) => effects,
            Err(ending) => {
                told.ending = ending;
                return told;
            }
        };
        told.most = told.most.max(effects.len());
        for effect in &effects {
            remember(&mut told, effect);
        }
        let effect = Arc::clone(&effects[next(&mut seed) % effects.len()]);
        told.positions.push(effect.position.to_string());
        world.accept(&mut machine, &effect, count);
        deltas.push(machine.take_delta(next(&mut seed).is_multiple_of(5)));
        if broken && next(&mut seed).is_multiple_of(2) {
            let memory_bytes = machine.memory_bytes();
            machine = Machine::restore(start.clone(), &deltas, world).expect("the deltas fit");
            assert!(machine.memory_bytes() <= memory_bytes, "a restored machine holds no more");
        }
    }
    panic!("the stack does not end");
}

fn remember(told: &mut Told, effect: &Effect) {
    if let Action::Request(_) = &effect.action {
        let first = told.requests.entry(Arc::clone(&effect.position)).or_insert_with(|| effect.action.clone());
        assert_eq!(first, &effect.action, "the request at {} is another one", effect.position);
    }
}

fn failure() -> Failure {
    Failure::new(ErrorCode::Cancelled, "cancelled")
}

/// Every order, whole and broken, comes to this end; the most effects at once.
fn check(world: &World, stack: &str, end: &str) -> usize {
    let start = world.start(stack, r#"{"n": 3}"#);
    let mut most = 0;
    for seed in 1..40 {
        for broken in [false, true] {
            let told = tell(world, &start, seed * 7919, broken);
            assert_eq!(told.end(), end, "seed {seed}, broken {broken}");
            let mut positions = told.positions.clone();
            positions.sort();
            positions.dedup();
            assert_eq!(positions.len(), told.positions.len(), "no effect is answered twice");
            most = most.max(told.most);
        }
    }
    most
}

#[test]
fn turns_run_side_by_side_as_many_as_the_loop_allows() {
    let stack = r#"[
        {"function": "create_variable", "name": "sum", "value": 0},
        {"function": "create_variable", "name": "seen", "value": []},
        {"function": "loop", "array": [1, 2, 3, 4, 5, 6, 7], "as": "n", "concurrency": 3, "operations": [
            {"function": "external_api_request", "url": "http://a/{{ n }}/{{ loop.index }}/{{ sum }}/{{ uuid }}", "body": {"at": "{{ now }}"}},
            {"function": "update_variable", "name": "sum", "value": "{{ sum + n }}"},
            {"function": "conditional", "condition": "{{ loop.last }}", "true_branch": [{"function": "log", "message": "last of {{ loop.length }}"}]},
            {"function": "external_api_request", "url": "http://b/{{ seen|length }}"},
            {"function": "update_variable", "name": "seen", "operation": "append", "value": "{{ n }}"}
        ]},
        {"function": "return", "value": {"sum": "{{ sum }}", "seen": "{{ seen|sort }}"}}
    ]"#;
    assert_eq!(check(&World::new(), stack, r#"returned {"sum":28,"seen":[1,2,3,4,5,6,7]}"#), 3);
}

#[test]
fn branches_of_parallel_run_side_by_side_with_calls_and_forks_of_their_own() {
    let world = World::new().with_function(
        "work",
        r#"[
            {"function": "create_variable", "name": "left", "value": "{{ n }}"},
            {"function": "while_loop", "condition": "{{ left > 0 }}", "operations": [
                {"function": "external_api_request", "url": "http://w/{{ left }}"},
                {"function": "update_variable", "name": "left", "value": "{{ left - 1 }}"}
            ]},
            {"function": "return", "value": "{{ n * 10 }}"}
        ]"#,
    );
    let stack = r#"[
        {"function": "parallel", "branches": {
            "a": [{"function": "custom_function", "name": "work", "inputs": {"n": 2}, "return_as": "a_done"}],
            "b": [
                {"function": "loop", "array": [1, 2, 3], "concurrency": 2, "operations": [
                    {"function": "custom_function", "name": "work", "inputs": {"n": "{{ item }}"}}
                ]},
                {"function": "create_variable", "name": "b_done", "value": "b"}
            ],
            "c": []
        }, "return_as": "all"},
        {"function": "return", "value": {"all": "{{ all }}", "a": "{{ a_done }}", "b": "{{ b_done }}", "left": "{{ left }}"}}
    ]"#;
    let most = check(&world, stack, r#"returned {"all":{"a":20,"b":"b","c":null},"a":20,"b":"b","left":null}"#);
    assert_eq!(most, 3);
}

#[test]
fn an_item_that_a_turn_changes_is_that_turns_own() {
    let stack = r#"[
        {"function": "create_variable", "name": "out", "value": []},
        {"function": "loop", "array": [1, 2, 3], "concurrency": 3, "operations": [
            {"function": "update_variable", "name": "item", "value": "{{ item * 10 }}"},
            {"function": "external_api_request", "url": "http://a/{{ item }}"},
            {"function": "update_variable", "name": "out", "operation": "append", "value": "{{ item }}"}
        ]},
        {"function": "return", "value": "{{ out|sort }}"}
    ]"#;
    check(&World::new(), stack, "returned [10,20,30]");
}

#[test]
fn an_error_in_one_branch_stops_the_others_but_for_their_finally_blocks() {
    let stack = r#"[
        {"function": "create_variable", "name": "notes", "value": []},
        {"function": "try_catch", "try_block": [
            {"function": "parallel", "branches": {
                "bad": [{"function": "external_api_request", "url": "http://fail/x"}],
                "good": [
                    {"function": "try_catch", "try_block": [{"function": "wait_for_event", "name": "never"}, {"function": "log", "message": "on"}],
                     "catch_block": [{"function": "update_variable", "name": "notes", "operation": "append", "value": "caught"}],
                     "finally_block": [
                        {"function": "count_records", "table": "t", "return_as": "count"},
                        {"function": "update_variable", "name": "notes", "operation": "append", "value": "finally {{ count }}"}
                     ]}
                ]
            }}
        ], "catch_block": [{"function": "return", "value": {"error": "{{ error.message }}", "notes": "{{ notes }}"}}]}
    ]"#;
    let world = World::new();
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    let effects = world.until_effects(&mut machine).unwrap();
    assert_eq!(effects.len(), 2);
    world.accept(&mut machine, &effects[0], 0);
    let delta = machine.take_delta(true);
    for mut machine in [machine, Machine::restore(start, &[delta], &world).unwrap()] {
        let effects = world.until_effects(&mut machine).unwrap();
        assert_eq!(effects.iter().map(|effect| effect.kind).collect::<Vec<_>>(), ["count_records"], "the wait is dropped");
        world.accept(&mut machine, &effects[0], 1);
        let ending = world.until_effects(&mut machine).unwrap_err();
        let Ending::Returned { output, .. } = ending else { panic!("{ending:?}") };
        assert_eq!(output.to_json_text(), r#"{"error":"no way to x","notes":["finally 3"]}"#);
    }
}

#[test]
fn break_begins_no_further_turn_and_return_ends_the_stack() {
    let stack = |leave: &str| {
        format!(
            r#"[
            {{"function": "create_variable", "name": "done", "value": []}},
            {{"function": "loop", "array": [1, 2, 3, 4, 5, 6], "concurrency": 2, "operations": [
                {{"function": "external_api_request", "url": "http://a/{{{{ item }}}}"}},
                {{"function": "conditional", "condition": "{{{{ item == 2 }}}}", "true_branch": [{leave}]}},
                {{"function": "conditional", "condition": "{{{{ item == 1 }}}}", "true_branch": [{{"function": "continue"}}]}},
                {{"function": "update_variable", "name": "done", "operation": "append", "value": "{{{{ item }}}}"}}
            ]}},
            {{"function": "return", "value": "{{{{ done }}}}"}}
        ]"#
        )
    };
    let world = World::new();
    let first_two = |stack: &str| {
        let mut machine = Machine::new(world.start(stack, "{}"));
        let mut requested = Vec::new();
        for count in 0.. {
            match world.until_effects(&mut machine) {
                // The second turn is always answered first.
                Ok(effects) => {
                    requested.push(effects.len());
                    world.accept(&mut machine, effects.last().unwrap(), count);
                }
                Err(ending) => return (requested, format!("{ending:?}")),
            }
        }
        unreachable!("the loop has no end")
    };
    let (requested, ending) = first_two(&stack(r#"{"function": "break"}"#));
    assert_eq!(requested, [2, 1], "the other turn goes on to its end, and no third begins");
    assert!(ending.starts_with("Returned { output: Array([])"), "{ending}");
    let (requested, ending) = first_two(&stack(r#"{"function": "return", "value": "early"}"#));
    assert_eq!(requested, [2], "the other turn is dropped");
    assert!(ending.contains("early"), "{ending}");
}

#[test]
fn an_interruption_reaches_every_branch_and_a_finally_block_goes_on() {
    let stack = r#"[
        {"function": "loop", "array": [1, 2, 3], "concurrency": 3, "operations": [
            {"function": "try_catch", "try_block": [{"function": "external_api_request", "url": "http://a/{{ item }}"}],
             "finally_block": [{"function": "log", "message": "finally {{ item }}"}]}
        ]}
    ]"#;
    let world = World::new();
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    let effects = world.until_effects(&mut machine).unwrap();
    world.accept(&mut machine, &effects[1], 0);
    assert_eq!(world.until_effects(&mut machine).unwrap().len(), 3, "two requests and a finally block");
    machine.interrupt(failure());
    machine.interrupt(failure());
    let mut machine = Machine::restore(start, &[machine.take_delta(false)], &world).unwrap();
    let mut logged = Vec::new();
    let ending = loop {
        match world.until_effects(&mut machine) {
            Err(ending) => break ending,
            Ok(effects) => {
                let Action::Log { message, .. } = &effects[0].action else { panic!("{effects:?}") };
                logged.push(message.clone());
                world.accept(&mut machine, &effects[0], 5);
            }
        }
    };
    logged.sort();
    assert_eq!(logged, ["finally 1", "finally 2", "finally 3"]);
    assert!(matches!(ending, Ending::Interrupted(failure) if failure.code == ErrorCode::Cancelled));
}

#[test]
fn an_answer_that_nobody_asked_for_is_nobodys() {
    let stack = r#"[{"function": "parallel", "branches": {
        "a": [{"function": "external_api_request", "url": "http://a"}], "b": [{"function": "external_api_request", "url": "http://b"}]
    }, "return_as": "both"}, {"function": "return", "value": "{{ both.a.url }} {{ both.b.url }}"}]"#;
    let world = World::new();
    let mut machine = Machine::new(world.start(stack, "{}"));
    let effects = world.until_effects(&mut machine).unwrap();
    machine.accept("stack[7]", Ok(Value::Null), Timestamp(1), 1);
    for count in 0..2 {
        // Once more is once.
        world.accept(&mut machine, &effects[0], count);
    }
    assert_eq!(world.until_effects(&mut machine).unwrap().len(), 1);
    world.accept(&mut machine, &effects[1], 3);
    let ending = world.until_effects(&mut machine).unwrap_err();
    assert!(matches!(ending, Ending::Returned { output, .. } if output == json(r#""http://a http://b""#)));
}

#[test]
fn a_retried_request_of_a_branch_stays_the_same_whatever_the_others_do() {
    let stack = r#"[
        {"function": "create_variable", "name": "x", "value": 0},
        {"function": "parallel", "branches": {
            "a": [{"function": "external_api_request", "url": "http://a/{{ x }}"}],
            "b": [{"function": "external_api_request", "url": "http://b"}, {"function": "update_variable", "name": "x", "value": 1},
                  {"function": "external_api_request", "url": "http://c/{{ x }}"}]
        }}
    ]"#;
    let world = World::new();
    let start = world.start(stack, "{}");
    let mut machine = Machine::new(start.clone());
    let first = world.until_effects(&mut machine).unwrap();
    world.accept(&mut machine, &first[1], 0);
    let mut deltas = vec![machine.take_delta(false)];
    world.until_effects(&mut machine).unwrap();
    machine.retry_step(&first[0].position);
    deltas.push(machine.take_delta(false));
    for mut machine in [machine, Machine::restore(start, &deltas, &world).unwrap()] {
        let second = world.until_effects(&mut machine).unwrap();
        assert_eq!((second.len(), second[0].attempt, &second[0].action), (2, 2, &first[0].action));
    }
}

#[test]
fn so_many_branches_are_under_way_and_no_more() {
    let numbers: Vec<String> = (0..60).map(|n| n.to_string()).collect();
    let list = numbers.join(",");
    let inner = format!(
        r#"{{"function": "loop", "array": [{list}], "concurrency": 60, "operations": [{{"function": "external_api_request", "url": "http://a"}}]}}"#
    );
    let stack = format!(r#"[{{"function": "loop", "array": [{list}], "concurrency": 60, "operations": [{inner}]}}]"#);
    let world = World::new();
    let mut machine = Machine::new(world.start(&stack, "{}"));
    let asked = world.until_effects(&mut machine).unwrap().len();
    assert!((60..=160).contains(&asked), "{asked} effects at once");
    let bad =
        r#"[{"function": "loop", "array": [1, 2], "concurrency": 101, "operations": [{"function": "log", "message": "x"}]}]"#;
    let ending = world.until_effects(&mut Machine::new(world.start(bad, "{}"))).unwrap_err();
    assert!(matches!(ending, Ending::Raised(failure) if failure.message.contains("from 1 to 100")));
}

#[test]
fn what_a_turn_declares_is_its_own_and_what_it_updates_is_everybodys() {
    let stack = r#"[
        {"function": "create_variable", "name": "total", "value": 0},
        {"function": "create_variable", "name": "seen", "value": {}},
        {"function": "loop", "array": [1, 2, 3, 4], "concurrency": 4, "operations": [
            {"function": "external_api_request", "url": "http://a/{{ item }}", "return_as": "answer"},
            {"function": "create_variable", "name": "mine", "value": "{{ item * 10 }}"},
            {"function": "external_api_request", "url": "http://b/{{ mine }}"},
            {"function": "loop", "array": [1, 2], "as": "k", "concurrency": 2, "operations": [
                {"function": "external_api_request", "url": "http://c/{{ mine }}/{{ k }}"},
                {"function": "update_variable", "name": "mine", "value": "{{ mine + k }}"}
            ]},
            {"function": "precondition", "condition": "{{ answer.url == 'http://a/' ~ item && mine == item * 10 + 3 }}", "message": "mixed up"},
            {"function": "update_variable", "name": "total", "value": "{{ total + mine }}"},
            {"function": "update_variable", "name": "seen", "operation": "merge", "value": {"n{{ item }}": "{{ $var.mine }}"}}
        ]},
        {"function": "return", "value": {"total": "{{ total }}", "seen": "{{ seen|keys|sort }}", "left": "{{ answer.status }}"}}
    ]"#;
    let end = r#"returned {"total":112,"seen":["n1","n2","n3","n4"],"left":200}"#;
    check(&World::new(), stack, end);
}
