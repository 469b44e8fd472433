//! The writing half: each call becomes one job of the writer's thread, one transaction.
//! Never answers before the commit.

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

use super::fault::{Fault, store_error};
use super::idempotency::Idempotency;
use super::rows::Number;
use super::sql::sql;
use super::threads::Seat;
use super::{
    SqliteStore, alerts, audit, claim, commit, destinations, functions, keys, lanes, node, read_executions, records, redeliver,
    schedules,
};
use crate::domain::access_key::AccessKey;
use crate::domain::audit::AuditEntry;
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::execution::Execution;
use crate::domain::function::{ExecutionConfig, FunctionName};
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId, ScheduleId};
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::store::failpoint::Failpoint;
use crate::store::last_text::LastText;
use crate::store::read::DeliveryQuery;
use crate::store::write::{Answers, Claimed, Deployment, Entry, Moved, Redelivery, Started, Supplied, Supply, Tick, Write};
use crate::store::{StoreError, Stored};

/// The connection that writes, and the number of the node that writes through it.
pub struct Writer {
    pub conn: SqliteConnection,
    pub idempotency: Idempotency,
    /// 0 until `start_node`.
    pub node: i32,
    pub cache: Cache,
    pub configs: LastText<ExecutionConfig>,
    failpoint: Option<Failpoint>,
}

/// When the pages that a writer keeps are worth no memory any more.
#[derive(Debug, Default)]
pub struct Cache {
    changes: i64,
    given_up: bool,
}

impl Cache {
    /// Whether nothing was changed between two looks; said once.
    pub fn is_idle(&mut self, changes: i64) -> bool {
        let same = changes == self.changes;
        self.changes = changes;
        let idle = same && !self.given_up;
        self.given_up = same;
        idle
    }
}

impl Writer {
    /// # Errors
    /// The keys taken of late cannot be read.
    pub fn new(mut conn: SqliteConnection) -> Result<Self, StoreError> {
        let idempotency = Idempotency::open(&mut conn).map_err(store_error)?;
        Ok(Self { conn, idempotency, node: 0, cache: Cache::default(), configs: LastText::default(), failpoint: None })
    }

    /// Dies where a test wants it to.
    pub fn failing(mut self, failpoint: Option<Failpoint>) -> Self {
        self.failpoint = failpoint;
        self
    }

    /// The generation of the registered destinations.
    pub fn destinations(&mut self) -> QueryResult<i64> {
        destinations::generation(&mut self.conn)
    }

    /// Runs `work` in one transaction; an error keeps nothing of it.
    pub fn transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        // One that panicked has left what it took.
        self.idempotency.rolled_back();
        self.conn.batch_execute("BEGIN IMMEDIATE").map_err(store_error)?;
        let done = work(self).and_then(|done| {
            self.idempotency.log_taken(&mut self.conn).map_err(store_error)?;
            self.commit().map_err(store_error)?;
            Ok(done)
        });
        if done.is_ok() {
            self.idempotency.committed();
        } else {
            // SQLite may have rolled back by itself; then this fails, and nothing is open either way.
            let _ = self.conn.batch_execute("ROLLBACK");
            self.idempotency.rolled_back();
        }
        done
    }

    /// What there is to do about idempotency keys now and then, whatever comes in.
    pub fn see_to_keys(&mut self) -> Result<(), StoreError> {
        self.idempotency.read_on(&mut self.conn).map_err(store_error)?;
        if !self.idempotency.waits_at_rest() {
            return Ok(());
        }
        self.transaction(|writer| writer.idempotency.settle_at_rest(&mut writer.conn).map_err(store_error))
    }

    /// Commits a batch folded, or entry by entry where one of them is refused.
    fn commit_batch(&mut self, batch: &[Entry]) -> Result<Answers, StoreError> {
        if let Some(failpoint) = &mut self.failpoint {
            failpoint.watch(batch);
        }
        match self.transaction(|writer| commit::apply_folded(writer, batch)) {
            Ok(answers) => Ok(answers),
            Err(Fault::Refused(_)) => self.transaction(|writer| commit::apply(writer, batch)),
            Err(Fault::Store(error)) => Err(error),
        }
    }

    fn commit(&mut self) -> QueryResult<()> {
        let Some(failpoint) = self.failpoint.as_mut().filter(|failpoint| failpoint.counts()) else {
            return self.conn.batch_execute("COMMIT");
        };
        let changes = sql("SELECT total_changes() AS n").first(&mut self.conn)?.map_or(0, |Number(n)| n);
        if failpoint.has_grown(changes) {
            failpoint.committing();
        }
        self.conn.batch_execute("COMMIT")?;
        failpoint.committed();
        Ok(())
    }
}

impl Seat for Writer {
    fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

impl SqliteStore {
    pub(super) fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Stored<'static, T> {
        self.writer.run(move |writer| writer.transaction(work))
    }
}

impl Write for SqliteStore {
    fn commit_when_ready(&self, supply: Supply) {
        self.writer.queue(move |writer| {
            if let Some(Supplied { batch, told }) = supply() {
                told(writer.commit_batch(&batch));
            }
        });
    }

