//! `ringback prune`: deletes what is kept no longer; asks the server, or opens the store where none serves it.
//! Never deletes anything that the retention would not.

use comfy_table::Cell;
use serde_json::{Value, json};

use super::args::{PruneArgs, SettingFlags};
use super::client::Client;
use super::entry::text;
use super::error::CommandError;
use super::output::Output;
use crate::app;
use crate::store::read::ExpiredCount;

const HEADER: [&str; 3] = ["function", "state", "executions"];

pub async fn run(args: &PruneArgs, client: &Client, settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let done = if client.is_served().await {
        client.post("/v1/prune", &json!({"dry_run": args.dry_run}), &[]).await?.accepted()?
    } else {
        offline(args, settings, output).await?
    };
    show(&done, output)?;
    Ok(0)
}

async fn offline(args: &PruneArgs, settings: &SettingFlags, output: &mut Output) -> Result<Value, CommandError> {
    let (config, _) = settings.load()?;
    output.say(format_args!("nothing serves it: opening {} itself", super::serve::database_label(&config.store.database)));
    let pruned = app::prune(&config, args.dry_run).await.map_err(|error| CommandError::Failed(error.to_string()))?;
    let expired: Vec<Value> = pruned.expired.iter().map(shown).collect();
    let total: i64 = pruned.expired.iter().map(|count| count.executions).sum();
    Ok(match pruned.removed {
        None => json!({"dry_run": true, "executions": total, "rows": null, "expired": expired}),
        Some(removed) => {
            json!({"dry_run": false, "executions": removed.executions, "rows": removed.rows, "expired": expired})
        }
    })
}

fn shown(count: &ExpiredCount) -> Value {
    json!({"function": count.function.as_str(), "state": count.state.as_str(), "executions": count.executions})
}

fn show(done: &Value, output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(done);
    }
    let expired = done["expired"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !expired.is_empty() {
        let row = |count: &Value| HEADER.map(|field| Cell::new(text(count, field))).to_vec();
        output.table(&HEADER, expired.iter().map(row).collect())?;
    }
    let executions = &done["executions"];
    if done["dry_run"] == true {
        output.say(format_args!("{executions} executions would be deleted; nothing was"));
    } else {
        output.say(format_args!("{executions} executions deleted, {} rows in all", done["rows"]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn a_dry_run_says_that_nothing_was_deleted() {
        let expired = json!([{"function": "hello", "state": "failed", "executions": 3}]);
        let (mut output, data, talk) = testing::output(false);
        show(&json!({"dry_run": true, "executions": 3, "rows": null, "expired": expired}), &mut output).unwrap();
        assert_eq!(data.text(), " FUNCTION  STATE   EXECUTIONS\n hello     failed  3\n");
        assert_eq!(talk.text(), "3 executions would be deleted; nothing was\n");
        let (mut output, data, talk) = testing::output(false);
        show(&json!({"dry_run": false, "executions": 0, "rows": 2, "expired": []}), &mut output).unwrap();
        assert_eq!((data.text().as_str(), talk.text().as_str()), ("", "0 executions deleted, 2 rows in all\n"));
    }
}
