//! The writing half: each call becomes one job of the writer's thread, one transaction.
//! Never answers before the commit.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::Error;

use super::connection::{self, PgConnection};
use super::fault::{Fault, store_error};
use super::rows::Number;
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
use crate::domain::registration::Registration;
use crate::domain::schedule::{Firing, Schedule};
use crate::domain::timestamp::Timestamp;
use crate::store::failpoint::Failpoint;
use crate::store::read::DeliveryQuery;
use crate::store::statements::Statements;
use crate::store::write::{Claimed, Deployment, Entry, Moved, OnCommit, Redelivery, Started, Tick, Write};
use crate::store::{StoreError, Stored};

/// The classes of advisory locks: the fence that every transaction of a node shares, and the lock that its session holds.
pub const FENCE: i32 = 7281;
pub const ALIVE: i32 = 7282;

/// How often a commit without an answer asks for the database; then the process ends, and the next start looks.
const RECONNECTS_MAX: u32 = 2400;
const RECONNECT_EVERY: Duration = Duration::from_millis(250);

/// How many batches with keys are wary after one that found some taken: who sends a call twice may send more.
const WARY: u32 = 64;

/// What opens a transaction: `BEGIN`, and the fence.
pub struct Opening(pub String);

/// The connection that writes, and the number of the node that writes through it.
pub struct Writer {
    pub conn: PgConnection,
    /// 0 until `start_node`.
    pub node: i32,
    /// What this node claimed that holds permits or may: only its end looks for them.
    pub limited: HashSet<ExecutionId>,
    url: String,
    relaxed: bool,
    statements: Statements,
    broken: bool,
    /// So many batches take the keys of their calls before they write anything else, since one has found some taken.
    pub wary: u32,
    /// Transactions so far; a commit whose answer was lost is found again by it.
    batch: i64,
    failpoint: Option<Failpoint>,
}

impl Writer {
    pub fn open(url: String, relaxed: bool, statements: Statements) -> Result<Self, StoreError> {
        let conn = connection::counted(connection::open_writer(&url, relaxed)?, &statements);
        Ok(Self {
            conn,
            node: 0,
            limited: HashSet::new(),
            url,
            relaxed,
            statements,
            broken: false,
            wary: 0,
            batch: 0,
            failpoint: None,
        })
    }

    /// A batch has found keys taken.
    pub fn be_wary(&mut self) {
        self.wary = WARY;
    }

    /// Dies where a test wants it to.
    pub fn failing(mut self, failpoint: Option<Failpoint>) -> Self {
        self.failpoint = failpoint;
        self
    }

