//! Statements that are sent one behind the other, without waiting for the answers in between.
//! Never says that they hold before all of their answers are there.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use diesel::QueryResult;
use diesel_async::async_connection_wrapper::BlockOn as _;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::{join, join_all, join3, maybe_done};
use tokio::task::yield_now;

use super::driver::Driver;
use super::fault::{Applied, Fault, store_error};
use super::sql::Sql;
use super::transaction::{BEGIN, COMMIT, Stage, is_raised, is_refused};
use super::writer::{Untold, Writer};
use crate::store::StoreError;
use crate::store::write::Refusal;

/// Statements on their way, and what each must come to.
#[derive(Default)]
pub struct Flight<'a>(Vec<(Sql<'a>, Wanted)>);

#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// So many rows changed or found.
    Rows(usize),
    /// So many rows, and none that says anything in this column.
    RowsWithout(&'static str, usize),
    /// No row is there: else more has to be done, and it is known only then.
    Nothing,
    Any,
}

impl<'a> Flight<'a> {
    /// A statement that must change or find so many rows, or nothing of the transaction is kept.
    pub fn exactly(&mut self, statement: Sql<'a>, rows: usize) -> usize {
        self.add(statement, Wanted::Rows(rows))
    }

    /// A statement that must change so many rows, none of which may say anything in this column. Only for what is sent whole.
    pub fn exactly_without(&mut self, column: &'static str, statement: Sql<'a>, rows: usize) -> usize {
        self.add(statement, Wanted::RowsWithout(column, rows))
    }

    /// A look for what mostly is not there.
    pub fn nothing(&mut self, statement: Sql<'a>) -> usize {
        self.add(statement, Wanted::Nothing)
    }

    /// A statement that may change any number of rows.
    pub fn any(&mut self, statement: Sql<'a>) -> usize {
        self.add(statement, Wanted::Any)
    }

    fn add(&mut self, statement: Sql<'a>, wanted: Wanted) -> usize {
        self.0.push((statement, wanted));
        self.0.len() - 1
    }

