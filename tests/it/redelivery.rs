//! Messages that are managed: listed, sent again, held back and let go; and those that a crash caught in flight.
//! Never trusts a list alone: what was sent again has to arrive, and what is held must not.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::helpers::{
    Answer, Receiver, SECRET, Server, ServerBuilder, Store, both_stores, eventually, items, millis, pause, ringback, seconds,
};

both_stores!(
    an_attempt_that_a_kill_cut_off_is_unknown_and_made_again,
    a_wait_node_that_a_kill_cut_off_may_have_heard_it_already,
    dead_messages_are_listed_and_sent_again,
    messages_are_sent_again_in_bulk_by_filter,
    what_is_in_flight_is_not_sent_again,
    a_paused_destination_holds_its_messages_through_restarts,
    an_open_breaker_is_told_to_new_calls,
    messages_of_one_order_key_arrive_one_at_a_time,
    flow_control_bounds_how_much_arrives_at_once,
    nodes_keep_an_order_key_and_a_pause_together,
);

fn impatient(store: Store) -> ServerBuilder {
    Server::on(store).basics().env("RINGBACK_CALLBACKS_DELAYS_MS", "100,100")
}

fn deliveries_of(server: &Server, id: &str) -> Vec<Value> {
    items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json())
}

#[track_caller]
fn wait_for_delivery(server: &Server, id: &str, state: &str) -> Value {
    eventually(&format!("a {state} delivery"), seconds(40), || {
        deliveries_of(server, id).into_iter().find(|delivery| delivery["state"] == state)
    })
}

fn outcomes(delivery: &Value) -> Vec<String> {
    let attempts = delivery["attempts"].as_array().unwrap();
    attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap().to_owned()).collect()
}

fn an_attempt_that_a_kill_cut_off_is_unknown_and_made_again(store: Store) {
    let mut server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::never(), Answer::ok()]);
    let id = server.start("echo", &json!({"n": 1, "callback_url": receiver.url("/hook")}));
    receiver.wait_for("/hook", 1);
    server.kill9();
    server.restart();
    let heard = receiver.wait_for("/hook", 2);
    assert_eq!((heard[0].webhook_id(), &heard[0].body), (heard[1].webhook_id(), &heard[1].body));
    assert_eq!([heard[0].header("ringback-attempt"), heard[1].header("ringback-attempt")], [Some("1"), Some("2")]);
    heard[1].assert_signed_with(SECRET);
    let delivery = wait_for_delivery(&server, &id, "delivered");
    assert_eq!(outcomes(&delivery), ["unknown", "success"], "{delivery}");
    assert_eq!(delivery["attempts"][0]["ended_at"], Value::Null, "nobody knows when it ended");
}

fn a_wait_node_that_a_kill_cut_off_may_have_heard_it_already(store: Store) {
    let mut server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/webhook-waiting/7", [Answer::never(), Answer::status(404)]);
    let id = server.start("echo", &json!({"callback_url": receiver.url("/webhook-waiting/7")}));
    receiver.wait_for("/webhook-waiting/7", 1);
    server.kill9();
    server.restart();
    let delivery = wait_for_delivery(&server, &id, "delivered_unconfirmed");
    assert_eq!(outcomes(&delivery), ["unknown", "failure"], "{delivery}");
    pause(millis(900));
    assert_eq!(receiver.count(), 2);
}

