//! One transaction of the writer: its opening with the fence, its end, and whether an end without an answer has happened.
//! Never keeps a part of one, and never takes silence for an answer.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};

use super::connection;
use super::fault::store_error;
use super::rows::Number;
use super::sql::{OTHER_ROWS, Sql, sql};
use super::takeover;
use super::writer::{FENCE, Writer};
use crate::store::StoreError;
use crate::store::failpoint::Failpoint;

/// How often a commit without an answer asks for the database; then the process ends, and the next start looks.
const RECONNECTS_MAX: u32 = 2400;
const RECONNECT_EVERY: Duration = Duration::from_millis(250);

pub const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
pub const COMMIT: &str = "COMMIT";

/// What the database quotes where the node is dead.
const DEAD: &str = "ringback:dead ";
/// Raises unless this node lives; its number comes behind.
const ALIVE: &str =
    "SELECT CASE WHEN count(*) = 1 THEN 1 ELSE ('ringback:dead ' || count(*))::int END FROM nodes WHERE state = 'alive' AND id =";

/// What the statement that numbers a batch is given.
struct Numbers {
    node: i32,
    last: i64,
    number: i64,
    rows: usize,
}

impl Numbers {
    /// Those of no node, with which the statement touches and locks nothing.
    const NONE: Self = Self { node: 0, last: 0, number: 0, rows: 0 };
}

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

    /// The lock that a takeover waits for, behind which every transaction begins. Before `start_node` there is none. What a dead
    /// node sends behind it alone holds its rows until its number breaks it off; who takes over waits for them that long.
    pub fn locked(&self) -> Vec<Sql<'static>> {
        if self.node == 0 {
            return Vec::new();
        }
        vec![sql("SELECT pg_advisory_xact_lock_shared(?::int4, ?::int4)").bind(FENCE).bind(self.node)]
    }

    /// The fence, in separate statements: the lock first, then the look, so that a takeover that came between is seen. The look
    /// raises when the node is dead, so that nothing sent after it can be committed.
    pub fn fence(&self) -> Vec<Sql<'static>> {
        let mut fence = self.locked();
        if self.node != 0 {
            fence.push(sql(format!("{ALIVE} ?")).bind(self.node));
        }
        fence
    }

    /// Opens the transaction, unless that was sent already. One message, which the database reads anew each time.
    pub fn open_now(&mut self, stage: &mut Stage) -> Result<(), StoreError> {
        if *stage != Stage::Unopened {
            return Ok(());
        }
        self.tell();
        *stage = Stage::Open;
        let node = self.node;
        let fence = if node == 0 {
            String::new()
        } else {
            format!("; SELECT pg_advisory_xact_lock_shared({FENCE}, {node}); {ALIVE} {node}")
        };
        self.conn.batch_execute(&format!("{BEGIN}{fence}")).map_err(|error| self.not_opened(error))
    }

    /// Opens the transaction one statement after the other, and leaves them prepared, with the one that numbers a batch.
    pub fn open_preparing(&mut self, stage: &mut Stage) -> Result<(), StoreError> {
        self.tell();
        *stage = Stage::Flying;
        let mut opened = self.conn.batch_execute(BEGIN);
        for statement in self.fence().into_iter().chain([self.numbering(Numbers::NONE)]) {
            let text = statement.text().to_owned();
            opened = opened.and_then(|()| statement.run(&mut self.conn).map(|_| ()));
            if opened.is_ok() {
                self.prepared.insert(text);
            }
        }
        opened.map_err(|error| self.not_opened(error))
    }

    /// Why a transaction could not be opened.
    pub fn not_opened(&self, error: Error) -> StoreError {
        if says(&error, DEAD) {
            return StoreError::Fenced(format!("node {} was declared dead", self.node));
        }
        store_error(error)
    }

    /// Writes the number of the batch, by which a commit whose answer was lost is found again. It raises where this node is dead,
    /// where the last number is not the one that this writer knows, and in a transaction that was aborted, where `COMMIT` alone
    /// would say nothing.
    pub fn numbered(&self) -> Sql<'static> {
        self.numbering(Numbers { node: self.node, last: self.committed, number: self.batch, rows: 1 })
    }

    fn numbering(&self, numbers: Numbers) -> Sql<'static> {
        let Numbers { node, last, number, rows } = numbers;
        if self.node == 0 {
            return sql("UPDATE nodes SET batch = ? WHERE id = ?").bind(number).bind(node);
        }
        sql("UPDATE nodes SET batch = ? WHERE id = ? AND batch = ? AND state = 'alive'")
            .bind(number)
            .bind(node)
            .bind(last)
            .raising_unless(rows)
    }

    /// What lets a test's process die, once it counts commits.
    pub fn failpoint(&mut self) -> Option<&mut Failpoint> {
        self.failpoint.as_mut().filter(|failpoint| failpoint.counts())
    }

    fn commit(&mut self, stage: Stage) -> QueryResult<()> {
        self.batch += 1;
        if self.failpoint().is_some() {
            let changed = sql("SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int::bigint AS n").first(&mut self.conn)?;
            if let Some(failpoint) = self.failpoint().filter(|_| changed.is_some_and(|Number(n)| n == 1)) {
                failpoint.committing();
            }
        }
        if stage == Stage::Flying && self.prepared.contains(self.numbered().text()) {
            self.end()?;
        } else {
            let closing = format!("UPDATE nodes SET batch = {} WHERE id = {}; {COMMIT}", self.batch, self.node);
            self.conn.batch_execute(&closing)?;
        }
        self.committed = self.batch;
        if let Some(failpoint) = self.failpoint() {
            failpoint.committed();
        }
        Ok(())
    }

    /// Whether the last transaction was committed although its answer was lost. Only the database knows, so it is asked until
    /// it answers.
    pub fn landed(&mut self) -> Result<bool, StoreError> {
        // The next one is used up by the look, whatever becomes of it.
        let number = self.batch;
        self.batch += 1;
        for _ in 0..RECONNECTS_MAX {
            match self.connect().and_then(|()| self.look_for_batch(number, number + 1)) {
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

    /// The fence is taken alone first, so that a backend that still works on the transaction is waited for, and then ended. One
    /// that has not even begun on it finds the number `instead`, and commits nothing. The look writes in any case, so that its own
    /// commit waits for whatever the one that it has found has to wait for.
    fn look_for_batch(&mut self, number: i64, instead: i64) -> Result<bool, StoreError> {
        let node = self.node;
        if node == 0 {
            return Ok(false);
        }
        let looked = self.conn.batch_execute("BEGIN; SET LOCAL lock_timeout = '2s'").and_then(|()| {
            sql("SELECT 1::bigint AS n FROM pg_advisory_xact_lock(?::int4, ?::int4)")
                .bind(FENCE)
                .bind(node)
                .first::<Number>(&mut self.conn)?;
            sql("UPDATE nodes SET batch = CASE WHEN batch = ? THEN batch ELSE ? END WHERE id = ? AND state = 'alive' \
                 RETURNING batch AS n")
            .bind(number)
            .bind(instead)
            .bind(node)
            .first::<Number>(&mut self.conn)
        });
        let found = match looked {
            Ok(found) => found,
            Err(error) => {
                self.conn.batch_execute("ROLLBACK").map_err(store_error)?;
                takeover::end_sessions(&mut self.conn, node).map_err(store_error)?;
                return Err(StoreError::Ambiguous(error.to_string()));
            }
        };
        self.conn.batch_execute(COMMIT).map_err(store_error)?;
        let Some(Number(found)) = found else {
            return Err(StoreError::Fenced(format!("node {node} was declared dead")));
        };
        self.committed = found;
        Ok(found == number)
    }

    /// Makes a broken connection anew. What was committed last is asked for: a database that does not wait for its disk may have
    /// forgotten some of it in a crash.
    fn connect(&mut self) -> Result<(), StoreError> {
        if !self.broken {
            return Ok(());
        }
        self.tell();
        self.conn = connection::counted(connection::open_writer(&self.url, self.relaxed)?, &self.statements);
        self.prepared.clear();
        let committed = sql("SELECT batch AS n FROM nodes WHERE id = ?").bind(self.node).first(&mut self.conn);
        if let Some(Number(committed)) = committed.map_err(store_error)? {
            self.committed = committed;
        }
        self.broken = false;
        Ok(())
    }
}

/// Whether a statement of ours broke the transaction off, because it came to other rows than it must, or to one that is there.
pub fn is_raised(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) || says(error, OTHER_ROWS)
}

/// Whether the database quotes this word of ours, in whatever language.
fn says(error: &Error, word: &str) -> bool {
    matches!(error, Error::DatabaseError(_, info) if info.message().contains(word))
}

/// Whether the database itself has refused a statement, so that nothing behind it in the transaction is kept.
pub fn is_refused(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(error, Error::DatabaseError(kind, _) if !matches!(kind, UnableToSendCommand | ClosedConnection))
}

#[cfg(test)]
mod tests {
    use super::super::caution::Care;
    use super::super::commit::{apply, apply_folded};
    use super::super::connection::{PgConnection, establish, migrate};
    use super::super::fault::Fault;
    use super::super::flight::Flight;
    use super::*;
    use crate::domain::execution::Ownership;
    use crate::store::statements::Statements;
    use crate::store::suite;
    use crate::store::write::{Entry, IdempotencyKey, Receipt, Submit};

    fn writer() -> Writer {
        let url = suite::postgres_database();
        migrate(&mut establish(&url).unwrap(), true).unwrap();
        writer_on(url)
    }

    fn writer_on(url: String) -> Writer {
        let mut writer = Writer::open(url, true, Statements::default()).unwrap();
        let started = "INSERT INTO nodes (state, process, started_at, renewed_at, lease_until, batch) \
                       VALUES ('alive', '', 0, 0, 0, 0) RETURNING id AS n";
        let Number(node) = sql(started).first(&mut writer.conn).unwrap().unwrap();
        writer.node = i32::try_from(node).unwrap();
        writer
    }

    fn commits(writer: &mut Writer) {
        writer.transaction_opened_late(Writer::open_preparing).unwrap();
    }

    #[test]
    fn a_commit_without_an_answer_is_found_and_one_that_comes_too_late_keeps_nothing() {
        let mut writer = writer();
        commits(&mut writer);
        writer.broken = true;
        assert!(writer.landed().unwrap(), "the last one was committed");
        commits(&mut writer);

        // One that is on its way while somebody asks for it.
        writer.batch += 1;
        let late = writer.numbered();
        writer.broken = true;
        assert!(!writer.landed().unwrap());
        let mut elsewhere = establish(&writer.url).unwrap();
        elsewhere.batch_execute(BEGIN).unwrap();
        assert!(is_raised(&late.run(&mut elsewhere).unwrap_err()));
        elsewhere.batch_execute("ROLLBACK").unwrap();
        commits(&mut writer);
        commits(&mut writer);
    }

    #[test]
    fn a_number_that_a_crash_of_the_database_took_back_is_learnt_again() {
        let mut writer = writer();
        commits(&mut writer);
        commits(&mut writer);
        sql("UPDATE nodes SET batch = 1 WHERE id = ?").bind(writer.node).run(&mut establish(&writer.url).unwrap()).unwrap();
        writer.broken = true;
        commits(&mut writer);
    }

    /// A call under a key, from its birth to its end.
    fn life(number: u8) -> Vec<Entry> {
        let birth = suite::birth();
        let owner = Ownership { id: birth.id, epoch: 1, seq: 1 };
        let key = IdempotencyKey { hash: [number; 32], ..suite::key(number) };
        let born = Submit { key: Some(key), ..suite::running(&birth) };
        vec![Entry::Submit(born), Entry::Finish(suite::finish(owner, suite::completed()))]
    }

    #[test]
    fn what_is_usual_leaves_with_its_commit_once_it_is_prepared() {
        let mut writer = writer();
        let mut folded = |batch: Vec<Entry>, care| {
            writer.transaction_opened_late(|writer, stage| {
                apply_folded(writer, stage, &batch, care)?;
                Ok::<_, Fault>(*stage)
            })
        };
        let stages: Vec<Stage> = (0..3).map(|number| folded(life(number), Care::None).unwrap()).collect();
        assert_eq!(stages, [Stage::Flying, Stage::Committed, Stage::Committed]);
        assert!(matches!(folded(life(1), Care::None), Err(Fault::Refused(_))), "its key is taken");
        assert_eq!(folded(life(9), Care::Rows).unwrap(), Stage::Flying, "somebody looks at it first");
    }

    #[test]
    fn two_nodes_that_claim_the_same_keys_one_by_one_wait_for_each_other_and_not_both() {
        const KEYS: u8 = 40;
        let mut writers = vec![writer()];
        writers.push(writer_on(writers[0].url.clone()));
        let begun = std::sync::Barrier::new(writers.len());
        for round in 0..3 {
            let answers: Vec<_> = std::thread::scope(|scope| {
                let one_by_one = writers.iter_mut().enumerate().map(|(at, writer)| {
                    let begun = &begun;
                    scope.spawn(move || {
                        let mut batch: Vec<Entry> = (0..KEYS).map(|key| life(round * KEYS + key).remove(0)).collect();
                        if at == 1 {
                            batch.reverse();
                        }
                        begun.wait();
                        writer.transaction(|writer| apply(writer, &batch))
                    })
                });
                one_by_one.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
            });
            let accepted = answers.iter().flatten().filter(|answer| **answer == Ok(Receipt::Done)).count();
            let replayed = answers.iter().flatten().filter(|answer| matches!(answer, Ok(Receipt::Replayed(_)))).count();
            assert_eq!((accepted, replayed), (KEYS.into(), KEYS.into()));
        }
    }

    fn note() -> Sql<'static> {
        sql("INSERT INTO settings (name, value) VALUES ('note ' || (SELECT count(*) FROM settings), '')")
    }

    fn kept_notes(conn: &mut PgConnection) -> i64 {
        sql("SELECT count(*) AS n FROM settings WHERE name LIKE 'note %'").first(conn).unwrap().map_or(0, |Number(n)| n)
    }

    fn notes(writer: &mut Writer) -> Result<(), Fault> {
        writer.transaction_opened_late(|writer, stage| {
            let mut flight = Flight::default();
            flight.any(note());
            assert_eq!(flight.land_whole(writer, stage)?, Ok(()));
            Ok(())
        })
    }

    #[test]
    fn who_waits_for_the_batch_before_is_told_once_the_next_has_left_or_cannot() {
        let mut writer = writer();
        let mut is_told_by = |what: &str, work: &dyn Fn(&mut Writer)| {
            let (reply, told) = std::sync::mpsc::channel();
            writer.untold = Some(Box::new(move || reply.send(()).unwrap()));
            work(&mut writer);
            assert_eq!(told.try_recv(), Ok(()), "{what}");
        };
        is_told_by("sent without its commit", &|writer| notes(writer).unwrap());
        is_told_by("sent whole", &|writer| notes(writer).unwrap());
        is_told_by("opened by itself", &|writer| writer.transaction(|_| Ok::<_, StoreError>(())).unwrap());
        is_told_by("opened one by one", &|writer| writer.transaction_opened_late(Writer::open_preparing).unwrap());
        is_told_by("on a connection that is made anew", &|writer| {
            writer.broken = true;
            let nothing = |_: &mut Writer, stage: &mut Stage| {
                *stage = Stage::Committed;
                Ok::<_, StoreError>(())
            };
            writer.transaction_opened_late(nothing).unwrap();
        });
    }

    #[test]
    fn a_connection_that_breaks_within_a_flight_keeps_nothing_of_it() {
        let mut writer = writer();
        let flies = |writer: &mut Writer, place: usize, ended: i64| {
            writer.transaction_opened_late(|writer, stage| {
                let mut flight = Flight::default();
                for at in 0..=2 {
                    let ends = sql("SELECT 1 FROM (SELECT pg_terminate_backend(?::int)) AS ended").bind(ended);
                    flight.any(if at == place { ends } else { note() });
                }
                flight.land_whole(writer, stage)
            })
        };
        for place in 0..=2 {
            assert_eq!(flies(&mut writer, place, 0).unwrap(), Ok(()), "it is prepared");
            let own = sql("SELECT pg_backend_pid()::bigint AS n").first(&mut writer.conn).unwrap();
            let broken = flies(&mut writer, place, own.map_or(0, |Number(own)| own));
            assert!(matches!(&broken, Err(Fault::Store(error)) if error.is_transient()), "{broken:?}");
        }
        notes(&mut writer).unwrap();
        assert_eq!(kept_notes(&mut writer.conn), 3 * 2 + 1);
    }

    #[test]
    fn what_a_dead_node_sends_along_with_its_commit_is_not_kept() {
        let mut writer = writer();
        notes(&mut writer).unwrap();
        notes(&mut writer).unwrap();
        let mut elsewhere = establish(&writer.url).unwrap();
        sql("UPDATE nodes SET state = 'dead' WHERE id = ?").bind(writer.node).run(&mut elsewhere).unwrap();
        let broken_off = notes(&mut writer).unwrap_err();
        assert!(matches!(&broken_off, Fault::Store(error) if error.is_transient()), "{broken_off:?}");
        let refused = notes(&mut writer).unwrap_err();
        assert!(matches!(refused, Fault::Store(StoreError::Fenced(_))), "{refused:?}");
        assert_eq!(kept_notes(&mut elsewhere), 2);
    }

    #[test]
    fn what_a_dead_node_sends_is_refused_by_name() {
        let mut writer = writer();
        commits(&mut writer);
        sql("UPDATE nodes SET state = 'dead' WHERE id = ?").bind(writer.node).run(&mut establish(&writer.url).unwrap()).unwrap();
        let refused = writer.transaction(|_| Ok::<_, StoreError>(())).unwrap_err();
        assert!(matches!(refused, StoreError::Fenced(_)), "{refused}");
        let refused = writer.transaction_opened_late(Writer::open_preparing).unwrap_err();
        assert!(matches!(refused, StoreError::Fenced(_)), "{refused}");
    }
}
