//! Plans that statements get while their tables are empty, and keep.
//! Never judges how long one takes: what it reads is told.

use super::connection;
use super::deliveries;
use super::rows::Number;
use super::sql::sql;
use super::writer::Writer;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::fold::StartedAttempt;
use crate::store::statements::Statements;
use crate::store::suite;
use crate::store::write::{AfterAttempt, Entry};

/// Often enough for the server to stop planning anew.
const TIMES: u32 = 8;

/// Those that a start and an end of an attempt take.
const STATEMENTS: u32 = 3;

fn scans(writer: &mut Writer, index: &'static str) -> i64 {
    let scans = sql("SELECT pg_stat_get_xact_numscans(to_regclass(?)) AS n").bind(index).first(&mut writer.conn).unwrap();
    scans.map_or(0, |Number(n)| n)
}

#[test]
fn attempts_are_found_by_their_ids_and_never_among_all_that_are_open() {
    let url = suite::postgres_database();
    connection::migrate(&mut connection::establish(&url).unwrap(), true).unwrap();
    let mut writer = Writer::open(url, true, Statements::default()).unwrap();
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