    /// Runs `work` in one transaction; an error keeps nothing of it. A commit whose answer was lost is looked up.
    pub fn transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.transaction_opened_late(|writer, opening| {
            writer.open_now(opening)?;
            work(writer)
        })
    }

    /// The same, for work that sends the opening itself, with its first statement or behind nothing else.
    pub fn transaction_opened_late<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Option<Opening>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connect()?;
        let mut opening = Some(self.opening());
        match work(self, &mut opening) {
            Ok(done) => match self.commit() {
                Ok(()) => Ok(done),
                Err(error) => {
                    self.broken = true;
                    if self.landed()? { Ok(done) } else { Err(store_error(error).into()) }
                }
            },
            Err(error) => {
                // A connection that cannot even roll back is made anew.
                self.broken = self.conn.batch_execute("ROLLBACK").is_err();
                Err(error)
            }
        }
    }

    /// One flight, but separate statements: the lock first, then the look, so that a takeover that came between is seen. The
    /// division raises when the node is dead, so that nothing sent after it can be committed.
    fn opening(&self) -> Opening {
        let node = self.node;
        if node == 0 {
            return Opening("BEGIN ISOLATION LEVEL READ COMMITTED".to_owned());
        }
        Opening(format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock_shared({FENCE}, {node}); \
             SELECT 1/(count(*)::int) FROM nodes WHERE id = {node} AND state = 'alive'"
        ))
    }

    /// Opens the transaction, unless that was sent already.
    pub fn open_now(&mut self, opening: &mut Option<Opening>) -> Result<(), StoreError> {
        let Some(Opening(text)) = opening.take() else { return Ok(()) };
        self.conn.batch_execute(&text).map_err(|error| self.not_opened(error))
    }

    /// Why a transaction could not be opened.
    pub fn not_opened(&self, error: Error) -> StoreError {
        match &error {
            Error::DatabaseError(_, info) if info.message().contains("division by zero") => {
                StoreError::Fenced(format!("node {} was declared dead", self.node))
            }
            _ => store_error(error),
        }
    }

    /// The generation of the registered destinations.
    pub fn destinations(&mut self) -> QueryResult<i64> {
        destinations::generation(&mut self.conn)
    }

    /// The batch's number travels with the commit, in one flight. In a transaction that was aborted it raises, where `COMMIT`
    /// alone would say nothing.
    fn commit(&mut self) -> QueryResult<()> {
        self.batch += 1;
        let closing = format!("UPDATE nodes SET batch = {} WHERE id = {}; COMMIT", self.batch, self.node);
        let Some(failpoint) = self.failpoint.as_mut().filter(|failpoint| failpoint.counts()) else {
            return self.conn.batch_execute(&closing);
        };
        let changed = sql("SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int::bigint AS n").first(&mut self.conn)?;
        if changed.is_some_and(|Number(n)| n == 1) {
            failpoint.committing();
        }
        self.conn.batch_execute(&closing)?;
        failpoint.committed();
        Ok(())
    }

    /// Whether the last transaction was committed although its answer was lost. Only the database knows, so it is asked until
    /// it answers.
    fn landed(&mut self) -> Result<bool, StoreError> {
        for _ in 0..RECONNECTS_MAX {
            match self.connect().and_then(|()| self.look_for_batch()) {
                Err(error) if error.is_transient() => {
                    self.broken = true;
                    tracing::warn!(error = %error, "a commit without an answer waits for the database");
                    #[expect(clippy::disallowed_methods, reason = "the writer's thread has nothing else to do until it knows")]
                    std::thread::sleep(RECONNECT_EVERY);
                }
                known => return known,
            }
        }
        Err(StoreError::Fenced("the database stayed away, and whether a commit landed is unknown".to_owned()))
    }

    /// The fence is taken alone first, so that a backend that still works on the transaction is waited for, and then ended.
    fn look_for_batch(&mut self) -> Result<bool, StoreError> {
        let node = self.node;
        if node == 0 {
            return Ok(false);
        }
        let looked = self.conn.batch_execute("BEGIN; SET LOCAL lock_timeout = '2s'").and_then(|()| {
            sql("SELECT 1::bigint AS n FROM pg_advisory_xact_lock(?::int4, ?::int4)")
                .bind(FENCE)
                .bind(node)
                .first::<Number>(&mut self.conn)?;
            let number = sql("SELECT batch AS n FROM nodes WHERE id = ? AND state = 'alive'").bind(node);
            number.first::<Number>(&mut self.conn)
        });
        self.conn.batch_execute("ROLLBACK").map_err(store_error)?;
        match looked {
            Ok(Some(Number(batch))) => Ok(batch == self.batch),
            Ok(None) => Err(StoreError::Fenced(format!("node {node} was declared dead"))),
            Err(error) => {
                takeover::end_sessions(&mut self.conn, node).map_err(store_error)?;
                Err(StoreError::Ambiguous(error.to_string()))
            }
        }
    }

    /// Makes a broken connection anew.
    fn connect(&mut self) -> Result<(), StoreError> {
        if self.broken {
            self.conn = connection::counted(connection::open_writer(&self.url, self.relaxed)?, &self.statements);
            self.broken = false;
        }
        Ok(())
    }
}

impl Seat for Writer {
    /// It knows which node it is, and mends its own connections.
    const RENEWED: bool = false;

    fn panicked(&mut self) -> Fate {
        self.broken = true;
        Fate::Keep
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
    fn commit_and_tell(&self, batch: Arc<Vec<Entry>>, on_commit: OnCommit) -> Stored<'_, ()> {
        self.writer.run(move |writer| {
            if let Some(failpoint) = &mut writer.failpoint {
                failpoint.watch(&batch);
            }
            let folded = |writer: &mut Writer| {
                writer.transaction_opened_late(|writer, opening| commit::apply_folded(writer, opening, &batch))
            };
            let was_wary = writer.wary > 0;
            let mut done = folded(writer);
            if !was_wary && writer.wary > 0 && matches!(done, Err(Fault::Refused(_))) {
                done = folded(writer);
            }
            let answers = match done {
                Err(Fault::Refused(_)) => writer.transaction(|writer| commit::apply(writer, &batch))?,
                Err(Fault::Store(error)) => return Err(error),
                Ok(answers) => answers,
            };
            for (entry, answer) in batch.iter().zip(&answers) {
                if let (Entry::Finish(finish), Ok(_)) = (entry, answer) {
                    writer.limited.remove(&finish.owner.id);
                }
            }
            on_commit(answers);
            Ok(())
        })
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
