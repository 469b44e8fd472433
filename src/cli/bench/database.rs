//! A store for one scenario: a file in a temporary folder, or a database of its own on the given PostgreSQL.
//! Never touches a database that it did not make.

use std::path::{Path, PathBuf};

use super::{failed, processes};
use crate::cli::error::CommandError;

/// What is measured: one recorded step, then an answer.
const LIFE: &str = r#"[
  {"function": "log", "message": "{{ input.n }}"},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;
/// The same with nothing recorded on the way.
const BARE: &str = r#"[
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;
/// One recorded step, then what came in goes out again.
const ECHO: &str = r#"[
  {"function": "log", "message": "{{ input.n }}"},
  {"function": "return_response", "body": {"n": "{{ input.n }}", "text": "{{ input.text }}"}}
]"#;
/// As many recorded steps as asked.
const STEPS: &str = r#"[
  {"function": "loop", "array": "{{ range(0, input.count) }}", "operations": [
    {"function": "add_record", "table": "bench_steps", "data": {"i": "{{ loop.index }}"}}
  ]},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;
/// A moment of work, so that many are in flight at once.
const TRIP: &str = r#"[
  {"function": "log", "message": "{{ input.n }}"},
  {"function": "sleep", "duration": 0.5},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;
/// A request between two recorded steps.
const HOLD: &str = r#"[
  {"function": "log", "message": "{{ input.n }}"},
  {"function": "external_api_request", "url": "{{ input.url }}", "method": "POST", "timeout": 120, "raise_on_error": true},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;
/// As long a sleep as asked.
const SLEEP: &str = r#"[
  {"function": "sleep", "duration": "{{ input.seconds }}"},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
]"#;

/// What a server must bear; each may hold 64 MB and run for as long as the figures take.
pub const HOSTILE: [(&str, &str); 5] = [
    (
        "bench-loops",
        r#"{"resource_limits": {"memory_limit": "64MB"}, "stack": [{"function": "while_loop", "condition": "{{ true }}", "operations":
            [{"function": "create_variable", "name": "n", "value": "{{ (n ?? 0) + 1 }}"}]}]}"#,
    ),
    (
        "bench-doubles",
        r#"{"resource_limits": {"memory_limit": "64MB"}, "stack": [
            {"function": "create_variable", "name": "list", "value": "{{ range(1000) }}"},
            {"function": "while_loop", "condition": "{{ true }}", "operations":
                [{"function": "update_variable", "name": "list", "value": ["{{ list }}", "{{ list }}"]}]}]}"#,
    ),
    (
        "bench-hangs",
        r#"{"resource_limits": {"memory_limit": "64MB"}, "stack": [
            {"function": "external_api_request", "url": "{{ input.url }}", "timeout": 600}]}"#,
    ),
    (
        "bench-lambda-loops",
        r#"{"resource_limits": {"memory_limit": "64MB"}, "stack": [{"function": "lambda", "code": "for (;;) {}"}]}"#,
    ),
    (
        "bench-lambda-doubles",
        r#"{"resource_limits": {"memory_limit": "64MB"}, "stack": [
            {"function": "lambda", "code": "let list = [1]; for (;;) list = [...list, ...list]"}]}"#,
    ),
];

pub struct Scratch {
    pub url: String,
    folder: PathBuf,
    /// The server's URL and the database's name, where there is one to drop.
    made: Option<(String, String)>,
    /// The first process of the database's server, if it runs on this machine.
    postmaster: Option<u32>,
}

impl Scratch {
    pub async fn make(database: Option<&str>) -> Result<Self, CommandError> {
        let name = format!("ringback_bench_{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(&name);
        write_functions(&folder).map_err(|error| failed("the temporary folder", error))?;
        let Some(server) = database.filter(|url| url.starts_with("postgres")) else {
            let url = format!("sqlite://{}", folder.join("bench.db").display());
            return Ok(Self { url, folder, made: None, postmaster: None });
        };
        let mut url = url::Url::parse(server).map_err(|error| failed("--database", error))?;
        execute(server, &format!("CREATE DATABASE {name}")).await?;
        url.set_path(&name);
        let postmaster = processes::postmaster_of(backend(server).await?);
        Ok(Self { url: url.into(), folder, made: Some((server.to_owned(), name)), postmaster })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Another one of the same kind, at the same place.
    pub async fn another(&self) -> Result<Self, CommandError> {
        Self::make(self.made.as_ref().map(|(server, _)| server.as_str())).await
    }

    /// Seconds of processor time of the database's server, if it has one on this machine.
    pub fn cpu_s(&self) -> f64 {
        self.postmaster.map_or(0.0, processes::postgres_cpu_s)
    }

    pub fn is_postgres(&self) -> bool {
        self.made.is_some()
    }

    /// What PostgreSQL does by itself within minutes, at once: a store that was filled in a moment is as one that grew.
    pub async fn settle(&self) -> Result<(), CommandError> {
        if self.is_postgres() { execute(&self.url, "VACUUM ANALYZE").await } else { Ok(()) }
    }

    pub async fn drop(&self) {
        if let Some((server, name)) = &self.made
            && let Err(error) = execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await
        {
            tracing::warn!(subject = %name, error = ?error, "a database of the benchmark could not be dropped");
        }
        // What cannot be removed is left to the system's own cleaning of its temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn write_functions(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("workflows"))?;
    let functions = [
        ("bench-life", LIFE),
        ("bench-bare", BARE),
        ("bench-echo", ECHO),
        ("bench-steps", STEPS),
        ("bench-trip", TRIP),
        ("bench-sleep", SLEEP),
        ("bench-hold", HOLD),
    ];
    for (name, stack) in functions.into_iter().chain(HOSTILE) {
        std::fs::write(folder.join("workflows").join(format!("{name}.json")), stack)?;
    }
    Ok(())
}

async fn execute(server: &str, statement: &str) -> Result<(), CommandError> {
    let session = Session::open(server).await?;
    let done = session.client.batch_execute(statement).await.map_err(|error| failed("the database", error));
    session.close().await;
    done
}

/// The process that serves a connection.
async fn backend(server: &str) -> Result<i32, CommandError> {
    let session = Session::open(server).await?;
    let row = session.client.query_one("SELECT pg_backend_pid()", &[]).await.map_err(|error| failed("the database", error));
    session.close().await;
    Ok(row?.get(0))
}

/// A connection of the benchmark's own.
pub struct Session {
    client: tokio_postgres::Client,
    talking: tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>,
}

impl Session {
    async fn open(server: &str) -> Result<Self, CommandError> {
        let connected = tokio_postgres::connect(server, tokio_postgres::NoTls).await;
        let (client, connection) = connected.map_err(|error| failed("the database", error))?;
        Ok(Self { client, talking: tokio::spawn(connection) })
    }

    /// One that has read and then says nothing more, in a transaction that stays open until it is closed.
    pub async fn lingering(server: &str) -> Result<Self, CommandError> {
        let session = Self::open(server).await?;
        let read = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM nodes";
        session.client.batch_execute(read).await.map_err(|error| failed("the database", error))?;
        Ok(session)
    }

    pub async fn close(self) {
        drop(self.client);
        // The connection ends with its client; how does not matter.
        let _ = self.talking.await;
    }
}