fn dead_messages_are_listed_and_sent_again(store: Store) {
    let server = impatient(store).start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(500)]);
    let ids: Vec<String> =
        (0..3).map(|n| server.start("echo", &json!({"n": n, "callback_url": receiver.url("/hook?token=hidden")}))).collect();
    ids.iter().for_each(|id| drop(wait_for_delivery(&server, id, "dead")));

    let page = server.get("/v1/deliveries?state=dead&limit=2").expect(200).json();
    let rest = server.get(&format!("/v1/deliveries?state=dead&limit=2&cursor={}", page["next"].as_str().unwrap()));
    let rest = rest.expect(200).json();
    assert_eq!((items(&page).len(), items(&rest).len(), &rest["next"]), (2, 1, &Value::Null));
    let listed: HashSet<String> =
        items(&page).iter().chain(&items(&rest)).map(|one| one["execution_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, ids.iter().cloned().collect());
    assert!(!page.to_string().contains("hidden"), "a query is shown: {page}");
    let alerts = server.get("/v1/alerts").expect(200).body;
    assert!(ids.iter().all(|id| alerts.contains(id.as_str())) && alerts.contains("delivery_dead"), "{alerts}");

    let dead = items(&page)[0].clone();
    let path = format!("/v1/deliveries/{}", dead["id"].as_str().unwrap());
    assert_eq!(server.get(&path).expect(200).json(), dead);
    assert_eq!(server.get(&format!("/v1/deliveries/{}", dead["webhook_id"].as_str().unwrap())).expect(200).json(), dead);
    receiver.answers("/hook", [Answer::ok()]);
    let again = server.call("POST", &format!("{path}/redeliver")).send().expect(200).json();
    assert_eq!((&again["id"], &again["state"]), (&dead["id"], &json!("pending")));
    let heard = receiver.wait_for("/hook", 10);
    let same: Vec<_> =
        heard.iter().filter(|request| Some(request.webhook_id().as_str()) == dead["webhook_id"].as_str()).collect();
    assert_eq!(same.len(), 4);
    assert!(same.iter().all(|request| request.body == same[0].body), "the same bytes");
    assert_eq!(same[3].header("ringback-attempt"), Some("4"));
    same[3].assert_signed_with(SECRET);
    let delivered = wait_for_delivery(&server, dead["execution_id"].as_str().unwrap(), "delivered");
    assert_eq!(outcomes(&delivered), ["failure", "failure", "failure", "success"]);

    for unknown in ["nonsense", "01a20dd6-b14e-7367-95eb-8a98d3e5607b"] {
        server.get(&format!("/v1/deliveries/{unknown}")).expect(404).problem();
        server.call("POST", &format!("/v1/deliveries/{unknown}/redeliver")).send().expect(404).problem();
    }
    server.get("/v1/deliveries?state=lost").expect(400).problem();
}

fn messages_are_sent_again_in_bulk_by_filter(store: Store) {
    let server = impatient(store).start();
    let (receiver, other) = (Receiver::start(), Receiver::start());
    for receiver in [&receiver, &other] {
        receiver.answers("/hook", [Answer::status(410)]);
    }
    let mut ids: Vec<String> =
        (0..5).map(|n| server.start("echo", &json!({"n": n, "callback_url": receiver.url("/hook")}))).collect();
    ids.push(server.start("fail", &json!({"callback_url": receiver.url("/hook")})));
    ids.push(server.start("echo", &json!({"callback_url": other.url("/hook")})));
    ids.iter().for_each(|id| drop(wait_for_delivery(&server, id, "dead")));
    for receiver in [&receiver, &other] {
        receiver.answers("/hook", [Answer::ok()]);
    }
    let wish = |body: Value| server.post("/v1/deliveries/redeliver", &body);
    let only = json!({"destination": receiver.url("/anything"), "event": "execution.completed"});
    let mut dry = only.clone();
    dry["dry_run"] = json!(true);
    let said = wish(dry).expect(200).json();
    assert_eq!((&said["dry_run"], &said["matched"], &said["redelivered"]), (&json!(true), &json!(5), &json!(0)));
    assert_eq!(said["delivery_ids"].as_array().unwrap().len(), 5);
    pause(millis(500));
    assert_eq!(receiver.count() + other.count(), 7, "a dry run sends nothing");
    let said = wish(only).expect(200).json();
    assert_eq!((&said["matched"], &said["redelivered"]), (&json!(5), &json!(5)), "{said}");
    receiver.wait_for("/hook", 11);
    for odd in [json!({"sate": "dead"}), json!({"limit": 1}), json!({"dry_run": "yes"}), json!({"function": " "})] {
        wish(odd).expect(400).problem();
    }

    // The same from the command line.
    let typed = |args: &[&str]| {
        let url = server.url("");
        ringback(server.folder().path(), [&["redeliver", "--url", &url], args].concat()).finish()
    };
    let dry = typed(&["--state", "dead", "--dry-run"]).expect(0);
    assert!(dry.stderr.contains("2 messages would be sent again"), "{dry:?}");
    let done = typed(&["--function", "fail"]).expect(0);
    assert!(done.stderr.contains("1 messages are sent again"), "{done:?}");
    receiver.wait_for("/hook", 12);
    let last = items(&server.get("/v1/deliveries?state=dead").expect(200).json());
    assert_eq!(last.len(), 1);
    let id = last[0]["id"].as_str().unwrap();
    assert_eq!(typed(&[id, "--json"]).expect(0).json()[0]["id"], id);
    other.wait_for("/hook", 2);
    let refused = typed(&["nonsense"]).expect(1);
    assert!(refused.stderr.contains("no such delivery"), "{refused:?}");
    typed(&[]).expect(2);
}

fn what_is_in_flight_is_not_sent_again(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::ok().after(seconds(3))]);
    let id = server.start("echo", &json!({"callback_url": receiver.url("/hook")}));
    receiver.wait_for("/hook", 1);
    let delivery = deliveries_of(&server, &id).remove(0);
    let path = format!("/v1/deliveries/{}/redeliver", delivery["id"].as_str().unwrap());
    let refused = server.call("POST", &path).send().expect(409).problem();
    assert_eq!(refused["code"], "ERROR_CODE_DELIVERY_HELD", "{refused}");
    wait_for_delivery(&server, &id, "delivered");
    pause(millis(300));
    assert_eq!(receiver.count(), 1);
    server.call("POST", &path).send().expect(200);
    receiver.wait_for("/hook", 2);
}

