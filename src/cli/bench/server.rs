//! The server that is measured: this very binary as a process of its own.
//! Never lets settings of the person's own environment in.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::database::Scratch;
use super::wire::{Wire, get};
use super::{failed, processes};
use crate::cli::error::CommandError;

const START_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(15);

pub struct Server {
    child: Child,
    /// Held so that the server never writes into a closed pipe.
    _lines: Lines<BufReader<ChildStdout>>,
    /// `127.0.0.1:8080`
    pub host: String,
    pub pid: u32,
    /// From starting the process to its line.
    pub ready_after: Duration,
}

impl Server {
    pub async fn start(database: &Scratch) -> Result<Self, CommandError> {
        Self::start_with(database, &[]).await
    }

    /// With other settings than the defaults, by the names that they have in the environment.
    pub async fn start_with(database: &Scratch, settings: &[(&str, &str)]) -> Result<Self, CommandError> {
        let began = Instant::now();
        let mut child = command(database)?
            .envs(settings.iter().copied())
            .spawn()
            .map_err(|error| failed("the server cannot be started", error))?;
        let stdout = child.stdout.take().expect("the standard output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START_WITHIN, lines.next_line()).await;
        let Ok(Ok(Some(ready))) = line else {
            let log = std::fs::read_to_string(database.folder().join("server.log")).unwrap_or_default();
            return Err(failed("the server did not start", log));
        };
        let host = ready.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default().to_owned();
        let pid = child.id().unwrap_or(0);
        Ok(Self { child, _lines: lines, host, pid, ready_after: began.elapsed() })
    }

    pub fn cpu_s(&self) -> f64 {
        processes::cpu_s(self.pid)
    }

    pub fn resident_bytes(&self) -> u64 {
        processes::resident_bytes(self.pid)
    }

    /// The sum of all counters and gauges of a name that it tells Prometheus.
    pub async fn metric(&self, name: &str) -> Result<f64, CommandError> {
        let broken = |error: std::io::Error| failed("the server's metrics", error);
        let mut wire = Wire::connect(&self.host).await.map_err(broken)?;
        wire.write(&get(&self.host, "/metrics")).await.map_err(broken)?;
        let text = wire.read_text().await.map_err(broken)?;
        let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        Ok(text.lines().filter(of_name).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Stops it in the middle of whatever it does, until it is killed.
    pub fn freeze(&self) -> Result<(), CommandError> {
        self.signal("-STOP")
    }

    fn signal(&self, signal: &str) -> Result<(), CommandError> {
        match std::process::Command::new("kill").args([signal, &self.pid.to_string()]).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(failed(&format!("the server cannot be sent {signal}"), status)),
            Err(error) => Err(failed(&format!("the server cannot be sent {signal}"), error)),
        }
    }

    /// Asks it to end, as an operator does, and kills it where it has not ended by itself: a build that counts how often its
    /// code runs writes that down at the end.
    pub async fn stop(mut self) -> Result<(), CommandError> {
        self.signal("-TERM")?;
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failed("the server did not end well", status)),
            Ok(Err(error)) => Err(failed("the server's end", error)),
            Err(_) => self.kill().await,
        }
    }

    /// Ends it as a power cut would.
    pub async fn kill(mut self) -> Result<(), CommandError> {
        self.child.kill().await.map_err(|error| failed("the server cannot be killed", error))
    }
}

fn command(database: &Scratch) -> Result<Command, CommandError> {
    let binary = std::env::current_exe().map_err(|error| failed("this binary cannot be found", error))?;
    let folder: &Path = database.folder();
    let log = std::fs::File::options().create(true).append(true).open(folder.join("server.log"));
    let log = log.map_err(|error| failed("the server's log", error))?;
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--workflows", "workflows"]).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("RINGBACK_") || name == "DATABASE_URL") {
            command.env_remove(name);
        }
    }
    command.env("RINGBACK_DATABASE", &database.url).env("RINGBACK_LOG", "warn").env("XDG_STATE_HOME", folder);
    Ok(command)
}
