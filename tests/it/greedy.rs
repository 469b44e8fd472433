//! Functions that ask for more than there is: they end with an error, and nobody else notices.
//! Never waits for the machine to run out of memory to see that it would.

use serde_json::{Value, json};

use crate::helpers::{Server, Store, both_stores, seconds};

both_stores!(a_function_that_would_swallow_everything_ends_alone);

/// Values that repeat or nest themselves far beyond any machine, handed on in every way.
fn greedy() -> Vec<(&'static str, Value, &'static str)> {
    let list = json!({"function": "create_variable", "name": "a", "value": "{{ range(100000) }}"});
    let many = vec!["{{ a }}"; 10_000];
    let turns = |change: Value| {
        json!([
            {"function": "create_variable", "name": "a", "value": [1]},
            {"function": "loop", "array": "{{ range(100000) }}", "operations": [change]},
            {"function": "return", "value": 1}
        ])
    };
    vec![
        ("answers", json!([list, {"function": "return_response", "body": many}]), "ERROR_CODE_MEMORY_LIMIT"),
        (
            "asks",
            json!([list, {"function": "external_api_request", "url": "http://127.0.0.1:9/", "method": "POST", "body": many}]),
            "ERROR_CODE_MEMORY_LIMIT",
        ),
        (
            "compares",
            json!([list, {"function": "return", "value": format!("{{{{ [{0}] == [{0}] }}}}", vec!["a"; 5000].join(","))}]),
            "ERROR_CODE_LIMIT",
        ),
        ("joins", json!([{"function": "return", "value": "{{ range(100000)|join(input.text) }}"}]), "ERROR_CODE_LIMIT"),
        ("nests", turns(json!({"function": "update_variable", "name": "a", "value": ["{{ a }}"]})), "ERROR_CODE_INVALID_VALUE"),
        ("reaches", json!([{"function": "return", "value": "{{ {}|set(range(50000)|join('.'), 1) }}"}]), "ERROR_CODE_EXPRESSION"),
    ]
}

fn a_function_that_would_swallow_everything_ends_alone(store: Store) {
    let mut server = Server::on(store).basics();
    for (name, stack, _) in greedy() {
        server = server.workflow(&format!("{name}.json"), &stack);
    }
    let server = server.start();
    for (name, _, code) in greedy() {
        let call = server.call("POST", &format!("/api/{name}")).json(&json!({"text": "x".repeat(5000)}));
        let problem = call.within(seconds(30)).send().expect(500).problem();
        assert_eq!(problem["code"], code, "{name}: {problem}");
        assert_eq!(server.run("echo", &json!({"n": 1}))["echo"]["n"], 1, "after {name}");
    }
}
