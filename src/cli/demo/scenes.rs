//! The scenes of the demo, each one execution with what it promises.
//! Never looks behind the HTTP API for whether a promise was kept.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::message::Message;
use super::report::Act;
use super::server::Server;
use super::services::{FORGOTTEN, UNLUCKY};
use super::stage::{Fired, PATIENCE, Stage};
use crate::cli::entry;
use crate::cli::error::CommandError;
use crate::cli::output::{BAD, BUSY, DIM, GOOD};
use crate::cli::watch::items;

const SCENES: usize = 7;
const THREE_DAYS_S: i64 = 3 * 24 * 60 * 60;

/// Plays all scenes.
pub async fn play(stage: &mut Stage<'_>, server: &mut Server) -> Result<Vec<Act>, CommandError> {
    stage.begin(SCENES);
    let mut acts = Vec::with_capacity(SCENES);
    acts.push(order(stage).await?);
    stage.scene_is_over();
    acts.push(busy_receiver(stage).await?);
    stage.scene_is_over();
    acts.push(image_batch(stage).await?);
    stage.scene_is_over();
    acts.push(failing(stage).await?);
    stage.scene_is_over();
    acts.push(cancelled(stage).await?);
    stage.scene_is_over();
    acts.push(stuck(stage).await?);
    stage.scene_is_over();
    acts.push(crash(stage, server).await?);
    stage.scene_is_over();
    Ok(acts)
}

/// The main job: answered at once, work in the background, a mail service that works at the third try.
async fn order(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("an order", "answered at once; mail and stock go on behind it, and the mail service is down at first");
    let customer_id = customer(stage, "ada@example.com", "Ada").await?;
    let items = json!([{"sku": "TEAPOT", "quantity": 1}, {"sku": "CUP", "quantity": 4}]);
    let order = json!({"customer_id": customer_id, "total": 64.5, "items": items});
    let fired = stage.fire("orders/create", order, "orders").await?;
    let order = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let tasks = &order["output"]["background_tasks"];
    let mail = child(stage, tasks, "email_execution_id", "mail").await?;
    let stock = child(stage, tasks, "inventory_execution_id", "stock").await?;
    let claims = vec![
        ("the confirmation was mailed", entry::has_completed(&mail)),
        ("both items were booked", stock["output"]["booked"] == 2),
    ];
    Ok(Act { what: "an order", fired, promised_state: "completed", entry: order, deliveries, claims })
}

/// The receiver refuses the callback at first; it comes again, the same to the byte.
async fn busy_receiver(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("a busy receiver", "it refuses the callback with 503; the same message comes again");
    let fired = stage.fire("hello", json!({"name": "Grace"}), "busy").await?;
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![
        ("the callback was tried again after a 503", deliveries.len() >= 2),
        ("each attempt carried the same bytes", all_the_same(&deliveries)),
    ];
    Ok(Act { what: "a busy receiver", fired, promised_state: "completed", entry, deliveries, claims })
}

/// Fan-out and fan-in.
async fn image_batch(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("a batch of images", "six executions at once, and one that waits for them without holding anything");
    let images: Vec<String> = (1..=6).map(|number| format!("https://images.example.com/{number}.jpg")).collect();
    let fired = stage.fire("images/process-batch", json!({"images": images, "width": 800}), "images").await?;
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![("all six images were resized", entry["output"]["completed"] == 6)];
    Ok(Act { what: "a batch of images", fired, promised_state: "completed", entry, deliveries, claims })
}

/// Three attempts, then it is over and said so.
async fn failing(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("a failure", "the CRM is down for good; three attempts, then the callback says so");
    let customer_id = customer(stage, UNLUCKY, "Unlucky").await?;
    let fired = stage.fire("customers/sync-to-crm", json!({"customer_id": customer_id}), "crm").await?;
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![("it was tried three times", entry["attempt"] == 3)];
    Ok(Act { what: "a failure", fired, promised_state: "failed", entry, deliveries, claims })
}

