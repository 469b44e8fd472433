//! The stacks that ship with the product: each is called as its comment says, and does what it says.
//! Never lets one ship untried: a new file without a story here fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::helpers::{Answer, Folder, Receiver, Server, ServerBuilder, Store, both_stores, ringback};

both_stores!(
    orders_are_taken_and_their_tasks_followed,
    customers_are_registered_once_and_copied,
    images_are_processed_all_at_once,
    reports_and_upkeep_run,
    whatever_is_missing_is_said,
);

/// Every file below `workflows/` that a story here runs.
const TRIED: [&str; 14] = [
    "customers/register.jsonc",
    "customers/sync-to-crm.jsonc",
    "emails/send.jsonc",
    "hello.jsonc",
    "images/process-batch.jsonc",
    "images/process.jsonc",
    "maintenance/nightly-cleanup.jsonc",
    "monitoring/stuck-executions.jsonc",
    "orders/ask-for-review.jsonc",
    "orders/background-status.jsonc",
    "orders/create.jsonc",
    "orders/send-confirmation.jsonc",
    "orders/update-inventory.jsonc",
    "reports/generate.jsonc",
];

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn every_shipped_stack_has_its_story() {
    let files = files_below(&shipped());
    let names: BTreeSet<&str> = files.iter().map(|file| file.strip_prefix(shipped()).unwrap().to_str().unwrap()).collect();
    assert_eq!(names, BTreeSet::from(TRIED));
}

#[test]
fn every_shipped_stack_passes_the_check() {
    let folder = Folder::new("shipped");
    let finished = ringback(folder.path(), ["check", shipped().to_str().unwrap()]).finish().expect(0);
    assert!(finished.stdout.lines().last().unwrap().starts_with("0 errors, "), "{}", finished.stdout);
}

/// The services that the shipped stacks call.
pub fn services() -> Receiver {
    let services = Receiver::start();
    services.answers_with("/mail", |_, turn| Answer::json(&json!({"id": format!("mail-{turn}"), "status": "queued"})));
    services.answers_with("/crm", |_, turn| if turn == 0 { Answer::status(503) } else { Answer::json(&json!({"id": "crm-1"})) });
    services.answers_with("/stock", |request, _| match request.json()["sku"].as_str() {
        Some("sold-out") => Answer::status(409),
        _ => Answer::json(&json!({"in_stock": 5})),
    });
    services.answers_with("/images", |request, _| {
        let url = request.json()["url"].as_str().unwrap().to_owned();
        if url.contains("broken") {
            return Answer::status(422);
        }
        Answer::json(&json!({"url": format!("{url}?small"), "width": 800, "height": 600, "bytes": 1000}))
    });
    services
}

/// A stack that calls another, which is not reachable from outside.
pub fn around(inner: &str) -> Value {
    let call = json!({"function": "custom_function", "name": inner, "inputs": "{{ input }}", "return_as": "told"});
    json!([call, {"function": "return_response", "body": "{{ told }}"}])
}

fn server(store: Store, services: &Receiver) -> Server {
    shipped_server(store, services).start()
}

/// The shipped stacks, and two that reach those which run by night.
pub fn shipped_server(store: Store, services: &Receiver) -> ServerBuilder {
    let mut server = Server::on(store).basics();
    for file in files_below(&shipped()) {
        let name = file.strip_prefix(shipped()).unwrap().to_str().unwrap().to_owned();
        server = server.workflow(&name, std::fs::read_to_string(&file).unwrap());
    }
    for (name, inner) in [("cleanup", "maintenance/nightly-cleanup"), ("watch", "monitoring/stuck-executions")] {
        server = server.workflow(&format!("{name}.json"), around(inner));
    }
    for (name, path) in [
        ("MAIL_SERVICE_URL", "/mail"),
        ("CRM_URL", "/crm"),
        ("INVENTORY_SERVICE_URL", "/stock"),
        ("IMAGE_SERVICE_URL", "/images"),
    ] {
        server = server.env(&format!("RINGBACK_ENV_{name}"), services.url(path));
    }
    server.env("RINGBACK_ENV_MAIL_API_KEY", "hush-hush")
}

fn rows(server: &Server, table: &str) -> Vec<Value> {
    server.run("list", &json!({"table": table})).as_array().unwrap().clone()
}

