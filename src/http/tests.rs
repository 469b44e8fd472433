//! Requests through the whole stack of routes and gates, over a store that holds one execution and takes nothing.
//! Never what the engine does with a call; that is told with a real store.

use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service};
use futures_util::FutureExt as _;

use super::*;
use crate::config::{Config, EncryptionKey, EncryptionKeys};
use crate::domain::access_key::AccessKey;
use crate::domain::alert::Alert;
use crate::domain::audit::{AuditEntry, Audited};
use crate::domain::clock::ManualClock;
use crate::domain::delivery::{Delivery, DeliveryView, Destination};
use crate::domain::execution::{Birth, Execution, Response, State};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId, ScheduleId};
use crate::domain::lane::OwedLane;
use crate::domain::record::{RecordQuery, Row};
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::statistics::FunctionStatistics;
use crate::domain::timestamp::Timestamp;
use crate::engine::Parts;
use crate::engine::functions::Functions;
use crate::engine::keys::Keyring;
use crate::engine::signing::{Signing, SigningKeys};
use crate::engine::vault::Vault;
use crate::store::read::survey::{DeliveryCounts, EndedCount, RunSample, StoredVersion, Survey};
use crate::store::read::{
    AlertQuery, DeadMessage, DeliveryQuery, Deployed, Due, DueSchedules, ExecutionQuery, ExpiredCount, Expiry, OwedMessage, Read,
    StepRecord, VersionRow, Watch,
};
use crate::store::write::{
    Claimed, Deployment, Moved, Pruned, Redelivery, Rest, Settling, Started, Supply, Telling, Tick, Upkeep, Write,
};
use crate::store::{Store, StoreError, Stored};

const KNOWN: &str = "019a0000-0000-7000-8000-000000000001";
const UNKNOWN: &str = "019a0000-0000-7000-8000-000000000002";

struct OneExecution(Execution);

fn nothing<T: Send + 'static>() -> Stored<'static, T> {
    async { Err(StoreError::Unavailable("it is not there".to_owned())) }.boxed()
}

fn ready<T: Send + 'static>(value: T) -> Stored<'static, T> {
    async { Ok(value) }.boxed()
}

