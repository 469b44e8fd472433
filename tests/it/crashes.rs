//! Each shipped stack, and one with every kind of block, dies before and behind every one of its commits, on both stores.
//! Never helps on its feet what died but by starting the server again, and once more the call that nobody had answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::lost_commits::{part, winding};
use super::workflows::{services, shipped_server};
use crate::helpers::{
    Answer, Call, Receiver, Request, Server, Store, both_stores, eventually, items, millis, pause, seconds, text_of,
};

both_stores!(
    hello_and_reports,
    mails,
    registering_customers,
    copying_customers,
    images_one_and_many,
    taking_orders,
    what_follows_an_order,
    following_orders_and_asking_for_reviews,
    upkeep,
    every_kind_of_block,
);

/// Tables that the stacks write.
const TABLES: [&str; 8] = ["orders", "customers", "email_logs", "inventory_movements", "images", "reports", "notes", "parts"];
/// Set to anything, every commit is died at before and behind it on both stores; else before the odd ones and behind the even
/// ones on one store, and the other way round on the other.
const ALL: &str = "RINGBACK_EVERY_COMMIT";

type Body = Box<dyn Fn(&Server, u64) -> Value>;
/// Whether a commit is died at before it.
type IsBefore = Box<dyn Fn(u64) -> bool>;

/// A function, and what it is called with the n-th time.
struct Scene {
    function: &'static str,
    body: Body,
}

fn scene(function: &'static str, body: impl Fn(&Server, u64) -> Value + 'static) -> Scene {
    Scene { function, body: Box::new(body) }
}

/// What one call left behind, without what differs from call to call.
#[derive(Debug, PartialEq)]
struct Picture {
    message: String,
    output: Value,
    steps: Vec<String>,
    children: Vec<String>,
    rows: BTreeMap<&'static str, Vec<String>>,
    /// What the services were asked: each request once, however often it came.
    asked: Vec<String>,
}

struct Stage {
    server: Server,
    services: Receiver,
    home: Receiver,
    scene: Scene,
    bodies: Vec<Value>,
    /// Rows of each table that earlier calls have written, by their ids.
    rows_before: BTreeMap<&'static str, BTreeSet<i64>>,
    requests_before: usize,
}

/// Plays one scene until no commit is left to die at.
fn dies_at_every_commit(store: Store, scene: Scene) {
    let function = scene.function;
    let mut stage = Stage::set(store, scene);
    let reference = stage.picture_of(0);
    let (mut deaths, mut run) = (0, 0);
    let plans: Vec<IsBefore> = match (std::env::var_os(ALL), store) {
        (Some(_), _) => vec![Box::new(|_| true), Box::new(|_| false)],
        (None, Store::Sqlite) => vec![Box::new(|commit| commit % 2 == 1)],
        (None, Store::Postgres) => vec![Box::new(|commit| commit % 2 == 0)],
    };
    for is_before in plans {
        let place = |commit| format!("{} {commit} {}", if is_before(commit) { "before" } else { "after" }, function);
        let mut commit = 1;
        stage.die(&place(commit));
        loop {
            run += 1;
            stage.look();
            let acknowledged = stage.call(run).try_send().is_ok_and(|reply| reply.status == 202);
            let died = stage.died(run);
            deaths += u32::from(died);
            // What goes on by itself counts for nothing: the next call does. Nor does what is looked at afterwards.
            stage.die(&if died && acknowledged { place(commit + 1) } else { String::new() });
            if !acknowledged {
                stage.call(run).send().expect(202);
            }
            let picture = stage.picture_of(run);
            assert_eq!(picture, reference, "it died {}", place(commit));
            if !died {
                break;
            }
            commit += 1;
            if !acknowledged {
                stage.die(&place(commit));
            }
        }
    }
    println!("{}: {deaths} deaths", stage.scene.function);
    // The shortest is one commit from its birth to its end, and one for its message.
    assert!(deaths >= 2, "only {deaths} commits were died at: the story proves little");
}

const FAILPOINT: &str = "RINGBACK_STORE_FAILPOINT";
/// Calls that a scene may need.
const CALLS: u64 = 60;

