//! Functions over HTTP and from files that change: deployed whole or not at all, with their versions, on every node.
//! Never looks into the store; what is current is what a call runs.

use serde_json::{Value, json};

use crate::helpers::{Server, Store, both_stores, eventually, pause, seconds, text_of};

both_stores!(
    a_function_is_deployed_over_http_and_survives_a_restart,
    a_definition_that_does_not_hold_changes_nothing,
    an_execution_ends_on_the_version_that_it_started_with,
    a_definition_is_shown_without_its_secrets,
    statistics_tell_how_a_function_has_gone,
    files_are_read_again_all_or_none,
    records_are_read_in_pages,
    the_log_of_an_execution_is_what_its_steps_wrote,
);

fn returns(value: Value) -> Value {
    json!([{"function": "return", "value": value}])
}

#[track_caller]
fn put(server: &Server, name: &str, definition: &Value, status: u16) -> Value {
    server.call("PUT", &format!("/v1/functions/{name}")).json(definition).send().expect(status).json()
}

#[track_caller]
fn detail(server: &Server, name: &str) -> Value {
    server.get(&format!("/v1/functions/{name}")).expect(200).json()
}

fn a_function_is_deployed_over_http_and_survives_a_restart(store: Store) {
    let mut server = Server::on(store).basics().workflow("filed.json", returns(json!("file"))).start();
    let made = put(&server, "orders/price", &returns(json!(1)), 201);
    assert_eq!((&made["name"], &made["changed"]), (&json!("orders/price"), &json!(true)));
    assert_eq!(server.run("orders/price", &json!({})), json!(1));
    let again = put(&server, "orders/price", &returns(json!(1)), 200);
    assert_eq!((&again["changed"], &again["version"]), (&json!(false), &made["version"]));
    // Comments and a spelling of its own are welcome, as in a file.
    let text = "// two\n{\"stack\": [{\"function\": \"return\", \"value\": 2}],}";
    server.call("PUT", "/v1/functions/orders/price").bytes(text).send().expect(200);
    assert_eq!(server.run("orders/price", &json!({})), json!(2));
    put(&server, "filed", &returns(json!("call")), 200);
    assert_eq!(server.run("filed", &json!({})), json!("call"));

    server.restart();
    assert_eq!(server.run("orders/price", &json!({})), json!(2));
    assert_eq!(server.run("filed", &json!({})), json!("file"), "a file that differs is a deployment when the server starts");
    let shown = detail(&server, "orders/price");
    let versions: Vec<bool> = shown["versions"].as_array().unwrap().iter().map(|one| one["current"] == true).collect();
    assert_eq!(versions, [true, false]);
    let old = server.get(&format!("/v1/functions/orders/price?version={}", text_of(&made["version"]))).expect(200).json();
    assert_eq!(old["definition"]["stack"][0]["value"], json!(1));
    server.get("/v1/functions/orders/price?version=0000").expect(404).problem();

    let scheduled = json!({"stack": [], "schedule": [{"cron": "0 3 * * *"}]});
    let schedules = || server.get("/v1/schedules").expect(200).json()["items"].as_array().unwrap().len();
    put(&server, "nightly", &scheduled, 201);
    assert_eq!(schedules(), 1);
    server.call("DELETE", "/v1/functions/nightly").send().expect(200);
    assert_eq!(schedules(), 0);

    server.call("DELETE", "/v1/functions/orders/price").send().expect(200);
    server.post("/api/orders/price", &json!({})).expect(404).problem();
    server.call("DELETE", "/v1/functions/orders/price").send().expect(404).problem();
    server.restart();
    server.post("/api/orders/price", &json!({})).expect(404).problem();
}

