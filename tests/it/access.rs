//! Keys with scopes: what each may do, what it may see, and when it ends.
//! Never learns a key otherwise than its owner does: from the answer that made it.

use serde_json::{Value, json};

use crate::helpers::{Call, Receiver, SECRET, Server, Store, both_stores, eventually, seconds, text_of};

both_stores!(
    each_scope_opens_its_own_doors,
    a_key_that_only_invokes_sees_and_ends_only_what_it_started,
    the_same_idempotency_key_of_two_keys_is_two_calls,
    a_key_starts_only_the_functions_that_it_names,
    a_key_ends_when_it_expires_when_it_is_revoked_and_when_its_rate_is_used_up,
    what_was_managed_is_in_the_audit,
    the_first_key_is_made_before_anybody_may_call_from_afar,
    a_stack_knows_the_key_that_started_it,
    what_a_key_starts_may_be_signed_with_a_secret_of_its_own,
);

const ADMIN: &str = "the-key-of-the-configuration";

fn keyed(store: Store) -> Server {
    Server::on(store).basics().env("RINGBACK_API_KEY", ADMIN).start()
}

fn with(key: &str, call: Call) -> Call {
    call.header("authorization", format!("Bearer {key}"))
}

#[track_caller]
fn make(server: &Server, plan: Value) -> String {
    let made = with(ADMIN, server.call("POST", "/v1/keys")).json(&plan).send().expect(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    text_of(&made.json()["key"])
}

#[track_caller]
fn start(server: &Server, key: &str, function: &str) -> String {
    let body = json!({"async": true, "seconds": 600});
    let started = with(key, server.call("POST", &format!("/api/{function}"))).json(&body).send().expect(202);
    text_of(&started.json()["execution_id"])
}

fn each_scope_opens_its_own_doors(store: Store) {
    let server = keyed(store);
    let id = start(&server, ADMIN, "nap");
    let status = json!({"execution_ids": [id]});
    let plan = json!({"name": "other", "scopes": ["read"]});
    // What the holder of `invoke`, `read`, and `manage` is answered, in this order.
    let table: Vec<(&str, String, Value, [u16; 3])> = vec![
        ("POST", "/api/echo".into(), json!({}), [200, 403, 200]),
        ("POST", "/api/async-status".into(), status.clone(), [200, 200, 200]),
        ("POST", "/api/async-await".into(), json!({"execution_ids": [id], "timeout": 0}), [200, 200, 200]),
        ("GET", format!("/api/async-status/{id}"), Value::Null, [200, 200, 200]),
        ("GET", "/v1/executions".into(), Value::Null, [200, 200, 200]),
        ("GET", format!("/v1/executions/{id}"), Value::Null, [404, 200, 200]),
        ("GET", format!("/v1/executions/{id}/steps"), Value::Null, [404, 200, 200]),
        ("GET", format!("/v1/executions/{id}/deliveries"), Value::Null, [404, 200, 200]),
        ("GET", "/v1/functions".into(), Value::Null, [403, 200, 200]),
        ("GET", "/v1/functions/echo".into(), Value::Null, [403, 200, 200]),
        ("GET", "/v1/alerts".into(), Value::Null, [403, 200, 200]),
        ("GET", "/v1/keys".into(), Value::Null, [403, 200, 200]),
        ("GET", "/v1/audit".into(), Value::Null, [403, 200, 200]),
        ("GET", "/readyz".into(), Value::Null, [403, 200, 200]),
        ("POST", "/v1/keys".into(), plan, [403, 403, 201]),
        ("DELETE", "/v1/keys/other".into(), Value::Null, [403, 403, 200]),
        ("DELETE", "/v1/keys/nobody".into(), Value::Null, [403, 403, 404]),
        ("GET", "/nowhere".into(), Value::Null, [403, 404, 404]),
        ("POST", "/nowhere".into(), Value::Null, [403, 403, 404]),
        ("POST", "/api/async-cancel".into(), json!({"execution_id": id}), [404, 403, 200]),
        ("POST", format!("/v1/executions/{id}/cancel"), json!({}), [404, 403, 200]),
    ];
    let keys: Vec<String> =
        ["invoke", "read", "manage"].iter().map(|scope| make(&server, json!({"name": scope, "scopes": [scope]}))).collect();
    for (method, path, body, expected) in table {
        let call = || match &body {
            Value::Null => server.call(method, &path),
            body => server.call(method, &path).json(body),
        };
        call().send().expect(401).problem();
        with("rbk_of-somebody-else", call()).send().expect(401).problem();
        for (key, status) in keys.iter().zip(expected) {
            let reply = with(key, call()).send();
            assert_eq!(reply.status, status, "{method} {path} with {}: {}", &key[..8], reply.body);
            if status == 403 {
                let problem = reply.problem();
                assert_eq!(problem["code"], "ERROR_CODE_FORBIDDEN");
                assert!(problem["detail"].as_str().unwrap().contains("scope"), "{problem}");
            }
        }
    }
    server.get("/healthz").expect(200);
    for key in &keys {
        assert!(!server.stderr().contains(key), "a key is in the log");
    }
}

fn a_key_that_only_invokes_sees_and_ends_only_what_it_started(store: Store) {
    let server = keyed(store);
    let [mine, theirs] = ["mine", "theirs"].map(|name| make(&server, json!({"name": name, "scopes": ["invoke"]})));
    let (own, foreign) = (start(&server, &mine, "nap"), start(&server, &theirs, "nap"));
    let ask = |key: &str, ids: Value| {
        let reply = with(key, server.call("POST", "/api/async-status")).json(&json!({"execution_ids": ids})).send();
        let entries = reply.expect(200).json();
        entries.as_array().unwrap().iter().map(|entry| text_of(&entry["state"])).collect::<Vec<_>>()
    };
    assert_eq!(ask(&mine, json!([own, foreign]))[1], "not_found");
    assert_ne!(ask(&mine, json!([own, foreign]))[0], "not_found");
    assert_ne!(ask(&theirs, json!([foreign]))[0], "not_found");
    let page = with(&mine, server.call("GET", "/v1/executions")).send().expect(200).json();
    let listed: Vec<String> = page["items"].as_array().unwrap().iter().map(|entry| text_of(&entry["execution_id"])).collect();
    assert_eq!(listed, std::slice::from_ref(&own));
    with(&mine, server.call("GET", &format!("/v1/executions/{own}"))).send().expect(200);
    with(&mine, server.call("GET", &format!("/v1/executions/{foreign}/events"))).send().expect(404).problem();
    let event = |id: &str| with(&mine, server.call("POST", &format!("/v1/executions/{id}/events/paid"))).json(&json!({})).send();
    event(&own).expect(202);
    event(&foreign).expect(404).problem();

    let cancel = |key: &str, body: Value| with(key, server.call("POST", "/api/async-cancel")).json(&body).send();
    cancel(&mine, json!({"execution_id": foreign})).expect(404).problem();
    let both = cancel(&mine, json!({"execution_ids": [own, foreign]})).expect(200).json();
    assert_eq!(
        (&both[0]["cancelled"], &both[1]["cancelled"], &both[1]["state"]),
        (&json!(true), &json!(false), &json!("not_found"))
    );
    assert_ne!(ask(ADMIN, json!([foreign]))[0], "cancelled");
    cancel(ADMIN, json!({"execution_id": foreign})).expect(200);
}

fn the_same_idempotency_key_of_two_keys_is_two_calls(store: Store) {
    let server = keyed(store);
    let keys = ["one", "two"].map(|name| make(&server, json!({"name": name, "scopes": ["invoke"]})));
    let call = |key: &str| {
        let call = with(key, server.call("POST", "/api/echo")).header("idempotency-key", "order-7").json(&json!({"async": true}));
        text_of(&call.send().expect(202).json()["execution_id"])
    };
    let ids = [call(&keys[0]), call(&keys[1]), call(&keys[0])];
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0], ids[2]);
}