impl Stage {
    fn set(store: Store, scene: Scene) -> Self {
        let services = services();
        services.answers("/crm", [Answer::json(&json!({"id": "crm-1"}))]);
        services.answers("/ext", [Answer::json(&json!({"ok": true}))]);
        let mut builder = shipped_server(store, &services)
            .workflow("winding.json", winding())
            .workflow("part.json", part())
            .workflow("look.json", look());
        for (name, inner) in
            [("image", "images/process"), ("confirm", "orders/send-confirmation"), ("book", "orders/update-inventory")]
        {
            builder = builder.workflow(&format!("{name}.json"), super::workflows::around(inner));
        }
        let server = builder.start();
        let body = |n| {
            let mut body = (scene.body)(&server, n);
            if body["url"] == "/ext" {
                body["url"] = json!(services.url("/ext"));
            }
            body
        };
        let bodies = (0..CALLS).map(body).collect();
        let mut stage =
            Self { server, services, home: Receiver::start(), scene, bodies, rows_before: BTreeMap::new(), requests_before: 0 };
        stage.look();
        stage.call(0).send().expect(202);
        stage
    }

    /// What is there before the next call.
    fn look(&mut self) {
        self.rows_before = self.tables().into_iter().map(|(table, rows)| (table, rows.iter().map(id_of).collect())).collect();
        self.requests_before = self.services.count();
    }

    /// Starts the server again, to die there.
    fn die(&mut self, failpoint: &str) {
        self.server.restart_with(&[(FAILPOINT, failpoint)]);
    }

    fn call(&self, run: u64) -> Call {
        let mut body = self.bodies[usize::try_from(run).unwrap()].clone();
        body["async"] = json!(true);
        body["callback_url"] = json!(self.home.url(&format!("/home/{run}")));
        let path = format!("/api/{}", self.scene.function);
        self.server.call("POST", &path).header("idempotency-key", format!("run-{run}")).json(&body).within(seconds(30))
    }

    fn heard(&self, run: u64) -> Vec<Request> {
        self.home.requests_at(&format!("/home/{run}"))
    }

    /// Waits for a death or for the end; the last commit is that of a delivery or of a child.
    fn died(&mut self, run: u64) -> bool {
        let ended = eventually("a death or the end", seconds(60), || match self.server.ended() {
            Some(status) => Some(Some(status)),
            None if self.heard(run).is_empty() => None,
            None => Some(None),
        });
        let status = ended.or_else(|| {
            (0..8).find_map(|_| {
                pause(millis(50));
                self.server.ended()
            })
        });
        let Some(status) = status else { return false };
        // What it said last is still on its way through the pipe.
        eventually(&format!("the failpoint's word behind {status}"), seconds(10), || {
            self.server.stderr().contains("failpoint: dies").then_some(())
        });
        true
    }

    /// Waits for the callback and for every child, and tells what there is.
    fn picture_of(&self, run: u64) -> Picture {
        let heard = eventually(&format!("the callback of run {run}"), seconds(60), || {
            Some(self.heard(run)).filter(|heard| !heard.is_empty())
        });
        assert!(
            heard.iter().all(|message| (message.webhook_id(), &message.body) == (heard[0].webhook_id(), &heard[0].body)),
            "two messages of one execution"
        );
        let message = heard[0].json();
        let id = text_of(&message["execution_id"]);
        let children = eventually("the ends of the children", seconds(60), || {
            let list = items(&self.server.get(&format!("/v1/executions?parent={id}")).expect(200).json());
            list.iter().all(|child| child["status"] != "running").then_some(list)
        });
        let entry = self.server.status(&id);
        assert_eq!((&entry["state"], &entry["output"]), (&message["state"], &message["output"]), "{entry}");
        let steps = items(&self.server.get(&format!("/v1/executions/{id}/steps")).expect(200).json());
        let new = |(table, rows): (&'static str, Vec<Value>)| {
            let rows = rows.iter().filter(|row| !self.rows_before[table].contains(&id_of(row)));
            (table, sorted(rows.map(|row| plain(row).to_string())))
        };
        Picture {
            message: text_of(&message["type"]),
            output: plain(&entry["output"]),
            steps: sorted(steps.iter().map(|step| format!("{} {}", step["step"], step["kind"]))),
            children: sorted(children.iter().map(|child| format!("{} {}", child["function_name"], child["state"]))),
            rows: self.tables().into_iter().map(new).collect(),
            asked: self.asked(),
        }
    }

    fn tables(&self) -> BTreeMap<&'static str, Vec<Value>> {
        let all = self.server.run("look", &json!({}));
        TABLES.map(|table| (table, items(&all[table]))).into()
    }

    /// Each request once; what came again under its key is the same to the byte.
    fn asked(&self) -> Vec<String> {
        let mut by_key: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
        for request in self.services.requests().split_off(self.requests_before) {
            let key = request.header("idempotency-key").unwrap().to_owned();
            let asked = (request.path.clone(), request.body.clone());
            assert_eq!(by_key.entry(key).or_insert_with(|| asked.clone()), &asked);
        }
        sorted(by_key.into_values().map(|(path, body)| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            format!("{path} {}", plain(&body))
        }))
    }
}

