//! A server in this process, whose clock a story moves.
//! Never started in any other way than production starts it: only its clock differs.

use std::path::PathBuf;
use std::sync::Arc;

use ringback::app::{StopHandle, build_with};
use ringback::config::Config;
use ringback::domain::clock::ManualClock;
use ringback::domain::timestamp::Timestamp;
use serde_json::Value;

use super::{Call, Folder, Reply, SECRET, Store, fresh_database, seconds};

/// Some day; the same for every story.
pub const BEGINNING: Timestamp = Timestamp(1_795_000_000_000);

/// A server about to be started.
#[must_use]
pub struct MovedBuilder {
    folder: Folder,
    config: Config,
}

impl MovedBuilder {
    pub fn workflow(self, name: &str, text: impl std::fmt::Display) -> Self {
        self.folder.write(&format!("workflows/{name}"), text);
        self
    }

    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    #[track_caller]
    pub fn start(self) -> Moved {
        let clock = Arc::new(ManualClock::at(BEGINNING));
        let (told, telling) = std::sync::mpsc::channel();
        let (config, shared) = (self.config.clone(), Arc::clone(&clock));
        let thread = std::thread::spawn(move || {
            // Another server of the process may have been quicker; either provider is the same one.
            rustls::crypto::ring::default_provider().install_default().ok();
            actix_web::rt::System::new().block_on(async move {
                let app = build_with(config, shared).await.unwrap_or_else(|error| panic!("{error}"));
                let read = Arc::clone(&app.engine().read);
                told.send((app.address(), app.stop_handle(), read)).unwrap();
                app.run_until_stopped().await.unwrap();
            });
        });
        let (address, stop, read) = telling.recv_timeout(seconds(60)).expect("the server starts");
        let file = self.config.store.database.strip_prefix("sqlite://").map(PathBuf::from);
        Moved { url: format!("http://{address}"), clock, stop, read, thread: Some(thread), file, _folder: self.folder }
    }
}

/// A server whose clock stands until it is moved. It stops with its story.
pub struct Moved {
    url: String,
    clock: Arc<ManualClock>,
    stop: StopHandle,
    read: Arc<dyn ringback::store::read::Read>,
    thread: Option<std::thread::JoinHandle<()>>,
    file: Option<PathBuf>,
    _folder: Folder,
}

impl Moved {
    pub fn on(store: Store) -> MovedBuilder {
        let folder = Folder::new("moved");
        std::fs::create_dir_all(folder.path().join("workflows")).unwrap();
        let mut config = Config::for_testing();
        config.server.workflows = folder.path().join("workflows");
        config.callbacks.secret = Some(SECRET.to_owned());
        config.store.database = match store {
            Store::Sqlite => format!("sqlite://{}", folder.path().join("moved.db").display()),
            Store::Postgres => fresh_database(),
        };
        MovedBuilder { folder, config }
    }

    pub fn advance_ms(&self, ms: i64) {
        self.clock.advance_ms(ms);
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, self.url(path))
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        Call::new("GET", self.url(path)).send()
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        Call::new("POST", self.url(path)).json(body).send()
    }

    /// Statements sent to the database so far.
    pub fn statements(&self) -> u64 {
        self.read.statements()
    }

    /// The size of the database's file, where it is one.
    pub fn file_bytes(&self) -> Option<u64> {
        let path = self.file.as_deref()?;
        Some(std::fs::metadata(path).unwrap().len())
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // It has told its own panic.
            let _ = thread.join();
        }
    }
}
