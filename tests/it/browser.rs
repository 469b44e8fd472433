//! What a person does with the pages, in a real browser.
//! Never by asking the server anything but what the story says happened.

use serde_json::{Value, json};

use crate::helpers::{Answer, Browser, Receiver, Server, Store, both_stores, seconds, text_of};

both_stores! {
    a_person_starts_a_function_watches_it_and_cancels_another,
    nothing_that_came_from_outside_runs_in_a_page,
}

const KEY: &str = "the-one-key";

/// Everything that a timeline shows: a line in the log, progress, a loop, a child, a caught failure, a wait.
fn batch() -> Value {
    json!({
        "description": "Works through a list and tells how far it is",
        "inputs": {
            "count": {"type": "int", "required": true, "description": "how many lines"},
            "pause": {"type": "decimal", "default": 2, "description": "seconds before the end"},
            "mode": {"type": "enum", "values": ["fast", "careful"], "default": "fast"},
            "lines": {"type": "object[]", "default": []}
        },
        "execution_mode": "async",
        "schedule": [{"cron": "0 6 * * 1-5", "timezone": "Europe/Vienna", "input": {"count": 2}, "description": "on working days"}],
        "stack": [
            {"function": "log", "message": "begins with {{ input.count }} lines", "data": {"mode": "{{ input.mode }}"}},
            {"function": "update_progress", "progress": 20, "message": "writing"},
            {"function": "loop", "array": "{{ range(0, input.count) }}", "operations": [
                {"function": "add_record", "name": "keep the line", "table": "lines", "data": {"n": "{{ item }}"}},
                {"function": "sleep", "duration": 0.1}
            ]},
            {"function": "custom_function", "name": "echo", "inputs": {"of": "batch"}, "execution_mode": "async", "return_as": "child"},
            {"function": "try_catch",
             "try": [{"function": "external_api_request", "url": "http://127.0.0.1:9/closed", "method": "GET"}],
             "catch": [{"function": "log", "level": "warn", "message": "the other side is away"}]},
            {"function": "update_progress", "progress": 70, "message": "almost there"},
            {"function": "sleep", "name": "rest a little", "duration": "{{ input.pause }}"},
            {"function": "return_response", "body": {"lines": "{{ input.count }}", "child": "{{ child }}"}}
        ]
    })
}

/// Every page of this server, with a name for its picture.
fn pages(id: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("overview", "/ui"),
        ("executions", "/ui/executions"),
        ("functions", "/ui/functions"),
        ("function", "/ui/functions/batch"),
        ("versions", "/ui/functions/batch/versions"),
        ("deliveries", "/ui/deliveries"),
        ("alerts", "/ui/alerts?all=true"),
        ("schedules", "/ui/schedules"),
        ("keys", "/ui/keys"),
        ("tables", "/ui/tables"),
        ("table", "/ui/tables/lines"),
    ];
    let fixed = fixed.iter().map(|(name, path)| (*name, (*path).to_owned()));
    fixed.chain([("execution", format!("/ui/executions/{id}"))]).collect()
}

fn a_person_starts_a_function_watches_it_and_cancels_another(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(503).body("not now"), Answer::ok().body("thank you")]);
    let server = Server::on(store).basics().workflow("batch.json", batch()).env("RINGBACK_API_KEY", KEY).start();
    let browser = Browser::open();
    sign_in(&browser, &server);
    let id = start_and_watch(&browser, &receiver);
    cancel_one(&browser, &server);
    let failed = server.call("POST", "/api/fail").header("authorization", format!("Bearer {KEY}"));
    failed.json(&json!({"async": true})).send().expect(202);
    for (name, path) in pages(&id) {
        browser.go(&server.url(&path));
        browser.wait_for_text("h1", "", seconds(10));
        look_at(&browser, name);
    }
    by_the_keyboard(&browser, &server);
    pause_a_schedule(&browser, &server);
    send_again(&browser, &server, &receiver);
    browser.go(&server.url("/ui"));
    browser.click("[data-theme-switch]");
    let theme = "return document.documentElement.dataset.theme";
    assert_eq!(browser.script(theme), "dark");
    browser.go(&server.url("/ui/functions"));
    assert_eq!(browser.script(theme), "dark", "it is remembered");
    browser.click(".tools form button");
    browser.wait_for_text("h1", "Ringback", seconds(10));
    browser.go(&server.url("/ui"));
    assert!(browser.url().contains("/ui/login"), "{}", browser.url());
}