impl Read for OneExecution {
    fn executions<'a>(&'a self, ids: &'a [ExecutionId]) -> Stored<'a, Vec<Option<Execution>>> {
        ready(ids.iter().map(|id| Some(self.0.clone()).filter(|known| known.birth.id == *id)).collect())
    }
    fn list_executions<'a>(&'a self, query: &'a ExecutionQuery) -> Stored<'a, Vec<Execution>> {
        let count = usize::try_from(query.limit).unwrap().min(3);
        ready(vec![self.0.clone(); if query.before.is_some() { 0 } else { count }])
    }
    fn steps(&self, _: ExecutionId) -> Stored<'_, Vec<StepRecord>> {
        ready(Vec::new())
    }
    fn steps_after(&self, _: ExecutionId, _: i64, _: i64) -> Stored<'_, Vec<(i64, StepRecord)>> {
        ready(Vec::new())
    }
    fn deliveries(&self, _: ExecutionId) -> Stored<'_, Vec<DeliveryView>> {
        ready(Vec::new())
    }
    fn delivery(&self, _: DeliveryId) -> Stored<'_, Option<DeliveryView>> {
        ready(None)
    }
    fn list_deliveries<'a>(&'a self, _: &'a DeliveryQuery) -> Stored<'a, Vec<DeliveryView>> {
        ready(Vec::new())
    }
    fn count_deliveries<'a>(&'a self, _: &'a DeliveryQuery) -> Stored<'a, i64> {
        ready(0)
    }
    fn owed_lanes(&self) -> Stored<'_, Vec<OwedLane>> {
        ready(Vec::new())
    }
    fn records<'a>(&'a self, _: &'a RecordQuery) -> Stored<'a, Vec<Row>> {
        nothing()
    }
    fn count_records<'a>(&'a self, _: &'a RecordQuery) -> Stored<'a, i64> {
        nothing()
    }
    fn stopped(&self, _: ExecutionId) -> Stored<'_, Option<crate::store::read::Stopped>> {
        nothing()
    }
    fn event<'a>(&'a self, _: ExecutionId, _: &'a str) -> Stored<'a, Option<crate::store::read::KeptEvent>> {
        nothing()
    }
    fn functions(&self) -> Stored<'_, Vec<Deployment>> {
        nothing()
    }
    fn deployed(&self) -> Stored<'_, Vec<Deployed>> {
        nothing()
    }
    fn versions<'a>(&'a self, _: &'a FunctionName) -> Stored<'a, Vec<VersionRow>> {
        nothing()
    }
    fn statistics<'a>(&'a self, _: &'a FunctionName) -> Stored<'a, FunctionStatistics> {
        nothing()
    }
    fn tables(&self) -> Stored<'_, Vec<String>> {
        ready(vec!["orders".to_owned()])
    }
    fn function_version<'a>(&'a self, _: &'a FunctionName, _: &'a FunctionVersion) -> Stored<'a, Option<Arc<str>>> {
        nothing()
    }
    fn typical_duration_ms<'a>(&'a self, _: &'a FunctionName) -> Stored<'a, Option<i64>> {
        nothing()
    }
    fn keys(&self) -> Stored<'_, Vec<AccessKey>> {
        ready(Vec::new())
    }
    fn audit(&self, _: Option<i64>, _: i64) -> Stored<'_, Vec<Audited>> {
        ready(Vec::new())
    }
    fn queued(&self, _: Timestamp) -> Stored<'_, usize> {
        nothing()
    }
    fn schedules<'a>(&'a self, _: Option<&'a FunctionName>) -> Stored<'a, Vec<Schedule>> {
        nothing()
    }
    fn schedule(&self, _: ScheduleId) -> Stored<'_, Option<Schedule>> {
        nothing()
    }
    fn due_schedules(&self, _: Timestamp, _: usize) -> Stored<'_, DueSchedules> {
        nothing()
    }
    fn firings(&self, _: ScheduleId, _: i64) -> Stored<'_, Vec<Firing>> {
        nothing()
    }
    fn running_of_schedule(&self, _: ScheduleId) -> Stored<'_, Vec<ExecutionId>> {
        nothing()
    }
    fn destinations(&self) -> Stored<'_, (i64, Vec<Registration>)> {
        ready((0, Vec::new()))
    }
    fn setting(&self, _: &'static str) -> Stored<'_, Option<String>> {
        ready(None)
    }
    fn ping(&self) -> Stored<'_, ()> {
        nothing()
    }
}

impl Survey for OneExecution {
    fn open_counts(&self) -> Stored<'_, Vec<(State, i64)>> {
        nothing()
    }
    fn ended_counts(&self, _: Timestamp, _: i64) -> Stored<'_, Vec<EndedCount>> {
        nothing()
    }
    fn delivery_counts(&self) -> Stored<'_, DeliveryCounts> {
        nothing()
    }
    fn latest_runs<'a>(&'a self, _: &'a FunctionName, _: i64) -> Stored<'a, Vec<RunSample>> {
        nothing()
    }
    fn function_versions<'a>(&'a self, _: &'a FunctionName) -> Stored<'a, Vec<StoredVersion>> {
        nothing()
    }
    fn table_names(&self) -> Stored<'_, Vec<String>> {
        nothing()
    }
    fn latest_records<'a>(&'a self, _: &'a str, _: Option<i64>, _: i64) -> Stored<'a, Vec<Row>> {
        nothing()
    }
}

