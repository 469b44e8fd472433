//! `ringback status`: how executions stand.
//! Never waits for them.

use serde_json::Value;

use super::args::IdsArgs;
use super::client::Client;
use super::entry;
use super::error::{CommandError, FAILED};
use super::output::{BOLD, Output, state_style};

/// The server's bound for one call.
const IDS_PER_CALL: usize = crate::domain::limits::IDS_PER_CALL_MAX;

pub async fn run(args: &IdsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let mut entries = Vec::with_capacity(args.ids.len());
    for ids in args.ids.chunks(IDS_PER_CALL) {
        entries.extend(client.statuses(ids).await?);
    }
    show(&entries, output)?;
    Ok(if entries.iter().any(entry::is_unknown) { FAILED } else { 0 })
}

/// One entry in full, several as a table, all of them as an array for machines.
pub fn show(entries: &[Value], output: &mut Output) -> std::io::Result<()> {
    match entries {
        _ if output.json => output.value(&Value::Array(entries.to_vec())),
        [single] => detail(single, output),
        several => output.table(&entry::HEADER, several.iter().map(entry::row).collect()),
    }
}

fn detail(entry: &Value, output: &mut Output) -> std::io::Result<()> {
    let state = entry::state(entry);
    let style = state_style(state);
    output.line(format_args!("{BOLD}{}{BOLD:#} {style}{state}{style:#}", entry::text(entry, "execution_id")))?;
    let fields = [
        ("function", "function_name"),
        ("version", "function_version"),
        ("attempt", "attempt"),
        ("accepted", "created_at"),
        ("started", "started_at"),
        ("ended", "completed_at"),
        ("waits for", "waiting_for"),
        ("progress", "progress"),
        ("parent", "parent_execution_id"),
        ("error", "error"),
        ("error code", "error_code"),
    ];
    for (label, field) in fields {
        let text = entry::text(entry, field);
        if !text.is_empty() {
            output.line(format_args!("  {label:<10} {text}"))?;
        }
    }
    if let Some(ms) = entry::took_ms(entry) {
        output.line(format_args!("  {:<10} {}", "took", entry::duration(ms)))?;
    }
    if let Some(trace) = entry["error_detail"]["stack"].as_str().filter(|trace| !trace.is_empty()) {
        output.line(format_args!("  {:<10} {}", "trace", trace.replace('\n', "\n             ")))?;
    }
    if !entry["output"].is_null() {
        output.line(format_args!("  {:<10} {:#}", "output", entry["output"]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::testing;

    fn completed(id: &str) -> Value {
        json!({
            "execution_id": id, "function_name": "hello", "state": "completed", "status": "completed", "attempt": 1,
            "created_at": "2026-01-01T00:00:00.000Z", "completed_at": "2026-01-01T00:00:00.004Z", "error": null, "output": 7,
        })
    }

    #[test]
    fn one_execution_is_shown_in_full() {
        let (mut output, data, _) = testing::output(false);
        show(&[completed("0193")], &mut output).unwrap();
        let expected = "0193 completed\n  function   hello\n  attempt    1\n  accepted   2026-01-01T00:00:00.000Z\n  \
                        ended      2026-01-01T00:00:00.004Z\n  took       4 ms\n  output     7\n";
        assert_eq!(data.text(), expected);
    }

    #[test]
    fn several_are_a_table_and_machines_get_an_array() {
        let both = [completed("0193"), completed("0194")];
        let (mut output, data, _) = testing::output(false);
        show(&both, &mut output).unwrap();
        assert_eq!(data.text().lines().count(), 3);
        let (mut output, data, _) = testing::output(true);
        show(&both[..1], &mut output).unwrap();
        assert!(data.text().starts_with("[{\"execution_id\":\"0193\""));
    }
}
