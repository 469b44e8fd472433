//! The client's guide: every code block of it, as it stands, does what the guide says.
//! Never edits a block; what a block leaves to others (mail service, called functions) is put beside it.

use serde_json::{Value, json};
use std::time::Instant;

use crate::helpers::{Answer, Folder, Guide, Receiver, Server, Store, both_stores, fill, millis, node, objects_under, seconds};

both_stores!(
    n8n_fires_and_forgets,
    n8n_polls_and_waits,
    the_email_stack_sends_and_logs,
    the_order_endpoint_answers_before_its_tasks_are_done,
    the_await_stack_takes_both_branches,
    both_execution_patterns_run,
    the_limits_block_sets_its_folders_defaults,
    a_function_that_cannot_be_started_is_caught,
    what_runs_in_the_background_is_not_waited_for,
);

const OWN_N8N: &str = include_str!("own/n8n.txt");

/// What a called function of the guide does here: it gives its inputs back.
fn stand_in() -> Value {
    json!([{"function": "return_response", "body": {"done": true, "input": "{{ input }}"}}])
}

/// The own equivalent of an n8n block: the fenced text below its title.
fn own_n8n(title: &str) -> &'static str {
    OWN_N8N.split_once(title).unwrap().1.split("```").nth(1).unwrap()
}

/// The paths of a workflow's requests to the instance, in order.
fn paths(block: &str) -> Vec<String> {
    block
        .split("\"url\": \"https://")
        .skip(1)
        .map(|rest| format!("/{}", rest.split_once('/').unwrap().1.split('"').next().unwrap()))
        .collect()
}

fn n8n_fires_and_forgets(store: Store) {
    let title = "**Fire-and-Forget Pattern:**";
    let block = Guide::open().block(title, own_n8n(title));
    let server = Server::on(store).workflow("process-data.json", stand_in()).start();
    let receiver = Receiver::start();
    let bodies = objects_under(&block, "body");
    let user_data = json!({"rows": [1, 2]});
    let asked = fill(&bodies[0], &json!({"user_data": user_data, "webhook_url": receiver.url("/webhook/done")}));
    let reply = server.call("POST", &paths(&block)[0]).header("authorization", "Bearer any").json(&asked).send().expect(202);
    let started = reply.json();

    // The nodes that follow read the answer as their `$json`.
    let passed_on = fill(&bodies[1], &started);
    assert_eq!((&passed_on["status"], &passed_on["execution_id"]), (&json!("processing"), &started["execution_id"]));
    let message = receiver.message("/webhook/done");
    assert_eq!((&message["status"], &message["async_execution_id"]), (&json!("completed"), &started["async_execution_id"]));
    assert_eq!(message["output"]["input"]["data"], user_data);
}

