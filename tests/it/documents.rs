//! The documents that the server gives of itself: they describe what it really answers.
//! Never trusts a document: answers of a live server are held against it.

use serde_json::{Value, json};

use crate::helpers::{Server, Store, both_stores, ringback, text_of};

both_stores!(answers_have_the_fields_that_the_document_names);

/// The fields that the document promises for this answer.
fn promised(whole: &Value, path: &str, method: &str, status: &str) -> Value {
    let answer = &whole["paths"][path][method]["responses"][status];
    let content = answer["content"].as_object().unwrap_or_else(|| panic!("{method} {path} {status} is not described"));
    content.values().next().unwrap()["schema"].clone()
}

/// Whether a value has exactly the shape of a schema, as far as objects, lists and kinds go.
#[track_caller]
fn holds(whole: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return holds(whole, &whole["components"]["schemas"][name], value, &format!("{at} ({name})"));
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let inner = either.iter().find(|one| one["type"] != "null");
        if !value.is_null() {
            holds(whole, inner.unwrap(), value, at);
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() && !kinds.contains(&"number") => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{at} is {value}, not {kinds:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at} is {value}, not one of {words:?}");
    }
    if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
        items.iter().for_each(|one| holds(whole, item, one, &format!("{at}[]")));
    }
    if let (Some(fields), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        required.iter().for_each(|name| assert!(fields.contains_key(*name), "{at} lacks {name}: {value}"));
        for (name, field) in fields {
            let property = properties.get(name).unwrap_or_else(|| panic!("{at}.{name} is not described"));
            holds(whole, property, field, &format!("{at}.{name}"));
        }
    }
}

fn answers_have_the_fields_that_the_document_names(store: Store) {
    let talks = json!({"description": "Talks", "inputs": {"x": {"type": "int", "required": true}}, "stack": [
        {"function": "log", "message": "x"},
        {"function": "add_record", "table": "notes", "data": {"x": "{{ input.x }}"}},
        {"function": "return", "value": 1}]});
    let server = Server::on(store).basics().workflow("talks.json", talks).start();
    let id = server.start("talks", &json!({"x": 1, "callback_url": "http://127.0.0.1:9/x"}));
    server.wait_done(&id);
    let schedule =
        server.post("/v1/schedules", &json!({"function": "talks", "cron": "@daily", "input": {"x": 1}})).expect(201).json();
    let whole = server.get("/openapi.json").expect(200).json();
    assert_eq!(whole["openapi"], "3.1.0");
    let of_talks = &whole["paths"]["/api/talks"]["post"]["requestBody"]["content"]["application/json"]["schema"]["allOf"][1];
    assert_eq!((&of_talks["required"], &of_talks["properties"]["x"]["type"]), (&json!(["x"]), &json!("integer")));

    let schedule_path = format!("/v1/schedules/{}", text_of(&schedule["id"]));
    for (path, called) in [
        ("/v1/executions", "/v1/executions".to_owned()),
        ("/v1/executions/{id}", format!("/v1/executions/{id}")),
        ("/v1/executions/{id}/steps", format!("/v1/executions/{id}/steps")),
        ("/v1/executions/{id}/logs", format!("/v1/executions/{id}/logs")),
        ("/v1/executions/{id}/deliveries", format!("/v1/executions/{id}/deliveries")),
        ("/api/async-status/{id}", format!("/api/async-status/{id}")),
        ("/api/async-await/{id}", format!("/api/async-await/{id}")),
        ("/v1/functions", "/v1/functions".to_owned()),
        ("/v1/functions/{name}", "/v1/functions/talks".to_owned()),
        ("/v1/schedules", "/v1/schedules".to_owned()),
        ("/v1/schedules/{id}", schedule_path),
        ("/v1/tables", "/v1/tables".to_owned()),
        ("/v1/tables/{table}/records", "/v1/tables/notes/records".to_owned()),
        ("/v1/alerts", "/v1/alerts".to_owned()),
        ("/v1/audit", "/v1/audit".to_owned()),
        ("/healthz", "/healthz".to_owned()),
        ("/readyz", "/readyz".to_owned()),
    ] {
        let answer = server.get(&called).expect(200).json();
        holds(&whole, &promised(&whole, path, "get", "200"), &answer, path);
    }
    let accepted = server.post("/api/talks", &json!({"x": 1, "async": true})).expect(202).json();
    holds(&whole, &promised(&whole, "/api/talks", "post", "202"), &accepted, "202");
    let deployed = server.call("PUT", "/v1/functions/new").json(&json!([])).send().expect(201).json();
    holds(&whole, &promised(&whole, "/v1/functions/{name}", "put", "201"), &deployed, "PUT");
    let checked = server.post("/v1/functions/new/check", &json!([{"function": "nop"}])).expect(200).json();
    holds(&whole, &promised(&whole, "/v1/functions/{name}/check", "post", "200"), &checked, "check");
    let pruned = server.post("/v1/prune", &json!({"dry_run": true})).expect(200).json();
    holds(&whole, &promised(&whole, "/v1/prune", "post", "200"), &pruned, "prune");
    let refused = server.post("/api/talks", &json!({})).expect(422).json();
    holds(&whole, &promised(&whole, "/api/talks", "post", "422"), &refused, "422");
    let registered =
        server.post("/v1/destinations", &json!({"url": "https://example.com/x", "tags": ["vip"]})).expect(201).json();
    holds(&whole, &promised(&whole, "/v1/destinations", "post", "201"), &registered, "registered");
    let one = server.get(&format!("/v1/destinations/{}", text_of(&registered["id"]))).expect(200).json();
    holds(&whole, &promised(&whole, "/v1/destinations/{id}", "get", "200"), &one, "one registered");
    let key = server.post("/v1/keys", &json!({"name": "ops", "scopes": ["manage"]})).expect(201).json();
    holds(&whole, &promised(&whole, "/v1/keys", "post", "201"), &key, "key");
    server.get("/openapi.json").expect(401);
    let page = server.get("/docs").expect(200);
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
    for file in ["docs.js", "docs.css"] {
        server.get(&format!("/docs/{file}")).expect(200);
    }
    server.get("/docs/other.js").expect(404).problem();
}

