//! The writing half: each call becomes one job of the writer's thread, one transaction.
//! Never answers before the commit.

use diesel::QueryResult;

use super::caution::Caution;
use super::connection::{self, PgConnection};
use super::fault::{Fault, store_error};
use super::sql::sql;
use super::threads::{Fate, Seat};
use super::{
    PostgresStore, alerts, audit, claim, commit, destinations, functions, keys, lanes, read_executions, records, redeliver,
    schedules, takeover,
};
use crate::domain::access_key::AccessKey;
use crate::domain::audit::AuditEntry;
use crate::domain::delivery::{Delivery, Destination};
use crate::domain::execution::Execution;
use crate::domain::function::FunctionName;
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId, ScheduleId};
use crate::domain::map::HashSet;
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::store::failpoint::Failpoint;
use crate::store::read::DeliveryQuery;
use crate::store::statements::Statements;
use crate::store::write::{Answers, Claimed, Deployment, Entry, Moved, Redelivery, Started, Supplied, Supply, Tick, Write};
use crate::store::{StoreError, Stored};

/// The classes of advisory locks: the fence that every transaction of a node shares, and the lock that its session holds.
pub const FENCE: i32 = 7281;
pub const ALIVE: i32 = 7282;

/// The connection that writes, and the number of the node that writes through it.
pub struct Writer {
    pub conn: PgConnection,
    /// 0 until `start_node`.
    pub node: i32,
    /// What this node claimed that holds permits or may: only its end looks for them.
    pub limited: HashSet<ExecutionId>,
    pub caution: Caution,
    /// The texts of statements that this connection has prepared.
    pub(super) prepared: HashSet<String>,
    pub(super) url: String,
    pub(super) relaxed: bool,
    pub(super) statements: Statements,
    pub(super) broken: bool,
    /// Transactions so far; a commit whose answer was lost is found again by it.
    pub(super) batch: i64,
    /// The number of the last that was committed, as `nodes` has it.
    pub(super) committed: i64,
    pub(super) failpoint: Option<Failpoint>,
    /// Those who wait for the batch before, until the next has left or there is none.
    pub(super) untold: Option<Untold>,
}

/// Who waits for what is durable.
pub type Untold = Box<dyn FnOnce() + Send>;

impl Writer {
    pub fn open(url: String, relaxed: bool, statements: Statements) -> Result<Self, StoreError> {
        let conn = connection::counted(connection::open_writer(&url, relaxed)?, &statements);
        Ok(Self {
            conn,
            node: 0,
            limited: HashSet::default(),
            caution: Caution::default(),
            prepared: HashSet::default(),
            url,
            relaxed,
            statements,
            broken: false,
            batch: 0,
            committed: 0,
            failpoint: None,
            untold: None,
        })
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
}

impl Writer {
    /// Tells those who wait for the batch before. While the next is on its way that costs the database no time.
    pub(super) fn tell(&mut self) {
        if let Some(untold) = self.untold.take() {
            untold();
        }
    }

    /// Commits a batch folded, with more care after each refusal, and entry by entry at last.
    fn commit_batch(&mut self, batch: &[Entry]) -> Result<Answers, StoreError> {
        if let Some(failpoint) = &mut self.failpoint {
            failpoint.watch(batch);
        }
        let mut care = self.caution.next();
        let answers = loop {
            match self.transaction_opened_late(|writer, stage| commit::apply_folded(writer, stage, batch, care)) {
                Ok(answers) => break answers,
                Err(Fault::Store(error)) => return Err(error),
                Err(Fault::Refused(_)) => match self.caution.after(care) {
                    Some(more) => care = more,
                    None => break self.transaction(|writer| commit::apply(writer, batch))?,
                },
            }
        };
        for (entry, answer) in batch.iter().zip(&answers) {
            if let (Entry::Finish(finish), Ok(_)) = (entry, answer) {
                self.limited.remove(&finish.owner.id);
            }
        }
        Ok(answers)
    }
}

impl Seat for Writer {
    /// It knows which node it is, and mends its own connections.
    const RENEWED: bool = false;

    fn panicked(&mut self) -> Fate {
        self.broken = true;
        Fate::Keep
    }

    fn rest(&mut self) {
        self.tell();
    }
}

impl PostgresStore {
    pub(super) fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Stored<'static, T> {
        self.writer.run(move |writer| writer.transaction(work))
    }
}

impl Write for PostgresStore {
    fn commit_when_ready(&self, supply: Supply) {
        self.writer.queue(move |writer| {
            let Some(Supplied { batch, told }) = supply() else { return };
            let writer = match writer {
                Ok(writer) => writer,
                Err(error) => return told(Err(error)),
            };
            let committed = writer.commit_batch(&batch);
            writer.tell();
            match committed {
                Ok(answers) => writer.untold = Some(Box::new(move || told(Ok(answers)))),
                Err(error) => told(Err(error)),
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
        Box::pin(async move {
            let started = self.heart.run(move |heart| heart.start(now)).await?;
            let node = started.node;
            let known = self.writer.run(move |writer| {
                writer.node = node;
                writer.committed = 0;
                Ok(())
            });
            known.await?;
            Ok(started)
        })
    }

    fn tick(&self, now: Timestamp) -> Stored<'_, Tick> {
        self.heart.run(move |heart| heart.tick(now))
    }

    fn holds_lease(&self) -> bool {
        self.lease.holds()
    }

    fn stop_node(&self) -> Stored<'_, ()> {
        let now = self.clock.now();
        self.transact(move |writer| {
            let node = writer.node;
            takeover::release_all(&mut writer.conn, node, now, takeover::Ending::Polite).map_err(store_error)?;
            sql("DELETE FROM nodes WHERE id = ?").bind(node).run(&mut writer.conn).map(|_| ()).map_err(store_error)
        })
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
