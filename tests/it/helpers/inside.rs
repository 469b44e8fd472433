//! The product inside this process, with a clock that is moved: for stories of hours and days.
//! Never differs from the binary in anything but its clock.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use ringback::app::{App, StopHandle, build_with};
use ringback::config::Config;
use ringback::domain::clock::ManualClock;
use ringback::domain::timestamp::Timestamp;
use serde_json::Value;

use super::{Call, Folder, Reply, Store, millis, postgres, seconds};

/// A store, functions and a clock, on which servers are started.
pub struct Inside {
    pub clock: Arc<ManualClock>,
    database: String,
    folder: Folder,
}

/// One server.
pub struct Node {
    address: SocketAddr,
    stop: StopHandle,
    thread: Option<JoinHandle<()>>,
}

impl Inside {
    /// `now` is RFC 3339.
    pub fn on(store: Store, now: &str) -> Self {
        let folder = Folder::new("inside");
        let database = match store {
            Store::Sqlite => format!("sqlite://{}", folder.path().join("inside.db").display()),
            Store::Postgres => postgres::fresh_database(),
        };
        std::fs::create_dir_all(folder.path().join("workflows")).unwrap();
        let now = Timestamp::parse_rfc3339(now).unwrap();
        Self { clock: Arc::new(ManualClock::at(now)), database, folder }
    }

    pub fn workflow(self, name: &str, text: impl std::fmt::Display) -> Self {
        self.folder.write(&format!("workflows/{name}"), text);
        self
    }

    #[track_caller]
    pub fn start(&self) -> Node {
        let mut config = Config::for_testing();
        config.server.workflows = self.folder.path().join("workflows");
        config.store.database.clone_from(&self.database);
        let (tell, told) = mpsc::channel();
        let clock = Arc::clone(&self.clock);
        let thread = std::thread::spawn(move || {
            // Another server of the process may have been quicker; either provider is the same one.
            rustls::crypto::ring::default_provider().install_default().ok();
            actix_web::rt::System::new().block_on(async move {
                let app = build(config, clock).await;
                tell.send((app.address(), app.stop_handle())).unwrap();
                app.run_until_stopped().await.unwrap();
            });
        });
        let (address, stop) = told.recv_timeout(seconds(30)).expect("the server starts");
        Node { address, stop, thread: Some(thread) }
    }

    /// Sets the clock on to this time.
    #[track_caller]
    pub fn move_to(&self, time: &str) {
        use ringback::domain::clock::Clock as _;
        let ms = Timestamp::parse_rfc3339(time).unwrap().since_ms(self.clock.now());
        assert!(ms >= 0, "{time} has passed");
        self.clock.advance_ms(ms);
    }
}

/// A server that has just stopped may hold its file for a moment: its threads end on their own.
async fn build(config: Config, clock: Arc<ManualClock>) -> App {
    let mut tries = 0;
    loop {
        tries += 1;
        match build_with(config.clone(), Arc::clone(&clock) as _).await {
            Ok(app) => return app,
            Err(error) if tries > 50 || !error.to_string().contains("another process uses") => panic!("{error}"),
            Err(_) => tokio::time::sleep(millis(100)).await,
        }
    }
}

impl Node {
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.address))
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// The executions of a function, oldest first (at most 200).
    #[track_caller]
    pub fn executions_of(&self, function: &str) -> Vec<Value> {
        let list = self.get(&format!("/v1/executions?limit=200&function={function}")).expect(200).json();
        let mut found = super::items(&list);
        found.reverse();
        found
    }

    /// Stops it as SIGTERM would.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // A story that has failed already shows its own reason.
            let _ = thread.join();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}
