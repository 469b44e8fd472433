//! Following an execution as it goes on, without asking again and again.
//! Never by anything but the address that the answer to the call gave.

use serde_json::{Value, json};

use crate::helpers::{
    Answer, Call, EventStream, Receiver, Server, Store, both_stores, eventually, fresh_database, seconds, text_of,
};

both_stores! {
    an_execution_is_heard_from_its_start_to_its_delivery,
    who_comes_again_with_his_mark_misses_nothing_and_hears_nothing_twice,
    a_browser_needs_no_key_and_sees_one_execution_only,
}

/// Two steps, a line in the log, progress, then a wait that a story can see through.
fn talkative() -> Value {
    json!([
        {"function": "log", "level": "warn", "message": "hello {{ input.name }}", "data": {"n": 1}},
        {"function": "update_progress", "progress": 40},
        {"function": "sleep", "duration": "{{ input.seconds ?? 1 }}"},
        {"function": "add_record", "table": "notes", "data": {"name": "{{ input.name }}"}},
        {"function": "return_response", "body": {"done": true}}
    ])
}

fn start(server: &Server, body: Value) -> Value {
    let mut body = body;
    body["async"] = json!(true);
    server.post("/api/talkative", &body).expect(202).json()
}

fn names(events: &[crate::helpers::Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

fn an_execution_is_heard_from_its_start_to_its_delivery(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(500), Answer::ok()]);
    let server = Server::on(store).workflow("talkative.json", talkative()).start();
    let accepted = start(&server, json!({"name": "Ada", "callback": {"url": receiver.url("/hook"), "retry": [1]}}));
    let stream = EventStream::open(&text_of(&accepted["events_url"]), &[]);
    stream.wait_for("state", seconds(5), |entry| entry["status"] == "running");
    let log = stream.wait_for("log", seconds(5), |_| true).data;
    assert_eq!((&log["level"], &log["message"], &log["data"]["n"]), (&json!("warn"), &json!("hello Ada"), &json!(1)));
    assert_eq!(stream.wait_for("progress", seconds(5), |_| true).data["progress"]["percent"], 40);
    stream.wait_for("state", seconds(5), |entry| entry["state"] == "waiting" && entry["waiting_for"]["what"] == "timer");
    let events = stream.to_end();
    let ended = events.iter().position(|event| event.data["state"] == "completed" && event.name == "state").unwrap();
    assert_eq!(events[ended].data["output"], json!({"done": true}));
    let steps: Vec<_> =
        events[..ended].iter().filter(|event| event.name == "step").map(|event| text_of(&event.data["kind"])).collect();
    assert!(steps.contains(&"sleep".to_owned()) && steps.contains(&"add_record".to_owned()), "{steps:?}");
    let deliveries: Vec<_> = events.iter().filter(|event| event.name == "delivery").collect();
    assert_eq!(deliveries.last().unwrap().data["state"], "delivered", "the stream stays until the message has arrived");
    assert!(deliveries.len() > 1, "its attempts are heard too");
    let mut marks: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
    marks.dedup();
    assert_eq!(marks.len(), events.len(), "each event has a mark of its own: {marks:?}");
}

fn who_comes_again_with_his_mark_misses_nothing_and_hears_nothing_twice(store: Store) {
    let server = Server::on(store).workflow("talkative.json", talkative()).start();
    let accepted = start(&server, json!({"name": "Ada", "seconds": 1}));
    let url = text_of(&accepted["events_url"]);
    let first = EventStream::open(&url, &[]);
    let mark = first.wait_for("log", seconds(5), |_| true).id;
    drop(first);
    server.wait_done(&text_of(&accepted["execution_id"]));
    let whole = EventStream::open(&url, &[]).to_end();
    let rest = EventStream::open(&url, &[("last-event-id", &mark)]).to_end();
    assert_eq!(names(&rest).iter().filter(|name| **name == "log").count(), 0, "that had been heard");
    let after_log = whole.iter().skip_while(|event| event.name != "log").skip(1);
    let missed: Vec<_> = after_log.map(|event| event.data.clone()).collect();
    assert_eq!(rest.iter().map(|event| event.data.clone()).collect::<Vec<_>>(), missed);
    assert_eq!(missed.last().unwrap()["state"], "completed");
    let again = EventStream::open(&url, &[("last-event-id", &rest.last().unwrap().id)]);
    assert_eq!((again.status, again.to_end().len()), (204, 0), "a browser stays away after this");
    let by_query = EventStream::open(&format!("{url}&last_event_id={mark}"), &[]).to_end();
    assert_eq!(names(&by_query), names(&rest));
}

fn a_browser_needs_no_key_and_sees_one_execution_only(store: Store) {
    let server = Server::on(store).env("RINGBACK_API_KEY", "the-one-key").workflow("talkative.json", talkative()).start();
    let call = |body: Value| {
        let call = server.call("POST", "/api/talkative").header("authorization", "Bearer the-one-key").json(&body);
        call.send().expect(202).json()
    };
    let (one, other) = (call(json!({"async": true, "name": "a"})), call(json!({"async": true, "name": "b"})));
    let url = text_of(&one["events_url"]);
    let stream = EventStream::open(&url, &[("origin", "https://app.example")]);
    assert_eq!(stream.status, 200);
    stream.wait_for("state", seconds(10), |entry| entry["state"] == "completed");
    let foreign = url.replace(&text_of(&one["execution_id"]), &text_of(&other["execution_id"]));
    for url in [foreign.clone(), format!("{url}x"), url.split('?').next().unwrap().to_owned()] {
        assert_eq!(Call::new("GET", &url).send().expect(401).problem()["code"], "ERROR_CODE_UNAUTHORIZED", "{url}");
    }
    assert!(!server.stderr().contains("rt_"), "a token is in no log");
}

#[test]
fn an_execution_of_another_node_is_followed_too() {
    let database = fresh_database();
    let node = |n: &str| {
        Server::on(Store::Postgres).database(&database).env("RINGBACK_LOG", n).workflow("talkative.json", talkative()).start()
    };
    let (owner, other) = (node("warn"), node("warn"));
    let accepted = start(&owner, json!({"name": "Ada", "seconds": 2}));
    let path = text_of(&accepted["events_url"]);
    let path = &path[path.find("/v1/").unwrap()..];
    let stream = EventStream::open(&other.url(path), &[]);
    stream.wait_for("log", seconds(10), |log| log["message"] == "hello Ada");
    stream.wait_for("state", seconds(20), |entry| entry["state"] == "completed");
}

#[test]
fn streams_beyond_the_bound_are_refused_until_one_is_over() {
    let server =
        Server::on(Store::Sqlite).env("RINGBACK_SERVER_EVENT_STREAMS_MAX", "1").workflow("talkative.json", talkative()).start();
    let accepted = start(&server, json!({"name": "Ada", "seconds": 60}));
    let url = text_of(&accepted["events_url"]);
    let first = EventStream::open(&url, &[]);
    first.wait_for("state", seconds(5), |_| true);
    let refused = Call::new("GET", &url).send().expect(429);
    assert_eq!(refused.problem()["code"], "ERROR_CODE_TOO_MANY_STREAMS");
    assert_eq!(refused.header("retry-after"), Some("5"));
    drop(first);
    // The server hears of a reader who left when it writes to him.
    server.cancel(&text_of(&accepted["execution_id"])).expect(200);
    eventually("a free seat", seconds(20), || {
        let stream = EventStream::open(&url, &[]);
        (stream.status == 200).then_some(())
    });
}
