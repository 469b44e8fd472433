//! `GET /metrics`: what happens is counted, in a form that Prometheus reads.
//! Never compares a whole page: metrics come and go, their meaning stays.

use serde_json::json;

use crate::helpers::{Receiver, Server, Store, both_stores, eventually, seconds};

both_stores!(what_happens_is_counted, a_message_to_a_quick_destination_costs_one_entry_less, only_who_may_read_sees_the_metrics);

/// The value of one sample, by its name with labels.
fn sample(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    line.and_then(|line| line.rsplit(' ').next()).map_or(0.0, |value| value.parse().unwrap())
}

fn what_happens_is_counted(store: Store) {
    let server = Server::on(store).basics().arg("--max-running").arg("77").start();
    let receiver = Receiver::start();
    for n in 0..3 {
        server.run("echo", &json!({"n": n}));
    }
    server.start("fail", &json!({"callback_url": receiver.url("/hook")}));
    receiver.wait_for("/hook", 1);
    let nap = server.start("nap", &json!({"seconds": 600}));
    server.wait_state(&nap, "waiting");
    let page = || server.get("/metrics").expect(200);
    eventually("the delivery in the metrics", seconds(10), || {
        (sample(&page().body, r#"ringback_deliveries_closed_total{state="delivered"}"#) >= 1.0).then_some(())
    });
    let reply = page();
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.body;
    let is = |name: &str, value: f64| assert!((sample(&text, name) - value).abs() < 1e-9, "{name} is not {value} in\n{text}");
    is(r#"ringback_executions_started_total{function="echo"}"#, 3.0);
    is(r#"ringback_executions_started_total{function="nap"}"#, 1.0);
    is(r#"ringback_executions_ended_total{function="echo",state="completed",code=""}"#, 3.0);
    is(r#"ringback_executions_ended_total{function="fail",state="failed",code="ERROR_CODE_BROKEN"}"#, 1.0);
    is(r#"ringback_execution_duration_seconds_count{function="echo"}"#, 3.0);
    is(r#"ringback_delivery_attempts_total{outcome="success"}"#, 1.0);
    is("ringback_execution_slots", 77.0);
    is("ringback_executions_running", 0.0);
    is("ringback_queue_due_executions", 0.0);
    is("ringback_storage_available", 1.0);
    for counted in [
        "ringback_journal_batch_entries_count",
        "ringback_journal_commit_duration_seconds_count",
        "ringback_database_statements_total",
    ] {
        assert!(sample(&text, counted) >= 4.0, "{counted} in\n{text}");
    }
    assert!(sample(&text, r#"ringback_http_requests_total{method="POST",status="200"}"#) >= 3.0);
}

/// Its first attempt is recorded with the end of the execution; of a destination that nobody knows, by itself.
fn a_message_to_a_quick_destination_costs_one_entry_less(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let mut before = 0.0;
    let mut entries = |delivered: f64| {
        server.start("echo", &json!({"callback_url": receiver.url("/hook")}));
        let text = eventually("the end of the delivery", seconds(10), || {
            let text = server.get("/metrics").expect(200).body;
            (sample(&text, r#"ringback_deliveries_closed_total{state="delivered"}"#) >= delivered).then_some(text)
        });
        let all = sample(&text, "ringback_journal_batch_entries_sum");
        all - std::mem::replace(&mut before, all)
    };
    let (unknown, quick) = (entries(1.0), entries(2.0));
    assert!((unknown - quick - 1.0).abs() < 1e-9, "{unknown} entries at first, then {quick}");
    let ended = receiver.requests_at("/hook");
    assert_eq!(ended.len(), 2);
    for request in ended {
        let id = request.json()["execution_id"].as_str().unwrap().to_owned();
        let delivery = server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json()["items"][0].clone();
        assert_eq!(
            (delivery["attempts"][0]["number"].as_u64(), &delivery["attempts"][0]["outcome"]),
            (Some(1), &json!("success"))
        );
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1, "{delivery}");
    }
}

fn only_who_may_read_sees_the_metrics(store: Store) {
    let server = Server::on(store).basics().env("RINGBACK_API_KEY", "a-key-of-the-operator").start();
    server.get("/metrics").expect(401);
    let with_key = server.call("GET", "/metrics").header("authorization", "Bearer a-key-of-the-operator").send().expect(200);
    assert!(with_key.body.contains("ringback_build_info"));
}