impl Watch for OneExecution {
    fn alerts<'a>(&'a self, _: &'a AlertQuery) -> Stored<'a, Vec<Alert>> {
        ready(Vec::new())
    }
    fn untold_alerts(&self, _: i64) -> Stored<'_, Vec<Alert>> {
        nothing()
    }
    fn due(&self, _: Timestamp) -> Stored<'_, Due> {
        nothing()
    }
    fn next_due(&self, _: Timestamp) -> Stored<'_, Option<Timestamp>> {
        nothing()
    }
    fn overdue_messages(&self, _: Timestamp, _: i64) -> Stored<'_, Vec<OwedMessage>> {
        nothing()
    }
    fn dead_messages(&self, _: i64) -> Stored<'_, Vec<DeadMessage>> {
        nothing()
    }
    fn expired<'a>(&'a self, _: &'a Expiry, _: Option<ExecutionId>, _: i64) -> Stored<'a, Vec<ExecutionId>> {
        nothing()
    }
    fn count_expired<'a>(&'a self, _: &'a Expiry) -> Stored<'a, Vec<ExpiredCount>> {
        nothing()
    }
    fn long_journals(&self, _: i64) -> Stored<'_, Vec<ExecutionId>> {
        nothing()
    }
    fn statements(&self) -> u64 {
        0
    }
}

struct TakesNothing;

impl Upkeep for TakesNothing {
    fn settle_alerts(&self, _: Settling) -> Stored<'_, usize> {
        nothing()
    }
    fn settle_ended(&self, _: Timestamp, _: Timestamp) -> Stored<'_, usize> {
        nothing()
    }
    fn tell_alerts(&self, _: Vec<Telling>) -> Stored<'_, Vec<bool>> {
        nothing()
    }
    fn acknowledge_alert(&self, _: i64, _: &str, _: Timestamp) -> Stored<'_, Option<Alert>> {
        nothing()
    }
    fn prune_executions(&self, _: Vec<ExecutionId>, _: Timestamp, _: i64) -> Stored<'_, Pruned> {
        nothing()
    }
    fn prune_rest(&self, _: Rest, _: i64) -> Stored<'_, usize> {
        nothing()
    }
    fn compact_journal(&self, _: ExecutionId) -> Stored<'_, usize> {
        nothing()
    }
    fn shrink(&self) -> Stored<'_, bool> {
        nothing()
    }
    fn wake_lost(&self, _: ExecutionId, _: Timestamp) -> Stored<'_, bool> {
        nothing()
    }
}