fn sign_in(browser: &Browser, server: &Server) {
    browser.go(&server.url("/ui/functions/batch"));
    browser.fill("#key", "not-the-key");
    browser.click("button.main");
    browser.wait_for_text("#wrong", "not known", seconds(10));
    assert_eq!(browser.barriers(), Vec::<String>::new());
    browser.picture("sign-in");
    browser.fill("#key", KEY);
    browser.click("button.main");
    browser.wait_for_text("h1", "batch", seconds(10));
    assert!(browser.url().ends_with("/ui/functions/batch"), "one gets where one wanted to go: {}", browser.url());
}

fn start_and_watch(browser: &Browser, receiver: &Receiver) -> String {
    browser.click(".run button.main");
    browser.wait_for_text(".wrong", "is required", seconds(10));
    assert_eq!(browser.barriers(), Vec::<String>::new());
    browser.fill("[id='in.count']", "3");
    browser.fill("[id='in.pause']", "3");
    browser.fill("#callback_url", &receiver.url("/hook"));
    browser.click(".run button.main");
    browser.wait_for_text(".timeline", "turn", seconds(15));
    browser.script("window.sameWindow = true");
    browser.wait_for_text(".title .state", "waiting", seconds(15));
    browser.wait_for_text(".progress", "almost there", seconds(15));
    browser.picture("execution-live");
    assert!(browser.has(".actions .danger"), "it can be cancelled");
    browser.wait_for_text(".title .state", "completed", seconds(20));
    browser.wait_for_text("#deliveries-title + .deliveries .state", "delivered", seconds(30));
    assert_eq!(browser.script("return window.sameWindow"), true, "the page was never loaded again");
    assert!(!browser.has(".actions .danger"), "there is nothing left to cancel");
    let timeline = browser.text(".timeline");
    for part in ["3 turns", "rest a little", "custom function", "external api request", "failed"] {
        assert!(timeline.contains(part), "{part}: {timeline}");
    }
    browser.click(".loop summary");
    browser.wait_for_text(".turns", "Turn", seconds(5));
    let deliveries = browser.text("#deliveries-title + .deliveries");
    assert!(
        deliveries.contains("Attempt 1") && deliveries.contains("HTTP 503") && deliveries.contains("Attempt 2"),
        "{deliveries}"
    );
    assert!(browser.text(".log").contains("begins with 3 lines"));
    assert!(browser.text("#output").contains("\"lines\": 3"), "{}", browser.text("#output"));
    browser.url().rsplit('/').next().unwrap().to_owned()
}

fn cancel_one(browser: &Browser, server: &Server) {
    browser.go(&server.url("/ui/functions/batch"));
    browser.fill("[id='in.count']", "1");
    browser.fill("[id='in.pause']", "600");
    browser.click(".run button.main");
    browser.wait_for_text(".title .state", "waiting", seconds(20));
    browser.click(".actions .danger");
    browser.wait_for_text(".title .state", "cancelled", seconds(20));
    browser.wait_for_text(".failure", "cancel", seconds(10));
    browser.go(&server.url("/ui/executions?state=cancelled"));
    browser.wait_for_text("table", "batch", seconds(10));
}

/// A message that nobody took is sent again by a button, and arrives.
fn send_again(browser: &Browser, server: &Server, receiver: &Receiver) {
    receiver.answers("/dead", [Answer::status(410), Answer::ok()]);
    let call = server.call("POST", "/api/echo").header("authorization", format!("Bearer {KEY}"));
    let body = json!({"async": true, "callback": {"url": receiver.url("/dead"), "retry": []}});
    let id = text_of(&call.json(&body).send().expect(202).json()["execution_id"]);
    browser.go(&server.url(&format!("/ui/executions/{id}")));
    browser.wait_for_text(".deliveries .state", "dead", seconds(30));
    browser.go(&server.url("/ui/deliveries?state=dead"));
    assert_eq!(browser.barriers(), Vec::<String>::new());
    browser.picture("deliveries-dead");
    browser.click(".again button");
    browser.wait_for_text(".deliveries .state", "delivered", seconds(30));
    assert_eq!(receiver.requests_at("/dead").len(), 2);
}

fn pause_a_schedule(browser: &Browser, server: &Server) {
    browser.go(&server.url("/ui/schedules"));
    browser.click("form[action$='/pause'] button");
    browser.wait_for_text(".state", "paused", seconds(10));
    browser.click("form[action$='/run'] button");
    browser.wait_for_text("h1", "batch", seconds(10));
    browser.go(&server.url("/ui/keys"));
    browser.wait_for_text(".log", "/pause", seconds(10));
}