#[test]
fn the_schema_of_functions_is_served_and_printed_and_a_file_may_name_it() {
    let stack = json!({"$schema": "http://127.0.0.1:8080/schema/function.json", "stack": [{"function": "return", "value": 1}]});
    let server = Server::on(Store::Sqlite).workflow("one.json", &stack).start();
    assert_eq!(server.run("one", &json!({})), json!(1));
    let served = server.get("/schema/function.json").expect(200).json();
    let printed = ringback(server.folder().path(), ["schema", "--json"]).finish().expect(0).json();
    assert_eq!(served["$defs"], printed["$defs"]);
    let checked = ringback(server.folder().path(), ["check", "workflows"]).finish().expect(0);
    assert_eq!(checked.stdout.lines().last(), Some("0 errors, 0 warnings in 1 file"), "{}", checked.stdout);
}

#[test]
fn doctor_says_what_is_wrong_and_completions_are_printed() {
    let server = Server::on(Store::Sqlite).basics().start();
    let fine = server.command(&["doctor"]).expect(0);
    assert!(fine.stdout.contains("it answers and is ready"), "{}", fine.stdout);
    server.command(&["doctor", "--healthy"]).expect(0);
    let away = ringback(server.folder().path(), ["doctor", "--healthy", "--url", "http://127.0.0.1:9"]).finish().expect(1);
    assert!(away.stderr.contains("127.0.0.1:9"), "{}", away.stderr);
    let broken = server.command(&["doctor", "--json", "--workflows", "nowhere"]).expect(1).json();
    let workflows = broken.as_array().unwrap().iter().find(|look| look["what"] == "workflows").unwrap();
    assert!(workflows["grade"] == "bad" && workflows["mend"].is_string(), "{workflows}");
    let script = ringback(server.folder().path(), ["completions", "bash"]).finish().expect(0);
    assert!(script.stdout.contains("ringback"), "{}", script.stdout);
}

#[test]
fn a_database_that_cannot_be_used_is_told_with_host_cause_and_mend() {
    let refused = |url: &str| Server::on(Store::Sqlite).database(url).refuses_to_start();
    let nobody = refused("postgres://me:geheim@127.0.0.1:9/orders");
    assert!(nobody.contains("postgres 127.0.0.1:9/orders"), "{nobody}");
    assert!(nobody.contains("refused") && nobody.contains("start PostgreSQL there"), "{nobody}");
    assert!(!nobody.contains("geheim"), "{nobody}");

    let there = crate::helpers::fresh_database();
    let (server, _) = there.rsplit_once('/').unwrap();
    let missing = refused(&format!("{server}/orders_that_nobody_made"));
    assert!(missing.contains("does not exist") && missing.contains("createdb"), "{missing}");

    let looks = Server::on(Store::Postgres).start().command(&["doctor", "--json"]).expect(0).json();
    let database = looks.as_array().unwrap().iter().find(|look| look["what"] == "database").unwrap();
    assert!(database["found"].as_str().unwrap().contains(", version "), "{database}");
}
