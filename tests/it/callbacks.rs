//! Callbacks: what arrives, how often, and what becomes of what does not arrive.
//! Never trusts the product's own view of a signature; receivers compute it themselves.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::helpers::{
    Answer, Receiver, SECRET, Server, Store, both_stores, eventually, field_names, items, millis, pause, seconds,
};
use crate::start::ENTRY_FIELDS;

both_stores!(
    a_message_is_the_status_entry_and_signed,
    every_ending_has_its_own_message,
    a_message_is_sent_again_until_it_is_taken,
    a_receiver_that_says_gone_is_left_alone,
    a_receiver_that_answers_a_web_page_has_not_taken_it,
    a_redirect_is_not_followed,
    a_callers_own_headers_and_secret_are_used,
    a_large_output_is_left_at_its_address,
    a_receiver_that_finds_it_too_large_gets_the_thin_form,
    a_silent_receiver_does_not_hold_up_another,
    an_owed_message_survives_the_process,
    interim_messages_come_to_who_asked_for_them,
    a_message_that_nobody_takes_is_given_up_and_kept,
    what_must_not_be_called_back_is_refused_at_the_door,
);

fn a_message_is_the_status_entry_and_signed(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let url = receiver.url("/hook?token=a%20b&x=1");
    let accepted = server.post("/api/echo", &json!({"async": true, "text": "zażółć", "callback_url": url})).expect(202).json();
    let id = accepted["execution_id"].as_str().unwrap();
    let request = receiver.wait_for("/hook", 1).remove(0);
    request.assert_signed_with(SECRET);
    assert_eq!((request.method.as_str(), request.query.as_str()), ("POST", "token=a%20b&x=1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("content-encoding"), None);
    assert_eq!(request.header("ringback-execution-id"), Some(id));
    assert_eq!(request.header("ringback-attempt"), Some("1"));
    assert_eq!(request.header("ringback-event"), Some("execution.completed"));
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("Ringback/") && agent.ends_with(" (webhooks)"), "{agent}");
    let webhook_id = request.webhook_id();
    assert!(uuid::Uuid::try_parse(webhook_id.strip_prefix("msg_").unwrap()).is_ok(), "{webhook_id}");

    let message = request.json();
    assert_eq!(request.text(), message.to_string(), "compact, as JSON.stringify prints it");
    let names = field_names(&message);
    assert_eq!(names[..2], ["type", "timestamp"]);
    assert_eq!(names[2..24], ENTRY_FIELDS);
    assert_eq!(names[24..], ["output_truncated", "status_url"]);
    assert_eq!(message["type"], "execution.completed");
    assert_eq!(message["output"], json!({"echo": {"text": "zażółć"}}));
    assert_eq!((&message["output_truncated"], &message["status_url"]), (&json!(false), &accepted["status_url"]));

    // Once, and what status says is what the message said.
    pause(millis(1500));
    assert_eq!(receiver.count(), 1);
    let entry = server.status(id);
    for field in ENTRY_FIELDS {
        assert_eq!(entry[field], message[field], "{field}");
    }
}

fn every_ending_has_its_own_message(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/never", [Answer::never()]);
    let brief = |notify: bool| {
        json!({"async_function_config": {"resource_limits": {"max_execution_time": 1}, "timeout_handling": {"notify_callback": notify}},
               "stack": [{"function": "external_api_request", "url": receiver.url("/never"), "timeout": 30}]})
    };
    let server = Server::on(store).basics().workflow("brief.json", brief(true)).workflow("discreet.json", brief(false)).start();
    server.start("fail", &json!({"callback_url": receiver.url("/failed")}));
    server.start("brief", &json!({"callback_url": receiver.url("/timed-out")}));
    server.start("fail", &json!({"callback": {"url": receiver.url("/unused"), "failure_url": receiver.url("/failures")}}));
    let discreet = server.start("discreet", &json!({"callback_url": receiver.url("/discreet")}));
    let cancelled = server.start("nap", &json!({"seconds": 60, "callback_url": receiver.url("/cancelled")}));
    server.cancel(&cancelled).expect(200);

    let failed = receiver.message("/failed");
    assert_eq!(
        (&failed["type"], &failed["status"], &failed["state"]),
        (&json!("execution.failed"), &json!("error"), &json!("failed"))
    );
    assert_eq!((&failed["error"], &failed["output"]), (&json!("it broke on purpose"), &Value::Null));
    assert_eq!(failed["error_detail"]["payload"], json!({"hint": "mend it"}));
    let timed_out = receiver.message("/timed-out");
    assert_eq!((&timed_out["type"], &timed_out["status"]), (&json!("execution.timed_out"), &json!("error")));
    assert_eq!(timed_out["error_code"], "ERROR_CODE_TIMEOUT");
    let cancelled = receiver.message("/cancelled");
    assert_eq!((&cancelled["type"], &cancelled["error_code"]), (&json!("execution.cancelled"), &json!("ERROR_CODE_CANCELLED")));
    assert_eq!(receiver.message("/failures")["type"], "execution.failed");
    assert_eq!(server.wait_done(&discreet)["state"], "timed_out");
    pause(millis(700));
    for silent in ["/unused", "/discreet"] {
        assert!(receiver.requests_at(silent).is_empty(), "{silent}");
    }
}

fn a_message_is_sent_again_until_it_is_taken(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(500), Answer::status(404), Answer::ok()]);
    let id = server.start("echo", &json!({"n": 1, "callback_url": receiver.url("/hook")}));
    let tries = receiver.wait_for("/hook", 3);
    for (n, request) in tries.iter().enumerate() {
        request.assert_signed_with(SECRET);
        assert_eq!(request.webhook_id(), tries[0].webhook_id());
        assert_eq!(request.body, tries[0].body, "the bytes of a message never change");
        assert_eq!(request.header("ringback-attempt"), Some((n + 1).to_string().as_str()));
    }
    let gaps: Vec<_> = tries.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(
        gaps[0] >= millis(400) && gaps[1] >= millis(1600),
        "the ladder begins with 0.5 s and 2 s, spread by a fifth: {gaps:?}"
    );

    let delivery = eventually("the end of the delivery", seconds(10), || {
        let deliveries = deliveries_of(&server, &id);
        (deliveries[0]["state"] == "delivered").then(|| deliveries[0].clone())
    });
    let outcomes: Vec<(&Value, &Value)> =
        delivery["attempts"].as_array().unwrap().iter().map(|attempt| (&attempt["outcome"], &attempt["status"])).collect();
    let (failure, success) = (json!("failure"), json!("success"));
    assert_eq!(outcomes, [(&failure, &json!(500)), (&failure, &json!(404)), (&success, &json!(200))]);
    pause(millis(500));
    assert_eq!(receiver.count(), 3, "the first 2xx ends it for good");
}

