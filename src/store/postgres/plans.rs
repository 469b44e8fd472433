//! Plans that statements get while their tables are empty, and keep, or while the server's statistics are of another time.
//! Never judges how long one takes: what it reads is told.

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::connection;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, Sql, sql};
use super::writer::Writer;
use super::{deliveries, images, lanes};
use crate::domain::delivery::{Delivery, DeliveryState};
use crate::domain::execution::Ownership;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::fold::{Image, StartedAttempt};
use crate::store::statements::Statements;
use crate::store::suite;
use crate::store::write::{AfterAttempt, Checkpoint, DeliveryClosed, Entry, Finish, NewDelivery, Submit};

/// Often enough for the server to stop planning anew.
const TIMES: u32 = 8;

/// Those that a start and an end of an attempt take.
const STATEMENTS: u32 = 3;

/// Of a database whose tables are empty.
fn writer() -> Writer {
    let url = suite::postgres_database();
    connection::migrate(&mut connection::establish(&url).unwrap(), true).unwrap();
    Writer::open(url, true, Statements::default()).unwrap()
}

fn scans(writer: &mut Writer, index: &'static str) -> i64 {
    let scans = sql("SELECT pg_stat_get_xact_numscans(to_regclass(?)) AS n").bind(index).first(&mut writer.conn).unwrap();
    scans.map_or(0, |Number(n)| n)
}

#[test]
fn attempts_are_found_by_their_ids_and_never_among_all_that_are_open() {
    let mut writer = writer();
    let id = DeliveryId::terminal(ExecutionId::random(Timestamp(0)));
    let over = AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None };
    let Entry::DeliveryClosed(closed) = suite::closed(id, 1, over) else { unreachable!() };
    let scanned = writer.transaction(|writer| {
        for _ in 0..TIMES {
            assert_eq!(deliveries::started(writer, &[StartedAttempt { id, number: 1, at: Timestamp(0) }]).ok(), Some(0));
            assert_eq!(deliveries::closed(writer, &[&closed]).ok(), Some(0));
        }
        Ok::<_, StoreError>((scans(writer, "deliveries_open"), scans(writer, "deliveries_pkey")))
    });
    assert_eq!(scanned.unwrap(), (0, i64::from(TIMES * STATEMENTS)));
}

#[test]
fn one_message_is_found_by_its_id_and_never_among_all_that_are_open() {
    let mut writer = writer();
    let id = DeliveryId::terminal(ExecutionId::random(Timestamp(0)));
    let node = writer.node;
    let scanned = writer.transaction(|writer| {
        for _ in 0..TIMES {
            assert_eq!(deliveries::released(writer, &[(id, Timestamp(0))]).ok(), Some(0));
            assert!(lanes::why_not_started(writer, id).is_ok());
            let conn = &mut writer.conn;
            assert!(sql(lanes::CLAIM).bind(node).bind(id).first::<Delivery>(conn).unwrap().is_none());
            lanes::set_aside(conn, id, Timestamp(0)).unwrap();
        }
        Ok::<_, StoreError>((scans(writer, "deliveries_open"), scans(writer, "deliveries_pkey")))
    });
    let (among_all, by_id) = scanned.unwrap();
    assert_eq!(among_all, 0);
    assert!(by_id >= i64::from(TIMES), "{by_id}");
}

struct Line(String);

impl FromNamedRow for Line {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.text("QUERY PLAN").map(Self)
    }
}

/// How often a statement has taken its rows apart.
fn taken_apart(writer: &mut Writer, statement: Sql<'_>) -> String {
    let plan: Vec<Line> = statement.explained().all(&mut writer.conn).unwrap();
    let apart = plan
        .iter()
        .find(|Line(line)| ["ProjectSet", "Function Scan"].iter().any(|apart| line.contains(apart)))
        .map(|Line(line)| line.as_str());
    let (_, loops) = apart.and_then(|line| line.split_once("loops=")).unwrap();
    loops.trim_end_matches(')').to_owned()
}

/// A writer of a node that the server knows nothing of.
fn unknown_node() -> Writer {
    let mut writer = writer();
    writer.node = 7;
    writer
}

#[test]
fn a_batch_of_attempts_is_taken_apart_once_whatever_is_known_of_its_node() {
    let mut writer = unknown_node();
    let messages = |held, count| (0..count).map(move |_| suite::message(ExecutionId::random(Timestamp(0)), held)).collect();
    let others: Vec<NewDelivery> = messages(false, 2000);
    deliveries::inserted(writer.node, &others.iter().collect::<Vec<_>>()).run(&mut writer.conn).unwrap();
    sql("ANALYZE deliveries").run(&mut writer.conn).unwrap();
    let own: Vec<NewDelivery> = messages(true, 600);
    deliveries::inserted(writer.node, &own.iter().collect::<Vec<_>>()).run(&mut writer.conn).unwrap();
    let started = own.iter().map(|new| StartedAttempt { id: new.delivery.id, number: 1, at: Timestamp(0) });
    let started: Vec<StartedAttempt> = started.collect();
    let over = || AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None };
    let closed: Vec<Entry> = own.iter().map(|new| suite::closed(new.delivery.id, 1, over())).collect();
    let closed = closed.iter().filter_map(|entry| if let Entry::DeliveryClosed(closed) = entry { Some(closed) } else { None });
    let closed: Vec<&DeliveryClosed> = closed.collect();
    let node = writer.node;
    assert_eq!(taken_apart(&mut writer, deliveries::starting(node, &started)), "1");
    assert_eq!(taken_apart(&mut writer, deliveries::closing(node, &closed)), "1");
    let left = sql("SELECT count(*) AS n FROM deliveries WHERE closed_at IS NULL").first(&mut writer.conn).unwrap();
    assert!(matches!(left, Some(Number(2000))), "they have been started and closed");
}

#[test]
fn a_batch_is_taken_apart_once_whatever_is_known_of_its_node() {
    let mut writer = unknown_node();
    let ended: Vec<Submit> = (0..2000).map(|_| suite::queued(&suite::birth(), Timestamp(0))).collect();
    images::insert(&mut writer, &ended.iter().map(Image::born).collect::<Vec<_>>()).ok().unwrap();
    // From now on the server thinks that nobody runs anything.
    sql("ANALYZE executions").run(&mut writer.conn).unwrap();
    let running: Vec<Submit> = (0..600).map(|_| suite::running(&suite::birth())).collect();
    images::insert(&mut writer, &running.iter().map(Image::born).collect::<Vec<_>>()).ok().unwrap();
    let owner = |submit: &Submit, seq| Ownership { id: submit.birth.id, epoch: 1, seq };
    let steps: Vec<Checkpoint> = running.iter().map(|submit| suite::checkpoint(owner(submit, 1))).collect();
    let stepped: Vec<Image<'_>> = steps.iter().map(Image::stepped).collect();
    let ends: Vec<Finish> = running.iter().map(|submit| suite::finish(owner(submit, 2), suite::completed())).collect();
    let ended: Vec<Image<'_>> = ends.iter().map(Image::ended).collect();
    let node = writer.node;
    assert_eq!(taken_apart(&mut writer, images::advanced(node, &stepped)), "1");
    assert_eq!(taken_apart(&mut writer, images::ended(node, &ended)), "1");
    let left = sql("SELECT count(*) AS n FROM executions WHERE node IS NOT NULL").first(&mut writer.conn).unwrap();
    assert!(matches!(left, Some(Number(0))), "they have been advanced and ended");
}
