//! `ringback redeliver`: sends messages again, by id or by filter.
//! Never waits for them to arrive: `GET /v1/deliveries` tells how they fare.

use comfy_table::Cell;
use serde_json::{Map, Value, json};

use super::args::RedeliverArgs;
use super::client::Client;
use super::error::{CommandError, FAILED};
use super::output::Output;
use super::progress;
use super::since;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::timestamp::Timestamp;

pub async fn run(args: &RedeliverArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    if args.ids.is_empty() {
        let reply = client.post("/v1/deliveries/redeliver", &wish(args, SystemClock.now())?, &[]).await?.accepted()?;
        return Ok(show(&reply, output)?);
    }
    by_id(args, client, output).await
}

async fn by_id(args: &RedeliverArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let bar = progress::bar(u64::try_from(args.ids.len()).unwrap_or(u64::MAX), "are done");
    let (mut done, mut failed) = (Vec::new(), 0);
    for id in &args.ids {
        bar.inc(1);
        let path = format!("/v1/deliveries/{}", percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC));
        let reply = match args.dry_run {
            true => client.get(&path, &[]).await?,
            false => client.post(&format!("{path}/redeliver"), &json!({}), &[]).await?,
        };
        match reply.accepted() {
            Ok(delivery) => done.push(delivery),
            // The others are sent all the same.
            Err(error @ CommandError::Failed(_)) => {
                failed += 1;
                bar.suspend(|| output.problem(&format!("{id}: {}", error.text().unwrap_or_default())));
            }
            Err(error) => return Err(error),
        }
    }
    bar.finish_and_clear();
    if output.json {
        output.value(&Value::Array(done))?;
    } else {
        let rows =
            done.iter().map(|delivery| ["id", "event", "state", "url"].map(|name| Cell::new(text(delivery, name))).to_vec());
        output.table(&["ID", "EVENT", "STATE", "URL"], rows.collect())?;
    }
    Ok(if failed == 0 { 0 } else { FAILED })
}

/// The filters that were given, as the API takes them.
fn wish(args: &RedeliverArgs, now: Timestamp) -> Result<Value, CommandError> {
    let mut wish = Map::new();
    let given =
        [("state", &args.state), ("destination", &args.destination), ("function", &args.function), ("event", &args.event)];
    for (name, value) in given {
        if let Some(value) = value {
            wish.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(text) = &args.since {
        let at = since::parse(text, now).map_err(|message| CommandError::Misuse(format!("--since: {message}")))?;
        wish.insert("created_after".to_owned(), json!(at.to_string()));
    }
    wish.insert("dry_run".to_owned(), json!(args.dry_run));
    Ok(Value::Object(wish))
}

fn show(reply: &Value, output: &mut Output) -> std::io::Result<u8> {
    if output.json {
        output.value(reply)?;
        return Ok(0);
    }
    let ids = reply["delivery_ids"].as_array().cloned().unwrap_or_default();
    output.table(&["ID"], ids.iter().map(|id| vec![Cell::new(id.as_str().unwrap_or_default())]).collect())?;
    output.say(&match reply["dry_run"] == Value::Bool(true) {
        true => format!("{} messages would be sent again", reply["matched"]),
        false => format!("{} messages are sent again", reply["redelivered"]),
    });
    Ok(0)
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    fn args() -> RedeliverArgs {
        RedeliverArgs {
            ids: Vec::new(),
            state: Some("dead".to_owned()),
            destination: None,
            function: None,
            event: None,
            since: None,
            dry_run: true,
        }
    }

    #[test]
    fn only_the_filters_that_were_given_are_sent() {
        let now = Timestamp::parse_rfc3339("2026-01-31T08:00:00Z").unwrap();
        assert_eq!(wish(&args(), now).unwrap(), json!({"state": "dead", "dry_run": true}));
        let since = RedeliverArgs { state: None, since: Some("2h".to_owned()), dry_run: false, ..args() };
        assert_eq!(wish(&since, now).unwrap(), json!({"created_after": "2026-01-31T06:00:00.000Z", "dry_run": false}));
        let odd = RedeliverArgs { since: Some("soon".to_owned()), ..args() };
        assert!(matches!(wish(&odd, now), Err(CommandError::Misuse(_))));
    }

    #[test]
    fn a_dry_run_says_that_it_is_one() {
        let (mut output, _, talk) = testing::output(false);
        show(&json!({"dry_run": true, "matched": 3, "redelivered": 0, "delivery_ids": ["a"]}), &mut output).unwrap();
        assert_eq!(talk.text(), "3 messages would be sent again\n");
    }
}
