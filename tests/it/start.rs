//! Starting a function: every way to ask, every answer.
//! Never looks at how a callback arrives; that is another file's story.

use serde_json::{Value, json};

use crate::helpers::{Answer, Call, Receiver, Reply, Server, Store, both_stores, field_names, millis, runtime, seconds};

both_stores!(
    an_async_call_is_answered_with_where_to_find_it,
    every_way_to_ask_for_async_is_heard,
    a_sync_call_gets_the_stacks_own_answer,
    a_sync_call_that_lasts_becomes_an_async_one,
    what_a_stack_raises_is_what_a_sync_caller_gets,
    the_same_idempotency_key_is_the_same_execution,
    twenty_callers_with_one_key_start_one_execution,
    options_of_a_call_come_back_with_its_entry,
    a_functions_own_inputs_win_over_control_words,
    a_request_is_read_as_callers_write_it,
    a_function_may_be_async_by_itself,
);

/// Every field of a status entry, in order: no-code tools learn the shape from one sample.
pub const ENTRY_FIELDS: [&str; 22] = [
    "execution_id",
    "async_execution_id",
    "status",
    "state",
    "output",
    "error",
    "error_message",
    "error_code",
    "error_detail",
    "function_name",
    "function_version",
    "attempt",
    "max_attempts",
    "progress",
    "output_status",
    "tags",
    "metadata",
    "parent_execution_id",
    "waiting_for",
    "created_at",
    "started_at",
    "completed_at",
];

fn an_async_call_is_answered_with_where_to_find_it(store: Store) {
    let server = Server::on(store).basics().start();
    let reply = server.post("/api/nap", &json!({"seconds": 0.2, "async": true})).expect(202);
    assert_eq!(reply.header("preference-applied"), Some("respond-async"));
    let accepted = reply.json();
    for field in ENTRY_FIELDS {
        assert!(accepted.get(field).is_some(), "no `{field}` in {accepted}");
    }
    for field in ["status_url", "await_url", "cancel_url", "events_url", "estimated_completion"] {
        assert!(accepted.get(field).is_some(), "no `{field}` in {accepted}");
    }
    assert_eq!(accepted["execution_id"], accepted["async_execution_id"]);
    assert_eq!(accepted["status"], "running");
    assert_eq!(accepted["function_name"], "nap");
    assert_eq!(accepted["error"], Value::Null);
    let id = accepted["execution_id"].as_str().unwrap();
    let id = uuid::Uuid::try_parse(id).unwrap();
    assert_eq!(id.get_version_num(), 7);

    let status_url = accepted["status_url"].as_str().unwrap();
    assert_eq!(reply.header("location"), Some(status_url));
    assert!(status_url.starts_with(&server.url("/")), "{status_url}");
    Call::new("GET", status_url).send().expect(200);
    let done = server.wait_done(accepted["execution_id"].as_str().unwrap());
    assert_eq!(done["output"], json!({"slept": 0.2}));
    assert_eq!(Call::new("GET", status_url).send().expect(200).json(), done);
}

fn every_way_to_ask_for_async_is_heard(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    for word in [
        json!({"async": true}),
        json!({"async": "true"}),
        json!({"async": 1}),
        json!({"process_type": "async"}),
        json!({"callback_url": receiver.url("/hook")}),
        json!({"callback": {"url": receiver.url("/hook")}}),
    ] {
        assert_eq!(server.post("/api/echo", &word).status, 202, "{word}");
    }
    server.call("POST", "/api/echo").header("prefer", "respond-async").json(&json!({})).send().expect(202);
    server.call("POST", "/api/echo?async=true").json(&json!({})).send().expect(202);

    for word in [
        json!({}),
        json!({"async": false}),
        json!({"process_type": "sync"}),
        json!({"callback_url": null}),
        json!({"callback_url": ""}),
    ] {
        assert_eq!(server.post("/api/echo", &word).status, 200, "{word}");
    }
    // Any other value is not ours to read.
    assert_eq!(server.run("echo", &json!({"process_type": "batch"})), json!({"echo": {"process_type": "batch"}}));
    receiver.wait_for("/hook", 2);
}

