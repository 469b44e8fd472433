//! `ringback doctor`: what is wrong with this installation, and the mend.
//! Never changes anything: a database that is not there yet is not made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use serde_json::{Value, json};

use super::args::{ServerFlags, SettingFlags};
use super::client::Client;
use super::error::{CommandError, FAILED};
use super::output::{BAD, BUSY, DIM, GOOD, Output};
use super::serve::database_label;
use crate::app::{Certificate, Validity};
use crate::config::{Config, TlsFiles};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::stack::document;
use crate::stack::finding::Severity;
use crate::store::{self, Probed};

/// What the clocks of this machine and of its database may differ by, in milliseconds.
const CLOCKS_APART_MS_MAX: i64 = 30_000;

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    Doubtful,
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    what: &'static str,
    grade: Grade,
    found: String,
    mend: Option<String>,
}

fn look(what: &'static str, grade: Grade, found: impl Into<String>, mend: Option<&str>) -> Look {
    Look { what, grade, found: found.into(), mend: mend.map(str::to_owned) }
}

pub async fn run(healthy: bool, settings: &SettingFlags, server: &ServerFlags, output: &mut Output) -> Result<u8, CommandError> {
    if healthy {
        let config = settings.load().ok().map(|(config, _)| config);
        client(server, config.as_ref())?.get("/healthz", &[]).await?.accepted()?;
        return Ok(0);
    }
    let mut looks = Vec::new();
    match settings.load() {
        Ok((config, _)) => {
            looks.push(look("settings", Grade::Good, "they hold", None));
            looks.push(workflows(&config));
            looks.push(database(&config).await);
            looks.push(encryption(&config));
            looks.push(reach(&config));
            looks.extend(config.server.tls.as_ref().map(certificate));
            looks.push(threads());
            looks.push(answer(&client(server, Some(&config))?).await);
        }
        Err(error) => {
            let found = error.text().unwrap_or_default();
            looks.push(look(
                "settings",
                Grade::Bad,
                found,
                Some("mend what is named; `ringback config` shows where each value comes from"),
            ));
        }
    }
    show(&looks, output)?;
    Ok(if looks.iter().any(|look| look.grade == Grade::Bad) { FAILED } else { 0 })
}

fn workflows(config: &Config) -> Look {
    let (path, what) = (&config.server.workflows, "workflows");
    let env: Vec<String> = config.env.values.keys().chain(&config.env.allow).cloned().collect();
    match document::check_path(path, &env) {
        Err(error) => look(what, Grade::Bad, error.to_string(), Some("name the folder with --workflows, or make it")),
        Ok(folder) => {
            let errors = folder.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            let found = format!("{} functions in {} files of {}", folder.functions.len(), folder.files, path.display());
            match (errors, folder.findings.len()) {
                (0, 0) => look(what, Grade::Good, found, None),
                (0, warnings) => {
                    look(what, Grade::Doubtful, format!("{found}, {warnings} warnings"), Some("`ringback check` shows them"))
                }
                (errors, _) => look(
                    what,
                    Grade::Bad,
                    format!("{errors} errors in {}", path.display()),
                    Some("`ringback check` shows them; the server does not start with them"),
                ),
            }
        }
    }
}

async fn database(config: &Config) -> Look {
    match config.store.database.strip_prefix("sqlite://") {
        Some(file) => sqlite(config, file),
        None => postgres(config).await,
    }
}

/// Whether it lets us in, and whether it keeps what nodes rely on.
async fn postgres(config: &Config) -> Look {
    let (what, label) = ("database", database_label(&config.store.database));
    match store::probe(&config.store.database).await {
        Err(error) => look(what, Grade::Bad, error.to_string(), None),
        Ok(None) => look(what, Grade::Good, label, None),
        Ok(Some(Probed { version, now })) => {
            let apart_ms = now.since_ms(SystemClock.now()).abs();
            let found = format!("{label}, version {version}");
            if apart_ms <= CLOCKS_APART_MS_MAX {
                return look(what, Grade::Good, found, None);
            }
            let found = format!("{found}, whose clock and ours are {} s apart", apart_ms / 1000);
            look(what, Grade::Doubtful, found, Some("set both by NTP: receivers refuse signatures whose time is off"))
        }
    }
}

fn encryption(config: &Config) -> Look {
    let what = "secrets";
    if config.encryption.key.is_some() {
        return look(what, Grade::Good, "stored under the key of the settings", None);
    }
    let file = config.encryption.key_file.display().to_string();
    match config.encryption.existing_keys() {
        Err(error) => look(what, Grade::Bad, error.to_string(), None),
        Ok(None) => look(what, Grade::Good, format!("stored under the key in {file}, made at the first start"), None),
        Ok(Some(_)) if is_open(&config.encryption.key_file) => {
            look(what, Grade::Doubtful, format!("others may read the key in {file}"), Some("chmod 600 it"))
        }
        Ok(Some(_)) => look(what, Grade::Good, format!("stored under the key in {file}"), None),
    }
}

/// Whether others than its owner may read a file.
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn sqlite(config: &Config, file: &str) -> Look {
    let (what, label) = ("database", database_label(&config.store.database));
    let path = Path::new(file.split('?').next().unwrap_or(file));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return look(
            what,
            Grade::Bad,
            format!("{} is no folder", folder.display()),
            Some("make the folder, or name another file with --database"),
        );
    }
    let target = if path.exists() { path } else { folder };
    match std::fs::metadata(target) {
        Ok(metadata) if metadata.permissions().readonly() => look(
            what,
            Grade::Bad,
            format!("{} cannot be written", target.display()),
            Some("give this user the right to write there"),
        ),
        Ok(_) if path.exists() => look(what, Grade::Good, label, None),
        Ok(_) => look(what, Grade::Good, format!("{label}, made at the first start"), None),
        Err(error) => look(what, Grade::Bad, format!("{}: {error}", target.display()), Some("name another file with --database")),
    }
}