fn deliveries_of(server: &Server, id: &str) -> Vec<Value> {
    items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json())
}

#[track_caller]
fn wait_for_delivery(server: &Server, id: &str, state: &str) -> Value {
    eventually(&format!("a {state} delivery"), seconds(30), || {
        deliveries_of(server, id).into_iter().find(|delivery| delivery["state"] == state)
    })
}

fn a_receiver_that_says_gone_is_left_alone(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/gone", [Answer::status(410)]);
    receiver.answers("/abort", [Answer::status(500).header("webhook-delivery", "abort-message")]);
    let ids = ["/gone", "/abort"].map(|path| (path, server.start("echo", &json!({"callback_url": receiver.url(path)}))));
    for (path, id) in &ids {
        let delivery = wait_for_delivery(&server, id, "dead");
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1, "{path}: {delivery}");
        assert!(delivery["reason"].is_string(), "{delivery}");
        assert_eq!(server.status(id)["status"], "completed", "the result outlives its callback");
    }
    pause(millis(900));
    assert_eq!(receiver.count(), 2);
}

fn a_receiver_that_answers_a_web_page_has_not_taken_it(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let page = Answer::ok().header("content-type", "text/html; charset=utf-8").body("<!DOCTYPE html><html>log in</html>");
    receiver.answers("/login", [page.clone(), Answer::ok()]);
    receiver.answers("/fine", [page]);
    receiver.answers("/plain", [Answer::ok().header("content-type", "text/html").body("Workflow was started")]);
    server.start("echo", &json!({"callback_url": receiver.url("/login")}));
    server.start("echo", &json!({"callback": {"url": receiver.url("/fine"), "accept_html": true}}));
    server.start("echo", &json!({"callback_url": receiver.url("/plain")}));
    receiver.wait_for("/login", 2);
    pause(millis(900));
    assert_eq!(receiver.requests_at("/fine").len(), 1);
    assert_eq!(receiver.requests_at("/plain").len(), 1);
}