fn lane_of(server: &Server, receiver: &Receiver) -> Value {
    let lanes = items(&server.get("/v1/destinations").expect(200).json());
    lanes.into_iter().find(|lane| lane["origin"] == receiver.url("")).unwrap_or_default()
}

fn a_paused_destination_holds_its_messages_through_restarts(store: Store) {
    let mut server = Server::on(store).basics().start();
    let (receiver, other) = (Receiver::start(), Receiver::start());
    server.start("echo", &json!({"callback_url": receiver.url("/first")}));
    receiver.wait_for("/first", 1);
    let lane = eventually("the lane", seconds(10), || Some(lane_of(&server, &receiver)).filter(|lane| lane["waiting"] == 0));
    assert_eq!((&lane["state"], &lane["breaker"], &lane["paused_at"]), (&json!("active"), &json!("closed"), &Value::Null));
    let post = |server: &Server, verb: &str| {
        server.call("POST", &format!("/v1/destinations/{}/{verb}", lane["id"].as_str().unwrap())).send().expect(200).json()
    };
    assert_eq!(post(&server, "pause")["state"], "paused");

    let ids: Vec<String> =
        (0..5).map(|n| server.start("echo", &json!({"n": n, "callback_url": receiver.url("/held")}))).collect();
    server.start("echo", &json!({"callback_url": other.url("/hook")}));
    other.wait_for("/hook", 1);
    pause(seconds(3));
    server.kill9();
    server.restart();
    pause(seconds(3));
    assert_eq!(receiver.count(), 1, "a paused destination gets nothing");
    let paused = lane_of(&server, &receiver);
    assert_eq!((&paused["state"], &paused["waiting"], &paused["id"]), (&json!("paused"), &json!(5), &lane["id"]), "{paused}");
    for id in &ids {
        let delivery = deliveries_of(&server, id).remove(0);
        assert_eq!((&delivery["state"], delivery["attempts"].as_array().unwrap().len()), (&json!("pending"), 0), "{delivery}");
    }
    let accepted = server.post("/api/echo", &json!({"async": true, "callback_url": receiver.url("/held")})).expect(202).json();
    assert_eq!(accepted["callback_destination"]["id"], lane["id"], "{accepted}");

    assert_eq!(post(&server, "resume")["state"], "active");
    let heard = receiver.wait_for("/held", 6);
    assert!(heard.iter().all(|request| request.header("ringback-attempt") == Some("1")), "a pause uses up no attempt");
    server.call("POST", "/v1/destinations/lane_none/pause").send().expect(404).problem();
}

