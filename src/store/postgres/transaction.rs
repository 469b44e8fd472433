//! One transaction of the writer: its opening with the fence, its end, and whether an end without an answer has happened.
//! Never keeps a part of one, and never takes silence for an answer.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::Error;

use super::connection;
use super::fault::store_error;
use super::rows::Number;
use super::sql::{Sql, sql};
use super::takeover;
use super::writer::{FENCE, Writer};
use crate::store::StoreError;

/// How often a commit without an answer asks for the database; then the process ends, and the next start looks.
const RECONNECTS_MAX: u32 = 2400;
const RECONNECT_EVERY: Duration = Duration::from_millis(250);

pub const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
pub const COMMIT: &str = "COMMIT";

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Unopened,
    /// Opened by itself: its end is one message, too.
    Open,
    /// Opened by statements that are prepared, as its end will be.
    Flying,
    Committed,
}

impl Writer {
    /// Runs `work` in one transaction; an error keeps nothing of it. A commit whose answer was lost is looked up.
    pub fn transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.transaction_opened_late(|writer, stage| {
            writer.open_now(stage)?;
            work(writer)
        })
    }

    /// The same, for work that sends the opening itself, with its first statement or behind nothing else, and may send the end.
    pub fn transaction_opened_late<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Stage) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connect()?;
        let mut stage = Stage::Unopened;
        match work(self, &mut stage) {
            Ok(done) if stage == Stage::Committed => Ok(done),
            Ok(done) => match self.commit(stage) {
                Ok(()) => Ok(done),
                Err(error) => {
                    self.broken = true;
                    if self.landed()? { Ok(done) } else { Err(store_error(error).into()) }
                }
            },
            Err(error) => {
                // A connection that cannot even roll back is made anew.
                self.broken |= self.conn.batch_execute("ROLLBACK").is_err();
                Err(error)
            }
        }
    }

    /// The fence, in separate statements: the lock first, then the look, so that a takeover that came between is seen. The division
    /// raises when the node is dead, so that nothing sent after it can be committed. Before `start_node` there is none.
    pub fn fence(&self) -> Vec<Sql<'static>> {
        if self.node == 0 {
            return Vec::new();
        }
        let lock = sql("SELECT pg_advisory_xact_lock_shared(?::int4, ?::int4)").bind(FENCE).bind(self.node);
        vec![lock, sql("SELECT 1/(count(*)::int) FROM nodes WHERE id = ? AND state = 'alive'").bind(self.node)]
    }

    /// Opens the transaction, unless that was sent already. One message, which the database reads anew each time.
    pub fn open_now(&mut self, stage: &mut Stage) -> Result<(), StoreError> {
        if *stage != Stage::Unopened {
            return Ok(());
        }
        *stage = Stage::Open;
        let node = self.node;
        let fence = if node == 0 {
            String::new()
        } else {
            format!(
                "; SELECT pg_advisory_xact_lock_shared({FENCE}, {node}); \
                 SELECT 1/(count(*)::int) FROM nodes WHERE id = {node} AND state = 'alive'"
            )
        };
        self.conn.batch_execute(&format!("{BEGIN}{fence}")).map_err(|error| self.not_opened(error))
    }

    /// Opens the transaction one statement after the other, and leaves them prepared, with the one that numbers a batch.
    pub fn open_preparing(&mut self, stage: &mut Stage) -> Result<(), StoreError> {
        *stage = Stage::Flying;
        let mut opened = self.conn.batch_execute(BEGIN);
        for statement in self.fence().into_iter().chain([self.numbered()]) {
            let text = statement.text().to_owned();
            opened = opened.and_then(|()| statement.run(&mut self.conn).map(|_| ()));
            self.prepared.insert(text);
        }
        opened.map_err(|error| self.not_opened(error))
    }

    /// Why a transaction could not be opened.
    pub fn not_opened(&self, error: Error) -> StoreError {
        if is_raised(&error) {
            return StoreError::Fenced(format!("node {} was declared dead", self.node));
        }
        store_error(error)
    }

    /// Writes the number of the batch, by which a commit whose answer was lost is found again. In a transaction that was aborted
    /// it raises, where `COMMIT` alone would say nothing.
    pub fn numbered(&self) -> Sql<'static> {
        sql("UPDATE nodes SET batch = ? WHERE id = ?").bind(self.batch).bind(self.node)
    }

    fn commit(&mut self, stage: Stage) -> QueryResult<()> {
        self.batch += 1;
        if let Some(failpoint) = self.failpoint.as_mut().filter(|failpoint| failpoint.counts()) {
            let changed = sql("SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int::bigint AS n").first(&mut self.conn)?;
            if changed.is_some_and(|Number(n)| n == 1) {
                failpoint.committing();
            }
        }
        if stage == Stage::Flying && self.prepared.contains(self.numbered().text()) {
            self.end()?;
        } else {
            let closing = format!("UPDATE nodes SET batch = {} WHERE id = {}; {COMMIT}", self.batch, self.node);
            self.conn.batch_execute(&closing)?;
        }
        if let Some(failpoint) = self.failpoint.as_ref().filter(|failpoint| failpoint.counts()) {
            failpoint.committed();
        }
        Ok(())
    }

    /// Whether the last transaction was committed although its answer was lost. Only the database knows, so it is asked until
    /// it answers.
    pub fn landed(&mut self) -> Result<bool, StoreError> {
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
            self.prepared.clear();
            self.broken = false;
        }
        Ok(())
    }
}

/// Whether a statement of ours broke the transaction off, because something was not as it has to be.
pub fn is_raised(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, info) if info.message().contains("division by zero"))
}
