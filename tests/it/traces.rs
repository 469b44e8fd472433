//! Stories about traces: a real collector hears of every execution, and a trace goes through crash, sleep, steps and callbacks.
//! Never lets the collector hold anything up.

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, seconds};

both_stores!(a_trace_goes_through_steps_a_crash_and_the_callback, a_trace_goes_on_into_children_messages_and_resumed_executions);

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Every span that a collector has heard of.
pub fn spans(collector: &Receiver) -> Vec<Value> {
    let of = |request: Value| request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    collector.requests_at("/v1/traces").iter().flat_map(|request| of(request.json())).collect()
}

pub fn named<'a>(spans: &'a [Value], name: &str) -> Vec<&'a Value> {
    spans.iter().filter(|span| span["name"] == name).collect()
}

/// The trace and the parent that a request names.
fn context(header: Option<&str>) -> (String, String) {
    let parts: Vec<&str> = header.expect("a header traceparent").split('-').collect();
    assert_eq!((parts.len(), parts[0], parts[3]), (4, "00", "01"));
    (parts[1].to_owned(), parts[2].to_owned())
}

fn journey() -> Value {
    let ask = |name: &str| json!({"function": "external_api_request", "url": "{{ input.url }}", "return_as": name});
    json!([ask("before"), {"function": "sleep", "duration": 4}, ask("after"), {"function": "return_response", "body": {"fine": true}}])
}

fn a_trace_goes_through_steps_a_crash_and_the_callback(store: Store) {
    let (collector, world, home) = (Receiver::start(), Receiver::start(), Receiver::start());
    let mut server = Server::on(store)
        .workflow("journey.json", journey())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(""))
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20of-the-collector")
        .start();
    let body = json!({"url": world.url("/ask?token=secret"), "async": true, "callback_url": home.url("/home")});
    let call = server.call("POST", "/api/journey").header("traceparent", format!("00-{TRACE}-{CALLER}-01")).json(&body);
    let accepted = call.send().expect(202).json();
    let id = accepted["execution_id"].as_str().unwrap();
    world.wait_for("/ask", 1);
    server.wait_state(id, "waiting");
    // What was exported is not lost with the process; what is to come knows its trace from the store.
    eventually("the first step's span", seconds(10), || (!spans(&collector).is_empty()).then_some(()));
    server.kill9();
    server.restart();
    let called_back = home.wait_for("/home", 1).remove(0);

    let all = eventually("every span", seconds(20), || {
        let all = spans(&collector);
        (!named(&all, "journey").is_empty() && !named(&all, "callback").is_empty()).then_some(all)
    });
    assert!(all.iter().all(|span| span["traceId"] == TRACE), "{all:?}");
    let whole = named(&all, "journey")[0];
    assert_eq!((whole["parentSpanId"].as_str(), whole["status"]["code"].as_i64()), (Some(CALLER), Some(1)));
    let steps = named(&all, "external_api_request");
    assert_eq!((steps.len(), named(&all, "sleep").len()), (2, 1), "{all:?}");
    for step in &steps {
        assert_eq!(step["parentSpanId"], whole["spanId"]);
    }
    let asked: Vec<_> = world.wait_for("/ask", 2).iter().map(|request| context(request.header("traceparent"))).collect();
    for (trace, span) in &asked {
        assert_eq!(trace, TRACE);
        assert!(steps.iter().any(|step| step["spanId"] == **span), "{span} is the span of no step");
    }
    assert_ne!(asked[0], asked[1]);
    let sent = named(&all, "callback")[0];
    assert_eq!((TRACE.to_owned(), sent["spanId"].as_str().unwrap().to_owned()), context(called_back.header("traceparent")));
    assert_eq!(sent["parentSpanId"], whole["spanId"]);
    called_back.assert_signed_with(crate::helpers::SECRET);

    let posted = collector.requests_at("/v1/traces");
    assert_eq!(posted[0].header("authorization"), Some("Bearer of-the-collector"));
    let told: String = posted.iter().map(crate::helpers::Request::text).collect();
    assert!(!told.contains("token=secret"), "no query leaves with a span");
    let shown = server.command(&["config", "--json"]);
    assert!(!shown.stdout.contains("of-the-collector"));
}