    fn claim_executions(&self, now: Timestamp, limit: usize) -> Stored<'_, Vec<Claimed>> {
        self.transact(move |writer| claim::executions(writer, now, limit))
    }

    fn reopen(&self, id: ExecutionId) -> Stored<'_, Option<Claimed>> {
        let now = self.clock.now();
        self.transact(move |writer| claim::reopen(writer, id, now))
    }

    fn claim_deliveries(&self, now: Timestamp, limit: usize, crowded: Vec<Destination>) -> Stored<'_, Vec<Delivery>> {
        self.transact(move |writer| claim::deliveries(writer, now, limit, crowded))
    }

    fn reserve_record_ids(&self, table: &str, count: i64) -> Stored<'_, i64> {
        let table = table.to_owned();
        self.transact(move |writer| records::reserve_ids(&mut writer.conn, &table, count).map_err(store_error))
    }

    fn start_node(&self, now: Timestamp) -> Stored<'_, Started> {
        self.transact(move |writer| node::start(writer, now).map_err(store_error))
    }

    fn tick(&self, now: Timestamp) -> Stored<'_, Tick> {
        self.writer.run(move |writer| node::tick(writer, now))
    }

    fn holds_lease(&self) -> bool {
        true
    }

    fn stop_node(&self) -> Stored<'_, ()> {
        let now = self.clock.now();
        self.transact(move |writer| node::stop(writer, now).map_err(store_error))
    }

    fn deploy(&self, functions: Vec<Deployment>, removed: Vec<FunctionName>) -> Stored<'_, ()> {
        self.transact(move |writer| functions::deploy(&mut writer.conn, &functions, &removed).map_err(store_error))
    }

    fn replace_definitions(&self, functions: Vec<Deployment>) -> Stored<'_, ()> {
        self.transact(move |writer| functions::replace_definitions(&mut writer.conn, &functions).map_err(store_error))
    }

    fn setting(&self, name: &'static str, fresh: String) -> Stored<'_, String> {
        self.transact(move |writer| functions::setting(&mut writer.conn, name, fresh))
    }

    fn add_key(&self, key: AccessKey) -> Stored<'_, bool> {
        self.transact(move |writer| keys::add(&mut writer.conn, &key).map_err(store_error))
    }

    fn revoke_key(&self, name: &str, at: Timestamp) -> Stored<'_, bool> {
        let name = name.to_owned();
        self.transact(move |writer| keys::revoke(&mut writer.conn, &name, at).map_err(store_error))
    }

    fn note_audit(&self, entry: AuditEntry) -> Stored<'_, ()> {
        self.transact(move |writer| audit::note(&mut writer.conn, &entry).map_err(store_error))
    }

    fn replace_setting(&self, name: &'static str, from: String, to: String) -> Stored<'_, bool> {
        self.transact(move |writer| functions::replace_setting(&mut writer.conn, name, &from, &to).map_err(store_error))
    }

    fn redeliver(&self, id: DeliveryId, now: Timestamp) -> Stored<'_, Redelivery> {
        self.transact(move |writer| claim::blame(redeliver::one(&mut writer.conn, id, now)))
    }

    fn redeliver_all<'a>(&'a self, query: &'a DeliveryQuery, now: Timestamp) -> Stored<'a, Vec<DeliveryId>> {
        let query = query.clone();
        self.transact(move |writer| claim::blame(redeliver::all(&mut writer.conn, &query, now)))
    }

    fn pause_lane<'a>(&'a self, destination: &'a Destination, now: Timestamp) -> Stored<'a, ()> {
        let destination = destination.clone();
        self.transact(move |writer| lanes::pause(&mut writer.conn, &destination, now).map_err(store_error))
    }

    fn resume_lane<'a>(&'a self, destination: &'a Destination, now: Timestamp) -> Stored<'a, ()> {
        let destination = destination.clone();
        self.transact(move |writer| lanes::resume(&mut writer.conn, &destination, now).map_err(store_error))
    }

    fn put_destination(&self, destination: Registration) -> Stored<'_, bool> {
        self.transact(move |writer| destinations::put(&mut writer.conn, &destination).map_err(store_error))
    }

    fn delete_destination(&self, id: DestinationId, now: Timestamp) -> Stored<'_, bool> {
        self.transact(move |writer| destinations::delete(&mut writer.conn, id, now).map_err(store_error))
    }

    fn replay_destination(&self, destination: Registration, now: Timestamp) -> Stored<'_, usize> {
        self.transact(move |writer| destinations::replay(&mut writer.conn, &destination, now).map_err(store_error))
    }

    fn stuck(&self, now: Timestamp, before: Timestamp, limit: usize) -> Stored<'_, Vec<Execution>> {
        self.readers.run(move |conn| read_executions::stuck(conn, now, before, limit).map_err(store_error))
    }

    fn resolve_alerts(&self, kind: &'static str, since: Timestamp, now: Timestamp) -> Stored<'_, usize> {
        self.transact(move |writer| alerts::resolve(&mut writer.conn, kind, since, now).map_err(store_error))
    }

    fn save_schedule(&self, schedule: Schedule, expected: Option<i32>) -> Stored<'_, bool> {
        self.transact(move |writer| schedules::save(&mut writer.conn, &schedule, expected).map_err(store_error))
    }

    fn delete_schedule(&self, id: ScheduleId) -> Stored<'_, bool> {
        self.transact(move |writer| schedules::delete(&mut writer.conn, id).map_err(store_error))
    }

    fn record_firing(&self, firing: Firing, moved: Option<Moved>) -> Stored<'_, ()> {
        self.transact(move |writer| schedules::record(&mut writer.conn, &firing, moved.as_ref()).map_err(store_error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_writer_gives_its_pages_up_once() {
        let mut cache = Cache::default();
        let looks = [3, 3, 3, 4, 4, 4].map(|changes| cache.is_idle(changes));
        assert_eq!(looks, [false, true, false, false, true, false]);
    }
}
