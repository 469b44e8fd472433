//! Stories of lists, tables and functions.
//! Never looks behind the traits.

use super::*;
use crate::domain::callback::CallbackSettings;
use crate::domain::record::{Filter, RecordQuery, SortKey};
use crate::store::read::ExecutionQuery;
use crate::store::write::{Deployment, Origin};

on_postgres! {
    records_are_filtered_sorted_and_cut,
    more_rows_than_the_asker_may_hold_are_refused,
    a_long_table_is_read_to_its_end,
    executions_are_a_table_that_nobody_writes,
    lists_are_newest_first_and_narrowed,
    an_earlier_version_of_a_function_stays_readable,
    a_function_that_is_taken_away_keeps_its_versions,
    statistics_are_of_one_function_under_every_spelling,
    a_table_is_listed_once_it_has_held_a_record,
    a_setting_keeps_its_first_value,
    the_typical_duration_is_the_median_of_what_completed,
}

fn filter(json: &str) -> Filter {
    Filter::parse(&Value::from_json_text(json).unwrap()).unwrap()
}

async fn names(bench: &Bench, query: RecordQuery) -> Vec<String> {
    let rows = bench.store.read.records(&query).await.unwrap();
    rows.iter().map(|row| row.value.field("name").to_text()).collect()
}