/// In both schemes and on a phone: nobody is shut out, and nothing sticks out.
fn look_at(browser: &Browser, name: &str) {
    for scheme in ["light", "dark"] {
        browser.prefers(scheme);
        assert_eq!(browser.barriers(), Vec::<String>::new(), "{name}, {scheme}");
        browser.picture(&format!("{name}-{scheme}"));
    }
    browser.prefers("light");
    browser.size(360, 740);
    let wide = browser.script("return document.documentElement.scrollWidth");
    assert!(wide.as_u64().is_some_and(|wide| wide <= 360), "{name} is {wide} pixels wide on a phone of 360");
    assert_eq!(browser.barriers(), Vec::<String>::new(), "{name}, on a phone");
    browser.picture(&format!("{name}-phone"));
    browser.size(1200, 1000);
}

/// The first stop leads past the navigation, and what has the focus can be seen.
fn by_the_keyboard(browser: &Browser, server: &Server) {
    browser.go(&server.url("/ui/executions"));
    browser.script("document.querySelector('.skip').focus()");
    let shown = browser.script("return getComputedStyle(document.querySelector('.skip')).left");
    assert_eq!(shown, "16px", "the way past the navigation is shown once it has the focus");
    browser.script(
        "document.activeElement.blur(); document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}))",
    );
    assert_eq!(browser.script("return document.activeElement.id"), "q", "a stroke leads to the search");
}

/// In places where people, other servers and stacks write, and a page shows it.
const SHORT: &str = "\"'><script>window.evil=1</script><img src=x onerror=window.evil=1>";
const EVIL: &str = "\"'><script>window.evil=1</script><img src=x onerror=\"window.evil=1\"><svg onload=\"window.evil=1\">{{7*7}}";

fn nothing_that_came_from_outside_runs_in_a_page(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(400).body(EVIL)]);
    let evil = json!({
        "description": EVIL,
        "inputs": {"text": {"type": "text", "required": true, "description": EVIL}},
        "tags": [EVIL],
        "execution_mode": "async",
        "stack": [
            {"function": "log", "name": EVIL, "message": "{{ input.text }}", "data": {"text": "{{ input.text }}"}},
            {"function": "update_progress", "progress": 5, "message": "{{ input.text }}"},
            {"function": "add_record", "table": "evil", "data": {"text": "{{ input.text }}", "nested": {"text": "{{ input.text }}"}}},
            {"function": "add_record", "table": "alerts", "data": {
                "type": "{{ input.text }}", "message": "{{ input.text }}", "function_name": "{{ input.text }}",
                "severity": "{{ input.text }}", "more": "{{ input.text }}"}},
            {"function": "throw_error", "name": "{{ input.text }}", "message": "{{ input.text }}", "code": "{{ input.text }}",
             "payload": {"text": "{{ input.text }}"}}
        ]
    });
    let server = Server::on(store).workflow("evil.json", evil).start();
    let body = json!({
        "text": EVIL, "async": true, "callback": {"url": receiver.url("/hook"), "retry": []},
        "options": {"tags": [SHORT], "metadata": {"text": EVIL}}
    });
    let call = server.call("POST", "/api/evil").header("x-evil", EVIL).json(&body);
    let id = text_of(&call.send().expect(202).json()["execution_id"]);
    server.wait_done(&id);
    receiver.wait_for("/hook", 1);
    let browser = Browser::open();
    let query: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    let shown = [
        ("/ui".to_owned(), true),
        ("/ui/executions".to_owned(), true),
        (format!("/ui/executions?q={query}&tag={query}&state={query}&function={query}"), true),
        (format!("/ui/executions/{id}"), true),
        ("/ui/functions".to_owned(), true),
        (format!("/ui/functions/evil?at={query}"), true),
        (format!("/ui/functions/evil/versions?from={query}"), false),
        ("/ui/deliveries".to_owned(), true),
        ("/ui/alerts?all=true".to_owned(), true),
        ("/ui/tables".to_owned(), false),
        ("/ui/tables/evil".to_owned(), true),
        (format!("/ui/tables/{query}"), true),
        (format!("/ui/executions/{query}"), true),
        (format!("/ui/deliveries?state={query}"), false),
    ];
    for (path, shows) in shown {
        browser.go(&server.url(&path));
        browser.script("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
        let found = browser.script(
            "return [window.evil ?? null, document.querySelectorAll('img').length, document.querySelectorAll('script').length, \
             document.querySelectorAll('[onerror], [onload]').length]",
        );
        assert_eq!(found, json!([null, 0, 1, 0]), "{path}");
        let text = browser
            .script("return document.body.textContent + Array.from(document.querySelectorAll('input'), (e) => e.value).join()");
        let text = text.as_str().unwrap();
        assert!(!shows || text.contains("<script>window.evil=1</script>"), "{path} shows it as the text that it is: {text}");
    }
    // Also what the script of the page takes over from a fresh one.
    browser.go(&server.url(&format!("/ui/executions/{id}")));
    browser.script("return refresh('live-execution')");
    assert_eq!(browser.script("return window.evil ?? null"), Value::Null);
}
