//! `ringback doctor`: what is wrong with this installation, and the mend.
//! Never changes anything: a database that is not there yet is not made.

use std::path::Path;

use serde_json::{Value, json};

use super::args::SettingFlags;
use super::client::Client;
use super::error::{CommandError, FAILED};
use super::output::{BAD, BUSY, DIM, GOOD, Output};
use super::serve::database_label;
use crate::config::Config;
use crate::stack::document;
use crate::stack::finding::Severity;

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

pub async fn run(healthy: bool, settings: &SettingFlags, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    if healthy {
        client.get("/healthz", &[]).await?.accepted()?;
        return Ok(0);
    }
    let mut looks = Vec::new();
    match settings.load() {
        Ok((config, _)) => {
            looks.push(look("settings", Grade::Good, "they hold", None));
            looks.push(workflows(&config));
            looks.push(database(&config));
            looks.push(reach(&config));
            looks.push(threads());
            looks.push(server(client, &config).await);
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

fn database(config: &Config) -> Look {
    let (what, label) = ("database", database_label(&config.store.database));
    let Some(file) = config.store.database.strip_prefix("sqlite://") else {
        return look(what, Grade::Good, label, None);
    };
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

fn threads() -> Look {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    look("machine", Grade::Good, format!("{cores} cores"), None)
}

async fn server(client: &Client, config: &Config) -> Look {
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
        Ok(reply) if reply.status < 400 => {
            look(what, Grade::Good, format!("it answers and is ready ({})", config.server.listen), None)
        }
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
        output.line(format_args!("{style}{sign}{style:#} {what:<10} {found}"))?;
        if let Some(mend) = mend {
            output.line(format_args!("               {DIM}{mend}{DIM:#}"))?;
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
        config.store.database = "sqlite:///nowhere/at/all/x.db".to_owned();
        let found = database(&config);
        assert_eq!((found.grade, found.found.as_str()), (Grade::Bad, "/nowhere/at/all is no folder"));
        assert!(found.mend.is_some());
        config.store.database = format!("sqlite://{}", std::env::temp_dir().join("not-there.db").display());
        assert_eq!(database(&config).grade, Grade::Good);
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
