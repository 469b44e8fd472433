//! What the demo showed, as a table, and what of it was not as promised.
//! Never calls a missing callback a detail.

use comfy_table::Cell;
use serde_json::{Value, json};

use super::message::Message;
use super::stage::Fired;
use crate::cli::entry;
use crate::cli::output::{Output, state_cell};

/// One execution of the demo: what was promised, and what came of it.
#[derive(Debug)]
pub struct Act {
    pub what: &'static str,
    pub fired: Fired,
    pub promised_state: &'static str,
    pub entry: Value,
    /// Every delivery attempt of its terminal message; empty if none was taken.
    pub deliveries: Vec<Message>,
    /// What else was promised, and whether it held.
    pub claims: Vec<(&'static str, bool)>,
}

impl Act {
    /// Everything that was not as promised, in words.
    pub fn wrongs(&self) -> Vec<String> {
        let mut wrongs = Vec::new();
        let state = entry::state(&self.entry);
        if state != self.promised_state {
            wrongs.push(format!("it is {state}, not {}", self.promised_state));
        }
        match self.deliveries.last() {
            None => wrongs.push("its callback did not arrive".to_owned()),
            Some(message) if message.event != format!("execution.{}", self.promised_state) => {
                wrongs.push(format!("its callback said {}", message.event));
            }
            Some(_) => {}
        }
        if self.deliveries.iter().any(|message| !message.verified) {
            wrongs.push("a signature of its callback did not hold".to_owned());
        }
        wrongs.extend(self.claims.iter().filter(|(_, held)| !held).map(|(claim, _)| format!("this did not hold: {claim}")));
        wrongs.iter().map(|wrong| format!("{} ({} {}): {wrong}", self.what, self.fired.function, self.fired.id)).collect()
    }

    fn row(&self) -> Vec<Cell> {
        let attempts = match (self.entry["attempt"].as_i64(), self.entry["max_attempts"].as_i64()) {
            (Some(attempt), Some(max)) => format!("{attempt} of {max}"),
            _ => String::new(),
        };
        let callback = match self.deliveries.len() {
            0 => "not arrived".to_owned(),
            1 => "taken at once".to_owned(),
            tries => format!("taken at try {tries}"),
        };
        let signature = if !self.deliveries.is_empty() && self.deliveries.iter().all(|message| message.verified) {
            "verified"
        } else {
            "–"
        };
        vec![
            Cell::new(self.what),
            Cell::new(self.fired.function),
            state_cell(entry::state(&self.entry)),
            Cell::new(attempts),
            Cell::new(callback),
            Cell::new(signature),
            Cell::new(entry::took_ms(&self.entry).map_or_else(String::new, entry::duration)),
            Cell::new(if self.wrongs().is_empty() { "✓" } else { "✗" }),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "function": self.fired.function,
            "execution_id": self.fired.id,
            "state": entry::state(&self.entry),
            "promised_state": self.promised_state,
            "delivery_attempts": self.deliveries.len(),
            "webhook_id": self.deliveries.last().map(|message| message.webhook_id.clone()),
            "verified": !self.deliveries.is_empty() && self.deliveries.iter().all(|message| message.verified),
            "took_ms": entry::took_ms(&self.entry),
            "wrongs": self.wrongs(),
        })
    }
}

pub fn show(acts: &[Act], output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(&acts.iter().map(Act::json).collect());
    }
    let header = ["what", "function", "state", "attempt", "callback", "signature", "took", ""];
    output.table(&header, acts.iter().map(Act::row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(event: &str, verified: bool) -> Message {
        Message {
            webhook_id: "msg_1".to_owned(),
            event: event.to_owned(),
            execution_id: "0193".to_owned(),
            attempt: "1".to_owned(),
            verified,
            body: bytes::Bytes::new(),
            answered: 200,
        }
    }

    fn act(state: &str, deliveries: Vec<Message>, held: bool) -> Act {
        Act {
            what: "an order",
            fired: Fired { id: "0193".to_owned(), function: "orders/create" },
            promised_state: "completed",
            entry: json!({"state": state, "attempt": 1, "max_attempts": 1}),
            deliveries,
            claims: vec![("the mail was sent", held)],
        }
    }

    #[test]
    fn as_promised_is_silent() {
        let act = act("completed", vec![message("execution.completed", true)], true);
        assert!(act.wrongs().is_empty());
        assert_eq!(act.json()["verified"], true);
    }

    #[test]
    fn everything_else_is_named() {
        let wrong = |act: Act| act.wrongs().join("; ").replace("an order (orders/create 0193): ", "");
        assert_eq!(wrong(act("completed", vec![], true)), "its callback did not arrive");
        let failed = act("failed", vec![message("execution.failed", true)], true);
        assert_eq!(wrong(failed), "it is failed, not completed; its callback said execution.failed");
        let forged = act("completed", vec![message("execution.completed", false)], false);
        assert_eq!(wrong(forged), "a signature of its callback did not hold; this did not hold: the mail was sent");
    }
}
