//! Variables: made, changed, and seen where they should be.
//! Never performs anything for real; the world of the tests answers.

use super::driver::{World, json};
use crate::domain::value::Value;

fn check(text: &str, logged: &[&str], end: &str) {
    World::new().check(text, logged, end);
}

#[test]
fn variables_are_set_changed_and_read_by_name() {
    let stack = r#"[
        {"function": "create_variable", "name": "user", "value": {"name": "{{ name }}", "tags": []}},
        {"function": "update_variable", "name": "user", "operation": "merge", "value": {"age": 36}},
        {"function": "update_variable", "name": "user.tags", "operation": "append", "value": "vip"},
        {"function": "update_variable", "name": "user", "key": "city", "value": "London"},
        {"function": "create_variable", "name": "copy", "value": "{{ $var.user }}"},
        {"function": "update_variable", "name": "user", "value": null},
        {"function": "return", "value": ["{{ copy }}", "{{ user }}"]}
    ]"#;
    check(stack, &[], r#"returned [{"name":"Ada","tags":["vip"],"age":36,"city":"London"},null]"#);
}

#[test]
fn an_update_may_be_a_filter_over_its_value() {
    let stack = r#"[
        {"function": "update_variable", "name": "email", "operation": "lowercase", "value": "ADA@{{ 'X.org' }}"},
        {"function": "update_variable", "name": "count", "operation": "length", "value": [1, 2]},
        {"function": "return", "value": ["{{ email }}", "{{ count }}"]}
    ]"#;
    check(stack, &[], r#"returned ["ada@x.org",2]"#);
}

#[test]
fn an_update_that_cannot_be_is_an_error_and_leaves_the_variable() {
    let stack = r#"[
        {"function": "create_variable", "name": "x", "value": 1},
        {"function": "try_catch", "try_block": [{"function": "update_variable", "name": "x", "operation": "append", "value": 2}],
         "catch_block": [{"function": "log", "message": "{{ error.message }}"}]},
        {"function": "return", "value": "{{ x }}"}
    ]"#;
    check(stack, &["cannot append to `x`, which is int, with int"], "returned 1");
}

#[test]
fn what_is_set_inside_a_loop_can_change_the_item_of_its_turn() {
    let stack = r#"[
        {"function": "loop", "array": [{"a": 1}, {"a": 2}], "as": "row", "operations": [
            {"function": "update_variable", "name": "row", "operation": "merge", "value": {"b": true}},
            {"function": "log", "message": "{{ row }}"}
        ]}
    ]"#;
    check(stack, &[r#"{"a":1,"b":true}"#, r#"{"a":2,"b":true}"#], "returned null");
}

#[test]
fn a_list_that_grows_between_effects_is_written_by_its_new_items_only() {
    let world = World::new();
    let stack = r#"[
        {"function": "create_variable", "name": "all", "value": []},
        {"function": "loop", "array": [1, 2, 3, 4, 5], "operations": [
            {"function": "update_variable", "name": "all", "operation": "append", "value": "a rather long text, number {{ item }}"},
            {"function": "log", "message": "{{ all | count }}"}
        ]},
        {"function": "return", "value": "{{ all | last }}"}
    ]"#;
    world.check(stack, &["1", "2", "3", "4", "5"], r#"returned "a rather long text, number 5""#);

    let mut machine = crate::stack::machine::Machine::new(world.start(stack, "{}"));
    let mut deltas = Vec::new();
    while let Ok(effect) = world.until_effect(&mut machine) {
        world.accept(&mut machine, &effect, deltas.len());
        deltas.push(machine.take_delta(false));
    }
    assert!(deltas[0].contains("number 1"));
    assert!(deltas[3].contains("number 4") && !deltas[3].contains("number 3"), "{}", deltas[3]);
    let sizes: Vec<_> = deltas.iter().map(|delta| delta.len()).collect();
    assert!(sizes[4] <= sizes[1], "later deltas are not larger: {sizes:?}");
    assert!(machine.take_delta(true).len() < 300, "nothing is left behind at the end");
}

#[test]
fn a_big_list_is_written_once_and_not_again_in_every_turn() {
    let world = World::new();
    let stack =
        r#"[{"function": "loop", "array": "{{ input.items }}", "operations": [{"function": "log", "message": "{{ item }}"}]}]"#;
    let items: Vec<_> = (0..100).map(|n| Value::text(format!("item number {n:060}"))).collect();
    let input = Value::object([("items", Value::array(items))]).to_json_text();
    let story = world.tell(stack, &input);
    assert_eq!(story.effects.len(), 100);

    let mut machine = crate::stack::machine::Machine::new(world.start(stack, &input));
    for count in 0..3 {
        let effect = world.until_effect(&mut machine).unwrap();
        world.accept(&mut machine, &effect, count);
        let delta = machine.take_delta(false);
        assert_eq!(delta.len() > 5000, count == 0, "delta {count} has {} bytes", delta.len());
    }
}

#[test]
fn the_input_the_environment_and_the_execution_are_readable() {
    check(
        r#"[{"function": "return", "value": "{{ $input.n }} {{ inputs.n }} {{ n }} {{ env.URL }} {{ execution.id }} {{ missing }}"}]"#,
        &[],
        r#"returned "3 3 3 http://env e1 ""#,
    );
}

#[test]
fn a_variable_hides_an_input_of_its_name() {
    check(
        r#"[{"function": "create_variable", "name": "n", "value": 9}, {"function": "return", "value": "{{ n }}{{ input.n }}"}]"#,
        &[],
        r#"returned "93""#,
    );
}

#[test]
fn random_values_and_now_are_the_same_again_until_the_next_effect() {
    let stack = r#"[
        {"function": "create_variable", "name": "a", "value": "{{ uuid() }}"},
        {"function": "create_variable", "name": "b", "value": "{{ uuid() }}"},
        {"function": "log", "message": "{{ a }} {{ b }} {{ uuid() }} {{ now }}"},
        {"function": "log", "message": "{{ uuid() }} {{ now }}"}
    ]"#;
    let story = World::new().tell(stack, "{}");
    let logged = story.logged();
    let mut words: Vec<_> = logged.iter().flat_map(|line| line.split(' ')).collect();
    assert_eq!(words.len(), 6);
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), 6, "all differ: {logged:?}");
}

#[test]
fn a_row_is_read_once_for_all_that_refer_to_it_in_a_stretch() {
    let world = World::new().with_row("customer", r#"{"id": 7, "email": "a@b.c"}"#).answering(|effect| {
        let row = crate::domain::value::Object {
            table: Some("orders".into()),
            fields: [("id".into(), Value::Int(1)), ("customer_id".into(), Value::Int(7))].into_iter().collect(),
        };
        Ok(if effect.kind == "add_record" { Value::Object(std::sync::Arc::new(row)) } else { Value::Null })
    });
    let stack = r#"[
        {"function": "add_record", "table": "orders", "data": {}, "return_as": "new_order"},
        {"function": "log", "message": "{{ new_order.customer.email }} {{ new_order.customer.id }}"},
        {"function": "return", "value": "{{ new_order.customer.email }}"}
    ]"#;
    world.check(stack, &["a@b.c 7"], r#"returned "a@b.c""#);
}

#[test]
fn the_request_is_readable() {
    let mut world = World::new();
    world.request = json(r#"{"body": {"id": 5}, "headers": {"user-agent": "curl"}}"#);
    world.check(
        r#"[{"function": "return", "value": "{{ request.body.id }} {{ request.headers['user-agent'] }}"}]"#,
        &[],
        r#"returned "5 curl""#,
    );
}
