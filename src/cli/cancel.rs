//! `ringback cancel`: ends executions before their time.
//! Never calls one cancelled that had ended otherwise.

use serde_json::Value;

use super::args::IdsArgs;
use super::client::Client;
use super::entry;
use super::error::{CommandError, FAILED};
use super::output::Output;
use super::status;

pub async fn run(args: &IdsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let mut entries = Vec::with_capacity(args.ids.len());
    for ids in args.ids.chunks(100) {
        entries.extend(client.cancel(ids).await?);
    }
    status::show(&entries, output)?;
    Ok(verdict(&entries, output))
}

fn verdict(entries: &[Value], output: &mut Output) -> u8 {
    let refused: Vec<&Value> = entries.iter().filter(|entry| entry["cancelled"] != Value::Bool(true)).collect();
    for entry in &refused {
        output.problem(&format!("{} is {}, not cancelled", entry::text(entry, "execution_id"), entry::state(entry)));
    }
    if refused.is_empty() { 0 } else { FAILED }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn what_had_ended_otherwise_is_named() {
        let cancelled = json!({"execution_id": "a", "state": "cancelled", "cancelled": true});
        let completed = json!({"execution_id": "b", "state": "completed", "cancelled": false});
        let (mut output, _, talk) = testing::output(false);
        assert_eq!(verdict(std::slice::from_ref(&cancelled), &mut output), 0);
        assert_eq!(verdict(&[cancelled, completed], &mut output), FAILED);
        assert_eq!(talk.text(), "error: b is completed, not cancelled\n");
    }
}
