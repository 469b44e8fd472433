//! `ringback schedules`: cron rules that start functions; listed, made, paused, run beside their times.
//! Never computes a time itself: the server says when the next one is.

use comfy_table::Cell;
use serde_json::{Map, Value};

use super::args::{ScheduleCommand, SchedulesArgs};
use super::client::Client;
use super::entry::{shortened, text};
use super::error::CommandError;
use super::input;
use super::output::{DIM, Output};
use super::stand_in::Needs;
use super::watch::items;

const HEADER: [&str; 6] = ["schedule", "function", "cron", "timezone", "next", "from"];

/// Seeing needs less than changing.
pub fn needs(args: &SchedulesArgs) -> Needs {
    match &args.command {
        None | Some(ScheduleCommand::Show { .. }) => Needs::Look,
        Some(_) => Needs::Work,
    }
}

pub async fn run(args: &SchedulesArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    match &args.command {
        None => {
            let query: Vec<_> = args.function.clone().map(|name| ("function", name)).into_iter().collect();
            let answer = client.get("/v1/schedules", &query).await?.accepted()?;
            list(items(&answer), output)?;
        }
        Some(ScheduleCommand::Show { id }) => {
            show(&client.get(&format!("/v1/schedules/{id}"), &[]).await?.accepted()?, output)?;
        }
        Some(ScheduleCommand::Create(args)) => {
            let mut body = Map::new();
            body.insert("function".to_owned(), Value::from(args.function.as_str()));
            body.insert("cron".to_owned(), Value::from(args.cron.as_str()));
            let words = [("timezone", &args.timezone), ("overlap", &args.overlap), ("catch_up", &args.catch_up)];
            body.extend(words.into_iter().filter_map(|(word, value)| Some((word.to_owned(), Value::from(value.clone()?)))));
            if let Some(given) = &args.input {
                body.insert("input".to_owned(), Value::Object(input::read(Some(given), &mut std::io::stdin())?));
            }
            show(&client.post("/v1/schedules", &Value::Object(body), &[]).await?.accepted()?, output)?;
        }
        Some(ScheduleCommand::Run { id }) => {
            let entry = act(client, id, "run").await?;
            let execution = text(&entry, "execution_id");
            output.say(format_args!("{DIM}see `ringback status {execution}`{DIM:#}"));
            if output.json { output.value(&entry)? } else { output.line(execution)? }
        }
        Some(ScheduleCommand::Pause { id }) => show(&act(client, id, "pause").await?, output)?,
        Some(ScheduleCommand::Resume { id }) => show(&act(client, id, "resume").await?, output)?,
        Some(ScheduleCommand::Delete { id }) => {
            let answer = client.delete(&format!("/v1/schedules/{id}")).await?.accepted()?;
            if output.json { output.value(&answer)? } else { output.say(format_args!("schedule {id} is deleted")) }
        }
    }
    Ok(0)
}

async fn act(client: &Client, id: &str, verb: &str) -> Result<Value, CommandError> {
    client.post(&format!("/v1/schedules/{id}/{verb}"), &Value::Object(Map::new()), &[]).await?.accepted()
}

fn list(schedules: &[Value], output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(&Value::Array(schedules.to_vec()));
    }
    if schedules.is_empty() {
        output.say("there are no schedules");
        return Ok(());
    }
    output.table(&HEADER, schedules.iter().map(row).collect())
}

fn row(schedule: &Value) -> Vec<Cell> {
    let fields = ["id", "function_name", "cron", "timezone"].map(|field| Cell::new(text(schedule, field)));
    fields.into_iter().chain([Cell::new(next(schedule)), Cell::new(text(schedule, "origin"))]).collect()
}

fn next(schedule: &Value) -> String {
    if schedule["paused"] == true {
        return "paused".to_owned();
    }
    schedule["next"][0].as_str().unwrap_or("never").to_owned()
}

/// One schedule: its next times, and what became of the last.
fn show(schedule: &Value, output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(schedule);
    }
    list(std::slice::from_ref(schedule), output)?;
    for at in schedule["next"].as_array().into_iter().flatten().filter_map(Value::as_str).skip(1) {
        output.line(format_args!("  then {at}"))?;
    }
    let firings = schedule["firings"].as_array().cloned().unwrap_or_default();
    let rows: Vec<Vec<Cell>> = firings.iter().map(firing).collect();
    if rows.is_empty() { Ok(()) } else { output.table(&["due", "outcome", "execution", "detail"], rows) }
}

fn firing(firing: &Value) -> Vec<Cell> {
    let mut cells = ["due_at", "outcome", "execution_id"].map(|field| Cell::new(text(firing, field))).to_vec();
    cells.push(Cell::new(shortened(&text(firing, "detail"))));
    cells
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn a_schedule_shows_its_next_time_or_that_it_is_paused() {
        let mut schedule = json!({"paused": false, "next": ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]});
        assert_eq!(next(&schedule), "2026-01-01T00:00:00.000Z");
        let (mut output, data, _) = testing::output(false);
        show(&schedule, &mut output).unwrap();
        assert!(data.text().contains("  then 2026-01-02T00:00:00.000Z"), "{}", data.text());
        schedule["paused"] = json!(true);
        assert_eq!(next(&schedule), "paused");
        assert_eq!(next(&json!({"paused": false, "next": []})), "never");
    }

    #[test]
    fn no_schedules_are_an_empty_array_for_machines() {
        let (mut output, data, talk) = testing::output(false);
        list(&[], &mut output).unwrap();
        assert_eq!((data.text().as_str(), talk.text().as_str()), ("", "there are no schedules\n"));
        let (mut output, data, _) = testing::output(true);
        list(&[], &mut output).unwrap();
        assert_eq!(data.text(), "[]\n");
    }
}