fn id_of(row: &Value) -> i64 {
    row["id"].as_i64().unwrap()
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

/// Every table at once.
fn look() -> Value {
    let query = |table| json!({"function": "query_all_records", "table": table, "sort": "id ASC", "return_as": table});
    let mut stack: Vec<Value> = TABLES.map(query).into();
    let body: serde_json::Map<_, _> =
        TABLES.map(|table| (table.to_owned(), json!(format!("{{{{ {table} }}}}")))).into_iter().collect();
    stack.push(json!({"function": "return_response", "body": body}));
    json!(stack)
}

/// A value without ids, times and numbers within texts.
fn plain(value: &Value) -> Value {
    let own: BTreeSet<&str> = ["id", "n", "from", "to", "before", "asked_at", "external_id"].into();
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !own.contains(name.as_str()) && !name.ends_with("_at") && !name.ends_with("_id"))
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::String(text) => text.split(|sign: char| sign.is_ascii_digit()).collect::<Vec<_>>().join("").into(),
        other => other.clone(),
    }
}

fn hello_and_reports(store: Store) {
    dies_at_every_commit(store, scene("hello", |_, _| json!({"name": "Ada"})));
    dies_at_every_commit(store, scene("reports/generate", |_, _| json!({"report_type": "weekly", "user_id": "u"})));
}

fn mails(store: Store) {
    let body = |_: &Server, n| json!({"recipient_email": "ada@example.com", "subject": format!("mail {n}")});
    dies_at_every_commit(store, scene("emails/send", body));
}

fn registering_customers(store: Store) {
    let body = |_: &Server, n| json!({"email": format!("ada-{n}@example.com"), "name": "Ada"});
    dies_at_every_commit(store, scene("customers/register", body));
}

fn customer(server: &Server, n: u64) -> Value {
    server.run("note", &json!({"table": "customers", "data": {"email": format!("ada-{n}@example.com"), "name": "Ada"}}))
}

fn copying_customers(store: Store) {
    dies_at_every_commit(store, scene("customers/sync-to-crm", |server, n| json!({"customer_id": customer(server, n)["id"]})));
}

fn images_one_and_many(store: Store) {
    dies_at_every_commit(store, scene("image", |_, n| json!({"url": format!("http://a/{n}.png")})));
    let many =
        |_: &Server, n| json!({"images": [format!("http://a/{n}.png"), format!("http://b/{n}.png"), "http://a/broken.png"]});
    dies_at_every_commit(store, scene("images/process-batch", many));
}

fn order(server: &Server, n: u64) -> Value {
    json!({"customer_id": customer(server, n)["id"], "total": 49.5, "items": lines()})
}

fn lines() -> Value {
    json!([{"sku": "lamp", "quantity": 2}, {"sku": "sold-out"}])
}

fn taking_orders(store: Store) {
    dies_at_every_commit(store, scene("orders/create", order));
}

fn what_follows_an_order(store: Store) {
    let taken = |server: &Server| server.run("note", &json!({"table": "orders", "data": {"total": 1}}))["id"].clone();
    let confirmed = move |server: &Server, _| json!({"order_id": taken(server), "customer_email": "ada@example.com"});
    dies_at_every_commit(store, scene("confirm", confirmed));
    dies_at_every_commit(store, scene("book", |_, n| json!({"order_id": n, "order_items": lines()})));
}

fn following_orders_and_asking_for_reviews(store: Store) {
    let done = std::sync::OnceLock::new();
    let tasks = move |server: &Server, n| {
        let tasks: &Value = done.get_or_init(|| {
            let taken = server.post("/api/orders/create", &order(server, n)).expect(201).json();
            let tasks = taken["background_tasks"].clone();
            tasks.as_object().unwrap().values().for_each(|id| drop(server.wait_done(id.as_str().unwrap())));
            tasks
        });
        tasks.clone()
    };
    dies_at_every_commit(store, scene("orders/background-status", tasks));
    let review = |_: &Server, n| json!({"order_id": n, "customer_email": "ada@example.com", "wait_s": 1});
    dies_at_every_commit(store, scene("orders/ask-for-review", review));
}

fn upkeep(store: Store) {
    dies_at_every_commit(store, scene("cleanup", |_, _| json!({"keep_days": 90})));
    dies_at_every_commit(store, scene("watch", |_, _| json!({})));
}

fn every_kind_of_block(store: Store) {
    dies_at_every_commit(store, scene("winding", |_, _| json!({"n": 1, "url": "/ext"})));
}