impl Write for TakesNothing {
    fn commit_when_ready(&self, _: Supply) {}
    fn claim_executions(&self, _: Timestamp, _: usize) -> Stored<'_, Vec<Claimed>> {
        nothing()
    }
    fn reopen(&self, _: ExecutionId) -> Stored<'_, Option<Claimed>> {
        nothing()
    }
    fn claim_deliveries(&self, _: Timestamp, _: usize, _: Vec<Destination>) -> Stored<'_, Vec<Delivery>> {
        nothing()
    }
    fn reserve_record_ids(&self, _: &str, _: i64) -> Stored<'_, i64> {
        nothing()
    }
    fn start_node(&self, _: Timestamp) -> Stored<'_, Started> {
        nothing()
    }
    fn tick(&self, _: Timestamp) -> Stored<'_, Tick> {
        nothing()
    }
    fn holds_lease(&self) -> bool {
        true
    }
    fn stop_node(&self) -> Stored<'_, ()> {
        nothing()
    }
    fn deploy(&self, _: Vec<Deployment>, _: Vec<FunctionName>) -> Stored<'_, ()> {
        nothing()
    }
    fn setting(&self, _: &'static str, _: String) -> Stored<'_, String> {
        nothing()
    }
    fn add_key(&self, _: AccessKey) -> Stored<'_, bool> {
        nothing()
    }
    fn revoke_key(&self, _: &str, _: Timestamp) -> Stored<'_, bool> {
        nothing()
    }
    fn note_audit(&self, _: AuditEntry) -> Stored<'_, ()> {
        nothing()
    }
    fn put_destination(&self, _: Registration) -> Stored<'_, bool> {
        nothing()
    }
    fn delete_destination(&self, _: DestinationId, _: Timestamp) -> Stored<'_, bool> {
        nothing()
    }
    fn replay_destination(&self, _: Registration, _: Timestamp) -> Stored<'_, usize> {
        nothing()
    }
    fn replace_definitions(&self, _: Vec<Deployment>) -> Stored<'_, ()> {
        nothing()
    }
    fn replace_setting(&self, _: &'static str, _: String, _: String) -> Stored<'_, bool> {
        nothing()
    }

    fn redeliver(&self, _: DeliveryId, _: Timestamp) -> Stored<'_, Redelivery> {
        nothing()
    }
    fn redeliver_all<'a>(&'a self, _: &'a DeliveryQuery, _: Timestamp) -> Stored<'a, Vec<DeliveryId>> {
        nothing()
    }
    fn pause_lane<'a>(&'a self, _: &'a Destination, _: Timestamp) -> Stored<'a, ()> {
        nothing()
    }
    fn resume_lane<'a>(&'a self, _: &'a Destination, _: Timestamp) -> Stored<'a, ()> {
        nothing()
    }
    fn stuck(&self, _: Timestamp, _: Timestamp, _: usize) -> Stored<'_, Vec<Execution>> {
        nothing()
    }
    fn resolve_alerts(&self, _: &'static str, _: Timestamp, _: Timestamp) -> Stored<'_, usize> {
        nothing()
    }
    fn save_schedule(&self, _: Schedule, _: Option<i32>) -> Stored<'_, bool> {
        nothing()
    }
    fn delete_schedule(&self, _: ScheduleId) -> Stored<'_, bool> {
        nothing()
    }
    fn record_firing(&self, _: Firing, _: Option<Moved>) -> Stored<'_, ()> {
        nothing()
    }
}

fn execution() -> Execution {
    let at = Timestamp(1_760_000_000_000);
    let birth = Birth {
        id: ExecutionId::parse(KNOWN).unwrap(),
        function: FunctionName::parse("echo").unwrap(),
        version: FunctionVersion("0123456789abcdef".into()),
        created_at: at,
        seed: 1,
        input: r#"{"n":1}"#.into(),
        request: None,
        callback: None,
        config: Arc::new(ExecutionConfig::default()),
        priority: 0,
        tags: Vec::new(),
        metadata: Value::Null,
        parent: None,
        started_by: None,
        rerun_of: None,
        trace: None,
    };
    Execution {
        birth: Arc::new(birth),
        state: State::Completed,
        attempt: 1,
        started_at: Some(at),
        completed_at: Some(at),
        deadline_at: None,
        waiting_for: None,
        progress: Value::Null,
        output: Value::Int(7),
        response: Response::default(),
        failure: None,
        progressed_at: at,
    }
}