fn a_sync_call_gets_the_stacks_own_answer(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "answer.json",
            json!([{"function": "return_response", "status": 207, "headers": {"x-answer": "yes"}, "body": {"n": 1.5}}]),
        )
        .workflow("silent.json", json!([{"function": "create_variable", "name": "x", "value": 1}]))
        .start();
    let reply = server.post("/api/answer", &json!({})).expect(207);
    assert_eq!(reply.header("x-answer"), Some("yes"));
    assert_eq!(reply.json(), json!({"n": 1.5}));
    let id = reply.header("x-execution-id").expect("a sync call names its execution").to_owned();
    let entry = server.status(&id);
    assert_eq!(
        (&entry["state"], &entry["output"], &entry["output_status"]),
        (&json!("completed"), &json!({"n": 1.5}), &json!(207))
    );

    let silent = server.post("/api/silent", &json!({})).expect(200);
    assert_eq!(silent.body, "null");
    assert_eq!(server.status(silent.header("x-execution-id").expect("it has an id"))["output_status"], 200);

    let grumble = server.post("/api/grumble", &json!({}));
    assert_eq!(grumble.status, 418);
    assert_eq!(grumble.json()["cups"], 2);
    let id = server.start("grumble", &json!({}));
    let entry = server.wait_done(&id);
    assert_eq!((&entry["status"], &entry["error"]), (&json!("error"), &json!("I am a teapot")));
    assert_eq!(entry["output"]["cups"], 2, "the output of an error answer is kept");
}

fn a_sync_call_that_lasts_becomes_an_async_one(store: Store) {
    let server = Server::on(store).basics().start();
    let reply = server.call("POST", "/api/nap").header("prefer", "wait=1").json(&json!({"seconds": 2})).send().expect(202);
    let id = reply.json()["execution_id"].as_str().unwrap().to_owned();
    assert_eq!(server.wait_done(&id)["output"], json!({"slept": 2}));
}

fn what_a_stack_raises_is_what_a_sync_caller_gets(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "guarded.json",
            json!([{"function": "precondition", "condition": "{{ input.age >= 18 }}", "message": "too young"}]),
        )
        .workflow(
            "typed.json",
            json!({"inputs": {"age": {"type": "int", "required": true}, "email": {"type": "email", "required": true}},
                   "stack": [{"function": "return_response", "body": "{{ age + 1 }}"}]}),
        )
        .workflow(
            "brief.json",
            json!({"async_function_config": {"resource_limits": {"max_execution_time": 1}},
                   "stack": [{"function": "external_api_request", "url": "{{ input.url }}", "timeout": 30}]}),
        )
        .start();
    let thrown = server.post("/api/fail", &json!({"status": 409})).expect(409).problem();
    assert_eq!((&thrown["code"], &thrown["message"]), (&json!("ERROR_CODE_BROKEN"), &json!("it broke on purpose")));
    assert_eq!(thrown["payload"], json!({"hint": "mend it"}));
    server.post("/api/fail", &json!({})).expect(500).problem();

    let young = server.post("/api/guarded", &json!({"age": 17})).expect(400).problem();
    assert_eq!(young["message"], "too young");
    server.post("/api/guarded", &json!({"age": 18})).expect(200);

    // Every field that does not hold is named, not only the first.
    let inputs = server.post("/api/typed", &json!({"age": "old"})).expect(422).problem().to_string();
    assert!(inputs.contains("age") && inputs.contains("email"), "{inputs}");
    assert_eq!(server.run("typed", &json!({"age": "41", "email": "a@example.com"})), json!(42));

    let refused = server.post("/api/fetch", &json!({"url": "http://169.254.169.254/latest/meta-data/"})).expect(422).problem();
    assert_eq!(refused["code"], "ERROR_CODE_ADDRESS_REFUSED");

    let stub = Receiver::start();
    stub.answers("/never", [Answer::never()]);
    let late = server.post("/api/brief", &json!({"url": stub.url("/never")})).expect(504).problem();
    assert_eq!(late["code"], "ERROR_CODE_TIMEOUT");
}

