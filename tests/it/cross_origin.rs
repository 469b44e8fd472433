//! Who may call: a page from elsewhere may not drive a server without keys, and with keys the key decides.
//! Never relies on a browser's good will: what the server answers is looked at.

use serde_json::json;

use crate::helpers::{Call, Reply, Server, Store, both_stores};

both_stores!(
    a_page_from_elsewhere_can_do_nothing_without_keys,
    a_page_from_here_or_from_the_list_can,
    with_a_key_the_key_decides,
    without_a_key_only_loopback_is_served,
);

/// Every door that starts, changes or tells something.
fn doors(server: &Server, id: &str) -> Vec<Call> {
    let status = json!({"execution_ids": [id]});
    vec![
        server.call("POST", "/api/echo").json(&json!({"async": true})),
        // What a form or a script may send without asking first.
        server.call("POST", "/api/echo").header("content-type", "text/plain").bytes("{\"async\": true}"),
        server.call("POST", "/api/echo?async=true").header("content-type", "application/x-www-form-urlencoded").bytes("a=1"),
        server.call("POST", "/api/async-status").json(&status),
        server.call("POST", "/api/async-await").json(&status),
        server.call("POST", "/api/async-cancel").json(&json!({"execution_id": id})),
        server.call("GET", &format!("/api/async-status/{id}")),
        server.call("GET", "/v1/executions"),
        server.call("GET", &format!("/v1/executions/{id}")),
        server.call("GET", &format!("/v1/executions/{id}/steps")),
        server.call("GET", &format!("/v1/executions/{id}/deliveries")),
        server.call("POST", &format!("/v1/executions/{id}/cancel")).json(&json!({})),
        server.call("GET", "/v1/functions"),
        server.call("GET", "/v1/alerts"),
        server.call("GET", "/metrics"),
    ]
}

#[track_caller]
fn refused(reply: &Reply, statuses: &[u16]) {
    assert!(statuses.contains(&reply.status), "{} {}", reply.status, reply.body);
    reply.problem();
}

fn a_page_from_elsewhere_can_do_nothing_without_keys(store: Store) {
    let server = Server::on(store).basics().start();
    let id = server.start("nap", &json!({"seconds": 600}));
    for origin in ["https://evil.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example:8080", "null"] {
        for call in doors(&server, &id) {
            let reply = call.header("origin", origin).send();
            refused(&reply, &[403]);
            assert!(reply.body.contains("cors.allowed_origins"), "the refusal names the setting: {}", reply.body);
        }
        let preflight = server
            .call("OPTIONS", "/api/echo")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .send();
        assert!(
            preflight.status >= 400 || preflight.header("access-control-allow-origin").is_none(),
            "{origin}: {}",
            preflight.status
        );
    }
    // A name that was made to point here.
    for call in doors(&server, &id) {
        refused(&call.header("host", "evil.example").send(), &[403]);
    }
    assert_eq!(server.status(&id)["state"], "waiting", "it was not cancelled");
    assert_eq!(server.executions().len(), 1, "nothing was started");
}

fn a_page_from_here_or_from_the_list_can(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_CORS_ALLOWED_ORIGINS", "https://app.example").start();
    for origin in ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:80", "https://app.example"] {
        let preflight = server
            .call("OPTIONS", "/api/echo")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key")
            .send();
        assert!(preflight.status < 300, "{origin}: {} {}", preflight.status, preflight.body);
        let allowed = preflight.header("access-control-allow-origin").unwrap_or_default().to_owned();
        assert!(allowed == origin || allowed == "*", "{origin}: {allowed}");
        let reply = server.call("POST", "/api/echo").header("origin", origin).json(&json!({"n": 1})).send().expect(200);
        assert!(reply.header("access-control-allow-origin").is_some(), "{origin}");
        let exposed = reply.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
        assert!(exposed.contains("x-execution-id") && exposed.contains("location"), "{exposed}");
        // A refusal can be read by the page too.
        let missing = server.call("POST", "/api/nothing").header("origin", origin).json(&json!({})).send().expect(404);
        assert!(missing.header("access-control-allow-origin").is_some(), "{origin}");
    }
    refused(&server.call("POST", "/api/echo").header("origin", "https://other.example").json(&json!({})).send(), &[403]);
}

fn with_a_key_the_key_decides(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_API_KEY", "the-one-key").start();
    let with = |call: Call| call.header("authorization", "Bearer the-one-key");
    let started = with(server.call("POST", "/api/nap")).json(&json!({"async": true, "seconds": 600})).send().expect(202).json();
    let id = started["execution_id"].as_str().unwrap();
    for call in doors(&server, id) {
        refused(&call.clone().send(), &[401]);
        refused(&call.clone().header("authorization", "Bearer the-one-kez").send(), &[401]);
        refused(&call.clone().header("authorization", "Basic dXNlcjpwYXNz").send(), &[401]);
        let preflighted = call.header("origin", "https://anywhere.example").send();
        refused(&preflighted, &[401]);
        assert!(preflighted.header("access-control-allow-origin").is_some(), "a page can read why");
    }
    let from_afar =
        with(server.call("POST", "/api/echo")).header("origin", "https://anywhere.example").json(&json!({"n": 1})).send();
    let allowed = from_afar.expect(200).header("access-control-allow-origin").map(str::to_owned);
    assert!(allowed.as_deref().is_some_and(|origin| ["*", "https://anywhere.example"].contains(&origin)), "{allowed:?}");
    with(server.call("GET", &format!("/api/async-status/{id}"))).send().expect(200);
    server.get("/healthz").expect(200);
    assert!(!server.stderr().contains("the-one-key"), "a key is in the log");
}

fn without_a_key_only_loopback_is_served(store: Store) {
    let why = Server::on(store)
        .basics()
        .arg("--listen")
        .arg("0.0.0.0:0")
        .env("RINGBACK_PUBLIC_URL", "http://ringback.example")
        .refuses_to_start();
    assert!(why.to_lowercase().contains("api_key"), "the refusal says what to do: {why}");
    let why =
        Server::on(store).basics().arg("--listen").arg("0.0.0.0:0").env("RINGBACK_API_KEY", "k".repeat(32)).refuses_to_start();
    assert!(why.contains("public_url") || why.contains("public-url"), "{why}");
}
