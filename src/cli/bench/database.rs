//! A store for one scenario: a file in a temporary folder, or a database of its own on the given PostgreSQL.
//! Never touches a database that it did not make.

use std::path::{Path, PathBuf};

use super::failed;
use crate::cli::error::CommandError;

/// What is measured: one recorded step, then an answer.
const LIFE: &str = r#"[
  {"function": "log", "message": "{{ input.n }}"},
  {"function": "return_response", "body": {"n": "{{ input.n }}"}}
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
}

impl Scratch {
    pub async fn make(database: Option<&str>) -> Result<Self, CommandError> {
        let name = format!("ringback_bench_{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(&name);
        write_functions(&folder).map_err(|error| failed("the temporary folder", error))?;
        let Some(server) = database.filter(|url| url.starts_with("postgres")) else {
            let url = format!("sqlite://{}", folder.join("bench.db").display());
            return Ok(Self { url, folder, made: None });
        };
        let mut url = url::Url::parse(server).map_err(|error| failed("--database", error))?;
        execute(server, &format!("CREATE DATABASE {name}")).await?;
        url.set_path(&name);
        Ok(Self { url: url.into(), folder, made: Some((server.to_owned(), name)) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
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
    let own = [("bench-life", LIFE), ("bench-steps", STEPS), ("bench-trip", TRIP), ("bench-sleep", SLEEP)];
    for (name, stack) in own.into_iter().chain(HOSTILE) {
        std::fs::write(folder.join("workflows").join(format!("{name}.json")), stack)?;
    }
    Ok(())
}

async fn execute(server: &str, statement: &str) -> Result<(), CommandError> {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.map_err(|error| failed("the database", error))?;
    let talking = tokio::spawn(connection);
    let done = client.batch_execute(statement).await.map_err(|error| failed("the database", error));
    drop(client);
    // The connection ends with its client; how does not matter.
    let _ = talking.await;
    done
}