fn with_key(server: &Server, function: &str, key: &str, body: &Value) -> Reply {
    server.call("POST", &format!("/api/{function}")).header("idempotency-key", key).json(body).send()
}

fn the_same_idempotency_key_is_the_same_execution(store: Store) {
    let mut server = Server::on(store).basics().start();
    let body = json!({"async": true, "n": 1});
    let first = with_key(&server, "echo", "order-1", &body).expect(202);
    assert_eq!(first.header("idempotent-replayed"), None);
    let id = first.json()["execution_id"].clone();
    let again = with_key(&server, "echo", "order-1", &body).expect(202);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json()["execution_id"], id);

    // The body's own word is the same key; another body under it is a mistake of the caller.
    let other = with_key(&server, "echo", "order-1", &json!({"async": true, "n": 2})).expect(422).problem();
    assert!(other["message"].as_str().unwrap().contains("idempotency key"), "{other}");
    let in_body = json!({"async": true, "n": 3, "idempotency_key": "order-2"});
    let first = server.post("/api/echo", &in_body).expect(202).json();
    assert_eq!(server.post("/api/echo", &in_body).expect(202).json()["execution_id"], first["execution_id"]);

    // A key belongs to its function, and a sync answer is replayed as it was.
    with_key(&server, "nap", "order-1", &json!({"async": true, "seconds": 0})).expect(202);
    let sync = with_key(&server, "echo", "order-3", &json!({"n": 4})).expect(200);
    let replayed = with_key(&server, "echo", "order-3", &json!({"n": 4})).expect(200);
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!((replayed.body.as_str(), replayed.header("x-execution-id")), (sync.body.as_str(), sync.header("x-execution-id")));

    server.kill9();
    server.restart();
    assert_eq!(with_key(&server, "echo", "order-1", &body).expect(202).json()["execution_id"], id);
}

