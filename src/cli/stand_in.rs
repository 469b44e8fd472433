//! A server of the moment: what a command speaks to where nobody serves the store.
//! Never makes a store, and never stands in for a server of another machine.

use std::net::IpAddr;
use std::path::Path;

use actix_web::rt::task::JoinHandle;
use rand::RngExt;

use super::args::{ServerFlags, SettingFlags};
use super::client::Client;
use super::error::CommandError;
use super::output::Output;
use super::serve::database_label;
use crate::app::{self, Role, StopHandle};
use crate::config::Config;

const KEY_CHARS: usize = 43;

/// What a command needs of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// To see how things stand.
    Look,
    /// That something is done.
    Work,
}

/// A client of a server that runs, or of one that ends with the command.
pub struct Reached {
    pub client: Client,
    stand_in: Option<(StopHandle, JoinHandle<std::io::Result<()>>)>,
}

impl Reached {
    /// # Errors
    /// Nobody is there, and there is no store on this machine that could be opened instead.
    pub async fn server(
        needs: Needs,
        server: &ServerFlags,
        settings: &SettingFlags,
        output: &mut Output,
    ) -> Result<Self, CommandError> {
        let client = Client::new(server)?;
        if !is_here(&server.url) || client.is_served().await {
            return Ok(Self { client, stand_in: None });
        }
        let (config, _) = settings.load()?;
        if !is_there(&config) {
            // The command's own call says that nobody answers, and what to do.
            return Ok(Self { client, stand_in: None });
        }
        output.say(format_args!("nothing serves it: opening {} itself", database_label(&config.store.database)));
        let key: String = rand::rng().sample_iter(rand::distr::Alphanumeric).take(KEY_CHARS).map(char::from).collect();
        let role = match needs {
            Needs::Look => Role::Look { key: key.clone() },
            Needs::Work => Role::Work { key: key.clone() },
        };
        let app = app::build_for(role, config).await.map_err(|error| CommandError::Failed(error.to_string()))?;
        let client = Client::to(&format!("http://{}", app.address()), Some(key))?;
        let stop = app.stop_handle();
        let running = actix_web::rt::spawn(app.run_until_stopped());
        Ok(Self { client, stand_in: Some((stop, running)) })
    }

    /// Ends what was started for the command; what it left under way is in the store.
    pub async fn leave(self) {
        if let Some((stop, running)) = self.stand_in {
            stop.stop();
            // How it ended is nobody's concern: everything that matters was durable before it was answered.
            let _ = running.await;
        }
    }
}

/// Whether a URL means this machine.
fn is_here(url: &str) -> bool {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Whether there is a store; a PostgreSQL says so itself when it is asked.
fn is_there(config: &Config) -> bool {
    match config.store.database.strip_prefix("sqlite://") {
        Some(rest) => Path::new(rest.split('?').next().unwrap_or(rest)).exists(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_stood_in_for() {
        for here in ["http://127.0.0.1:8080", "http://localhost:8080", "https://[::1]:8443"] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in ["http://10.0.0.7:8080", "https://ringback.example.com", "http://127.0.0.1.example.com", "nonsense"] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_store_that_is_not_there_is_not_made() {
        let mut config = Config::for_testing();
        config.store.database = "sqlite:///nowhere/at/all.db".to_owned();
        assert!(!is_there(&config));
        config.store.database = "postgres://127.0.0.1/any".to_owned();
        assert!(is_there(&config));
    }
}
