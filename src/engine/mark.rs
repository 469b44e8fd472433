//! What the engine itself must remember about an effect across a park or a crash, beside the machine's own state.
//! Never read by the machine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::store::write::Delta;

/// Precedes a machine's delta on a line of its own.
const PREFIX: char = '#';

/// A note about the effect at `position`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Mark {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// When the effect's wait is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// The effect has left the process; whether it happened is unknown until a checkpoint says so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub started: bool,
    /// Running time that this attempt had used before.
    #[serde(default)]
    pub ran_ms: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Mark {
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until_ms.map(Timestamp)
    }

    pub(super) fn is_about(&self, position: &str) -> bool {
        self.position.as_deref() == Some(position)
    }

    /// A delta that carries this mark before what the machine wrote.
    pub(super) fn before(&self, machine: &str, full: bool) -> Delta {
        let mark = serde_json::to_string(self).expect("a mark has only text keys");
        Delta { full, text: format!("{PREFIX}{mark}\n{machine}").into() }
    }
}

/// Splits stored deltas into the machine's part and the mark of the last of them.
pub(super) fn split(deltas: &[Delta]) -> (Vec<Arc<str>>, Option<Mark>) {
    let mut machine = Vec::with_capacity(deltas.len());
    let mut last = None;
    for delta in deltas {
        last = None;
        let Some(rest) = delta.text.strip_prefix(PREFIX) else {
            machine.push(Arc::clone(&delta.text));
            continue;
        };
        let (mark, own) = rest.split_once('\n').unwrap_or((rest, ""));
        last = serde_json::from_str(mark).ok();
        if !own.is_empty() {
            machine.push(own.into());
        }
    }
    (machine, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_mark_counts_and_the_machine_never_sees_one() {
        let mark = Mark { position: Some("stack[1]".into()), until_ms: Some(5), ..Mark::default() };
        let plain = Delta { full: false, text: "{\"a\":1}".into() };
        let marked = mark.before("{\"b\":2}", false);
        let (machine, last) = split(&[plain.clone(), marked.clone()]);
        assert_eq!(machine, ["{\"a\":1}".into(), "{\"b\":2}".into()]);
        assert_eq!(last, Some(mark));
        assert_eq!(split(&[marked, plain]).1, None);
    }
}