fn a_trace_goes_on_into_children_messages_and_resumed_executions(store: Store) {
    let (collector, world, home) = (Receiver::start(), Receiver::start(), Receiver::start());
    world.answers("/mended", [Answer::status(500), Answer::json(&json!({}))]);
    let parent = json!([
        {"function": "send_callback", "body": {"so": "far"}},
        {"function": "custom_function", "name": "child", "inputs": {"url": "{{ input.child_url }}"}, "execution_mode": "async", "return_as": "child"},
        {"function": "async_function_await", "execution_ids": "{{ [child] }}", "timeout": 30, "on_timeout": "error"},
        {"function": "external_api_request", "url": "{{ input.url }}", "raise_on_error": true}
    ]);
    let child = json!([{"function": "external_api_request", "url": "{{ input.url }}"}]);
    let server = Server::on(store)
        .workflow("parent.json", parent)
        .workflow("child.json", child)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(""))
        .start();
    let body =
        json!({"url": world.url("/mended"), "child_url": world.url("/child"), "async": true, "callback_url": home.url("/home")});
    let call = server.call("POST", "/api/parent").header("traceparent", format!("00-{TRACE}-{CALLER}-01")).json(&body);
    let id = call.send().expect(202).json()["execution_id"].as_str().unwrap().to_owned();
    assert_eq!(server.wait_done(&id)["state"], "failed");
    server.post(&format!("/v1/executions/{id}/resume"), &json!({})).expect(202);
    eventually("the second end", seconds(20), || (server.status(&id)["state"] == "completed").then_some(()));

    let all = eventually("every span", seconds(20), || {
        let all = spans(&collector);
        let told = (named(&all, "parent").len(), named(&all, "child").len(), named(&all, "callback").len());
        (told == (2, 1, 3)).then_some(all)
    });
    assert!(all.iter().all(|span| span["traceId"] == TRACE), "{all:?}");
    let wholes = named(&all, "parent");
    assert_ne!(wholes[0]["spanId"], wholes[1]["spanId"], "each time that it is let go on is a span of its own");
    assert!(wholes.iter().all(|whole| whole["parentSpanId"] == CALLER), "{wholes:?}");
    // The child hangs below the step that started it, and what it asks below its own step.
    let steps: Vec<&Value> = all.iter().filter(|span| span["parentSpanId"] == wholes[0]["spanId"]).collect();
    let born = named(&all, "child")[0];
    assert!(steps.iter().any(|step| step["spanId"] == born["parentSpanId"]), "{born} is below none of {steps:?}");
    let (_, asked) = context(world.wait_for("/child", 1)[0].header("traceparent"));
    let below = named(&all, "external_api_request").into_iter().find(|step| step["spanId"] == *asked).unwrap();
    assert_eq!(below["parentSpanId"], born["spanId"]);
    let heard = home.wait_for("/home", 3);
    let interim = heard.iter().find(|message| message.json()["type"] == "function.message").unwrap();
    let sent: Vec<_> = heard.iter().map(|message| context(message.header("traceparent"))).collect();
    assert!(
        sent.iter().all(|(trace, span)| trace == TRACE && named(&all, "callback").iter().any(|told| told["spanId"] == **span))
    );
    assert_eq!(context(interim.header("traceparent")).0, TRACE);
}

#[test]
fn a_collector_that_is_away_or_never_answers_holds_nothing_up() {
    let collector = Receiver::start();
    collector.answers("/v1/traces", [Answer::never()]);
    for url in ["http://127.0.0.1:9".to_owned(), collector.url("")] {
        let mut server = Server::on(Store::Sqlite).basics().env("RINGBACK_TELEMETRY_OTLP_ENDPOINT", url).start();
        for n in 0..50 {
            assert_eq!(server.run("echo", &json!({"n": n}))["echo"]["n"], n);
        }
        let began = std::time::Instant::now();
        assert!(server.terminate().success());
        assert!(began.elapsed() < seconds(10));
    }
    let collector = Receiver::start();
    collector.answers("/v1/traces", [Answer::status(400)]);
    let server = Server::on(Store::Sqlite).basics().env("RINGBACK_TELEMETRY_OTLP_ENDPOINT", collector.url("")).start();
    server.run("echo", &json!({}));
    eventually("the count of what is lost", seconds(10), || {
        server.get("/metrics").expect(200).body.contains(r#"ringback_trace_spans_total{outcome="lost"} "#).then_some(())
    });
    assert!(server.stderr().contains("traces do not reach their collector"), "{}", server.stderr());
}

#[test]
fn without_a_collector_nothing_is_handed_on() {
    let (world, home) = (Receiver::start(), Receiver::start());
    let stack = json!([{"function": "external_api_request", "url": "{{ input.url }}"}]);
    let server = Server::on(Store::Sqlite).workflow("ask.json", stack).start();
    let body = json!({"url": world.url("/ask"), "async": true, "callback_url": home.url("/home")});
    server.call("POST", "/api/ask").header("traceparent", format!("00-{TRACE}-{CALLER}-01")).json(&body).send().expect(202);
    assert_eq!(home.wait_for("/home", 1)[0].header("traceparent"), None);
    assert_eq!(world.wait_for("/ask", 1)[0].header("traceparent"), None);
}
