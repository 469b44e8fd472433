//! The pages for people, asked for as any program may ask for them.
//! Never how they look; a browser tells that.

use serde_json::json;

use crate::helpers::{Reply, Server, Store, both_stores};

both_stores! {
    every_page_is_there_and_trusts_no_script_but_its_own,
}

const PAGES: [&str; 10] = [
    "/ui",
    "/ui/executions",
    "/ui/functions",
    "/ui/functions/echo",
    "/ui/deliveries",
    "/ui/destinations",
    "/ui/schedules",
    "/ui/keys",
    "/ui/alerts?all=true",
    "/ui/tables",
];

fn every_page_is_there_and_trusts_no_script_but_its_own(store: Store) {
    let server = Server::on(store).basics().start();
    let id = server.start("note", &json!({"table": "notes", "data": {"text": "hello"}}));
    server.wait_done(&id);
    let more = [format!("/ui/executions/{id}"), "/ui/tables/notes".to_owned(), "/ui/functions/echo/versions".to_owned()];
    for path in PAGES.map(str::to_owned).iter().chain(&more) {
        let reply = server.get(path).expect(200);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(reply.body.starts_with("<!doctype html>\n<html lang=\"en\">"), "{path}");
    }
    assert!(server.get(&format!("/ui/executions/{id}")).body.contains("add record"));
    assert!(server.get("/ui/tables/notes").body.contains("hello"));
    for path in ["/ui/nothing", "/ui/executions/nothing", "/ui/functions/nothing", "/ui/tables/nothing", "/ui/assets/nothing"] {
        assert!(server.get(path).expect(404).body.contains("there is no"), "{path}");
    }
    for path in ["/ui/executions?state=asleep", "/ui/executions?cursor=x", "/ui/executions?tag=%00"] {
        assert!([200, 503].contains(&server.get(path).status), "{path}");
    }
    server.get("/ui/executions?state=asleep").expect(200);
    for (name, kind) in [("style.css", "text/css"), ("app.js", "text/javascript"), ("icon.svg", "image/svg+xml")] {
        let reply = server.get(&format!("/ui/assets/{name}")).expect(200);
        assert!(reply.header("content-type").unwrap().starts_with(kind), "{name}");
        assert!(reply.header("cache-control").unwrap().contains("immutable"), "{name}");
    }
}

fn login(server: &Server, key: &str) -> Reply {
    let form = format!("key={key}&next=%2Fui%2Fexecutions");
    server.call("POST", "/ui/login").header("content-type", "application/x-www-form-urlencoded").bytes(form).send()
}

/// The cookie that a reply sets, as a browser sends it back.
fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn with_keys_nobody_sees_a_page_before_he_has_signed_in() {
    let server = Server::on(Store::Sqlite).basics().env("RINGBACK_API_KEY", "the-one-key").start();
    for path in PAGES {
        let reply = server.get(path).expect(303);
        assert!(reply.header("location").unwrap().starts_with("/ui/login?next=%2Fui"), "{path}");
    }
    server.get("/ui/login").expect(200);
    server.get("/ui/assets/style.css").expect(200);
    let wrong = login(&server, "another-key").expect(401);
    assert!(wrong.body.contains("this key is not known") && wrong.header("set-cookie").is_none());
    let right = login(&server, "the-one-key").expect(303);
    assert_eq!(right.header("location"), Some("/ui/executions"));
    let set = right.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/ui", "Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("the-one-key"));
    let cookie = cookie(&right);
    let page = |path: &str, cookie: &str| server.call("GET", path).header("cookie", cookie).send();
    assert!(page("/ui", &cookie).expect(200).body.contains("Sign out"));
    page("/ui", &format!("{cookie}x")).expect(303);
    // A session opens the pages, and no other door.
    page("/v1/executions", &cookie).expect(401);
    let out = server.call("POST", "/ui/logout").header("cookie", &cookie).send().expect(303);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[test]
fn a_session_ends_with_its_key() {
    let mut server = Server::on(Store::Sqlite).basics().env("RINGBACK_API_KEY", "the-one-key").start();
    let cookie = cookie(&login(&server, "the-one-key").expect(303));
    server.restart();
    server.call("GET", "/ui").header("cookie", &cookie).send().expect(200);
    let database = server.database().to_owned();
    server.kill9();
    let other = Server::on(Store::Sqlite).basics().database(&database).env("RINGBACK_API_KEY", "a-new-key").start();
    other.call("GET", "/ui").header("cookie", &cookie).send().expect(303);
}