fn n8n_polls_and_waits(store: Store) {
    let title = "**Poll-and-Wait Pattern:**";
    let block = Guide::open().block(title, own_n8n(title));
    let report = json!([
        {"function": "sleep", "duration": "{{ input.user_id == 3 ? 600 : 0.5 }}"},
        {"function": "precondition", "condition": "{{ input.user_id != 2 }}", "message": "there is no user 2"},
        {"function": "return_response", "body": {"report": "{{ input.report_type }}"}}
    ]);
    let server = Server::on(store).workflow("generate-report.json", report).start();
    let bodies = objects_under(&block, "body");
    let code = block.split_once("\"jsCode\": `").unwrap().1.split('`').next().unwrap().to_owned();
    let folder = Folder::new("n8n");
    // n8n's If node looks at the status; its Code node is run as it stands.
    let process = |entry: &Value| {
        let harness = "const [code, entry] = process.argv.slice(2); const $input = {first: () => ({json: JSON.parse(entry)})};\
                       try { console.log(JSON.stringify(new Function('$input', code)($input))); }\
                       catch (error) { console.log(JSON.stringify({thrown: error.message})); }";
        let said = node(&folder, harness, &[&code, &entry.to_string()]);
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let started = |user: i64| {
        let asked = fill(&bodies[0], &json!({"user_id": user}));
        server.post(&paths(&block)[0], &asked).expect(202).json()
    };
    let poll = |entry: &Value| server.post(&paths(&block)[1], &fill(&bodies[1], entry)).expect(200).json()[0].clone();
    let (good, bad, slow) = (started(1), started(2), started(3));
    for entry in [&good, &bad] {
        server.wait_done(entry["async_execution_id"].as_str().unwrap());
    }
    // A loop back reads the id from the previous answer.
    let (good, bad, slow) = (poll(&poll(&good)), poll(&poll(&bad)), poll(&poll(&slow)));
    assert_eq!(good["status"], "completed");
    assert_eq!(process(&good), json!([{"json": {"report": "monthly"}}]));
    assert_eq!(process(&bad), json!({"thrown": "there is no user 2"}));
    assert_eq!(process(&slow), json!([]));
}

fn the_email_stack_sends_and_logs(store: Store) {
    let block = Guide::open().block("**Custom Function with Async Execution:**", include_str!("own/email.jsonc"));
    let mail_service = Receiver::start();
    mail_service
        .answers("/send", [Answer::json(&json!({"id": "mail-1", "status": "queued"})), Answer::json(&json!({"id": "mail-2"}))]);
    let server = Server::on(store)
        .basics()
        .workflow("send_email.json", block)
        .env("RINGBACK_ENV_EMAIL_SERVICE_URL", mail_service.url("/send"))
        .env("RINGBACK_ENV_EMAIL_API_KEY", "hush-hush")
        .start();
    let inputs = json!({
        "recipient_email": "ada@example.com", "subject": "Hello", "template_name": "welcome", "template_variables": {"n": 1, "ok": true}
    });
    let done = server.wait_done(&server.start("send_email", &inputs));
    assert_eq!(done["output"], json!({"success": true, "email_id": "mail-1", "message": "Email sent successfully"}));

    let request = mail_service.wait_for("/send", 1).remove(0);
    assert_eq!((request.method.as_str(), request.header("authorization")), ("POST", Some("Bearer hush-hush")));
    assert!(request.header("content-type").unwrap().starts_with("application/json"));
    let expected = json!({"to": "ada@example.com", "subject": "Hello", "template": "welcome", "variables": {"n": 1, "ok": true}});
    assert_eq!(request.json(), expected, "values keep their types");
    assert!(request.header("idempotency-key").is_some_and(|key| !key.is_empty()));

    // Without a status of its own in the body, the HTTP status is the status.
    server.wait_done(&server.start("send-email", &inputs));
    let logs = server.run("list", &json!({"table": "email_logs"}));
    let logs = logs.as_array().unwrap();
    assert_eq!(logs.len(), 2);
    assert_eq!((&logs[0]["status"], &logs[0]["external_id"]), (&json!("queued"), &json!("mail-1")));
    assert_eq!((&logs[1]["status"], &logs[1]["external_id"]), (&json!(200), &json!("mail-2")));
    assert_eq!((&logs[0]["recipient"], &logs[0]["subject"]), (&json!("ada@example.com"), &json!("Hello")));
    assert!(logs[0]["id"].is_i64() && logs[0]["created_at"].is_string(), "{}", logs[0]);
    let sent_at = logs[0]["sent_at"].as_str().expect("a time in RFC 3339");
    assert!(
        sent_at.parse::<chrono::DateTime<chrono::Utc>>().is_ok() && sent_at.ends_with('Z') && sent_at.len() == 24,
        "{sent_at}"
    );
    // It is a time and no text: it compares with times.
    let recent = json!({"table": "email_logs", "filter": {"sent_at": {"$gt": 1_700_000_000}}});
    assert_eq!(server.run("list", &recent).as_array().unwrap().len(), 2);
    assert!(!server.stderr().contains("hush-hush"), "a secret of the environment is in the log");
}

fn order_server(store: Store) -> Server {
    let guide = Guide::open();
    let slow = json!([{"function": "sleep", "duration": 1}, {"function": "return_response", "body": {"to": "{{ input.customer_email }}"}}]);
    Server::on(store)
        .basics()
        .workflow("orders.json", guide.block("**API Endpoint with Async Custom Function:**", include_str!("own/order.jsonc")))
        .workflow("order_status.json", guide.block("**Retrieving Async Function Results:**", include_str!("own/await.jsonc")))
        .workflow("send_order_confirmation_email.json", slow)
        .workflow("update_inventory.json", json!([{"function": "return_response", "body": {"items": "{{ input.order_items }}"}}]))
        .start()
}

fn the_order_endpoint_answers_before_its_tasks_are_done(store: Store) {
    let server = order_server(store);
    let items = json!([{"sku": "a", "quantity": 2}]);
    let order = |customer: i64| {
        let reply = server.post("/api/orders", &json!({"customer_id": customer, "total": 19.99, "items": items})).expect(201);
        reply.json()
    };
    let answer = order(7);
    assert_eq!((&answer["order"]["customer_id"], &answer["order"]["total"]), (&json!(7), &json!(19.99)));
    assert_eq!(answer["order"]["status"], "confirmed");
    assert!(answer["order"]["id"].is_i64());
    let tasks = &answer["background_tasks"];
    let (email, inventory) = (tasks["email_execution_id"].as_str().unwrap(), tasks["inventory_execution_id"].as_str().unwrap());
    assert_ne!(email, inventory);
    assert_eq!(server.status(email)["status"], "running", "the endpoint has not waited");
    assert_eq!(server.wait_done(email)["output"], json!({"to": null}), "there are no customers yet");
    assert_eq!(server.wait_done(inventory)["output"], json!({"items": items}));
    assert!(server.status(email)["parent_execution_id"].is_string());

    let customer = server.run("note", &json!({"table": "customers", "data": {"email": "ada@example.com"}}));
    let answer = order(customer["id"].as_i64().unwrap());
    let email = answer["background_tasks"]["email_execution_id"].as_str().unwrap();
    assert_eq!(server.wait_done(email)["output"], json!({"to": "ada@example.com"}));
    let orders = server.run("list", &json!({"table": "orders"}));
    assert_eq!(orders.as_array().unwrap().len(), 2, "each order once");
}

fn the_await_stack_takes_both_branches(store: Store) {
    let server = order_server(store);
    let answer = server.post("/api/orders", &json!({"customer_id": 1, "total": 1, "items": []})).expect(201).json();
    let tasks = answer["background_tasks"].clone();
    // It waits (up to ten seconds) until both are done, in whatever order the two are given.
    let done = server.run("order_status", &tasks);
    assert_eq!(done, json!({"all_completed": true, "email_result": {"to": null}, "inventory_result": {"items": []}}));
    let swapped =
        json!({"inventory_execution_id": tasks["email_execution_id"], "email_execution_id": tasks["inventory_execution_id"]});
    let done = server.run("order_status", &swapped);
    assert_eq!((&done["email_result"], &done["inventory_result"]), (&json!({"items": []}), &json!({"to": null})));

    let failed = server.start("fail", &json!({}));
    let one_failed = json!({"email_execution_id": tasks["email_execution_id"], "inventory_execution_id": failed});
    let open = server.run("order_status", &one_failed);
    assert_eq!(open["all_completed"], false);
    assert_eq!(open["status"]["email"]["status"], "completed");
    assert_eq!(open["status"]["inventory"]["error"], "it broke on purpose");

    let unknown = json!({"email_execution_id": tasks["email_execution_id"], "inventory_execution_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"});
    let began = Instant::now();
    let open = server.run("order_status", &unknown);
    assert_eq!(open["all_completed"], false);
    assert_eq!(open["status"]["inventory"]["state"], "not_found");
    assert!(began.elapsed() < seconds(9), "nobody waits for what does not exist: {:?}", began.elapsed());
}

fn both_execution_patterns_run(store: Store) {
    let block = Guide::open().block("**Execution Patterns:**", include_str!("own/patterns.jsonc"));
    let names = ["process_images", "generate_thumbnails", "extract_metadata", "process_data"];
    let validate = json!([{"function": "return_response", "body": {"valid": "{{ env.VERDICT == 'good' }}"}}]);
    let build = |verdict: &str| {
        names
            .iter()
            .fold(Server::on(store), |server, name| server.workflow(&format!("{name}.json"), stand_in()))
            .workflow("validate_data.json", validate.clone())
            .workflow("patterns.jsonc", &block)
            .env("RINGBACK_ENV_VERDICT", verdict)
            .start()
    };
    let server = build("good");
    assert!(server.first_line().contains("7 functions"), "{}", server.first_line());
    let started = |server: &Server, name: &str| {
        let reply = server.post(&format!("/api/{name}"), &json!({})).expect(200);
        let parent = reply.header("x-execution-id").unwrap().to_owned();
        let items = server.get(&format!("/v1/executions?parent={parent}")).expect(200).json()["items"].clone();
        let mut children: Vec<String> =
            items.as_array().unwrap().iter().map(|item| item["function_name"].as_str().unwrap().to_owned()).collect();
        for item in items.as_array().unwrap() {
            assert_eq!(server.wait_done(item["execution_id"].as_str().unwrap())["status"], "completed");
        }
        children.sort();
        children
    };
    assert_eq!(started(&server, "parallel_execution"), ["extract_metadata", "generate_thumbnails", "process_images"]);
    assert_eq!(started(&server, "sequential_with_dependencies"), ["process_data"]);
    assert!(started(&build("bad"), "sequential_with_dependencies").is_empty(), "what is not valid is not processed");
}

fn the_limits_block_sets_its_folders_defaults(store: Store) {
    let block = Guide::open().block("**Memory and CPU Optimization:**", include_str!("own/limits.jsonc"));
    let server = Server::on(store)
        .workflow("limited/config.jsonc", block)
        .workflow("limited/inside.json", stand_in())
        .workflow("limited/own.json", json!({"async_function_config": {"retry_policy": {"max_retries": 1}}, "stack": stand_in()}))
        .workflow("outside.json", stand_in())
        .start();
    assert!(server.first_line().contains("3 functions"), "the block is no function: {}", server.first_line());
    // Its execution_mode makes the folder's functions async, its retry_policy gives them four attempts.
    let inside = server.post("/api/limited/inside", &json!({})).expect(202).json();
    assert_eq!(inside["max_attempts"], 4);
    let own = server.post("/api/limited/own", &json!({})).expect(202).json();
    assert_eq!(own["max_attempts"], 2, "the narrower wins, key by key");
    server.post("/api/outside", &json!({})).expect(200);
}

fn a_function_that_cannot_be_started_is_caught(store: Store) {
    let block = Guide::open().block("**Async Function Error Management:**", include_str!("own/risky.jsonc"));
    let server = Server::on(store).basics().workflow("careful.json", &block).start();
    let reply = server.post("/api/careful", &json!({})).expect(500);
    assert_eq!(reply.json(), json!({"error": "Operation failed to start", "execution_id": null}));
    let logs = server.run("list", &json!({"table": "error_logs"}));
    let log = &logs[0];
    assert_eq!((logs.as_array().unwrap().len(), &log["function_name"]), (1, &json!("risky_operation")));
    assert!(log["error_message"].as_str().unwrap().contains("risky_operation"), "{log}");
    let trace = log["stack_trace"].as_str().unwrap();
    assert!(trace.starts_with("at careful stack[0].try_block[0]") && trace.contains("custom_function"), "{trace}");
    assert!(log["timestamp"].as_str().unwrap().ends_with('Z'));
    let entry = server.wait_done(&server.start("careful", &json!({})));
    assert_eq!((&entry["status"], &entry["error"]), (&json!("error"), &json!("Operation failed to start")));

    let there = Server::on(store).workflow("careful.json", &block).workflow("risky_operation.json", stand_in()).start();
    assert_eq!(there.post("/api/careful", &json!({})).expect(200).json(), Value::Null);
}

/// The guide's comparison, ten times as fast: five, eight and two tenths of a second.
fn what_runs_in_the_background_is_not_waited_for(store: Store) {
    let call = |seconds: f64, mode: &str| json!({"function": "custom_function", "name": "nap", "inputs": {"seconds": seconds}, "execution_mode": mode});
    let server = Server::on(store)
        .basics()
        .workflow("waits.json", json!([call(0.5, "sync"), call(0.8, "sync"), call(0.2, "sync")]))
        .workflow("goes_on.json", json!([call(0.5, "async"), call(0.8, "async"), call(0.2, "sync")]))
        .start();
    let time = |name: &str| {
        let began = Instant::now();
        server.post(&format!("/api/{name}"), &json!({})).expect(200);
        began.elapsed()
    };
    let (waits, goes_on) = (time("waits"), time("goes_on"));
    assert!(waits >= millis(1500), "{waits:?}");
    assert!(goes_on >= millis(200) && goes_on + millis(300) < waits, "{goes_on:?} against {waits:?}");
}
