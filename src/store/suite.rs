//! What every store must do, told as stories against the traits alone.
//! Never knows which database it runs on: `open` does.

/// Tells stories again on Postgres: each in a database of its own, of a private cluster. Those that end a process and start
/// another are told with real processes instead.
macro_rules! on_postgres {
    ($($story:ident),+ $(,)?) => {
        mod on_postgres {
            $(
                #[test]
                fn $story() {
                    crate::store::suite::with_postgres(super::$story);
                }
            )+
        }
    };
}

mod deliveries;
mod destinations;
mod duel;
mod expiry;
#[path = "../../tests/it/helpers/guard.rs"]
#[expect(dead_code, reason = "shared with the stories of the whole product, which use more of it")]
mod guard;
mod keys;
mod lanes;
mod limits;
mod measuring;
mod ownership;
#[path = "../../tests/it/helpers/postgres.rs"]
#[expect(dead_code, reason = "shared with the stories of the whole product, which use more of it")]
mod postgres;
mod queries;
mod schedules;
mod setup;
mod survey;
mod upkeep;
mod usual;
mod waiting;
#[path = "../../tests/it/helpers/workspace.rs"]
#[expect(dead_code, reason = "shared with the stories of the whole product, which use more of it")]
mod workspace;

pub(super) use deliveries::{closed, message};

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::config::StoreConfig;
use crate::domain::clock::ManualClock;
use crate::domain::delivery::Delivery;
use crate::domain::execution::{Birth, Outcome, Ownership, Response, State, WaitingFor};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::ids::ExecutionId;
use crate::domain::record::{RecordWrite, UniqueKey};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::write::{
    Checkpoint, Claimed, Delta, Entry, Finish, IdempotencyKey, Park, Placement, Receipt, Refusal, StepRecord, Submit,
};
use crate::store::{Store, StoreError};

thread_local! {
    /// The database of the story that this thread tells; SQLite without one.
    static DATABASE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Tells a story on a fresh Postgres database.
fn with_postgres(story: fn()) {
    let url = postgres::fresh_database();
    DATABASE.with(|database| *database.borrow_mut() = Some(url));
    story();
}

/// A fresh database for what only Postgres has to answer for.
pub(super) fn postgres_database() -> String {
    postgres::fresh_database()
}

/// The runtime that makes the cluster's databases.
fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}

/// Lets time pass.
fn pause(duration: std::time::Duration) {
    runtime().block_on(async { tokio::time::sleep(duration).await });
}

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn after(ms: i64) -> Timestamp {
    NOW.plus_ms(ms)
}

/// A store of its own in a folder that goes with it.
struct Bench {
    store: Store,
    folder: PathBuf,
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Left-overs in the temporary folder harm nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Bench {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("ringback-store-{}", ExecutionId::random(NOW)));
        std::fs::create_dir_all(&folder).unwrap();
        let store = open_in(&folder).await.unwrap();
        store.write.start_node(NOW).await.unwrap();
        Self { store, folder }
    }

    /// A bench on SQLite, whatever this thread's stories are told on.
    async fn on_sqlite() -> Self {
        let database = DATABASE.with(|database| database.borrow_mut().take());
        let bench = Self::open().await;
        DATABASE.with(|kept| *kept.borrow_mut() = database);
        bench
    }

    async fn one(&self, entry: Entry) -> Result<Receipt, Refusal> {
        self.all(vec![entry]).await.remove(0)
    }

    async fn all(&self, batch: Vec<Entry>) -> Vec<Result<Receipt, Refusal>> {
        self.store.write.commit(batch.into()).await.unwrap()
    }

    async fn state(&self, id: ExecutionId) -> State {
        self.store.read.executions(&[id]).await.unwrap().remove(0).unwrap().state
    }

    /// A running execution that this node owns.
    async fn running(&self) -> Ownership {
        let submit = running(&birth());
        let id = submit.birth.id;
        assert_eq!(self.one(Entry::Submit(submit)).await, Ok(Receipt::Done));
        Ownership { id, epoch: 1, seq: 0 }
    }
}

fn config_in(folder: &std::path::Path) -> StoreConfig {
    let database = DATABASE.with(|database| database.borrow().clone());
    let database = database.unwrap_or_else(|| format!("sqlite://{}", folder.join("test.db").display()));
    StoreConfig { database, relaxed: true, migrate: true, lease_ms: 10_000, attempt_ms: 30_000, failpoint: None }
}

