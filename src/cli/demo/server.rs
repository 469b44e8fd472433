//! The server of the demo: this very binary as a process of its own, so that it can also be killed.
//! Never lets settings of the person's own environment in.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::folder::Folder;
use crate::cli::error::CommandError;

/// How long a start may take; a slow disk needs a while for the first schema.
const START_WITHIN: Duration = Duration::from_secs(30);

pub struct Server {
    pub url: String,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    running: Option<Running>,
}

struct Running {
    child: Child,
    /// Held so that the server never writes into a closed pipe.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Chooses a port and writes the settings; starts nothing.
    pub fn prepare(folder: &Folder, receiver_url: &str, secret: &str) -> Result<Self, CommandError> {
        let address = free_address().map_err(|error| CommandError::Failed(format!("no free port on 127.0.0.1: {error}")))?;
        let settings = format!(
            "[server]\nlisten = \"{address}\"\n\n[store]\ndatabase = \"sqlite://demo.db\"\n\n\
             # Looks every second and flags after two, so that nobody waits for it in the demo.\n\
             [monitor]\ncron = \"* * * * * *\"\nstuck_after_s = 2\n"
        );
        let path = folder.path().join("ringback.toml");
        std::fs::write(&path, settings).map_err(|error| CommandError::Failed(format!("{}: {error}", path.display())))?;
        let service = |name: &str| format!("{receiver_url}/services/{name}");
        let environment = vec![
            ("RINGBACK_WEBHOOK_SECRET", secret.to_owned()),
            ("RINGBACK_ENV_MAIL_SERVICE_URL", service("mail")),
            ("RINGBACK_ENV_MAIL_API_KEY", "demo".to_owned()),
            ("RINGBACK_ENV_INVENTORY_SERVICE_URL", service("stock")),
            ("RINGBACK_ENV_IMAGE_SERVICE_URL", service("images")),
            ("RINGBACK_ENV_CRM_URL", service("crm")),
        ];
        Ok(Self { url: format!("http://{address}"), folder: folder.path().to_owned(), environment, running: None })
    }

    /// What signs the messages.
    pub fn secret(&self) -> &str {
        self.environment.first().map_or("", |(_, secret)| secret)
    }

    /// Starts the process and waits for its line; gives that line.
    pub async fn start(&mut self) -> Result<String, CommandError> {
        let mut child =
            self.command()?.spawn().map_err(|error| CommandError::Failed(format!("the server cannot be started: {error}")))?;
        let stdout = child.stdout.take().expect("the standard output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START_WITHIN, lines.next_line()).await;
        let Ok(Ok(Some(ready))) = line else { return Err(self.did_not_start()) };
        self.running = Some(Running { child, _lines: lines });
        Ok(ready)
    }

    /// Kills the process as a power cut would; it can clean up nothing.
    pub async fn kill(&mut self) -> Result<(), CommandError> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.child.kill().await.map_err(|error| CommandError::Failed(format!("the server cannot be killed: {error}")))
    }

    fn command(&self) -> Result<Command, CommandError> {
        let failed = |what: &str, error: &std::io::Error| CommandError::Failed(format!("{what}: {error}"));
        let binary = std::env::current_exe().map_err(|error| failed("this binary cannot be found", &error))?;
        let log = self.log_path();
        let log = std::fs::File::options().create(true).append(true).open(&log).map_err(|error| failed("the log", &error))?;
        let mut command = Command::new(binary);
        command.arg("serve").current_dir(&self.folder).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        for (name, _) in std::env::vars_os() {
            let ours = name.to_str().is_some_and(|name| name.starts_with("RINGBACK_") || name == "DATABASE_URL");
            if ours {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    fn did_not_start(&self) -> CommandError {
        let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        CommandError::Failed(format!("the server did not start; its log ends with\n{}", tail.join("\n")))
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("server.log")
    }
}

/// An address that was free a moment ago. The port must be known before the start, since the crash must come back on it.
fn free_address() -> std::io::Result<std::net::SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_settings_hold_and_its_secret_is_the_one_given() {
        let folder = Folder::make().unwrap();
        let server = Server::prepare(&folder, "http://127.0.0.1:9", "whsec_x").unwrap();
        assert_eq!(server.secret(), "whsec_x");
        let sources = crate::config::Sources { file: Some(folder.path().join("ringback.toml")), ..Default::default() };
        let (config, _) = crate::config::Config::load(&sources).unwrap();
        assert_eq!(format!("http://{}", config.server.listen), server.url);
        assert_eq!((config.monitor.cron.as_str(), config.monitor.stuck_after_s), ("* * * * * *", 2));
    }
}