fn a_definition_that_does_not_hold_changes_nothing(store: Store) {
    let server = Server::on(store).basics().start();
    put(&server, "price", &returns(json!(1)), 201);
    for (text, words) in [
        (r#"[{"function": "retrun"}]"#, "retrun"),
        (r#"[{"function": "return", "value": "{{ input.x|frist }}"}]"#, "frist"),
        ("[{", "closed"),
        ("7", "stack"),
        (r#"{"name": "other", "stack": []}"#, "other"),
        (r#"{"a": {"stack": []}, "b": {"stack": []}}"#, "2 functions"),
        ("{\"stack\": [{\"function\": \"return\", \"value\": \"\u{0}\"}]}", ""),
    ] {
        let refused = server.call("PUT", "/v1/functions/price").bytes(text).send().expect(422).problem();
        assert_eq!(refused["code"], "ERROR_CODE_FUNCTION_INVALID", "{text}");
        let finding = &refused["payload"]["findings"][0];
        assert!(finding["line"].as_i64().is_some() && finding.to_string().contains(words), "{text}: {refused}");
        let checked = server.call("POST", "/v1/functions/price/check").bytes(text).send().expect(200).json();
        assert_eq!((&checked["valid"], &checked["findings"][0]["message"]), (&json!(false), &finding["message"]), "{text}");
    }
    server.call("PUT", "/v1/functions/price").bytes(vec![0xff, 0xfe]).send().expect(400).problem();
    server.call("PUT", "/v1/functions/async-x").json(&returns(json!(1))).send().expect(404).problem();
    assert_eq!(server.run("price", &json!({})), json!(1));
    let fine = server.post("/v1/functions/price/check", &returns(json!("{{ nobody }}"))).expect(200).json();
    assert_eq!((&fine["valid"], &fine["findings"][0]["severity"]), (&json!(true), &json!("warning")));
    assert_eq!(detail(&server, "price")["versions"].as_array().unwrap().len(), 1, "a check stores nothing");
}

fn an_execution_ends_on_the_version_that_it_started_with(store: Store) {
    let mut server = Server::on(store).basics().start();
    let slow = |value: i64| json!([{"function": "wait_for_event", "name": "go"}, {"function": "return", "value": value}]);
    put(&server, "slow", &slow(1), 201);
    let old = server.start("slow", &json!({}));
    server.wait_state(&old, "waiting");
    put(&server, "slow", &slow(2), 200);
    let new = server.start("slow", &json!({}));
    server.call("DELETE", "/v1/functions/slow").send().expect(200);
    server.restart();
    for (id, output) in [(&old, 1), (&new, 2)] {
        server.post(&format!("/v1/executions/{id}/events/go"), &json!({})).expect(202);
        assert_eq!(server.wait_done(id)["output"], json!(output));
    }
}

fn a_definition_is_shown_without_its_secrets(store: Store) {
    let server = Server::on(store).basics().start();
    let definition = json!({
        "callback": {"url": "https://hooks.example/x", "secret": "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"},
        "stack": [{"function": "external_api_request", "url": "https://me:hush@api.example/", "headers": {
            "Authorization": "Bearer hush", "X-Api-Key": "{{ env.KEY }}"}}],
    });
    put(&server, "caller", &definition, 201);
    let reply = server.get("/v1/functions/caller").expect(200);
    assert!(!reply.body.contains("hush") && !reply.body.contains("aHVza"), "{}", reply.body);
    let shown = reply.json();
    assert_eq!(shown["definition"]["stack"][0]["headers"]["X-Api-Key"], "{{ env.KEY }}");
    let masked = server.call("PUT", "/v1/functions/caller").json(&shown["definition"]).send().expect(422).problem();
    assert!(masked["detail"].as_str().unwrap().contains("masked"), "{masked}");
}

fn statistics_tell_how_a_function_has_gone(store: Store) {
    let server = Server::on(store).basics().start();
    let stack = json!([
        {"function": "precondition", "condition": "{{ input.good }}", "message": "no"},
        {"function": "sleep", "duration": 0.02}
    ]);
    put(&server, "job", &stack, 201);
    let empty = detail(&server, "job")["statistics"].clone();
    assert_eq!((&empty["count"], &empty["p50_ms"], &empty["error_rate"]), (&json!(0), &Value::Null, &Value::Null));
    let first = server.post("/api/job", &json!({"good": true, "async": true})).expect(202).json();
    assert_eq!(first["estimated_completion"], Value::Null);
    server.wait_done(&text_of(&first["execution_id"]));
    for good in [true, true, false] {
        let id = server.start("job", &json!({"good": good}));
        server.wait_done(&id);
    }
    let later = json!({"good": true, "async": true, "options": {"delay": 600}});
    server.post("/api/job", &later).expect(202);
    let statistics = detail(&server, "job")["statistics"].clone();
    let of = |name: &str| statistics[name].clone();
    assert_eq!([of("count"), of("queued"), of("running"), of("of_latest")], [json!(5), json!(1), json!(0), json!(4)]);
    assert_eq!(of("error_rate"), json!(0.25));
    let (p50, p99) = (of("p50_ms").as_i64().unwrap(), of("p99_ms").as_i64().unwrap());
    assert!((10..=p99).contains(&p50), "{statistics}");
    // That there was none at first is not believed for long.
    let estimate = eventually("an estimate", seconds(20), || {
        let accepted = server.post("/api/job", &json!({"good": true, "async": true})).expect(202).json();
        accepted["estimated_completion"].as_str().map(str::to_owned)
    });
    assert!(estimate.ends_with(" second") || estimate.ends_with(" seconds"), "{estimate}");
}

fn files_are_read_again_all_or_none(store: Store) {
    let server =
        Server::on(store).workflow("a.json", returns(json!(1))).workflow("b.json", returns(json!(1))).arg("--watch").start();
    put(&server, "b", &returns(json!("call")), 200);
    let write = |name: &str, value: Value| server.folder().write(&format!("workflows/{name}"), returns(value));
    write("a.json", json!(2));
    eventually("the change of a file", seconds(20), || (server.run("a", &json!({})) == json!(2)).then_some(()));
    assert_eq!(server.run("b", &json!({})), json!("call"), "a file that did not change undoes nothing");

    write("a.json", json!(3));
    server.folder().write("workflows/c.json", "[{\"function\": \"retrun\"}]");
    eventually("the refusal of a file", seconds(20), || server.stderr().contains("retrun").then_some(()));
    pause(seconds(1));
    assert_eq!(server.run("a", &json!({})), json!(2));
    server.post("/api/c", &json!({})).expect(404);

    write("c.json", json!("c"));
    eventually("a new file", seconds(20), || (server.post("/api/c", &json!({})).status == 200).then_some(()));
    assert_eq!(server.run("a", &json!({})), json!(3));
    std::fs::remove_file(server.folder().path().join("workflows/c.json")).unwrap();
    eventually("the end of a file", seconds(20), || (server.post("/api/c", &json!({})).status == 404).then_some(()));
}

#[test]
fn a_hang_up_reads_the_files_again() {
    let server = Server::on(Store::Sqlite).workflow("a.json", returns(json!(1))).start();
    server.folder().write("workflows/a.json", returns(json!(2)));
    assert_eq!(server.run("a", &json!({})), json!(1));
    server.signal("-HUP");
    eventually("the change of a file", seconds(20), || (server.run("a", &json!({})) == json!(2)).then_some(()));
}

#[test]
fn a_deployment_reaches_the_other_node() {
    let one = Server::on(Store::Postgres).basics().start();
    let two = Server::on(Store::Sqlite).basics().database(one.database()).start();
    put(&one, "shared", &returns(json!(1)), 201);
    eventually("a new function on the other node", seconds(10), || {
        let reply = two.post("/api/shared", &json!({}));
        (reply.status == 200 && reply.json() == json!(1)).then_some(())
    });
    put(&two, "shared", &returns(json!(2)), 200);
    eventually("its new version on the first", seconds(20), || (one.run("shared", &json!({})) == json!(2)).then_some(()));
    one.call("DELETE", "/v1/functions/shared").send().expect(200);
    eventually("its end on the other", seconds(20), || (two.post("/api/shared", &json!({})).status == 404).then_some(()));
}

fn records_are_read_in_pages(store: Store) {
    let stack = json!([{"function": "loop", "array": "{{ input.list }}", "operations": [
        {"function": "add_record", "table": "orders", "data": {"n": "{{ item }}", "even": "{{ item % 2 == 0 }}"}}]}]);
    let server = Server::on(store).workflow("fill.json", stack).start();
    server.run("fill", &json!({"list": [1, 2, 3, 4, 5]}));
    let tables = server.get("/v1/tables").expect(200).json();
    let names: Vec<&str> = tables["items"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["alerts", "async_executions", "orders"]);
    let page = |query: &str| server.get(&format!("/v1/tables/orders/records?{query}")).expect(200).json();
    let ns = |page: &Value| page["items"].as_array().unwrap().iter().map(|row| row["n"].as_i64().unwrap()).collect::<Vec<_>>();
    let first = page("sort=-n&limit=2");
    assert_eq!((ns(&first), &first["next"]), (vec![5, 4], &json!("2")));
    let last = page("sort=-n&limit=2&cursor=4");
    assert_eq!((ns(&last), &last["next"]), (vec![1], &Value::Null));
    assert_eq!(ns(&page("filter=%7B%22n%22%3A%7B%22%24gt%22%3A3%7D%7D")), [4, 5]);
    assert_eq!(page("fields=n&limit=1")["items"][0].as_object().unwrap().len(), 1);
    for odd in ["filter=%7B", "sort=n+sideways", "limit=0", "cursor=x", "page=2"] {
        server.get(&format!("/v1/tables/orders/records?{odd}")).expect(400).problem();
    }
    assert_eq!(ns(&server.get("/v1/tables/nothing/records").expect(200).json()), Vec::<i64>::new());
    let executions = server.get("/v1/tables/async_executions/records").expect(200).json();
    assert_eq!(executions["items"][0]["function_name"], "fill");
}

fn the_log_of_an_execution_is_what_its_steps_wrote(store: Store) {
    let stack = json!([
        {"function": "log", "level": "warning", "message": "it is {{ input.x }}", "data": {"x": "{{ input.x }}"}},
        {"function": "create_variable", "name": "y", "value": 1},
        {"function": "log", "message": "done"}
    ]);
    let server = Server::on(store).workflow("talks.json", stack).start();
    let id = server.start("talks", &json!({"x": 7}));
    server.wait_done(&id);
    let lines = server.get(&format!("/v1/executions/{id}/logs")).expect(200).json();
    let told: Vec<(&Value, &Value)> =
        lines["items"].as_array().unwrap().iter().map(|line| (&line["level"], &line["message"])).collect();
    assert_eq!(told, [(&json!("warn"), &json!("it is 7")), (&json!("info"), &json!("done"))]);
    assert_eq!(lines["items"][0]["data"], json!({"x": 7}));
    server.get("/v1/executions/019a0000-0000-7000-8000-000000000001/logs").expect(404).problem();
}