async fn open_in(folder: &std::path::Path) -> Result<Store, StoreError> {
    crate::store::open(&config_in(folder), Arc::new(ManualClock::at(NOW))).await
}

pub(super) fn birth() -> Birth {
    Birth {
        id: ExecutionId::random(NOW),
        function: FunctionName::parse("orders/send-mail").unwrap(),
        version: FunctionVersion("abc".into()),
        created_at: NOW,
        seed: 7,
        input: r#"{"at":{"$timestamp":5}}"#.into(),
        request: None,
        callback: None,
        config: Arc::new(ExecutionConfig::default()),
        priority: 0,
        tags: vec!["vip".to_owned()],
        metadata: Value::Null,
        parent: None,
        started_by: None,
        rerun_of: None,
        trace: None,
    }
}

pub(super) fn running(birth: &Birth) -> Submit {
    let placement = Placement::Running { started_at: NOW, deadline_at: after(1000) };
    Submit { birth: Arc::new(birth.clone()), placement, key: None, limits: Vec::new() }
}

pub(super) fn queued(birth: &Birth, due_at: Timestamp) -> Submit {
    Submit { birth: Arc::new(birth.clone()), placement: Placement::Queued { due_at }, key: None, limits: Vec::new() }
}

pub(super) fn key(fingerprint: u8) -> IdempotencyKey {
    IdempotencyKey { hash: [1; 32], fingerprint: [fingerprint; 32], expires_at: after(1000), now: NOW }
}

pub(super) fn next(owner: &mut Ownership) -> Ownership {
    owner.seq += 1;
    *owner
}

fn step() -> StepRecord {
    StepRecord {
        position: "stack[0]".to_owned(),
        kind: "set_var".to_owned(),
        name: None,
        attempt: 1,
        started_at: NOW,
        ended_at: NOW,
        result: Value::Int(1),
        failed: false,
    }
}

fn delta(full: bool, text: &str) -> Delta {
    Delta { full, text: text.into() }
}

pub(super) fn checkpoint(owner: Ownership) -> Checkpoint {
    Checkpoint {
        owner,
        at: NOW,
        step: Some(step()),
        delta: delta(false, "d"),
        progress: None,
        records: Vec::new(),
        alerts: Vec::new(),
        takes: None,
        children: Vec::new(),
        deliveries: Vec::new(),
    }
}

pub(super) fn with_records(owner: Ownership, records: Vec<RecordWrite>) -> Entry {
    Entry::Checkpoint(Checkpoint { records, ..checkpoint(owner) })
}

pub(super) fn insert(table: &str, id: i64, name: &str) -> RecordWrite {
    let value = Value::object([("id", Value::Int(id)), ("name", Value::text(name)), ("created_at", Value::Timestamp(NOW))]);
    let unique = vec![UniqueKey { name: "name".into(), value: format!("[\"{name}\"]").into() }];
    RecordWrite::Insert { table: table.into(), id, value, unique }
}

pub(super) fn park(owner: Ownership, wake_at: Option<Timestamp>, waits: Vec<ExecutionId>) -> Park {
    Park {
        owner,
        at: NOW,
        state: State::Waiting,
        waiting_for: WaitingFor { what: "timer".to_owned(), since: NOW, until: wake_at },
        wake_at,
        waits: if waits.is_empty() { Vec::new() } else { vec![waits] },
        listens: Vec::new(),
        inbox_seen: 0,
        attempt: 1,
        delta: Delta::default(),
        step: None,
    }
}

pub(super) fn finish(owner: Ownership, outcome: Outcome) -> Finish {
    Finish { owner, at: NOW, outcome, attempt: 1, step: None, deliveries: Vec::new(), destinations: 0, alerts: Vec::new() }
}

pub(super) fn completed() -> Outcome {
    Outcome::Completed { output: Value::Timestamp(NOW), response: Response { status: Some(201), headers: Vec::new() } }
}

pub(super) fn cancelled() -> Outcome {
    Outcome::Cancelled { failure: Failure::new(ErrorCode::Cancelled, "cancelled").with_payload(Value::Timestamp(NOW)) }
}