fn a_redirect_is_not_followed(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/moved", [Answer::status(307).header("location", &receiver.url("/elsewhere"))]);
    let id = server.start("echo", &json!({"callback_url": receiver.url("/moved")}));
    let opted = json!({"url": receiver.url("/moved"), "follow_redirects": 1});
    server.start("echo", &json!({"n": 2, "callback": opted}));
    receiver.wait_for("/moved", 3);
    let followed = receiver.wait_for("/elsewhere", 1).remove(0);
    followed.assert_signed_with(SECRET);
    assert_eq!(followed.json()["output"]["echo"]["n"], 2, "only who opted in is followed, with the same bytes");
    let first = &deliveries_of(&server, &id)[0]["attempts"][0];
    assert_eq!((&first["outcome"], &first["status"]), (&json!("failure"), &json!(307)));
}

fn a_callers_own_headers_and_secret_are_used(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let secret = "whsec_b3duLXNlY3JldC1vZi10aGUtY2FsbGVyLTEyMw==";
    let callback =
        json!({"url": receiver.url("/hook"), "secret": secret, "headers": {"X-Tenant": "7", "Authorization": "Bearer t"}});
    let id = server.start("echo", &json!({"callback": callback}));
    let request = receiver.wait_for("/hook", 1).remove(0);
    request.assert_signed_with(secret);
    assert!(!request.is_signed_with(SECRET));
    assert_eq!((request.header("x-tenant"), request.header("authorization")), (Some("7"), Some("Bearer t")));
    let seen = server.get(&format!("/v1/executions/{id}")).body + &server.stderr();
    assert!(!seen.contains("Bearer t") && !seen.contains(secret), "a caller's secret is shown");

    for callback in [
        json!({"url": receiver.url("/hook"), "secret": "whsec_c2hvcnQ="}),
        json!({"url": receiver.url("/hook"), "headers": {"webhook-id": "mine"}}),
        json!({"url": receiver.url("/hook"), "headers": {"Host": "elsewhere"}}),
    ] {
        server.post("/api/echo", &json!({"async": true, "callback": callback})).expect(422).problem();
    }
}

fn a_large_output_is_left_at_its_address(store: Store) {
    let server =
        Server::on(store).workflow("large.json", json!([{"function": "return_response", "body": "{{ input.text }}"}])).start();
    let receiver = Receiver::start();
    let text = "x".repeat(1_200_000);
    let id = server.start("large", &json!({"text": text, "callback_url": receiver.url("/hook")}));
    let message = receiver.message("/hook");
    assert_eq!((&message["output"], &message["output_truncated"]), (&Value::Null, &json!(true)));
    assert!(message["status_url"].as_str().unwrap().contains(&id));
    assert_eq!(server.status(&id)["output"], json!(text));
}

fn a_receiver_that_finds_it_too_large_gets_the_thin_form(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(413), Answer::ok()]);
    server.start("echo", &json!({"text": "y".repeat(1000), "callback_url": receiver.url("/hook")}));
    let tries = receiver.wait_for("/hook", 2);
    assert_eq!(tries[0].json()["output_truncated"], false);
    let thin = tries[1].json();
    assert_eq!((&thin["output"], &thin["output_truncated"]), (&Value::Null, &json!(true)));
    assert_eq!(tries[0].webhook_id(), tries[1].webhook_id());
    tries[1].assert_signed_with(SECRET);
}

fn a_silent_receiver_does_not_hold_up_another(store: Store) {
    let server = Server::on(store).basics().start();
    let (silent, lively) = (Receiver::start(), Receiver::start());
    silent.answers("/hook", [Answer::never()]);
    for n in 0..30 {
        server.start("echo", &json!({"n": n, "callback_url": silent.url("/hook")}));
    }
    silent.wait_for("/hook", 1);
    let began = std::time::Instant::now();
    server.start("echo", &json!({"callback_url": lively.url("/hook")}));
    lively.wait_for("/hook", 1);
    assert!(began.elapsed() < seconds(5), "{:?}", began.elapsed());

    // The exchange is bounded as the caller says, and then tried again.
    let slow = Receiver::start();
    slow.answers("/hook", [Answer::never(), Answer::ok()]);
    server.start("echo", &json!({"callback": {"url": slow.url("/hook"), "timeout": 1}}));
    let tries = slow.wait_for("/hook", 2);
    assert!(tries[0].left_at().is_some(), "the first exchange was given up");
}

fn an_owed_message_survives_the_process(store: Store) {
    let mut server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(503), Answer::status(503), Answer::ok()]);
    let id = server.start("echo", &json!({"n": 1, "callback_url": receiver.url("/hook")}));
    receiver.wait_for("/hook", 1);
    server.kill9();
    server.restart();
    let tries = receiver.wait_for("/hook", 3);
    let ids: HashSet<String> = tries.iter().map(crate::helpers::Request::webhook_id).collect();
    assert_eq!(ids.len(), 1);
    assert!(tries.iter().all(|request| request.body == tries[0].body));
    wait_for_delivery(&server, &id, "delivered");
}