fn state(change: impl FnOnce(&mut Config)) -> web::Data<HttpState> {
    let mut config = Config::for_testing();
    change(&mut config);
    // Another test may have been quicker; either provider is the same one.
    rustls::crypto::ring::default_provider().install_default().ok();
    let store = Store { read: Arc::new(OneExecution(execution())), write: Arc::new(TakesNothing) };
    let journal = crate::engine::journal::queue(&store).0;
    web::Data::new(HttpState::new(Engine::new(Parts {
        clock: Arc::new(ManualClock::at(Timestamp(1_760_000_000_000))),
        keys: Keyring::new(config.access.api_key.as_deref(), Vec::new(), Timestamp(1_760_000_000_000)),
        outbound: crate::outbound::Outbound::new(&config.outbound, true, Vec::new()).unwrap(),
        config: Arc::new(config),
        sandboxes: crate::sandbox::Sandboxes::new("/nowhere".into(), 1),
        store,
        functions: Functions::default(),
        journal,
        launches: crate::engine::live::launches(1).0,
        public_url: "http://r.example".into(),
        resume_key: crate::engine::resume_key::ResumeKey::of("for tests"),
        vault: Vault::new(&EncryptionKeys { sealing: EncryptionKey::fresh(), also_open: Vec::new(), made: None }),
        traces: crate::engine::traces::Traces::default(),
        signing: Signing::of(SigningKeys::default(), Timestamp(1_760_000_000_000)),
    })))
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

async fn send(state: &web::Data<HttpState>, request: TestRequest) -> Reply {
    let (routed, gated) = (state.clone(), state.clone());
    let app = App::new()
        .configure(|cfg| routes::configure(cfg, routed))
        .wrap(from_fn(move |request, next| gate::pass(gated.clone(), request, next)));
    let app = init_service(app).await;
    let response = call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("the body broke off"));
    Reply { status, headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
}

#[actix_web::test]
async fn what_can_be_got_can_be_asked_for_by_its_headers_alone() {
    let state = state(|_| {});
    for path in ["/healthz", "/v1/executions", "/v1/functions", "/problems/input", "/api/async-status/nope"] {
        let reply = send(&state, get(path).method(actix_web::http::Method::HEAD)).await;
        assert_eq!(reply.status, 200, "{path}");
    }
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header(("host", "localhost:8080"))
}

fn post(path: &str, body: &str) -> TestRequest {
    TestRequest::post().uri(path).insert_header(("host", "localhost:8080")).set_payload(body.to_owned())
}

#[actix_web::test]
async fn what_is_not_there_is_a_problem_in_json() {
    let state = state(|_| {});
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("GET", "/", 404),
        ("POST", "/api/", 404),
        ("POST", "/api/nothing", 404),
        ("POST", "/api/%00", 404),
        ("POST", "/api/%ff%fe", 404),
        ("POST", "/api/async-nothing", 404),
        ("GET", "/api/echo", 405),
        ("HEAD", "/api/echo", 405),
        ("GET", "/api/async-cancel", 405),
        ("POST", "/v1/alerts", 405),
        ("GET", "/v1/executions/nonsense", 404),
        ("GET", "/v1/executions?limit=many", 400),
        ("GET", "/problems/nothing", 404),
        ("GET", "/v1/functions/nothing", 404),
        ("GET", "/readyz", 503),
    ] {
        let request = match method {
            "POST" => post(path, "{}"),
            method => get(path).method(method.parse().unwrap()),
        };
        let reply = send(&state, request).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        let problem = reply.json();
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["message"], problem["detail"], "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(reply.header("content-type"), "application/json", "{path}");
        assert_eq!(!reply.header("allow").is_empty(), status == 405, "{path}");
        assert_eq!(reply.header("allow").contains("GET"), reply.header("allow").contains("HEAD"), "{path}");
        assert_eq!(!reply.header("retry-after").is_empty(), status == 503, "{path}");
        // The type is a page of ours.
        let page = problem["type"].as_str().unwrap().strip_prefix("http://r.example").unwrap();
        assert_eq!(send(&state, get(page)).await.status, 200, "{page}");
    }
    let named = send(&state, get("/nowhere").insert_header(("accept", "application/problem+json"))).await;
    assert_eq!(named.header("content-type"), "application/problem+json");
}