fn orders_are_taken_and_their_tasks_followed(store: Store) {
    let services = services();
    let server = server(store, &services);
    let customer = server.run("note", &json!({"table": "customers", "data": {"email": "ada@example.com"}}));
    let items = json!([{"sku": "lamp", "quantity": 2}, {"sku": "sold-out"}]);
    let order = json!({"customer_id": customer["id"], "total": 49.5, "items": items});
    let taken = server.post("/api/orders/create", &order).expect(201).json();
    let done = server.run("orders/background-status", &taken["background_tasks"]);
    assert_eq!(done["all_completed"], true, "{done}");
    assert_eq!(
        (&done["inventory_result"]["booked"], &done["inventory_result"]["backordered"]),
        (&json!(1), &json!(["sold-out"]))
    );
    let mail = services.wait_for("/mail", 1).remove(0);
    assert_eq!(mail.json()["to"], "ada@example.com");
    assert_eq!(services.wait_for("/stock", 2)[0].json()["change"], -2);
    let order = &rows(&server, "orders")[0];
    assert_eq!(order["confirmation_email_id"], done["email_result"]["email_id"]);
    assert_eq!(rows(&server, "inventory_movements").len(), 1);
    assert_eq!(rows(&server, "email_logs").len(), 1);

    let review = json!({"order_id": order["id"], "customer_email": "ada@example.com", "wait_s": 1});
    let id = server.start("orders/ask-for-review", &review);
    server.wait_state(&id, "waiting");
    assert_eq!(server.wait_done(&id)["state"], "completed");
    let review = services.wait_for("/mail", 2).remove(1).json();
    assert!(review["subject"].as_str().unwrap().contains(&order["id"].to_string()), "{review}");
}

fn customers_are_registered_once_and_copied(store: Store) {
    let services = services();
    let server = server(store, &services);
    let register = |name: &str| {
        server.post("/api/customers/register", &json!({"email": "Ada@Example.com", "name": name})).expect(201).json()
    };
    let (first, again) = (register("Ada"), register(" Ada L. "));
    assert_eq!(first["customer"]["id"], again["customer"]["id"]);
    assert_eq!((&again["customer"]["email"], &again["customer"]["name"]), (&json!("ada@example.com"), &json!("Ada L.")));
    for answer in [&first, &again] {
        let mail = server.wait_done(answer["welcome_execution_id"].as_str().unwrap());
        assert_eq!(mail["state"], "completed", "{mail}");
    }
    assert_eq!(rows(&server, "customers").len(), 1);

    // The CRM is down at first.
    let id = server.start("customers/sync-to-crm", &json!({"customer_id": first["customer"]["id"]}));
    let done = server.wait_done(&id);
    assert_eq!((&done["state"], &done["output"]["crm_id"]), (&json!("completed"), &json!("crm-1")), "{done}");
    assert_eq!(services.requests_at("/crm").len(), 2);
    assert_eq!(rows(&server, "customers")[0]["crm_id"], "crm-1");
    let nobody = server.wait_done(&server.start("customers/sync-to-crm", &json!({"customer_id": 99999})));
    assert_eq!((&nobody["state"], &nobody["error"]), (&json!("failed"), &json!("there is no customer 99999")));
}

fn images_are_processed_all_at_once(store: Store) {
    let services = services();
    let server = server(store, &services);
    server.post("/api/images/process", &json!({"url": "x"})).expect(404).problem();
    let urls = ["http://a/1.png", "http://a/2.png", "http://a/broken.png"];
    let done = server.wait_done(&server.start("images/process-batch", &json!({"images": urls})));
    assert_eq!(done["state"], "completed", "{done}");
    let output = &done["output"];
    assert_eq!(
        (&output["total"], &output["completed"], &output["failed"], &output["open"]),
        (&json!(3), &json!(2), &json!(1), &json!(0))
    );
    assert_eq!(output["images"][0]["url"], "http://a/1.png?small");
    assert_eq!(done["progress"]["percent"], 100);
    assert_eq!(rows(&server, "images").len(), 2);
}

fn reports_and_upkeep_run(store: Store) {
    let services = services();
    let server = server(store, &services);
    assert_eq!(server.run("hello", &json!({}))["message"], "hello, world");
    assert_eq!(server.run("hello", &json!({"name": "Ada"}))["message"], "hello, Ada");
    for total in [10, 30] {
        server.run("note", &json!({"table": "orders", "data": {"customer_id": 1, "total": total}}));
    }
    let report = server.post("/api/reports/generate", &json!({"report_type": "weekly", "user_id": "u"})).expect(202).json();
    let done = server.wait_done(report["execution_id"].as_str().unwrap());
    let summary = &done["output"]["summary"];
    assert_eq!((&summary["orders"], &summary["customers"], &summary["largest"]), (&json!(2), &json!(1), &json!(30)), "{done}");
    assert_eq!(summary["revenue"].as_f64(), Some(40.0));
    let odd = server.wait_done(&server.start("reports/generate", &json!({"report_type": "hourly"})));
    assert_eq!(odd["state"], "failed", "{odd}");

    assert_eq!(server.run("cleanup", &json!({"keep_days": 90}))["reports"], 0);
    assert_eq!(server.run("cleanup", &json!({"keep_days": -1}))["reports"], 1);
    assert!(rows(&server, "reports").is_empty());
    assert_eq!(server.run("watch", &json!({})), json!({"stuck": 0}));
}

fn whatever_is_missing_is_said(store: Store) {
    let server = Server::on(store).workflows(shipped()).start();
    let bare =
        server.post("/api/emails/send", &json!({"recipient_email": "a@example.com", "subject": "x"})).expect(400).problem();
    assert!(bare["message"].as_str().unwrap().contains("RINGBACK_ENV_MAIL_SERVICE_URL"), "{bare}");
}
