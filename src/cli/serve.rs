//! `ringback serve`: the server from its start to its clean end.
//! Never builds anything itself; `app` does.

use std::net::SocketAddr;

use super::args::SettingFlags;
use super::error::{CommandError, FAILED};
use super::output::Output;
use super::signals::{HangUps, StopSignals};
use crate::app;
use crate::telemetry;

pub async fn run(settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (config, _) = settings.load()?;
    telemetry::start(&config.log).map_err(|error| CommandError::Misuse(error.to_string()))?;
    let (mut signals, mut hang_ups) = (StopSignals::listen()?, HangUps::listen()?);
    let (watch, scheme) = (config.server.watch, config.server.scheme());
    let database = database_label(&config.store.database);
    let app = tokio::select! {
        built = app::build(config) => built.map_err(|error| CommandError::Failed(error.to_string()))?,
        () = signals.next() => return Ok(0),
    };
    output.line(ready_line(scheme, app.address(), &database, app.function_count()))?;
    let (stop, reloader) = (app.stop_handle(), app.reloader());
    if watch {
        let reloader = reloader.clone();
        actix_web::rt::spawn(async move { reloader.watch().await });
    }
    let keeper = app.certificate_keeper();
    if let Some(keeper) = keeper.clone() {
        actix_web::rt::spawn(async move { keeper.watch().await });
    }
    actix_web::rt::spawn(async move {
        loop {
            hang_ups.next().await;
            if let Some(keeper) = &keeper {
                keeper.reload().await;
            }
            reloader.reload().await;
        }
    });
    actix_web::rt::spawn(async move {
        signals.next().await;
        stop.stop();
        signals.next().await;
        // The second signal: nothing acknowledged is lost by ending at once, since it is durable.
        std::process::exit(FAILED.into());
    });
    app.run_until_stopped().await.map_err(|error| CommandError::Failed(error.to_string()))?;
    Ok(0)
}

/// What tells a script, and a person, that calls are accepted.
fn ready_line(scheme: &str, address: SocketAddr, database: &str, functions: usize) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let noun = if functions == 1 { "function" } else { "functions" };
    format!("ringback {version} listening on {scheme}://{address} ({database}, {functions} {noun})")
}

/// A database as it may be shown: `sqlite ringback.db`, `postgres db.example.com/ringback`.
pub fn database_label(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.split('?').next().unwrap_or_default();
    if scheme == "sqlite" {
        return format!("sqlite {rest}");
    }
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("postgres {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_names_what_a_script_needs() {
        let address = "127.0.0.1:8080".parse().unwrap();
        let expected = format!(
            "ringback {} listening on http://127.0.0.1:8080 (sqlite ringback.db, 12 functions)",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(ready_line("http", address, "sqlite ringback.db", 12), expected);
        assert!(
            ready_line("https", "[::1]:80".parse().unwrap(), "sqlite x", 1).contains("https://[::1]:80 (sqlite x, 1 function)")
        );
    }

    #[test]
    fn a_database_is_shown_without_its_credentials() {
        assert_eq!(database_label("sqlite://ringback.db"), "sqlite ringback.db");
        assert_eq!(database_label("postgres://me:geheim@db:5432/ringback?password=geheim"), "postgres db:5432/ringback");
        assert_eq!(database_label("postgresql://db/ringback"), "postgres db/ringback");
    }
}
