//! One stretch of work as a collector reads it.
//! Never holds a secret, a caller's header or a URL's query.

use super::Stretch;
use crate::domain::timestamp::Timestamp;
use crate::domain::trace::{SpanId, Trace};

/// Bytes of a text in a span.
const TEXT_BYTES_MAX: usize = 1024;

/// A span that is over.
#[derive(Debug, Clone)]
pub struct Span {
    pub name: String,
    pub kind: Kind,
    pub from: Timestamp,
    pub to: Timestamp,
    pub facts: Vec<(&'static str, Fact)>,
    /// Its code and its words.
    pub failure: Option<(String, String)>,
    /// Where it belongs.
    pub place: Option<(Trace, SpanId)>,
}

/// Which side of a call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Internal,
    Server,
    Client,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Text(String),
    Int(i64),
}

impl Fact {
    pub fn text(text: impl ToString) -> Self {
        Self::Text(shortened(text.to_string()))
    }
}

impl Span {
    pub(super) fn new(name: String, kind: Kind, at: Stretch, facts: Vec<(&'static str, Fact)>) -> Self {
        Self { name, kind, from: at.from, to: at.to, facts, failure: None, place: None }
    }

    /// Puts it below what the trace names as its parent.
    pub(super) fn at(mut self, trace: Trace, id: SpanId) -> Self {
        self.failure = self.failure.map(|(code, words)| (code, shortened(words)));
        self.place = Some((trace, id));
        self
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        let mut end = TEXT_BYTES_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
