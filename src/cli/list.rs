//! `ringback list`: executions, the newest first.
//! Never asks for more pages than are shown.

use serde_json::Value;

use super::args::ListArgs;
use super::client::Client;
use super::entry;
use super::error::CommandError;
use super::output::Output;
use super::since;
use super::watch::items;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::timestamp::Timestamp;

/// The server's bound for one page.
const PAGE_MAX: usize = 200;

pub async fn run(args: &ListArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let filters = filters(args, SystemClock.now())?;
    let wanted = args.limit as usize;
    let mut entries: Vec<Value> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut query = filters.clone();
        query.push(("limit", (wanted - entries.len()).min(PAGE_MAX).to_string()));
        query.extend(next.take().map(|cursor| ("cursor", cursor)));
        let page = client.get("/v1/executions", &query).await?.accepted()?;
        let found = items(&page);
        entries.extend(found.iter().take(wanted - entries.len()).cloned());
        next = page["next"].as_str().map(str::to_owned);
        if found.is_empty() || next.is_none() || entries.len() >= wanted {
            break;
        }
    }
    show(&entries, output)?;
    Ok(0)
}

fn filters(args: &ListArgs, now: Timestamp) -> Result<Vec<(&'static str, String)>, CommandError> {
    let mut filters = Vec::new();
    filters.extend(args.function.clone().map(|name| ("function", name)));
    filters.extend(args.state.clone().map(|state| ("state", state)));
    if let Some(text) = &args.since {
        let at = since::parse(text, now).map_err(|message| CommandError::Misuse(format!("--since: {message}")))?;
        filters.push(("created_after", at.to_string()));
    }
    Ok(filters)
}

fn show(entries: &[Value], output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(&Value::Array(entries.to_vec()));
    }
    if entries.is_empty() {
        output.say("there are no such executions");
        return Ok(());
    }
    output.table(&entry::HEADER, entries.iter().map(entry::row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    fn args(since: Option<&str>) -> ListArgs {
        ListArgs { function: Some("hello".to_owned()), state: None, since: since.map(str::to_owned), limit: 20 }
    }

    #[test]
    fn only_the_filters_that_were_given_are_sent() {
        let now = Timestamp::parse_rfc3339("2026-01-31T08:00:00Z").unwrap();
        assert_eq!(filters(&args(None), now).unwrap(), [("function", "hello".to_owned())]);
        let since = filters(&args(Some("2h")), now).unwrap();
        assert_eq!(since[1], ("created_after", "2026-01-31T06:00:00.000Z".to_owned()));
        assert!(matches!(filters(&args(Some("soon")), now), Err(CommandError::Misuse(_))));
    }

    #[test]
    fn an_empty_list_is_no_table_but_still_an_array() {
        let (mut output, data, talk) = testing::output(false);
        show(&[], &mut output).unwrap();
        assert_eq!((data.text().as_str(), talk.text().as_str()), ("", "there are no such executions\n"));
        let (mut output, data, _) = testing::output(true);
        show(&[], &mut output).unwrap();
        assert_eq!(data.text(), "[]\n");
    }
}
