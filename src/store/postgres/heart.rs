//! This process as a node: its registration, its lease, and the one look that tells what is due and who is gone.
//! Never shares a connection with the writer, so that a long commit costs no lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::connection::{self, PgConnection};
use super::fault::store_error;
use super::process;
use super::rows::{Columns, IdRow, Number};
use super::sql::{FromNamedRow, sql};
use super::suspicion::{Instants, Seen, Suspicion};
use super::takeover::{self, Released};
use super::threads::{Fate, Seat};
use super::writer::ALIVE;
use crate::domain::clock::SharedClock;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::statements::Statements;
use crate::store::write::{Started, Tick};

/// When this node last renewed its lease, by the clock of this process: what it sends must leave before others may take over.
pub struct LeaseClock {
    began: Instant,
    /// Milliseconds after `began`, 0 for never.
    renewed_ms: AtomicU64,
    lease_ms: u64,
}

impl LeaseClock {
    pub fn new(lease_ms: i64) -> Self {
        let lease_ms = u64::try_from(lease_ms).unwrap_or(u64::MAX);
        Self { began: Instant::now(), renewed_ms: AtomicU64::new(0), lease_ms }
    }

    /// Whether nobody else can hold this node for dead.
    pub fn holds(&self) -> bool {
        let renewed_ms = self.renewed_ms.load(Ordering::Relaxed);
        renewed_ms > 0 && self.now_ms() - renewed_ms < self.lease_ms
    }

    /// `asked_ms` is from before the renewal was asked for: the lease may have begun as early as then.
    fn renewed(&self, asked_ms: u64) {
        self.renewed_ms.store(asked_ms, Ordering::Relaxed);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

/// The connection that renews the lease, and whose session holds this node's lock.
pub struct Heart {
    conn: Option<PgConnection>,
    url: String,
    lease_ms: i64,
    /// How long a delivery attempt of another node may still be open.
    attempt_ms: i64,
    clock: Arc<LeaseClock>,
    /// Follows the database's time.
    wall: SharedClock,
    /// 0 until it is registered.
    node: i32,
    suspicion: Suspicion,
    statements: Statements,
}

impl Heart {
    pub fn open(
        url: String,
        (lease_ms, attempt_ms): (i64, i64),
        clock: Arc<LeaseClock>,
        wall: SharedClock,
        statements: Statements,
    ) -> Result<Self, StoreError> {
        let conn = connection::counted(connection::open_heart(&url)?, &statements);
        Ok(Self {
            statements,
            conn: Some(conn),
            url,
            lease_ms,
            attempt_ms,
            clock,
            wall,
            node: 0,
            suspicion: Suspicion::default(),
        })
    }

    /// Registers this process, and takes over at once from processes of this machine that are no more.
    pub fn start(&mut self, now: Timestamp) -> Result<Started, StoreError> {
        let asked_ms = self.clock.now_ms();
        let lease_ms = self.lease_ms;
        let conn = self.conn()?;
        sql("DELETE FROM idempotency WHERE expires_at <= ?").bind(now).run(conn).map_err(store_error)?;
        let number: Option<Number> = sql("INSERT INTO nodes (state, process, started_at, renewed_at, lease_until, batch) \
             SELECT 'alive', ?, t.now, t.now, t.now + ?, 0 \
             FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS t RETURNING id AS n")
        .bind(process::own())
        .bind(lease_ms)
        .first(conn)
        .map_err(store_error)?;
        let node = number.and_then(|Number(n)| i32::try_from(n).ok());
        let node = node.ok_or_else(|| StoreError::Corrupt("nodes are numbered beyond i32".to_owned()))?;
        hold(conn, node)?;
        self.node = node;
        self.clock.renewed(asked_ms);
        let tick = self.tick(now)?;
        let (executions_released, deliveries_released) = (tick.executions_released, tick.deliveries_released);
        Ok(Started { node, executions_released, deliveries_released })
    }

    /// Renews the lease, says what is due, and takes over from nodes that are gone.
    pub fn tick(&mut self, now: Timestamp) -> Result<Tick, StoreError> {
        let beaten = self.beat(now);
        if beaten.as_ref().is_err_and(StoreError::is_transient) {
            // A session that may be broken is left, and with it this node's lock; the lease stands for it meanwhile.
            self.conn = None;
        }
        beaten
    }

    fn beat(&mut self, now: Timestamp) -> Result<Tick, StoreError> {
        let (node, lease_ms, asked_ms) = (self.node, self.lease_ms, self.clock.now_ms());
        if node == 0 {
            return Err(StoreError::Fenced("this process is no node yet".to_owned()));
        }
        let conn = self.conn()?;
        let looks: Vec<Look> = look(node, lease_ms, now).all(conn).map_err(store_error)?;
        let Some(first) = looks.first() else { return Err(StoreError::Corrupt("a look found nothing".to_owned())) };
        if !first.renewed {
            return Err(StoreError::Fenced(format!("node {node} was declared dead, or has given everything back")));
        }
        let mut tick = Tick {
            executions_due: first.executions_due,
            deliveries_due: first.deliveries_due,
            next_due: first.next_due,
            functions: Some(first.functions),
            ..Tick::default()
        };
        if first.signalled {
            let told: Vec<IdRow> = sql("DELETE FROM signals WHERE node = ? RETURNING execution_id AS id")
                .bind(node)
                .all(conn)
                .map_err(store_error)?;
            tick.cancelled = told.into_iter().map(|IdRow(id)| id).collect();
        }
        self.wall.told(Timestamp(first.now));
        let at = Instants { now: first.now, server_up_since: first.server_up_since, lease_ms };
        let others: Vec<Seen> = looks.iter().filter_map(|look| look.other).collect();
        self.clock.renewed(asked_ms);
        let attempt_ms = self.attempt_ms;
        for verdict in self.suspicion.look(at, &others) {
            let conn = self.conn()?;
            let Released { executions, deliveries } = takeover::take_over(conn, verdict, attempt_ms, now)?;
            tick.executions_released += executions;
            tick.deliveries_released += deliveries;
        }
        tick.again_ms = self.suspicion.look_again_ms();
        Ok(tick)
    }

    /// The connection, made anew if it broke; then this node's lock is taken back first.
    fn conn(&mut self) -> Result<&mut PgConnection, StoreError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let mut conn = connection::counted(connection::open_heart(&self.url)?, &self.statements);
                if self.node != 0 {
                    hold(&mut conn, self.node)?;
                }
                conn
            }
        };
        Ok(self.conn.insert(conn))
    }
}