#[test]
fn a_key_that_only_reads_sees_no_buttons_and_presses_none() {
    let server = Server::on(Store::Sqlite).basics().env("RINGBACK_API_KEY", "the-one-key").start();
    let manage = |method: &'static str, path: &str| server.call(method, path).header("authorization", "Bearer the-one-key");
    let key = manage("POST", "/v1/keys").json(&json!({"name": "eyes", "scopes": ["read"]})).send().expect(201).json();
    let run = manage("POST", "/api/fail").json(&json!({"async": true})).send().expect(202).json();
    let id = run["execution_id"].as_str().unwrap();
    manage("POST", "/api/note").json(&json!({"table": "alerts", "data": {"type": "odd", "message": "odd"}})).send().expect(200);
    manage("GET", &format!("/api/async-await/{id}")).send().expect(200);
    let alert = manage("GET", "/v1/alerts").send().json()["items"][0]["id"].to_string();
    let cookie = cookie(&login(&server, key["key"].as_str().unwrap()).expect(303));
    let page = |path: &str| server.call("GET", path).header("cookie", &cookie).send();
    let execution = format!("/ui/executions/{id}");
    for path in ["/ui", "/ui/alerts", "/ui/deliveries?state=dead", "/ui/destinations", "/ui/schedules", &execution] {
        let body = page(path).expect(200).body;
        assert_eq!(body.matches("<form method=\"post\"").count(), 1, "{path} has the form to sign out, and no other");
    }
    page("/ui/keys").expect(403);
    let code = page(&execution).body.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    for path in [
        format!("/ui/alerts/{alert}/acknowledge"),
        format!("{execution}/rerun"),
        format!("{execution}/resume"),
        "/ui/destinations/lane_x/pause".to_owned(),
        "/ui/deliveries/redeliver".to_owned(),
        "/ui/schedules/x/pause".to_owned(),
    ] {
        let call = server.call("POST", &path).header("cookie", &cookie);
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        assert!(call.bytes(format!("csrf={code}")).send().expect(403).body.contains("scope manage"), "{path}");
    }
    let alerts = manage("GET", "/v1/alerts").send().json();
    assert!(alerts["items"].as_array().unwrap().iter().all(|alert| alert["acknowledged_at"].is_null()), "{alerts}");
    assert_eq!(manage("GET", "/v1/executions?function=fail").send().json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn no_other_page_can_press_a_button() {
    let server = Server::on(Store::Sqlite).basics().start();
    let id = server.start("nap", &json!({"seconds": 600}));
    let path = format!("/ui/executions/{id}/cancel");
    let page = server.get(&format!("/ui/executions/{id}")).body;
    let code = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let press = |path: &str, code: &str, headers: &[(&str, &str)]| {
        let call = server.call("POST", path).header("content-type", "application/x-www-form-urlencoded");
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, *value));
        call.bytes(format!("csrf={code}")).send()
    };
    press(&path, "", &[]).expect(403);
    press(&path, "guessed", &[]).expect(403);
    press(&path, &code, &[("sec-fetch-site", "cross-site")]).expect(403);
    press(&path, &code, &[("origin", "https://evil.example")]).expect(403);
    press(&path, &code, &[("origin", "http://localhost:3000")]).expect(403);
    press("/ui/functions/echo/run", "guessed", &[]).expect(403);
    assert_eq!(server.status(&id)["state"], "waiting", "nothing has happened to it");
    assert_eq!(server.executions().len(), 1, "and nothing was started");
    press(&path, &code, &[("sec-fetch-site", "same-origin")]).expect(303);
    assert_eq!(server.wait_done(&id)["state"], "cancelled");
}

#[test]
fn a_form_says_what_does_not_hold_and_starts_nothing() {
    let stack = json!({
        "inputs": {"email": {"type": "email", "required": true}, "items": {"type": "object[]"}},
        "stack": [{"function": "return_response", "body": "{{ input }}"}]
    });
    let server = Server::on(Store::Sqlite).workflow("order.json", stack).start();
    let page = server.get("/ui/functions/order").expect(200).body;
    let code = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let send = |fields: &str| {
        let call = server.call("POST", "/ui/functions/order/run").header("content-type", "application/x-www-form-urlencoded");
        call.bytes(format!("csrf={code}&{fields}")).send()
    };
    let reply = send("in.email=&in.items=%5B").expect(422);
    assert!(reply.body.contains("items is no JSON"), "{}", reply.body);
    assert!(send("in.email=nobody").expect(422).body.contains("aria-invalid=\"true\""));
    assert!(send("in.email=a@b.example&callback_url=ftp://x").expect(422).body.contains("role=\"alert\""));
    assert_eq!(server.executions().len(), 0);
    let reply = send("in.email=a%40b.example&in.items=%5B%7B%22n%22%3A1%7D%5D").expect(303);
    let id = reply.header("location").unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(server.wait_done(&id)["output"], json!({"email": "a@b.example", "items": [{"n": 1}]}));
}
