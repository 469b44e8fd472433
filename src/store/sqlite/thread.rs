//! A thread that owns a connection and performs what it is sent, one after the other.
//! Never shares its connection.

use std::sync::mpsc;

use diesel::SqliteConnection;
use tokio::sync::oneshot;

use crate::store::{StoreError, Stored};

type Work = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

pub(super) struct Worker(mpsc::Sender<Work>);

impl Worker {
    pub(super) fn start(name: &str, mut connection: SqliteConnection) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let work = move || {
            while let Ok(work) = receiver.recv() {
                work(&mut connection);
            }
        };
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        started.map_err(|error| StoreError::Setup(format!("no thread for the database could be started: {error}")))?;
        Ok(Self(sender))
    }

    /// Performs `work` on the thread and gives its result back.
    pub(super) fn call<'a, T, F>(&'a self, work: F) -> Stored<'a, T>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let sent = self.0.send(Box::new(move |connection| {
            // Whoever asked may be gone; what was written is written.
            drop(reply.send(work(connection)));
        }));
        Box::pin(async move {
            let stopped = || StoreError::Fenced("the database thread has stopped".to_owned());
            sent.map_err(|_| stopped())?;
            receiver.await.map_err(|_| stopped())?
        })
    }
}
