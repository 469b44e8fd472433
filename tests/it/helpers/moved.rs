//! A server within the story's own process, whose clock the story moves.
//! Never for what needs a process that can be killed.

use std::net::SocketAddr;
use std::sync::Arc;

use ringback::app::build_with;
use ringback::config::Config;
use ringback::domain::clock::ManualClock;
use ringback::domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{Call, Folder, Reply, Store, postgres, seconds, stacks, text_of};

pub struct MovedServer {
    pub clock: Arc<ManualClock>,
    address: SocketAddr,
    /// Goes with the story.
    _folder: Folder,
}

impl MovedServer {
    /// With the basic functions.
    pub fn start(store: Store) -> Self {
        let folder = Folder::new("moved");
        for (name, stack) in stacks::basics() {
            folder.write(&format!("{name}.json"), stack);
        }
        let clock = Arc::new(ManualClock::at(Timestamp(1_795_000_000_000)));
        let mut config = Config::for_testing();
        config.server.workflows = folder.path().to_owned();
        config.store.database = match store {
            Store::Sqlite => format!("sqlite://{}", folder.path().join("moved.db").display()),
            Store::Postgres => postgres::fresh_database(),
        };
        let (address, told) = std::sync::mpsc::channel();
        let server_clock = Arc::clone(&clock);
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = build_with(config, server_clock).await.unwrap_or_else(|error| panic!("{error}"));
                address.send(app.address()).unwrap();
                app.run_until_stopped().await.unwrap();
            });
        });
        let address = told.recv_timeout(seconds(30)).expect("the server starts");
        Self { clock, address, _folder: folder }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.address))
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    #[track_caller]
    pub fn start_function(&self, function: &str, body: &Value) -> String {
        let mut body = body.clone();
        body["async"] = json!(true);
        let reply = self.call("POST", &format!("/api/{function}")).json(&body).send();
        text_of(&reply.expect(202).json()["execution_id"])
    }
}
