//! `ringback await`: waits until executions have ended.
//! Never holds one call open for longer than the server likes.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::args::AwaitArgs;
use super::client::Client;
use super::entry;
use super::error::{CommandError, FAILED};
use super::output::Output;
use super::progress;
use super::status;

/// Seconds that one call waits; short enough for the bar to move.
const CALL_S: u64 = 5;

pub async fn run(args: &AwaitArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let deadline = args.timeout.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let bar = progress::bar(args.ids.len() as u64, "have ended");
    let mut entries: Vec<Value> = vec![Value::Null; args.ids.len()];
    loop {
        for (ids, entries) in args.ids.chunks(100).zip(entries.chunks_mut(100)) {
            let known = client.wait(ids, call_s(deadline)).await?;
            entries.iter_mut().zip(known).for_each(|(entry, known)| *entry = known);
        }
        let over = entries.iter().filter(|entry| entry::is_over(entry)).count();
        bar.set_position(over as u64);
        let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if over == entries.len() || late {
            bar.finish_and_clear();
            status::show(&entries, output)?;
            return Ok(verdict(&entries, output));
        }
    }
}

/// Fails if one of them has not completed, and says how many of which kind.
fn verdict(entries: &[Value], output: &mut Output) -> u8 {
    let open = entries.iter().filter(|entry| !entry::is_over(entry)).count();
    let failed = entries.iter().filter(|entry| entry::is_over(entry) && !entry::has_completed(entry)).count();
    if open > 0 {
        output.problem(&format!("the time is up and {open} of {} have not ended", entries.len()));
    } else if failed > 0 {
        output.problem(&format!("{failed} of {} have not completed", entries.len()));
    }
    if open + failed > 0 { FAILED } else { 0 }
}

fn call_s(deadline: Option<Instant>) -> u64 {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    left.map_or(CALL_S, |left| left.as_millis().div_ceil(1000).try_into().unwrap_or(CALL_S).min(CALL_S))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn all_completed_is_done_and_anything_else_is_not() {
        let completed = json!({"status": "completed", "state": "completed"});
        let failed = json!({"status": "error", "state": "failed"});
        let running = json!({"status": "running", "state": "waiting"});
        let (mut output, _, talk) = testing::output(false);
        assert_eq!(verdict(&[completed.clone(), completed.clone()], &mut output), 0);
        assert_eq!(talk.text(), "");
        assert_eq!(verdict(&[completed, failed.clone()], &mut output), FAILED);
        assert_eq!(verdict(&[failed, running], &mut output), FAILED);
        assert_eq!(talk.text(), "error: 1 of 2 have not completed\nerror: the time is up and 1 of 2 have not ended\n");
    }

    #[test]
    fn one_call_waits_no_longer_than_is_left() {
        assert_eq!(call_s(None), CALL_S);
        assert_eq!(call_s(Some(Instant::now())), 0);
        assert_eq!(call_s(Some(Instant::now() + Duration::from_millis(1500))), 2);
        assert_eq!(call_s(Some(Instant::now() + Duration::from_secs(60))), CALL_S);
    }
}