#[tokio::test]
async fn records_are_filtered_sorted_and_cut() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let rows = [(1, "b"), (2, "c"), (3, "a"), (4, "d")];
    let writes = rows.iter().map(|(id, name)| insert("orders", *id, name)).collect();
    bench.one(with_records(next(&mut owner), writes)).await.unwrap();
    let all = || RecordQuery::all("orders");
    assert_eq!(names(&bench, all()).await, ["b", "c", "a", "d"]);
    let sort = vec![SortKey { field: "name".into(), descending: true }];
    let sorted = RecordQuery { sort, offset: 1, limit: Some(2), ..all() };
    assert_eq!(names(&bench, sorted).await, ["c", "b"]);
    assert_eq!(names(&bench, RecordQuery { offset: 1, limit: Some(2), ..all() }).await, ["c", "a"]);
    assert_eq!(names(&bench, RecordQuery { filter: filter(r#"{"id": 3}"#), ..all() }).await, ["a"]);
    assert_eq!(names(&bench, RecordQuery { filter: filter(r#"{"name": {"$gt": "b"}}"#), ..all() }).await, ["c", "d"]);
    let query = RecordQuery { filter: filter(r#"{"name": {"$ne": "b"}}"#), limit: Some(1), ..all() };
    assert_eq!(bench.store.read.count_records(&query).await.unwrap(), 3);
    let one = RecordQuery { fields: Some(vec!["name".into()]), limit: Some(1), ..all() };
    let shown = bench.store.read.records(&one).await.unwrap().remove(0).value;
    assert_eq!(shown.as_object().unwrap().fields.len(), 1);
    assert_eq!(names(&bench, RecordQuery::all("empty")).await, Vec::<String>::new());
}

#[tokio::test]
async fn more_rows_than_the_asker_may_hold_are_refused() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(with_records(next(&mut owner), vec![insert("orders", 1, "a"), insert("orders", 2, "b")])).await.unwrap();
    let small = RecordQuery { memory_bytes_max: 500, ..RecordQuery::all("orders") };
    assert!(matches!(bench.store.read.records(&small).await, Err(StoreError::TooLarge(_))));
    let one = RecordQuery { limit: Some(1), ..small };
    assert_eq!(bench.store.read.records(&one).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_long_table_is_read_to_its_end() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    let rows = (1..=2500).map(|id| insert("orders", id, &id.to_string())).collect();
    bench.one(with_records(next(&mut owner), rows)).await.unwrap();
    let query = |text: &str| RecordQuery { filter: filter(text), ..RecordQuery::all("orders") };
    let ids =
        async |query: RecordQuery| bench.store.read.records(&query).await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(RecordQuery::all("orders")).await, (1..=2500).collect::<Vec<_>>());
    assert_eq!(ids(query(r#"{"id": {"$gt": 1000}}"#)).await, (1001..=2500).collect::<Vec<_>>());
    assert_eq!(bench.store.read.count_records(&query(r#"{"id": {"$lte": 2400}}"#)).await.unwrap(), 2400);
    assert_eq!(ids(RecordQuery { offset: 1999, limit: Some(3), ..RecordQuery::all("orders") }).await, [2000, 2001, 2002]);
    assert_eq!(ids(RecordQuery { limit: Some(2100), ..RecordQuery::all("orders") }).await.len(), 2100);
    assert_eq!(ids(query(r#"{"id": 2400}"#)).await, [2400]);
}

#[tokio::test]
async fn executions_are_a_table_that_nobody_writes() {
    let bench = Bench::open().await;
    let callback = Some(Arc::new(CallbackSettings::to("https://example.com/?token=secret")));
    let born = Birth { callback, ..birth() };
    bench.one(Entry::Submit(running(&born))).await.unwrap();
    let mut ended = bench.running().await;
    bench.one(Entry::Finish(finish(next(&mut ended), completed()))).await.unwrap();
    let table = || RecordQuery::all("async_executions");
    let later = after(1).ms();
    let stuck = filter(&format!(r#"{{"status": "running", "created_at": {{"$lt": {later}}}}}"#));
    let rows = bench.store.read.records(&RecordQuery { filter: stuck, ..table() }).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0].value;
    assert_eq!(row.field("execution_id"), Value::text(born.id.to_string()));
    assert_eq!(row.field("callback_url"), Value::text("https://example.com/?…"));
    assert_eq!(row.field("inputs").field("at"), Value::Timestamp(Timestamp(5)));
    assert_eq!(row.field("created_at"), Value::Timestamp(NOW));
    let by_id = filter(&format!(r#"{{"execution_id": "{}"}}"#, ended.id));
    let rows = bench.store.read.records(&RecordQuery { filter: by_id, ..table() }).await.unwrap();
    assert_eq!((rows.len(), rows[0].value.field("status")), (1, Value::text("completed")));
    assert_eq!(bench.store.read.count_records(&table()).await.unwrap(), 2);
    let mut owner = Ownership { id: born.id, epoch: 1, seq: 0 };
    let write = RecordWrite::Delete { table: "async_executions".into(), id: 1, version: 1 };
    assert!(matches!(bench.one(with_records(next(&mut owner), vec![write])).await, Err(Refusal::Value(_))));
}

#[tokio::test]
async fn lists_are_newest_first_and_narrowed() {
    let bench = Bench::open().await;
    let old = Birth { id: ExecutionId::random(after(-10)), created_at: after(-10), tags: Vec::new(), ..birth() };
    let new = Birth { function: FunctionName::parse("pay").unwrap(), started_by: Some("k".to_owned()), ..birth() };
    for birth in [&old, &new] {
        bench.one(Entry::Submit(running(birth))).await.unwrap();
    }
    let owner = Ownership { id: old.id, epoch: 1, seq: 1 };
    let failure = Failure::new(ErrorCode::Timeout, "Took too long");
    bench.one(Entry::Finish(finish(owner, Outcome::TimedOut { failure }))).await.unwrap();
    let list = async |query: ExecutionQuery| {
        let query = ExecutionQuery { limit: 9, ..query };
        let found = bench.store.read.list_executions(&query).await.unwrap();
        found.into_iter().map(|execution| execution.birth.id).collect::<Vec<_>>()
    };
    let any = ExecutionQuery::default;
    assert_eq!(list(any()).await, [new.id, old.id]);
    assert_eq!(list(ExecutionQuery { before: Some(new.id), ..any() }).await, [old.id]);
    let spelled = FunctionName::parse("orders/send_mail").unwrap();
    assert_eq!(list(ExecutionQuery { function: Some(spelled), ..any() }).await, [old.id]);
    assert_eq!(list(ExecutionQuery { states: vec![State::Queued, State::TimedOut], ..any() }).await, [old.id]);
    assert_eq!(list(ExecutionQuery { tag: Some("vip".to_owned()), ..any() }).await, [new.id]);
    assert_eq!(list(ExecutionQuery { created_before: Some(NOW), ..any() }).await, [old.id]);
    assert_eq!(list(ExecutionQuery { created_after: Some(NOW), ..any() }).await, [new.id]);
    assert_eq!(list(ExecutionQuery { error_code: Some("ERROR_CODE_TIMEOUT".to_owned()), ..any() }).await, [old.id]);
    assert_eq!(list(ExecutionQuery { started_by: Some("k".to_owned()), ..any() }).await, [new.id]);
    for q in ["TOO LONG", &old.id.to_string(), "send-m"] {
        assert_eq!(list(ExecutionQuery { q: Some(q.to_owned()), ..any() }).await, [old.id], "{q}");
    }
}

#[tokio::test]
async fn an_earlier_version_of_a_function_stays_readable() {
    let bench = Bench::open().await;
    let name = FunctionName::parse("pay").unwrap();
    let deployment = |version: &str| Deployment {
        name: name.clone(),
        version: FunctionVersion(version.into()),
        definition: format!("{{\"v\":\"{version}\"}}").into(),
        origin: Origin::File,
        at: NOW,
    };
    for version in ["one", "two"] {
        bench.store.write.deploy(vec![deployment(version)], Vec::new()).await.unwrap();
    }
    assert_eq!(bench.store.read.functions().await.unwrap(), vec![deployment("two")]);
    let old = bench.store.read.function_version(&name, &FunctionVersion("one".into())).await.unwrap();
    assert_eq!(old.as_deref(), Some("{\"v\":\"one\"}"));
    assert_eq!(bench.store.read.function_version(&name, &FunctionVersion("no".into())).await.unwrap(), None);
}

#[tokio::test]
async fn a_function_that_is_taken_away_keeps_its_versions() {
    let bench = Bench::open().await;
    let deployment = |name: &str, version: &str, origin, at| Deployment {
        name: FunctionName::parse(name).unwrap(),
        version: FunctionVersion(version.into()),
        definition: "{}".into(),
        origin,
        at,
    };
    let first = vec![deployment("send-mail", "one", Origin::File, NOW), deployment("pay", "x", Origin::Api, NOW)];
    bench.store.write.deploy(first, Vec::new()).await.unwrap();
    let spelled = FunctionName::parse("send_mail").unwrap();
    bench.store.write.deploy(vec![deployment("send_mail", "two", Origin::Api, after(5))], Vec::new()).await.unwrap();
    let origins: Vec<_> = bench.store.read.deployed().await.unwrap().into_iter().map(|one| (one.version.0, one.origin)).collect();
    assert_eq!(origins, [("x".into(), Origin::Api), ("two".into(), Origin::Api)]);
    bench.store.write.deploy(Vec::new(), vec![spelled.clone()]).await.unwrap();
    assert_eq!(bench.store.read.deployed().await.unwrap().len(), 1);
    let versions = bench.store.read.versions(&spelled).await.unwrap();
    let versions: Vec<_> = versions.into_iter().map(|one| (one.version.0, one.created_at)).collect();
    assert_eq!(versions, [("two".into(), after(5)), ("one".into(), NOW)]);
    let old = bench.store.read.function_version(&spelled, &FunctionVersion("one".into())).await.unwrap();
    assert!(old.is_some(), "an execution may still run on it");
}

#[tokio::test]
async fn statistics_are_of_one_function_under_every_spelling() {
    let bench = Bench::open().await;
    let mut owner = bench.running().await;
    bench.one(Entry::Finish(Finish { at: after(250), ..finish(next(&mut owner), completed()) })).await.unwrap();
    bench.running().await;
    bench.one(Entry::Submit(queued(&birth(), after(1000)))).await.unwrap();
    let other = Birth { function: FunctionName::parse("pay").unwrap(), ..birth() };
    bench.one(Entry::Submit(running(&other))).await.unwrap();
    let found = bench.store.read.statistics(&FunctionName::parse("orders/send_mail").unwrap()).await.unwrap();
    assert_eq!(found.count, 3);
    assert_eq!(found.open, [(State::Queued, 1), (State::Running, 1)]);
    assert_eq!(found.latest, [(State::Completed, Some(250))]);
}

#[tokio::test]
async fn a_table_is_listed_once_it_has_held_a_record() {
    let bench = Bench::open().await;
    assert_eq!(bench.store.read.tables().await.unwrap(), Vec::<String>::new());
    bench.store.write.reserve_record_ids("orders", 1).await.unwrap();
    bench.store.write.reserve_record_ids("customers", 1).await.unwrap();
    assert_eq!(bench.store.read.tables().await.unwrap(), ["customers", "orders"]);
}

#[tokio::test]
async fn a_setting_keeps_its_first_value() {
    let bench = Bench::open().await;
    assert_eq!(bench.store.write.setting("secret", "a".to_owned()).await.unwrap(), "a");
    assert_eq!(bench.store.write.setting("secret", "b".to_owned()).await.unwrap(), "a");
}

#[tokio::test]
async fn the_typical_duration_is_the_median_of_what_completed() {
    let bench = Bench::open().await;
    let name = birth().function;
    assert_eq!(bench.store.read.typical_duration_ms(&name).await.unwrap(), None);
    for ms in [5, 10, 9000] {
        let mut owner = bench.running().await;
        let end = Finish { at: after(ms), ..finish(next(&mut owner), completed()) };
        bench.one(Entry::Finish(end)).await.unwrap();
    }
    assert_eq!(bench.store.read.typical_duration_ms(&name).await.unwrap(), Some(10));
    bench.store.read.ping().await.unwrap();
}
