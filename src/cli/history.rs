//! `ringback steps` and `ringback logs`: what executions did, and what their log steps wrote.
//! Never watches: `ringback run --follow` does.

use comfy_table::Cell;
use serde_json::{Value, json};

use super::args::IdsArgs;
use super::client::Client;
use super::entry;
use super::error::CommandError;
use super::output::{BAD, BUSY, DIM, Output};
use super::watch::items;

const HEADER: [&str; 6] = ["step", "kind", "name", "attempt", "took", "error"];

/// A table for each execution; all of them in one array for machines.
pub async fn steps(args: &IdsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let all = fetch(args, "steps", client).await?;
    if output.json {
        output.value(&named(&all))?;
        return Ok(0);
    }
    for (id, steps) in &all {
        if all.len() > 1 {
            output.say(format_args!("{DIM}{id}{DIM:#}"));
        }
        output.table(&HEADER, steps.iter().map(row).collect())?;
    }
    Ok(0)
}

/// A line for each line.
pub async fn logs(args: &IdsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let all = fetch(args, "logs", client).await?;
    if output.json {
        output.value(&named(&all))?;
        return Ok(0);
    }
    for line in all.iter().flat_map(|(_, lines)| lines) {
        output.line(log_line(line))?;
    }
    Ok(0)
}

async fn fetch(args: &IdsArgs, what: &str, client: &Client) -> Result<Vec<(String, Vec<Value>)>, CommandError> {
    let mut all = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        let path = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        let page = client.get(&format!("/v1/executions/{path}/{what}"), &[]).await?.accepted()?;
        all.push((id.clone(), items(&page).to_vec()));
    }
    Ok(all)
}

/// Each with the execution that it belongs to.
fn named(all: &[(String, Vec<Value>)]) -> Value {
    let of = |id: &String, item: &Value| {
        let mut item = item.clone();
        item["execution_id"] = json!(id);
        item
    };
    all.iter().flat_map(|(id, items)| items.iter().map(move |item| of(id, item))).collect()
}

fn row(step: &Value) -> Vec<Cell> {
    let took = step["duration_ms"].as_i64().map(entry::duration).unwrap_or_default();
    let error = match step["failed"].as_bool() {
        Some(true) => format!("{BAD}{}{BAD:#}", entry::shortened(step["error"]["message"].as_str().unwrap_or("failed"))),
        _ => String::new(),
    };
    let plain = |name: &str| entry::text(step, name);
    [plain("step"), plain("kind"), plain("name"), plain("attempt"), took, error].into_iter().map(Cell::new).collect()
}

fn log_line(line: &Value) -> String {
    let level = entry::text(line, "level");
    let style = match &*level {
        "error" => BAD,
        "warn" => BUSY,
        _ => DIM,
    };
    let data = if line["data"].is_null() { String::new() } else { format!(" {DIM}{}{DIM:#}", line["data"]) };
    format!("{DIM}{}{DIM:#} {style}{level:<5}{style:#} {}{data}", entry::text(line, "at"), entry::text(line, "message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_reads_from_left_to_right() {
        let line = json!({"at": "2026-01-01T00:00:00.000Z", "level": "warn", "message": "late", "data": {"n": 1}});
        assert_eq!(anstream::adapter::strip_str(&log_line(&line)).to_string(), "2026-01-01T00:00:00.000Z warn  late {\"n\":1}");
    }

    #[test]
    fn machines_are_told_whose_each_is() {
        let all = [("a".to_owned(), vec![json!({"step": "stack[0]"})]), ("b".to_owned(), vec![])];
        assert_eq!(named(&all), json!([{"step": "stack[0]", "execution_id": "a"}]));
    }
}
