//! `ringback rerun` and `ringback resume`: executions once more, or on from where they failed.
//! Never hides one that was refused behind those that were not.

use comfy_table::Cell;
use serde_json::{Map, Value, json};

use super::args::{AgainArgs, ResumeArgs};
use super::client::Client;
use super::entry::text;
use super::error::{CommandError, FAILED};
use super::output::{Output, state_cell};
use super::progress;
use super::since;
use super::watch::items;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::timestamp::Timestamp;

const HEADER: [&str; 4] = ["execution", "function", "state", "goes on as"];
/// Executions that one call of the server acts on.
const PAGE: usize = 100;

pub async fn rerun(args: &AgainArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    run("rerun", args, json!({}), client, output).await
}

pub async fn resume(args: &ResumeArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let version = if args.newest { "newest" } else { "same" };
    run("resume", &args.which, json!({"version": version}), client, output).await
}

async fn run(verb: &str, args: &AgainArgs, words: Value, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let done = if args.ids.is_empty() {
        by_filter(verb, args, words, client).await?
    } else {
        by_id(verb, &args.ids, &words, client).await?
    };
    show(&done, output)?;
    Ok(verdict(&done, output))
}

async fn by_id(verb: &str, ids: &[String], words: &Value, client: &Client) -> Result<Vec<Value>, CommandError> {
    let bar = progress::bar(u64::try_from(ids.len()).unwrap_or(u64::MAX), "are done");
    let mut done = Vec::with_capacity(ids.len());
    for id in ids {
        bar.inc(1);
        let reply = client.post(&format!("/v1/executions/{id}/{verb}"), words, &[]).await?;
        done.push(match reply.status {
            200..=299 => json!({
                "execution_id": id, "function_name": reply.body["function_name"], "state": reply.body["state"],
                "accepted_execution_id": reply.body["execution_id"], "error": null
            }),
            _ => json!({
                "execution_id": id, "function_name": null, "state": null, "accepted_execution_id": null, "error": reply.problem()
            }),
        });
    }
    bar.finish_and_clear();
    Ok(done)
}

async fn by_filter(verb: &str, args: &AgainArgs, mut words: Value, client: &Client) -> Result<Vec<Value>, CommandError> {
    let mut filter = filter(args, SystemClock.now())?;
    let counter = progress::counter("executions");
    let mut done = Vec::new();
    loop {
        words["filter"] = Value::Object(filter.clone());
        words["dry_run"] = Value::Bool(args.dry_run);
        let page = client.post(&format!("/v1/executions/{verb}"), &words, &[]).await?.accepted()?;
        done.extend(items(&page).iter().cloned());
        counter.set_position(u64::try_from(done.len()).unwrap_or(u64::MAX));
        match page["next"].as_str() {
            Some(cursor) => filter.insert("cursor".to_owned(), json!(cursor)),
            None => {
                counter.finish_and_clear();
                return Ok(done);
            }
        };
    }
}

fn filter(args: &AgainArgs, now: Timestamp) -> Result<Map<String, Value>, CommandError> {
    let mut filter = Map::new();
    filter.insert("limit".to_owned(), json!(PAGE.to_string()));
    let given = [("function", &args.function), ("state", &args.state), ("error_code", &args.error_code), ("tag", &args.tag)];
    for (name, value) in given {
        filter.extend(value.clone().map(|value| (name.to_owned(), json!(value))));
    }
    if let Some(text) = &args.since {
        let at = since::parse(text, now).map_err(|message| CommandError::Misuse(format!("--since: {message}")))?;
        filter.insert("created_after".to_owned(), json!(at.to_string()));
    }
    Ok(filter)
}

fn show(done: &[Value], output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(&Value::Array(done.to_vec()));
    }
    if done.is_empty() {
        output.say("there are no such executions");
        return Ok(());
    }
    let row = |item: &Value| {
        let plain = |name: &str| Cell::new(text(item, name));
        vec![plain("execution_id"), plain("function_name"), state_cell(&text(item, "state")), plain("accepted_execution_id")]
    };
    output.table(&HEADER, done.iter().map(row).collect())
}

fn verdict(done: &[Value], output: &mut Output) -> u8 {
    let refused: Vec<&Value> = done.iter().filter(|item| !item["error"].is_null()).collect();
    for item in &refused {
        output.problem(&format!("{}: {}", text(item, "execution_id"), text(item, "error")));
    }
    if refused.is_empty() { 0 } else { FAILED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn the_refused_are_named() {
        let (mut output, _, talk) = testing::output(false);
        let good = json!({"execution_id": "a", "error": null});
        assert_eq!(verdict(std::slice::from_ref(&good), &mut output), 0);
        assert_eq!(verdict(&[good, json!({"execution_id": "b", "error": "it completed"})], &mut output), FAILED);
        assert_eq!(talk.text(), "error: b: it completed\n");
    }
}