#[actix_web::test]
async fn status_answers_every_id_in_order_by_every_base_url() {
    let state = state(|_| {});
    let body = format!("{{\"execution_ids\": [\"{UNKNOWN}\", null, \"{KNOWN}\", 7, \"{KNOWN}\"]}}");
    for path in ["/api/async-status", "/api/api/async-status", "//api/async-status", "/api/async-await"] {
        let reply = send(&state, post(path, &body)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let entries = reply.json();
        let states: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["not_found", "not_found", "completed", "not_found", "completed"], "{path}");
        assert_eq!((&entries[1]["execution_id"], &entries[3]["execution_id"]), (&serde_json::Value::Null, &7.into()));
    }
    let one = send(&state, get(&format!("/api/async-status/{KNOWN}"))).await.json();
    assert_eq!((&one["output"], &one["status"]), (&7.into(), &"completed".into()));
    let two = send(&state, get(&format!("/api/async-status?execution_ids={KNOWN},x"))).await.json();
    assert_eq!(two.as_array().map(Vec::len), Some(2));
    for body in ["{}", "[]", r#"{"execution_ids": []}"#, "7", "{"] {
        assert_eq!(send(&state, post("/api/async-status", body)).await.status, 400, "{body}");
    }
}

#[actix_web::test]
async fn an_id_from_before_the_retention_has_expired() {
    let state = state(|config| config.retention.finished_ms = 1000);
    let entry = send(&state, get("/api/async-status/01000000-0000-7000-8000-000000000001")).await.json();
    assert_eq!((&entry["state"], &entry["status"]), (&"expired".into(), &"error".into()));
    let reply = send(&state, get("/v1/executions/01000000-0000-7000-8000-000000000001")).await;
    assert_eq!((reply.status, &reply.json()["code"]), (404, &"ERROR_CODE_EXPIRED".into()));
}

#[actix_web::test]
async fn an_execution_is_shown_with_its_links_and_lists_have_pages() {
    let state = state(|_| {});
    let one = send(&state, get(&format!("/v1/executions/{KNOWN}"))).await.json();
    assert_eq!((&one["input"]["n"], &one["state"]), (&1.into(), &"completed".into()));
    assert_eq!(one["cancel_url"], format!("http://r.example/v1/executions/{KNOWN}/cancel"));
    let page = send(&state, get("/v1/executions?limit=2")).await.json();
    assert_eq!((page["items"].as_array().map(Vec::len), &page["next"]), (Some(2), &KNOWN.into()));
    let end = send(&state, get(&format!("/v1/executions?limit=2&cursor={KNOWN}"))).await.json();
    assert_eq!((end["items"].as_array().map(Vec::len), &end["next"]), (Some(0), &serde_json::Value::Null));
    let none = send(&state, get("/v1/executions?status=completed&state=failed")).await.json();
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));
}

#[actix_web::test]
async fn the_events_of_an_ended_execution_are_its_last_one() {
    let state = state(|_| {});
    let path = format!("/v1/executions/{KNOWN}/events");
    let reply = send(&state, get(&path)).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert!(reply.body.starts_with("retry: ") && reply.body.contains("\nevent: state\ndata: {"), "{}", reply.body);
    let mark = reply.body.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    let again = send(&state, get(&path).insert_header(("last-event-id", mark))).await;
    assert_eq!((again.status, again.body.as_str()), (204, ""), "the reader has it already, and a browser stays away");
}

#[actix_web::test]
async fn a_read_token_opens_its_execution_without_a_key_and_nothing_else() {
    let keyed = state(|config| config.access.api_key = Some("the-one-key".to_owned()));
    let with_key = |path: &str| get(path).insert_header(("authorization", "Bearer the-one-key"));
    let one = send(&keyed, with_key(&format!("/v1/executions/{KNOWN}"))).await.json();
    let url = one["events_url"].as_str().unwrap().strip_prefix("http://r.example").unwrap().to_owned();
    let token = url.split_once("?token=").unwrap().1;
    assert_eq!(send(&keyed, get(&url)).await.status, 200);
    assert_eq!(send(&keyed, get(&format!("/v1/executions/{KNOWN}?token={token}"))).await.status, 200);
    assert_eq!(send(&keyed, get(&format!("/api/async-status/{KNOWN}?token={token}"))).await.status, 200);
    for path in [
        format!("/v1/executions/{UNKNOWN}/events?token={token}"),
        format!("/v1/executions/{KNOWN}/events?token={token}x"),
        format!("/v1/executions/{KNOWN}/events"),
        format!("/v1/executions?token={token}"),
        format!("/v1/alerts?token={token}"),
    ] {
        assert_eq!(send(&keyed, get(&path)).await.status, 401, "{path}");
    }
    let cancel = post(&format!("/v1/executions/{KNOWN}/cancel?token={token}"), "{}");
    assert_eq!(send(&keyed, cancel).await.status, 401, "it reads only");
}