fn an_open_breaker_is_told_to_new_calls(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_CALLBACKS_DELAYS_MS", "50,50,50,50,50,50").start();
    let gone = Receiver::start();
    let url = gone.url("/hook");
    drop(gone);
    let accepted = server.post("/api/echo", &json!({"async": true, "callback_url": url})).expect(202).json();
    assert_eq!(accepted["callback_destination"]["breaker"], "closed", "{accepted}");
    let told = eventually("an open breaker in the 202", seconds(20), || {
        let accepted = server.post("/api/echo", &json!({"async": true, "callback_url": url})).expect(202).json();
        Some(accepted["callback_destination"].clone()).filter(|told| told["breaker"] == "open")
    });
    assert!(told["breaker_until"].is_string() && url.starts_with(told["origin"].as_str().unwrap()), "{told}");
    let lanes = items(&server.get("/v1/destinations").expect(200).json());
    assert_eq!((&lanes[0]["breaker"], &lanes[0]["id"]), (&json!("open"), &told["id"]), "{lanes:?}");
    let none = server.post("/api/echo", &json!({"async": true})).expect(202).json();
    assert_eq!(none["callback_destination"], Value::Null);
}

fn messages_of_one_order_key_arrive_one_at_a_time(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(503), Answer::ok().after(millis(50))]);
    let mut started = Vec::new();
    for n in 0..8 {
        let callback = json!({"url": receiver.url("/hook"), "order_key": "customer-7"});
        let id = server.start("echo", &json!({"n": n, "callback": callback}));
        server.wait_done(&id);
        started.push(n);
    }
    let heard = receiver.wait_for("/hook", 9);
    let order: Vec<i64> = heard.iter().map(|request| request.json()["output"]["echo"]["n"].as_i64().unwrap()).collect();
    let expected: Vec<i64> = std::iter::once(0).chain(started).collect();
    assert_eq!(order, expected, "the first is tried again before the others go");
    let gaps = heard.windows(2).skip(1).map(|pair| pair[1].at - pair[0].at);
    assert!(gaps.clone().all(|gap| gap >= millis(45)), "{:?}", gaps.collect::<Vec<_>>());
}

fn flow_control_bounds_how_much_arrives_at_once(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let flow = json!({"key": "slow", "rate": 2, "per": 1});
    for n in 0..6 {
        server.start("echo", &json!({"n": n, "callback": {"url": receiver.url("/rated"), "flow_control": flow}}));
    }
    server.start("echo", &json!({"callback_url": receiver.url("/free")}));
    receiver.wait_for("/free", 1);
    assert!(receiver.requests_at("/rated").len() <= 4, "the others are not held up by it");
    let heard = receiver.wait_for("/rated", 6);
    let windows = heard.windows(3).map(|three| three[2].at - three[0].at);
    assert!(windows.clone().all(|span| span >= millis(900)), "{:?}", windows.collect::<Vec<_>>());
    let odd = json!({"async": true, "callback": {"url": receiver.url("/rated"), "flow_control": {"key": "x"}}});
    server.post("/api/echo", &odd).expect(422).problem();
}

/// Two nodes on one database; the file of SQLite takes one only.
fn nodes_keep_an_order_key_and_a_pause_together(store: Store) {
    if store == Store::Sqlite {
        return;
    }
    let one = Server::on(store).basics().start();
    let two = Server::on(store).database(one.database()).basics().start();
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::ok().after(millis(80))]);
    let callback = json!({"url": receiver.url("/hook"), "order_key": "k"});
    for n in 0..10 {
        let server = if n % 2 == 0 { &one } else { &two };
        let id = server.start("echo", &json!({"n": n, "callback": callback}));
        server.wait_done(&id);
        pause(millis(5));
    }
    let heard = receiver.wait_for("/hook", 10);
    let order: Vec<i64> = heard.iter().map(|request| request.json()["output"]["echo"]["n"].as_i64().unwrap()).collect();
    assert_eq!(order, (0..10).collect::<Vec<_>>());
    assert!(heard.windows(2).all(|pair| pair[1].at - pair[0].at >= millis(75)), "two at once");

    let id = lane_of(&one, &receiver)["id"].as_str().unwrap().to_owned();
    two.call("POST", &format!("/v1/destinations/{id}/pause")).send().expect(200);
    for server in [&one, &two] {
        server.start("echo", &json!({"callback_url": receiver.url("/paused")}));
    }
    pause(seconds(3));
    assert!(receiver.requests_at("/paused").is_empty(), "a pause holds on all nodes");
    one.call("POST", &format!("/v1/destinations/{id}/resume")).send().expect(200);
    receiver.wait_for("/paused", 2);
}