fn a_key_starts_only_the_functions_that_it_names(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow("orders/create.json", json!([{"function": "return", "value": 1}]))
        .env("RINGBACK_API_KEY", ADMIN)
        .start();
    let key = make(&server, json!({"name": "shop", "scopes": ["invoke"], "functions": ["orders/*"]}));
    with(&key, server.call("POST", "/api/orders/create")).json(&json!({})).send().expect(200);
    let refused = with(&key, server.call("POST", "/api/echo")).json(&json!({})).send().expect(403).problem();
    assert!(refused["detail"].as_str().unwrap().contains("orders/*"), "{refused}");
    assert_eq!(with(ADMIN, server.call("GET", "/v1/executions")).send().json()["items"].as_array().unwrap().len(), 1);
}

fn a_key_ends_when_it_expires_when_it_is_revoked_and_when_its_rate_is_used_up(store: Store) {
    let server = keyed(store);
    let ask = |key: &str| with(key, server.call("GET", "/v1/functions")).send();
    let short = make(&server, json!({"name": "short", "scopes": ["read"], "expires_in_s": 2}));
    ask(&short).expect(200);
    eventually("the end of a key that expires", seconds(10), || (ask(&short).status == 401).then_some(()));
    assert!(ask(&short).problem()["detail"].as_str().unwrap().contains("expired"));

    let lost = make(&server, json!({"name": "lost", "scopes": ["read"]}));
    ask(&lost).expect(200);
    with(ADMIN, server.call("DELETE", "/v1/keys/lost")).send().expect(200);
    assert!(ask(&lost).expect(401).problem()["detail"].as_str().unwrap().contains("revoked"));
    let taken = with(ADMIN, server.call("POST", "/v1/keys")).json(&json!({"name": "lost", "scopes": ["read"]})).send();
    assert_eq!(taken.expect(409).problem()["code"], "ERROR_CODE_KEY_CONFLICT");
    with(ADMIN, server.call("DELETE", "/v1/keys/default")).send().expect(409).problem();

    let slow = make(&server, json!({"name": "slow", "scopes": ["read"], "rate_limit": {"limit": 3, "per": "hour"}}));
    for _ in 0..3 {
        ask(&slow).expect(200);
    }
    let refused = ask(&slow).expect(429);
    assert_eq!(refused.header("retry-after"), Some("1200"));
    assert_eq!(refused.problem()["code"], "ERROR_CODE_RATE_LIMITED");
    ask(ADMIN).expect(200);

    let listed = ask_keys(&server);
    let states: Vec<(String, String)> =
        listed.as_array().unwrap().iter().map(|key| (text_of(&key["name"]), text_of(&key["state"]))).collect();
    let pair = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    assert_eq!(states, [pair("lost", "revoked"), pair("short", "expired"), pair("slow", "active")]);
    for secret in [&short, &lost, &slow] {
        assert!(!listed.to_string().contains(secret.as_str()), "a key is shown again");
    }
}