fn twenty_callers_with_one_key_start_one_execution(store: Store) {
    let server = Server::on(store).basics().start();
    let calls = (0..20).map(|_| {
        server
            .call("POST", "/api/note")
            .header("idempotency-key", "once")
            .json(&json!({"async": true, "table": "notes", "data": {"n": 1}}))
            .go()
    });
    let replies = runtime().block_on(futures_util::future::join_all(calls));
    let ids: std::collections::HashSet<String> =
        replies.into_iter().map(|reply| reply.unwrap().expect(202).json()["execution_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    server.wait_done(ids.iter().next().unwrap().trim_matches('"'));
    assert_eq!(server.run("list", &json!({"table": "notes"})).as_array().unwrap().len(), 1);
}

fn options_of_a_call_come_back_with_its_entry(store: Store) {
    let server = Server::on(store).basics().start();
    let asked = json!({
        "async": true, "n": 1,
        "options": {"delay": 1.5, "priority": 5, "tags": ["nightly", "a"], "metadata": {"invoice": 7},
                    "async_function_config": {"retry_policy": {"max_retries": 2}}}
    });
    let entry = server.post("/api/echo", &asked).expect(202).json();
    assert_eq!(entry["tags"], json!(["nightly", "a"]));
    assert_eq!(entry["metadata"], json!({"invoice": 7}));
    assert_eq!(entry["max_attempts"], 3);
    assert_eq!(entry["state"], "queued");
    let done = server.wait_done(entry["execution_id"].as_str().unwrap());
    assert_eq!(done["metadata"], json!({"invoice": 7}));
    assert_eq!(done["output"]["echo"]["n"], 1);
    let created: chrono::DateTime<chrono::Utc> = done["created_at"].as_str().unwrap().parse().unwrap();
    let started: chrono::DateTime<chrono::Utc> = done["started_at"].as_str().unwrap().parse().unwrap();
    assert!((started - created).num_milliseconds() >= 1400, "{done}");
    assert_eq!(server.get("/v1/executions?tag=nightly").expect(200).json()["items"].as_array().unwrap().len(), 1);
}

fn a_functions_own_inputs_win_over_control_words(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "form.json",
            json!({"inputs": {"callback_url": {"type": "text"}, "tags": {"type": "json"}},
                   "stack": [{"function": "return_response", "body": {"input": "{{ input }}", "body": "{{ request.body }}"}}]}),
        )
        .start();
    let body = json!({"callback_url": "call me", "tags": ["x"], "priority": "high"});
    let answer = server.run("form", &body);
    assert_eq!(answer["input"]["callback_url"], "call me");
    assert_eq!(answer["input"]["priority"], "high");
    // Control words are no inputs, and stay in the request's body.
    let answer = server.run("form", &json!({"async": false, "tags": []}));
    assert_eq!(answer["body"], json!({"async": false, "tags": []}));
    assert!(!field_names(&answer["input"]).contains(&"async"), "{answer}");
}

fn a_request_is_read_as_callers_write_it(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow(
            "orders/create.json",
            json!([{"function": "return_response", "body": {
                "method": "{{ request.method }}", "path": "{{ request.path }}", "query": "{{ request.query.q }}",
                "header": "{{ request.headers['x-trace'] }}", "secret": "{{ request.headers.authorization }}",
                "body": "{{ request.body }}", "id": "{{ execution.id }}"
            }}]),
        )
        .start();
    let reply = server
        .call("POST", "/api/orders/create?q=a%20b")
        .header("x-trace", "t-1")
        .header("authorization", "Bearer hush")
        .json(&json!({"text": "żółć 🦀", "big": 9_007_199_254_740_993_i64}))
        .send()
        .expect(200);
    let seen = reply.json();
    assert_eq!(seen["method"], "POST");
    assert!(seen["path"].as_str().unwrap().ends_with("orders/create"), "{seen}");
    assert_eq!((&seen["query"], &seen["header"], &seen["secret"]), (&json!("a b"), &json!("t-1"), &Value::Null));
    assert_eq!(seen["body"], json!({"text": "żółć 🦀", "big": 9_007_199_254_740_993_i64}));
    assert_eq!(seen["id"].as_str(), reply.header("x-execution-id"));

    // `-` and `_` name the same function, JSON needs no content type, and a base URL may end in `/` or `/api`.
    server.call("POST", "/api/echo").bytes(r#"{"n": 1}"#).send().expect(200);
    for path in ["/api/api/echo", "//api/echo", "/api//echo"] {
        assert_eq!(server.post(path, &json!({"n": 1})).status, 200, "{path}");
    }
    let form = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--x\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n";
    let reply = server.call("POST", "/api/echo").header("content-type", "multipart/form-data; boundary=x").bytes(form).send();
    let echo = reply.expect(200).json()["echo"].clone();
    assert_eq!(echo["title"], "Hello");
    assert_eq!(
        (&echo["file"]["base64"], &echo["file"]["filename"], &echo["file"]["bytes"]),
        (&json!("YWJj"), &json!("a.txt"), &json!(3))
    );
}

fn a_function_may_be_async_by_itself(store: Store) {
    let stack = json!([{"function": "return_response", "body": 1}]);
    let server = Server::on(store)
        .workflow("later.json", json!({"execution_mode": "async", "stack": stack}))
        .workflow("inner_only.json", json!({"expose": false, "stack": stack}))
        .start();
    server.post("/api/later", &json!({})).expect(202);
    assert_eq!(server.post("/api/later", &json!({"async": false})).expect(200).json(), json!(1));
    server.post("/api/inner-only", &json!({})).expect(404).problem();
    assert!(server.first_line().contains("2 functions"), "{}", server.first_line());
    assert_eq!(server.call("GET", "/healthz").within(seconds(5)).send().status, 200);
    server.call("GET", "/readyz").within(millis(5000)).send().expect(200);
}
