//! What the engine itself must remember about an effect across a park or a crash, beside the machine's own state.
//! Never read by the machine.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::store::write::Delta;

/// Precedes a machine's delta on a line of its own.
const PREFIX: char = '#';

/// Notes about effects that have no answer yet, and the time that the attempt has run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Mark {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Running time that this attempt had used before.
    #[serde(default)]
    pub ran_ms: i64,
    /// A note about a wait is in no entry yet.
    #[serde(skip)]
    pub unsaved: bool,
}

/// What is to be remembered of the effect at `position`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Note {
    pub position: String,
    /// When the effect's wait is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// The effect is not performed before that: its last attempt failed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retry: bool,
    /// The effect has left the process; whether it happened is unknown until a checkpoint says so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub started: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Note {
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until_ms.map(Timestamp)
    }
}

impl Mark {
    pub(super) fn about(&self, position: &str) -> Option<&Note> {
        self.notes.iter().find(|note| note.position == position)
    }

    /// Replaces what was noted about that effect.
    pub(super) fn note(&mut self, note: Note) {
        self.forget(&note.position);
        self.notes.push(note);
    }

    /// Notes until when the effect at `position` waits.
    pub(super) fn waits(&mut self, position: &str, until: Option<Timestamp>) {
        let until_ms = until.map(Timestamp::ms);
        self.unsaved |= until_ms.is_some() && self.about(position).is_none_or(|note| note.until_ms != until_ms);
        self.note(Note { position: position.to_owned(), until_ms, ..Note::default() });
    }

    pub(super) fn forget(&mut self, position: &str) {
        self.notes.retain(|note| note.position != position);
    }

    /// A delta that carries this mark before what the machine wrote.
    pub(super) fn before(&mut self, machine: &str, full: bool) -> Delta {
        self.unsaved = false;
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
    fn a_wait_is_unsaved_until_an_entry_carries_it() {
        let mut mark = Mark::default();
        mark.waits("stack[0]", None);
        assert!(!mark.unsaved, "what has no end needs none");
        mark.waits("stack[1]", Some(Timestamp(5)));
        assert!(mark.unsaved);
        let written = mark.before("", false);
        assert!(!mark.unsaved);
        let (machine, last) = split(&[written]);
        let mut restored = last.unwrap();
        assert_eq!((machine.len(), restored.about("stack[1]").and_then(Note::until)), (0, Some(Timestamp(5))));
        restored.waits("stack[1]", Some(Timestamp(5)));
        assert!(!restored.unsaved, "it is known until when");
    }

    #[test]
    fn only_the_last_mark_counts_and_the_machine_never_sees_one() {
        let note = Note { position: "stack[1]".into(), until_ms: Some(5), ..Note::default() };
        let mut mark = Mark { ran_ms: 7, ..Mark::default() };
        mark.note(Note::default());
        mark.note(note.clone());
        mark.note(Note { started: true, ..note });
        assert!(mark.notes.len() == 2 && mark.about("stack[1]").is_some_and(|note| note.started));
        mark.forget("");
        let plain = Delta { full: false, text: "{\"a\":1}".into() };
        let marked = mark.before("{\"b\":2}", false);
        let (machine, last) = split(&[plain.clone(), marked.clone()]);
        assert_eq!(machine, ["{\"a\":1}".into(), "{\"b\":2}".into()]);
        assert_eq!(last, Some(mark));
        assert_eq!(split(&[marked, plain]).1, None);
    }
}