#[actix_web::test]
async fn a_stream_beyond_the_bound_is_refused() {
    let full = state(|config| config.server.event_streams_max = 0);
    let reply = send(&full, get(&format!("/v1/executions/{KNOWN}/events"))).await;
    assert_eq!((reply.status, &reply.json()["code"]), (429, &"ERROR_CODE_TOO_MANY_STREAMS".into()));
    assert_eq!(reply.header("retry-after"), "5");
}

#[actix_web::test]
async fn a_body_beyond_the_bound_is_refused() {
    let state = state(|config| config.server.body_bytes_max = 2048);
    let reply = send(&state, post("/api/async-status", &format!("{{\"a\": \"{}\"}}", "x".repeat(3000)))).await;
    assert_eq!((reply.status, &reply.json()["code"]), (413, &"ERROR_CODE_BODY_TOO_LARGE".into()));
}

#[actix_web::test]
async fn a_foreign_page_may_not_call_a_server_without_a_key() {
    let open = state(|config| config.cors.allowed_origins = vec!["https://app.example".to_owned()]);
    let from = |origin: &'static str| post("/api/async-status", "{}").insert_header(("origin", origin));
    let reply = send(&open, from("https://evil.example")).await;
    assert!(reply.status == 403 && reply.body.contains("cors.allowed_origins"), "{}", reply.body);
    assert_eq!(reply.header("access-control-allow-origin"), "");
    for origin in ["https://app.example", "http://localhost:3000"] {
        let reply = send(&open, from(origin)).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (400, origin));
        let asks =
            TestRequest::with_uri("/api/echo").method(actix_web::http::Method::OPTIONS).insert_header(("host", "localhost"));
        let preflight = send(&open, asks.insert_header(("origin", origin))).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, origin));
        assert!(preflight.header("access-control-allow-headers").contains("Idempotency-Key"));
    }
}

#[actix_web::test]
async fn with_a_key_everything_but_the_pulse_needs_it() {
    let keyed = state(|config| config.access.api_key = Some("the-one-key".to_owned()));
    for path in ["/v1/executions", "/readyz", "/api/async-status/x", "/metrics", "/nowhere"] {
        let reply = send(&keyed, get(path)).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
    }
    let with = get("/v1/executions").insert_header(("authorization", "Bearer the-one-key"));
    assert_eq!(send(&keyed, with.insert_header(("origin", "https://any.example"))).await.status, 200);
    assert_eq!(send(&keyed, get("/healthz")).await.status, 200);
}

/// Sends bytes as they are and reads until the other side has said enough.
fn raw(address: std::net::SocketAddr, head: &str, body: &[u8]) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).expect("a refused body is read on, so that its sender hears why");
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !answer.ends_with(b"}") {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
        }
    }
    String::from_utf8(answer).unwrap()
}

#[actix_web::test]
async fn a_server_answers_over_a_socket_and_lets_a_large_body_hear_its_refusal() {
    let engine = state(|config| config.server.body_bytes_max = 1 << 20).engine.clone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = serve(engine, Door { listener, tls: None }, 1, |_| ()).unwrap();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let answers = web::block(move || {
        let small = raw(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"");
        let size = 8 << 20;
        let head = format!("POST /api/async-status HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n");
        (small, raw(address, &head, &vec![b' '; size]))
    });
    let (small, large) = answers.await.unwrap();
    assert!(small.starts_with("HTTP/1.1 200 OK\r\n") && small.contains("x-content-type-options: nosniff"), "{small}");
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}