fn reach(config: &Config) -> Look {
    let (what, listen) = ("access", config.server.listen);
    match (config.server.is_loopback(), config.access.api_key.is_some()) {
        (true, false) => look(what, Grade::Good, format!("{listen}: only this machine, unless keys were made"), None),
        (true, true) => look(what, Grade::Good, format!("{listen}: only this machine, with keys"), None),
        (false, true) => look(what, Grade::Good, format!("{listen}: other machines, with keys"), None),
        (false, false) => {
            let mend = "if `ringback keys list` is empty, set RINGBACK_API_KEY or make a key; else the server does not start";
            look(what, Grade::Doubtful, format!("{listen}: other machines, and the configuration has no key"), Some(mend))
        }
    }
}

fn certificate(files: &TlsFiles) -> Look {
    let what = "certificate";
    let certificate = match Certificate::read(files) {
        Ok(certificate) => certificate,
        Err(error) => return look(what, Grade::Bad, error.to_string(), Some("the server does not start with it")),
    };
    let found = format!("{} holds until {}", files.certificate.display(), certificate.not_after());
    match certificate.validity(SystemClock.now()) {
        Validity::Good => look(what, Grade::Good, found, None),
        Validity::EndsSoon => look(what, Grade::Doubtful, found, Some("renew it; a running server reads it again by itself")),
        Validity::Ended => look(
            what,
            Grade::Bad,
            format!("{} ended at {}", files.certificate.display(), certificate.not_after()),
            Some("renew it"),
        ),
        Validity::NotYet => look(
            what,
            Grade::Bad,
            format!("{} does not hold yet", files.certificate.display()),
            Some("look at the clock of this machine"),
        ),
    }
}

fn threads() -> Look {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    look("machine", Grade::Good, format!("{cores} cores"), None)
}

/// Unless a URL is named, the server is looked for where this configuration has it listen, and known by its certificate.
fn client(server: &ServerFlags, config: Option<&Config>) -> Result<Client, CommandError> {
    let Some(config) = config.filter(|config| !server.is_named() && config.server.listen.port() != 0) else {
        return Client::new(server);
    };
    let mut listen = config.server.listen;
    if listen.ip().is_unspecified() {
        let loopback: IpAddr = if listen.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        listen.set_ip(loopback);
    }
    let files = config.server.tls.as_ref();
    match files.and_then(|files| Certificate::read(files).ok()?.end_entity()) {
        Some(certificate) => Client::pinned(&format!("https://{listen}"), server.key.clone(), certificate),
        None => Client::to(&format!("http://{listen}"), server.key.clone()),
    }
}

async fn answer(client: &Client) -> Look {
    let what = "server";
    match client.get("/readyz", &[]).await {
        Err(CommandError::NobodyThere(why)) => {
            // Whoever only prepares a start has nothing to mend.
            look(what, Grade::Doubtful, why, Some("start it with `ringback serve`"))
        }
        Err(error) => look(what, Grade::Bad, error.to_string(), Some("look at its log")),
        Ok(reply) if reply.status == 401 || reply.status == 403 => look(
            what,
            Grade::Doubtful,
            "it answers, and asks for a key that may read",
            Some("give one with --key or RINGBACK_API_KEY"),
        ),
        Ok(reply) if reply.status < 400 => look(what, Grade::Good, format!("it answers and is ready ({})", client.base()), None),
        Ok(reply) => {
            look(what, Grade::Bad, reply.problem(), Some("look at its log; it goes on by itself once its database is back"))
        }
    }
}

fn show(looks: &[Look], output: &mut Output) -> Result<(), CommandError> {
    if output.json {
        let word = |grade| match grade {
            Grade::Good => "good",
            Grade::Doubtful => "doubtful",
            Grade::Bad => "bad",
        };
        let all = looks
            .iter()
            .map(|look| json!({"what": look.what, "grade": word(look.grade), "found": look.found, "mend": look.mend}));
        return Ok(output.value(&Value::Array(all.collect()))?);
    }
    for Look { what, grade, found, mend } in looks {
        let (style, sign) = match grade {
            Grade::Good => (GOOD, "ok "),
            Grade::Doubtful => (BUSY, "?  "),
            Grade::Bad => (BAD, "bad"),
        };
        output.line(format_args!("{style}{sign}{style:#} {what:<11} {found}"))?;
        if let Some(mend) = mend {
            output.line(format_args!("                {DIM}{mend}{DIM:#}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_without_its_folder_is_told_with_its_mend() {
        let mut config = Config::for_testing();
        let found = sqlite(&config, "/nowhere/at/all/x.db");
        assert_eq!((found.grade, found.found.as_str()), (Grade::Bad, "/nowhere/at/all is no folder"));
        assert!(found.mend.is_some());
        let absent = std::env::temp_dir().join("not-there.db");
        config.store.database = format!("sqlite://{}", absent.display());
        assert_eq!(sqlite(&config, absent.to_str().unwrap()).grade, Grade::Good);
    }

    #[test]
    fn a_server_that_others_reach_without_a_key_is_doubtful() {
        let mut config = Config::for_testing();
        assert_eq!(reach(&config).grade, Grade::Good);
        config.server.listen = "0.0.0.0:80".parse().unwrap();
        assert_eq!(reach(&config).grade, Grade::Doubtful);
        config.access.api_key = Some("k".to_owned());
        assert_eq!(reach(&config).grade, Grade::Good);
    }
}