fn ask_keys(server: &Server) -> Value {
    with(ADMIN, server.call("GET", "/v1/keys")).send().expect(200).json()["items"].clone()
}

fn what_was_managed_is_in_the_audit(store: Store) {
    let server = keyed(store);
    let reader = make(&server, json!({"name": "reader", "scopes": ["read"]}));
    with(&reader, server.call("DELETE", "/v1/keys/reader?token=hush")).send().expect(403);
    with(ADMIN, server.call("GET", "/v1/keys")).send().expect(200);
    server.call("DELETE", "/v1/keys/reader").send().expect(401);
    let page = with(&reader, server.call("GET", "/v1/audit?limit=1")).send().expect(200).json();
    let line = &page["items"][0];
    assert_eq!((&line["key"], &line["method"], &line["status"]), (&json!("reader"), &json!("DELETE"), &json!(403)));
    assert_eq!((&line["path"], &line["ip"]), (&json!("/v1/keys/reader"), &json!("127.0.0.1")));
    let next = page["next"].as_str().expect("there is more");
    let rest = with(&reader, server.call("GET", &format!("/v1/audit?cursor={next}"))).send().expect(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "{rest}");
    assert_eq!((&rest["items"][0]["key"], &rest["items"][0]["status"]), (&json!("default"), &json!(201)));
    with(&reader, server.call("GET", "/v1/audit?limit=0")).send().expect(400).problem();
    with(&reader, server.call("GET", "/v1/audit?cursor=x")).send().expect(400).problem();
}