fn interim_messages_come_to_who_asked_for_them(store: Store) {
    let server = Server::on(store)
        .workflow(
            "talkative.json",
            json!([
                {"function": "update_progress", "percent": 50, "message": "half way"},
                {"function": "send_callback", "body": {"hello": "{{ input.name }}"}},
                {"function": "sleep", "duration": 1.5},
                {"function": "return_response", "body": "done"}
            ]),
        )
        .start();
    let receiver = Receiver::start();
    let events = json!(["execution.progress", "function.message"]);
    server.start("talkative", &json!({"name": "Ada", "callback": {"url": receiver.url("/all"), "events": events}}));
    let quiet = server.start("talkative", &json!({"name": "Bob", "callback_url": receiver.url("/terminal")}));
    let heard = receiver.wait_for("/all", 3);
    heard.iter().for_each(|request| request.assert_signed_with(SECRET));
    let types: HashSet<String> = heard.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["execution.progress", "function.message", "execution.completed"].map(str::to_owned).into());
    let ids: HashSet<String> = heard.iter().map(crate::helpers::Request::webhook_id).collect();
    assert_eq!(ids.len(), 3, "three messages are three ids");
    let said = heard.iter().find(|request| request.header("ringback-event") == Some("function.message")).unwrap();
    assert!(said.text().contains("Ada"), "{}", said.text());
    server.wait_done(&quiet);
    receiver.wait_for("/terminal", 1);
    assert_eq!(server.status(&quiet)["progress"]["percent"], 50);
}

fn a_message_that_nobody_takes_is_given_up_and_kept(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_CALLBACKS_DELAYS_MS", "200,200,200").start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(500).body("no room")]);
    let id = server.start("echo", &json!({"n": 1, "callback_url": receiver.url("/hook")}));
    let delivery = wait_for_delivery(&server, &id, "dead");
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 4, "one more than there are delays");
    assert!(attempts.iter().all(|attempt| attempt["status"] == 500), "{delivery}");
    assert_eq!(attempts[3]["answer"], "no room", "what the receiver said can be read");
    assert_eq!(server.status(&id)["output"], json!({"echo": {"n": 1}}), "the result stays");
    pause(millis(700));
    assert_eq!(receiver.count(), 4);
}

fn what_must_not_be_called_back_is_refused_at_the_door(store: Store) {
    let receiver = Receiver::start();
    let own = Server::on(store).basics().start();
    let never = [
        "http://169.254.169.254/x".to_owned(),
        "http://[fd00:ec2::254]/x".to_owned(),
        "http://0.0.0.0:80/x".to_owned(),
        "http://0xa9fea9fe/x".to_owned(),
        own.url("/api/echo"),
    ];
    let malformed =
        ["ftp://example.com/x", "http://user:word@example.com/x", "not a url", "file:///etc/passwd"].map(str::to_owned);
    for url in never.iter().chain(&malformed) {
        own.post("/api/echo", &json!({"async": true, "callback_url": url})).expect(422).problem();
    }
    own.post("/api/echo", &json!({"async": true, "callback_url": format!("http://example.com/{}", "x".repeat(2048))}))
        .expect(422);

    // A private address needs a setting, and the refusal names it.
    let refused = own.post("/api/echo", &json!({"async": true, "callback_url": "http://10.0.0.7:5678/x"})).expect(422).problem();
    let words = refused["message"].as_str().unwrap();
    assert!(words.contains("10.0.0.7") && words.contains("outbound.allowed_hosts"), "{words}");
    assert!(own.executions().is_empty(), "a refused call leaves nothing");

    let closed = Server::on(store).basics().env("RINGBACK_OUTBOUND_LOOPBACK", "closed").start();
    closed.post("/api/echo", &json!({"async": true, "callback_url": receiver.url("/hook")})).expect(422).problem();
    let host = receiver.url("").trim_start_matches("http://").to_owned();
    let opened = Server::on(store)
        .basics()
        .env("RINGBACK_OUTBOUND_LOOPBACK", "closed")
        .env("RINGBACK_OUTBOUND_ALLOWED_HOSTS", host)
        .start();
    opened.start("echo", &json!({"callback_url": receiver.url("/hook")}));
    receiver.wait_for("/hook", 1);
}