/// The database's time.
pub fn time_of(conn: &mut PgConnection) -> Result<Timestamp, StoreError> {
    let asked = sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS n").first(conn).map_err(store_error)?;
    asked.map(|Number(ms)| Timestamp(ms)).ok_or_else(|| StoreError::Corrupt("the database does not tell the time".to_owned()))
}

/// Holds a node's lock for as long as the session lives. An old session that the server has not missed yet may still hold it;
/// then this one is the next, at the latest when it renews.
fn hold(conn: &mut PgConnection, node: i32) -> Result<(), StoreError> {
    let asked = sql("SELECT pg_try_advisory_lock(?::int4, ?::int4)::int::bigint AS n").bind(ALIVE).bind(node);
    asked.first::<Number>(conn).map(|_| ()).map_err(store_error)
}

impl Seat for Heart {
    /// It mends its own connection.
    const RENEWED: bool = false;

    fn panicked(&mut self) -> Fate {
        self.conn = None;
        Fate::Keep
    }
}

/// One statement that renews, says what is due and shows the other nodes. It takes the lock again where an old session had it.
fn look(node: i32, lease_ms: i64, now: Timestamp) -> super::sql::Sql<'static> {
    sql("WITH t AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now), \
         mine AS (UPDATE nodes SET renewed_at = t.now, lease_until = t.now + ? FROM t \
             WHERE id = ? AND state = 'alive' RETURNING id), \
         held AS (SELECT objid::bigint AS node, pid FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = ? \
             AND objsubid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) \
         SELECT t.now, (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint AS server_up_since, \
         (SELECT count(*) FROM mine) AS renewed, \
         (EXISTS (SELECT 1 FROM queue WHERE due_at <= ?))::int::bigint AS executions_due, \
         (EXISTS (SELECT 1 FROM delivery_due WHERE due_at <= ?))::int::bigint AS deliveries_due, \
         least((SELECT min(due_at) FROM queue WHERE due_at > ?), (SELECT min(due_at) FROM delivery_due WHERE due_at > ?)) AS next_due, \
         (EXISTS (SELECT 1 FROM signals WHERE node = ?))::int::bigint AS signalled, \
         CASE WHEN EXISTS (SELECT 1 FROM held WHERE held.node = ?) THEN 1 \
             ELSE pg_try_advisory_lock(?::int4, ?::int4)::int END::bigint AS locked, \
         coalesce((SELECT value::bigint FROM settings WHERE name = 'functions'), 0) AS functions, \
         other.id AS other, (other.state = 'dead')::int::bigint AS dead, other.renewed_at, other.lease_until, other.process, \
         (EXISTS (SELECT 1 FROM held WHERE held.node = other.id))::int::bigint AS lock_held \
         FROM t LEFT JOIN nodes AS other ON other.id <> ?")
    .bind(lease_ms)
    .bind(node)
    .bind(ALIVE)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(node)
    .bind(node)
    .bind(ALIVE)
    .bind(node)
    .bind(node)
}

/// One row of a look: the same about this node in each, and one other node, if there is any.
struct Look {
    now: i64,
    server_up_since: i64,
    renewed: bool,
    executions_due: bool,
    deliveries_due: bool,
    next_due: Option<Timestamp>,
    signalled: bool,
    functions: i64,
    other: Option<Seen>,
}

impl FromNamedRow for Look {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let other = match row.opt_int("other")? {
            None => None,
            Some(node) => Some(Seen {
                node: i32::try_from(node)?,
                declared_dead: row.flag("dead")?,
                renewed_at: row.int("renewed_at")?,
                lease_until: row.int("lease_until")?,
                lock_held: row.flag("lock_held")?,
                process_gone: process::is_gone(&row.text("process")?),
            }),
        };
        Ok(Self {
            now: row.int("now")?,
            server_up_since: row.int("server_up_since")?,
            renewed: row.flag("renewed")?,
            executions_due: row.flag("executions_due")?,
            deliveries_due: row.flag("deliveries_due")?,
            next_due: row.opt_at("next_due")?,
            signalled: row.flag("signalled")?,
            functions: row.int("functions")?,
            other,
        })
    }
}