fn the_first_key_is_made_before_anybody_may_call_from_afar(store: Store) {
    let mut server = Server::on(store).basics().start();
    let refused = server.post("/v1/keys", &json!({"name": "weak", "scopes": ["invoke"]})).expect(409).problem();
    assert!(refused["detail"].as_str().unwrap().contains("manage"), "{refused}");
    server.post("/v1/keys", &json!({"name": "ops", "scopes": ["manage"], "scope": "x"})).expect(422).problem();
    let over_http = server.command(&["keys", "create", "ops", "--scope", "manage"]).expect(0);
    let ops = over_http.stdout.trim().to_owned();
    server.get("/v1/functions").expect(401).problem();
    with(&ops, server.call("GET", "/v1/functions")).send().expect(200);
    let denied = server.command(&["keys", "list"]).expect(1);
    assert!(denied.stderr.contains("--key"), "{}", denied.stderr);
    let listed = server.command(&["keys", "list", "--key", &ops]).expect(0);
    assert!(listed.stdout.contains("ops") && listed.stdout.contains("active"), "{}", listed.stdout);

    server.terminate();
    let made = server.command(&["keys", "create", "n8n", "--scope", "invoke", "--function", "ec*", "--json"]).expect(0);
    let n8n = text_of(&serde_json::from_str::<Value>(&made.stdout).unwrap()["key"]);
    server.command(&["keys", "create", "n8n", "--scope", "invoke"]).expect(1);
    server.command(&["keys", "create", "odd", "--scope", "admin"]).expect(2);
    server.command(&["keys", "revoke", "nobody"]).expect(1);
    server.restart();
    with(&n8n, server.call("POST", "/api/echo")).json(&json!({})).send().expect(200);
    let revoked = server.command(&["keys", "revoke", "n8n", "--key", &ops]).expect(0);
    assert!(revoked.stderr.contains("n8n"), "{}", revoked.stderr);
    with(&n8n, server.call("POST", "/api/echo")).json(&json!({})).send().expect(401);
    let audit = with(&ops, server.call("GET", "/v1/audit")).send().expect(200).body;
    assert!(audit.contains("keys create n8n") && audit.contains("\"cli\""), "{audit}");
}

fn a_stack_knows_the_key_that_started_it(store: Store) {
    let stack = json!([{"function": "return", "value": "{{ auth }}"}]);
    let server = Server::on(store).workflow("whoami.json", stack).env("RINGBACK_API_KEY", ADMIN).start();
    let key = make(&server, json!({"name": "n8n", "scopes": ["invoke", "read"]}));
    let told = with(&key, server.call("POST", "/api/whoami")).json(&json!({})).send().expect(200).json();
    assert_eq!(told, json!({"key": "n8n", "scopes": ["invoke", "read"]}));
}

fn what_a_key_starts_may_be_signed_with_a_secret_of_its_own(store: Store) {
    let server = keyed(store);
    let receiver = Receiver::start();
    let (n8n, other) = ["n8n", "other"].map(|name| make(&server, json!({"name": name, "scopes": ["invoke"]}))).into();
    let call = |path: &str, body: Value| with(ADMIN, server.call("POST", path)).json(&body).send();
    let heard = |key: &str, callback: Value| {
        let path = callback["url"].as_str().unwrap().to_owned();
        let mut callback = callback;
        callback["url"] = json!(receiver.url(&path));
        with(key, server.call("POST", "/api/echo")).json(&json!({"callback": callback})).send().expect(202);
        receiver.wait_for(&path, 1).remove(0)
    };
    heard(&n8n, json!({"url": "/before"})).assert_signed_with(SECRET);
    let made = call("/v1/keys/n8n/webhook-secret", json!({})).expect(200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let first = text_of(&made.json()["secret"]);
    let message = heard(&n8n, json!({"url": "/own"}));
    assert!(message.is_signed_with(&first) && !message.is_signed_with(SECRET));
    heard(&other, json!({"url": "/other"})).assert_signed_with(SECRET);

    // The callback's own wins.
    let own = "whsec_b3duLXNlY3JldC1vZi10aGUtY2FsbGVyLTEyMw==";
    let message = heard(&n8n, json!({"url": "/call", "secret": own}));
    assert!(message.is_signed_with(own) && !message.is_signed_with(&first));

    // Another one, and both sign.
    let given = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGhpcy1rZXk=";
    assert_eq!(call("/v1/keys/n8n/webhook-secret", json!({"secret": given})).expect(200).json()["secret"], given);
    let both = heard(&n8n, json!({"url": "/both"}));
    assert!(both.is_signed_with(given) && both.is_signed_with(&first));

    for odd in [json!({"secret": "whsec_c2hvcnQ="}), json!({"secret": 7})] {
        call("/v1/keys/n8n/webhook-secret", odd).expect(422).problem();
    }
    call("/v1/keys/nobody/webhook-secret", json!({})).expect(404).problem();
    with(&n8n, server.call("POST", "/v1/keys/n8n/webhook-secret")).send().expect(403).problem();
    assert!(!server.stderr().contains(given) && !server.stderr().contains(&first));
}