/// Ended while it sleeps for days.
async fn cancelled(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("a cancellation", "it would sleep for three days, at the price of one row");
    let input = json!({"order_id": 1, "customer_email": "ada@example.com", "wait_s": THREE_DAYS_S});
    let fired = stage.fire("orders/ask-for-review", input, "reviews").await?;
    stage.live_until(&fired.id, "", |entry| entry::state(entry) == "waiting").await?;
    stage.tell(format_args!("  POST /api/async-cancel {DIM}{}{DIM:#}", fired.id));
    let answer = stage.client().cancel(std::slice::from_ref(&fired.id)).await?;
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![("the call said that it was cancelled", answer.first().is_some_and(|entry| entry["cancelled"] == true))];
    Ok(Act { what: "a cancellation", fired, promised_state: "cancelled", entry, deliveries, claims })
}

/// Flagged by the monitor while it hangs, and ended by its own deadline.
async fn stuck(stage: &mut Stage<'_>) -> Result<Act, CommandError> {
    stage.scene("a stuck one", "the CRM takes the request and never answers; the monitor flags it, its deadline ends it");
    let customer_id = customer(stage, FORGOTTEN, "Forgotten").await?;
    let limits = json!({"async_function_config": {"resource_limits": {"max_execution_time": 5}}});
    let fired = stage.fire("customers/sync-to-crm", json!({"customer_id": customer_id, "options": limits}), "crm").await?;
    let alert = alert(stage, &fired).await?;
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![("the monitor flagged it", alert.is_some())];
    Ok(Act { what: "a stuck one", fired, promised_state: "timed_out", entry, deliveries, claims })
}

/// The server is killed in the middle, and started again.
async fn crash(stage: &mut Stage<'_>, server: &mut Server) -> Result<Act, CommandError> {
    stage.scene("a crash", "the server is killed while an execution sleeps, and started again");
    let input = json!({"order_id": 1, "customer_email": "ada@example.com", "wait_s": 3});
    let fired = stage.fire("orders/ask-for-review", input, "reviews").await?;
    stage.live_until(&fired.id, "", |entry| entry::state(entry) == "waiting").await?;
    server.kill().await?;
    stage.tell(format_args!("  {BAD}kill -9{BAD:#} {DIM}the server is gone{DIM:#}"));
    let began = Instant::now();
    server.start().await?;
    stage.tell(format_args!("  {GOOD}started again{GOOD:#} {DIM}in {} ms{DIM:#}", began.elapsed().as_millis()));
    let entry = stage.live(&fired).await?;
    let deliveries = stage.callback(&fired.id).await;
    let claims = vec![("it went on behind its sleep and mailed", entry["output"]["email_id"].is_string())];
    Ok(Act { what: "a crash", fired, promised_state: "completed", entry, deliveries, claims })
}

/// Registers a customer and gives his id.
async fn customer(stage: &mut Stage<'_>, email: &str, name: &str) -> Result<i64, CommandError> {
    let answer = stage.call("customers/register", json!({"email": email, "name": name})).await?;
    let id = answer["customer"]["id"].as_i64();
    id.ok_or_else(|| CommandError::Failed(format!("customers/register gave no customer with an id: {answer}")))
}

/// Tells the life of a child execution.
async fn child(stage: &mut Stage<'_>, tasks: &Value, field: &str, name: &str) -> Result<Value, CommandError> {
    let Some(id) = tasks[field].as_str().map(str::to_owned) else { return Ok(Value::Null) };
    stage.live_until(&id, &format!("{DIM}{name}{DIM:#} "), entry::is_over).await
}

/// Waits for the monitor's alert about an execution.
async fn alert(stage: &mut Stage<'_>, fired: &Fired) -> Result<Option<Value>, CommandError> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        stage.tell_heard();
        let alerts = stage.client().get("/v1/alerts", &[]).await?.accepted()?;
        let flagged = |alert: &&Value| alert["type"] == "async_timeout" && alert["execution_id"] == fired.id.as_str();
        if let Some(alert) = items(&alerts).iter().find(flagged) {
            let (kind, severity) = (entry::text(alert, "type"), entry::text(alert, "severity"));
            let stuck_s = alert["stuck_duration"].as_f64().unwrap_or_default();
            stage.tell(format_args!("  {BUSY}⚑ alert {kind}{BUSY:#}, {severity}, stuck for {stuck_s:.1} s"));
            return Ok(Some(alert.clone()));
        }
        actix_web::rt::time::sleep(Duration::from_millis(150)).await;
    }
    Ok(None)
}

/// Whether every delivery attempt carried the same message.
fn all_the_same(deliveries: &[Message]) -> bool {
    deliveries.windows(2).all(|pair| pair[0].body == pair[1].body && pair[0].webhook_id == pair[1].webhook_id)
}
