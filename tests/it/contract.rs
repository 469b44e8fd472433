//! What `/openapi.json` promises, held against a live server by programs that others wrote.
//! Never an opinion of our own: what counts is what they find.

use serde_json::json;

use crate::helpers::{Server, Store, contract};

/// Of each kind of input one, so that the tester makes up calls of all kinds.
fn order() -> serde_json::Value {
    json!({
        "description": "Takes an order",
        "inputs": {
            "email": {"type": "email", "required": true},
            "count": {"type": "int", "default": 1},
            "price": {"type": "decimal"},
            "mode": {"type": "enum", "values": ["fast", "careful"]},
            "lines": {"type": "object[]", "default": []},
            "at": {"type": "timestamp"}
        },
        "stack": [
            {"function": "log", "message": "an order of {{ input.count }}"},
            {"function": "add_record", "table": "orders", "data": {"email": "{{ input.email }}"}, "return_as": "row"},
            {"function": "return_response", "status": 201, "body": {"id": "{{ row.id }}"}}
        ]
    })
}

#[test]
fn a_linter_and_a_schema_driven_tester_find_nothing() {
    let Some(contract) = contract() else { return };
    let server = Server::on(Store::Sqlite).workflow("orders/create.json", order()).start();
    let document = server.get("/openapi.json").expect(200).body;
    if let Some(linted) = contract.lint(&document) {
        assert_eq!(linted.code, Some(0), "{}\n{}", linted.stdout, linted.stderr);
    }
    let tested = contract.test(&server.url(""), 5);
    let said = ["= ERRORS =", "= FAILURES ="].iter().filter_map(|part| tested.stdout.find(part)).min();
    let said = said.map_or(&*tested.stdout, |at| &tested.stdout[at..]);
    assert_eq!(tested.code, Some(0), "{said}\n{}", tested.stderr);
    server.get("/healthz").expect(200);
}