    /// Sends all of them, behind the opening of the transaction if that was not sent yet; how many rows each changed or found, or
    /// the place of the first that came to another number than it must.
    pub fn land(self, writer: &mut Writer, stage: &mut Stage) -> Applied<Result<Vec<usize>, usize>> {
        if self.0.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let (statements, wanted): (Vec<Sql<'_>>, Vec<Wanted>) = self.0.into_iter().unzip();
        let counts = writer.send(statements, stage)?;
        if let Some(place) = raised_at(&counts) {
            return Ok(Err(place));
        }
        let counts = counts_of(counts)?;
        let other = |(count, wanted): (&usize, &Wanted)| matches!(wanted, Wanted::Rows(rows) | Wanted::RowsWithout(_, rows) if rows != count);
        Ok(counts.iter().zip(&wanted).position(other).map_or(Ok(counts), Err))
    }

    /// Sends all of them with the opening before and the commit behind them. A statement that does not come to what it must
    /// breaks the transaction off: then it is the place of that statement that is returned, and nothing was kept. On a connection
    /// where they are not prepared yet, the commit is left to the caller, since it could overtake them.
    pub fn land_whole(self, writer: &mut Writer, stage: &mut Stage) -> Applied<Result<(), usize>> {
        debug_assert_eq!(*stage, Stage::Unopened, "what is sent whole has not begun");
        let statements: Vec<Sql<'_>> = self.0.into_iter().map(|(statement, wanted)| demanding(statement, wanted)).collect();
        if !writer.is_prepared(&writer.locked()) || !writer.is_prepared(&[writer.numbered()]) || !writer.is_prepared(&statements)
        {
            let texts: Vec<String> = statements.iter().map(|statement| statement.text().to_owned()).collect();
            let counts = writer.send(statements, stage)?;
            if let Some(place) = raised_at(&counts) {
                return Ok(Err(place));
            }
            counts_of(counts)?;
            writer.prepared.extend(texts);
            return Ok(Ok(()));
        }
        writer.batch += 1;
        if let Some(failpoint) = writer.failpoint() {
            failpoint.committing();
        }
        *stage = Stage::Flying;
        let untold = writer.untold.take();
        let whole = whole(&writer.conn, writer.locked(), statements, writer.numbered(), untold);
        let kept = kept(Driver::get_runtime().block_on(whole), writer);
        let is_kept = matches!(kept, Ok(Ok(())));
        if is_kept {
            *stage = Stage::Committed;
        }
        match writer.failpoint() {
            Some(failpoint) if is_kept => failpoint.committed(),
            Some(failpoint) => failpoint.refused(),
            None => {}
        }
        kept
    }
}

/// What came back of a transaction that was sent whole.
struct Whole {
    opened: QueryResult<()>,
    counts: Vec<QueryResult<usize>>,
    /// `None` where a statement could not even be sent, so that the end was kept back.
    ended: Option<(QueryResult<usize>, QueryResult<()>)>,
}

/// Sends the opening, the rows and the end. All are asked once in this order, so that their messages leave in this order; the
/// database begins on each while the next is still being written. Then those are told who wait for the batch before.
async fn whole(
    conn: &AsyncPgConnection,
    fence: Vec<Sql<'_>>,
    statements: Vec<Sql<'_>>,
    numbered: Sql<'_>,
    untold: Option<Untold>,
) -> Whole {
    let mut opening = Box::pin(maybe_done(opened(conn, fence)));
    ask(opening.as_mut()).await;
    let mut rows: Vec<_> = statements.into_iter().map(|statement| Box::pin(maybe_done(one(conn, statement)))).collect();
    for row in &mut rows {
        ask(row.as_mut()).await;
    }
    let is_sent = rows.iter_mut().all(|row| !row.as_mut().output_mut().is_some_and(|count| count.is_err()));
    let mut end = Box::pin(maybe_done(async { if is_sent { Some(ended(conn, numbered).await) } else { None } }));
    ask(end.as_mut()).await;
    untold.into_iter().for_each(|untold| untold());
    join3(opening.as_mut(), join_all(rows.iter_mut().map(|row| row.as_mut())), end.as_mut()).await;
    let ended = end.as_mut().take_output().expect("it was waited for");
    let opened = opening.as_mut().take_output().expect("it was waited for");
    let counts = rows.iter_mut().map(|row| row.as_mut().take_output().expect("it was waited for")).collect();
    Whole { opened, counts, ended }
}

/// Asks once, and lets what was asked leave.
async fn ask(mut asked: Pin<&mut impl Future<Output = ()>>) {
    poll_fn(|cx| {
        let _ = asked.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
    yield_now().await;
}

/// Whether a transaction that was sent whole was kept, or the place of the statement that has broken it off.
fn kept(Whole { opened, counts, ended }: Whole, writer: &mut Writer) -> Applied<Result<(), usize>> {
    let Some((numbered, ended)) = ended else {
        opened.map_err(|error| writer.not_opened(error))?;
        return Err(counts_of(counts).map_or_else(|fault| fault, |_| Refusal::LostOwnership.into()));
    };
    if ended.is_ok()
        && let Err(error) = &numbered
        && is_refused(error)
    {
        // The commit behind it has kept nothing.
        opened.map_err(|error| writer.not_opened(error))?;
        if let Some(place) = raised_at(&counts) {
            return Ok(Err(place));
        }
        let is_another = is_raised(error);
        counts_of(counts)?;
        if is_another {
            // Both are learnt with the next connection.
            writer.broken = true;
            let why = "this node was declared dead, or the number of its last commit is another; it looks again";
            return Err(StoreError::Unavailable(why.to_owned()).into());
        }
        return numbered.map(|_| Ok(())).map_err(|error| store_error(error).into());
    }
    let is_whole = opened.is_ok() && counts.iter().all(Result::is_ok);
    let is_broken_off =
        opened.as_ref().err().into_iter().chain(counts.iter().filter_map(|count| count.as_ref().err())).any(is_refused);
    if let Err(silence) = opened.and(numbered.map(|_| ())).and(ended) {
        writer.broken = true;
        return match writer.landed()? {
            true if is_broken_off => Err(torn()),
            true => Ok(Ok(())),
            false => Err(store_error(silence).into()),
        };
    }
    writer.committed = writer.batch;
    if is_whole { Ok(Ok(())) } else { Err(torn()) }
}

fn torn() -> Fault {
    StoreError::Corrupt("a transaction was committed without one of its statements".to_owned()).into()
}

impl Writer {
    /// Whether this connection has all of these prepared, so that each leaves at once and none overtakes another.
    fn is_prepared(&self, statements: &[Sql<'_>]) -> bool {
        statements.iter().all(|statement| self.prepared.contains(statement.text()))
    }

    /// Sends statements, behind the opening if that was not sent yet.
    fn send(&mut self, statements: Vec<Sql<'_>>, stage: &mut Stage) -> Applied<Vec<QueryResult<usize>>> {
        self.tell();
        if *stage == Stage::Unopened && !(self.is_prepared(&self.fence()) && self.is_prepared(&[self.numbered()])) {
            self.open_preparing(stage)?;
        }
        if *stage != Stage::Unopened {
            return Ok(Driver::get_runtime().block_on(all(&self.conn, statements)));
        }
        *stage = Stage::Flying;
        let sent = join(opened(&self.conn, self.fence()), all(&self.conn, statements));
        let (opened, counts) = Driver::get_runtime().block_on(sent);
        opened.map_err(|error| self.not_opened(error))?;
        Ok(counts)
    }

    /// Sends the end of a transaction, where its statement is prepared.
    pub fn end(&mut self) -> QueryResult<()> {
        let (numbered, ended) = Driver::get_runtime().block_on(ended(&self.conn, self.numbered()));
        numbered.and(ended)
    }
}

/// The opening of a transaction: what is asked first leaves first.
async fn opened(conn: &AsyncPgConnection, fence: Vec<Sql<'_>>) -> QueryResult<()> {
    let (begun, fenced) = join(plain(conn, BEGIN), all(conn, fence)).await;
    begun.and_then(|()| fenced.into_iter().try_for_each(|found| found.map(|_| ())))
}

async fn ended(conn: &AsyncPgConnection, numbered: Sql<'_>) -> (QueryResult<usize>, QueryResult<()>) {
    join(one(conn, numbered), plain(conn, COMMIT)).await
}

async fn all(conn: &AsyncPgConnection, statements: Vec<Sql<'_>>) -> Vec<QueryResult<usize>> {
    join_all(statements.into_iter().map(|statement| one(conn, statement))).await
}

async fn one(mut conn: &AsyncPgConnection, statement: Sql<'_>) -> QueryResult<usize> {
    RunQueryDsl::execute(statement, &mut conn).await
}

async fn plain(mut conn: &AsyncPgConnection, text: &str) -> QueryResult<()> {
    SimpleAsyncConnection::batch_execute(&mut conn, text).await
}

/// A statement that breaks the transaction off where it does not come to what it must.
fn demanding(statement: Sql<'_>, wanted: Wanted) -> Sql<'_> {
    match wanted {
        Wanted::Rows(rows) => statement.raising_unless(rows),
        Wanted::RowsWithout(column, rows) => statement.raising_unless_without(column, rows),
        Wanted::Nothing => statement.raising_if_any(),
        Wanted::Any => statement,
    }
}

/// Which statement broke the transaction off.
fn raised_at(counts: &[QueryResult<usize>]) -> Option<usize> {
    counts.iter().position(|count| matches!(count, Err(error) if is_raised(error)))
}

/// The counts, or what failed first: what came behind it failed only for that.
fn counts_of(counts: Vec<QueryResult<usize>>) -> Applied<Vec<usize>> {
    counts.into_iter().map(|count| count.map_err(Fault::from)).collect()
}
