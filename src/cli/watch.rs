//! Watches one execution live: what has happened since the last look.
//! Never decides how long to look on.

use serde_json::Value;

use super::client::Client;
use super::entry;
use super::error::CommandError;
use super::output::{BAD, BUSY, DIM, GOOD, state_style};

/// An execution that is being watched, and how much of it has been told.
#[derive(Debug)]
pub struct Watch {
    id: String,
    told: Option<(String, i64)>,
    progress: Value,
    steps: usize,
}

impl Watch {
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), told: None, progress: Value::Null, steps: 0 }
    }

    /// Looks once: the entry as it is now, and a line for everything that is new, in the order in which it happened.
    pub async fn look(&mut self, client: &Client) -> Result<(Value, Vec<String>), CommandError> {
        // The entry is read first: then all steps before a state that is told have been told, or come at once after it.
        let ids = [self.id.clone()];
        let entry = client.statuses(&ids).await?.pop().unwrap_or_default();
        let steps = client.get(&format!("/v1/executions/{}/steps", self.id), &[]).await?;
        let steps = if steps.status < 400 { items(&steps.body).to_vec() } else { Vec::new() };
        Ok((entry.clone(), self.news(&entry, &steps)))
    }

    fn news(&mut self, entry: &Value, steps: &[Value]) -> Vec<String> {
        let mut lines: Vec<String> = steps.iter().skip(self.steps).map(step_line).collect();
        self.steps = self.steps.max(steps.len());
        if entry["progress"] != self.progress {
            self.progress = entry["progress"].clone();
            lines.extend(progress_line(&self.progress));
        }
        let state = entry::state(entry).to_owned();
        let told = (state.clone(), entry["attempt"].as_i64().unwrap_or(1));
        if self.told.as_ref() != Some(&told) {
            lines.push(state_line(entry, &state));
            self.told = Some(told);
        }
        lines
    }
}

/// The items of a list, which stands alone or in `items`.
pub fn items(body: &Value) -> &[Value] {
    body.as_array().or_else(|| body["items"].as_array()).map_or(&[], Vec::as_slice)
}

fn step_line(step: &Value) -> String {
    let kind = ["kind", "step"].iter().find_map(|field| step[*field].as_str()).unwrap_or("step");
    let name = step["name"].as_str().map(|name| format!(" {DIM}({name}){DIM:#}")).unwrap_or_default();
    let took = match (entry::instant(step, "started_at"), entry::instant(step, "ended_at")) {
        (Some(started), Some(ended)) => format!(" {DIM}{}{DIM:#}", entry::duration(ended.since_ms(started))),
        _ => String::new(),
    };
    let attempt = step["attempt"].as_i64().filter(|attempt| *attempt > 1).map(|number| format!(", attempt {number}"));
    let attempt = attempt.unwrap_or_default();
    if step["failed"].as_bool().unwrap_or(!step["error"].is_null()) {
        let error = &step["error"];
        let error = if error.is_null() { &step["result"]["error"] } else { error };
        let why = error["message"].as_str().or_else(|| error.as_str()).unwrap_or_default();
        format!("{BAD}✗{BAD:#} {kind}{name}{attempt}{took}: {BAD}{}{BAD:#}", entry::shortened(why))
    } else {
        format!("{GOOD}✓{GOOD:#} {kind}{name}{attempt}{took}")
    }
}

fn progress_line(progress: &Value) -> Option<String> {
    let percent = progress["percent"].as_f64().map(|percent| format!("{percent} % ")).unwrap_or_default();
    let message = progress["message"].as_str().unwrap_or_default();
    let text = format!("{percent}{message}");
    (!text.is_empty()).then(|| format!("{BUSY}…{BUSY:#} {}", text.trim_end()))
}

fn state_line(entry: &Value, state: &str) -> String {
    let style = state_style(state);
    let attempt = match (entry["attempt"].as_i64(), entry["max_attempts"].as_i64()) {
        (Some(attempt), Some(max)) if max > 1 => format!(", attempt {attempt} of {max}"),
        _ => String::new(),
    };
    let waiting = entry["waiting_for"]["what"].as_str().map(|what| format!(", waits for {what}")).unwrap_or_default();
    let error = entry["error"].as_str().map(|error| format!(": {}", entry::shortened(error))).unwrap_or_default();
    format!("● {style}{state}{style:#}{attempt}{waiting}{error}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut watch = Watch::of("0193");
        let running = json!({"state": "running", "attempt": 1, "max_attempts": 1, "progress": null});
        let sent = json!({
            "kind": "external_api_request", "name": "hand the mail over", "attempt": 2, "failed": false,
            "started_at": "2026-01-01T00:00:00.000Z", "ended_at": "2026-01-01T00:00:00.012Z",
        });
        assert_eq!(plain(&watch.news(&running, &[])), ["● running"]);
        assert_eq!(
            plain(&watch.news(&running, std::slice::from_ref(&sent))),
            ["✓ external_api_request (hand the mail over), attempt 2 12 ms"]
        );
        assert!(watch.news(&running, std::slice::from_ref(&sent)).is_empty());
        let done =
            json!({"state": "completed", "attempt": 1, "max_attempts": 1, "progress": {"percent": 100, "message": "kept"}});
        assert_eq!(plain(&watch.news(&done, &[sent])), ["… 100 % kept", "● completed"]);
    }

    #[test]
    fn a_failed_step_says_why_and_another_attempt_is_news() {
        let mut watch = Watch::of("0193");
        let step =
            json!({"kind": "external_api_request", "attempt": 1, "failed": true, "result": {"error": {"message": "HTTP 503"}}});
        let retrying = json!({"state": "retrying", "attempt": 1, "max_attempts": 3, "waiting_for": {"what": "retry"}});
        assert_eq!(
            plain(&watch.news(&retrying, &[step])),
            ["✗ external_api_request: HTTP 503", "● retrying, attempt 1 of 3, waits for retry"]
        );
        let again = json!({"state": "retrying", "attempt": 2, "max_attempts": 3, "waiting_for": {"what": "retry"}});
        assert_eq!(plain(&watch.news(&again, &[])), ["● retrying, attempt 2 of 3, waits for retry"]);
    }

    #[test]
    fn a_list_stands_alone_or_in_items() {
        assert_eq!(items(&json!([1, 2])).len(), 2);
        assert_eq!(items(&json!({"items": [1], "next": null})).len(), 1);
        assert!(items(&json!("nothing")).is_empty());
    }
}
