//! Statements that are sent one behind the other, without waiting for the answers in between.
//! Never says that they hold before all of their answers are there.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use diesel::QueryResult;
use diesel::result::Error;
use diesel_async::async_connection_wrapper::BlockOn;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::{join, join_all};
use tokio::runtime::{Builder, Handle, Runtime};

use super::fault::{Applied, Fault};
use super::sql::Sql;
use super::writer::{Opening, Writer};
use crate::store::write::Refusal;

/// Statements on their way, with how many rows each must change, where that is known.
#[derive(Default)]
pub struct Flight<'a>(Vec<(Sql<'a>, Option<usize>)>);

impl<'a> Flight<'a> {
    /// A statement that must change so many rows, or nothing of the transaction is kept.
    pub fn exactly(&mut self, statement: Sql<'a>, rows: usize) {
        self.0.push((statement, Some(rows)));
    }

    /// A statement whose rows are counted.
    pub fn counted(&mut self, statement: Sql<'a>) -> usize {
        self.0.push((statement, None));
        self.0.len() - 1
    }

    /// Sends all of them, behind the opening of the transaction if that was not sent yet; how many rows each changed or found.
    pub fn land(self, writer: &mut Writer, opening: &mut Option<Opening>) -> Applied<Vec<usize>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let (statements, wanted): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        let opening = opening.take();
        let conn: &AsyncPgConnection = &writer.conn;
        let opened = async {
            match &opening {
                Some(Opening(text)) => SimpleAsyncConnection::batch_execute(&mut &*conn, text).await,
                None => Ok(()),
            }
        };
        let sent = statements.into_iter().map(|statement| async move {
            let mut conn = conn;
            diesel_async::RunQueryDsl::execute(statement, &mut conn).await
        });
        let (opened, counts) = Driver::get_runtime().block_on(join(opened, join_all(sent)));
        opened.map_err(|error| writer.not_opened(error))?;
        let counts = all_of(counts)?;
        for (count, wanted) in counts.iter().zip(wanted) {
            // Which entry it was is found out one by one; here it is enough that it was one.
            if wanted.is_some_and(|wanted| wanted != *count) {
                return Err(Refusal::LostOwnership.into());
            }
        }
        Ok(counts)
    }
}

/// The counts, or what failed first: what came behind it failed only for that.
fn all_of(counts: Vec<QueryResult<usize>>) -> Result<Vec<usize>, Fault> {
    let is_behind =
        |error: &Error| matches!(error, Error::DatabaseError(_, info) if info.message().contains("transaction is aborted"));
    let (mut landed, mut behind) = (Vec::with_capacity(counts.len()), None);
    for count in counts {
        match count {
            Ok(count) => landed.push(count),
            Err(error) if is_behind(&error) => behind = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    behind.map_or(Ok(landed), |error| Err(error.into()))
}

/// What drives connections: the runtime that their thread belongs to, or one that all connections of the thread share.
pub enum Driver {
    Around(Handle),
    Own(Arc<Runtime>),
}

thread_local! {
    static OWN: RefCell<Weak<Runtime>> = const { RefCell::new(Weak::new()) };
}

impl BlockOn for Driver {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Around(handle) => handle.block_on(future),
            Self::Own(runtime) => runtime.block_on(future),
        }
    }

    fn get_runtime() -> Self {
        if let Ok(handle) = Handle::try_current() {
            return Self::Around(handle);
        }
        OWN.with_borrow_mut(|own| {
            Self::Own(own.upgrade().unwrap_or_else(|| {
                let runtime = Builder::new_current_thread().enable_io().build().expect("a thread can have a runtime");
                let runtime = Arc::new(runtime);
                *own = Arc::downgrade(&runtime);
                runtime
            }))
        })
    }
}
