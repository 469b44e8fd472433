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
        ("destinations", "/ui/destinations"),
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
    let server = Server::on(store).basics().workflow("batch.json", batch()).workflow("pay.json", pay(&receiver));
    let server = server.workflow("alarm.json", alarm()).env("RINGBACK_API_KEY", KEY).start();
    let browser = Browser::open();
    sign_in(&browser, &server);
    let id = start_and_watch(&browser, &receiver);
    cancel_one(&browser, &server);
    call(&server, "POST", "/api/fail", &json!({"async": true}));
    go_on_after_a_failure(&browser, &server);
    acknowledge(&browser, &server);
    register(&server, &receiver);
    for (name, path) in pages(&id) {
        browser.go(&server.url(&path));
        browser.wait_for_text("h1", "", seconds(10));
        assert!(browser.text("footer").contains(env!("CARGO_PKG_VERSION")), "{name}: {}", browser.text("footer"));
        look_at(&browser, name);
    }
    by_the_keyboard(&browser, &server);
    pause_a_schedule(&browser, &server);
    pause_a_destination(&browser, &server, &receiver);
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

/// A call that may fail.
fn pay(receiver: &Receiver) -> Value {
    receiver.answers("/pay", [Answer::status(402), Answer::json(&json!({"receipt": 7}))]);
    json!([
        {"function": "external_api_request", "name": "take the money", "url": receiver.url("/pay"), "method": "POST",
         "raise_on_error": true, "return_as": "paid"},
        {"function": "return", "value": "{{ paid.receipt }}"}
    ])
}

/// Tells a person of something.
fn alarm() -> Value {
    json!([{"function": "add_record", "table": "alerts", "data": {
        "type": "paper_low", "severity": "critical", "message": "the printer is almost out of paper", "tray": 2}}])
}

/// Calls as a program would, with the key.
fn call(server: &Server, method: &'static str, path: &str, body: &Value) -> Value {
    let call = server.call(method, path).header("authorization", format!("Bearer {KEY}"));
    call.json(body).send().json()
}

/// One that failed goes on where it failed, and can be run once more.
fn go_on_after_a_failure(browser: &Browser, server: &Server) {
    let id = text_of(&call(server, "POST", "/api/pay", &json!({"async": true}))["execution_id"]);
    browser.go(&server.url(&format!("/ui/executions/{id}")));
    browser.wait_for_text(".title .state", "failed", seconds(20));
    browser.wait_for_text(".failure", "402", seconds(10));
    assert_eq!(browser.barriers(), Vec::<String>::new());
    browser.picture("execution-failed");
    browser.click("form[action$='/resume'] button");
    browser.wait_for_text(".title .state", "completed", seconds(20));
    assert!(browser.url().ends_with(&id), "it is the same execution: {}", browser.url());
    assert!(!browser.has("form[action$='/resume']"), "there is nothing to resume");
    browser.click("form[action$='/rerun'] button");
    browser.wait_for_text(".facts", "Repeats", seconds(20));
    assert!(!browser.url().ends_with(&id), "it is another execution: {}", browser.url());
    browser.wait_for_text(".title .state", "completed", seconds(20));
}

/// Somebody says that he has seen it.
fn acknowledge(browser: &Browser, server: &Server) {
    call(server, "POST", "/api/alarm", &json!({}));
    browser.go(&server.url("/ui/alerts"));
    browser.wait_for_text(".alerts", "almost out of paper", seconds(10));
    browser.click("form[action$='/acknowledge'] button");
    browser.wait_for_text(".alerts .seen", "Seen by default", seconds(10));
    assert!(!browser.has("form[action$='/acknowledge']"), "once is enough");
    let alerts = server.call("GET", "/v1/alerts").header("authorization", format!("Bearer {KEY}")).send().expect(200).json();
    assert_eq!(alerts["items"][0]["acknowledged_by"], "default", "{alerts}");
}

fn register(server: &Server, receiver: &Receiver) {
    let body = json!({"url": receiver.url("/all"), "functions": ["orders/*"], "tags": ["vip"]});
    assert_eq!(call(server, "POST", "/v1/destinations", &body)["enabled"], true);
}

/// What goes there waits while it is paused, and arrives afterwards.
fn pause_a_destination(browser: &Browser, server: &Server, receiver: &Receiver) {
    browser.go(&server.url("/ui/destinations"));
    browser.wait_for_text("#live-destinations", "active", seconds(10));
    browser.click("form[action$='/pause'] button");
    browser.wait_for_text("#live-destinations .state", "paused", seconds(10));
    call(server, "POST", "/api/echo", &json!({"async": true, "callback_url": receiver.url("/paused")}));
    browser.wait_for_text("#live-destinations .facts", "Waiting\n1", seconds(20));
    assert_eq!(receiver.requests_at("/paused").len(), 0);
    assert_eq!(browser.barriers(), Vec::<String>::new());
    browser.picture("destinations-paused");
    browser.click("form[action$='/resume'] button");
    receiver.wait_for("/paused", 1);
    browser.click("form[action$='/test'] button");
    browser.wait_for_text(".told", "the test arrived: HTTP 200", seconds(10));
    browser.click("form[action$='/disable'] button");
    browser.wait_for_text("#live-destinations", "it was disabled by hand", seconds(10));
    browser.click("form[action$='/enable'] button");
    browser.wait_for_text("#live-destinations", "enabled", seconds(10));
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
    let body = json!({"async": true, "callback": {"url": receiver.url("/dead"), "retry": []}});
    let id = text_of(&call(server, "POST", "/api/echo", &body)["execution_id"]);
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
    // In one script: a live page may put itself anew between two.
    let shown = browser.script("const skip = document.querySelector('.skip'); skip.focus(); return getComputedStyle(skip).left");
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
        "schedule": [{"cron": "0 6 1 1 *", "description": EVIL, "input": {"text": EVIL}}],
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
    let registered =
        json!({"url": receiver.url("/x#<script>window.evil=1</script>"), "tags": [SHORT], "headers": {"x-evil": EVIL}});
    server.post("/v1/destinations", &registered).expect(201);
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
        ("/ui/schedules".to_owned(), true),
        ("/ui/keys".to_owned(), false),
        ("/ui/destinations".to_owned(), true),
        (format!("/ui/destinations?tested={query}&code={query}"), true),
        (format!("/ui/login?next={query}"), false),
        (format!("/ui/functions/{query}"), true),
        (format!("/ui/nothing/{query}"), false),
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
