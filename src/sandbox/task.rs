//! What a sandbox is asked and what it answers, each one line of JSON on a pipe.
//! Never holds more than the task needs: what is not mentioned in its text is not sent.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::value::Value;

/// A program with what it sees and what it may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    pub language: Language,
    pub text: Arc<str>,
    /// An object: the names that the program sees.
    pub globals: Value,
    /// Its heap, and what it may answer.
    pub memory_bytes: usize,
    /// Its share of a core.
    pub millicores: u32,
    /// The time that it sees; it stands still, so that the same task has the same answer.
    pub now_ms: i64,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Script,
    /// `escape`: values are escaped for HTML.
    Template {
        escape: bool,
    },
}

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub result: Result<Value, Fault>,
    /// What it wrote to its console.
    pub lines: Vec<Line>,
    /// What its process holds now.
    pub resident_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub level: Level,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Why a program has no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It threw, or its text does not read.
    Raised(Box<Raised>),
    /// It threw null; so does an engine that has no room left for an error.
    Null,
    /// It needed more memory than it may have.
    Memory,
    /// It burned more instructions than a template may.
    Fuel,
    /// It waits for a promise, and nothing is left that could settle it.
    Pending,
    /// It was told to stop.
    Interrupted,
    /// Its value is none of ours.
    Value(String),
    /// Its process ended without an answer, or could not be started.
    Crashed(String),
}

/// What a program threw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// `TypeError`
    pub name: String,
    pub message: String,
    /// Of the program's text, from 1.
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// What a thrown object carries beside its message.
    pub code: Option<String>,
    pub status: Option<u16>,
    pub payload: Value,
}

impl Outcome {
    pub(super) fn fault(fault: Fault) -> Self {
        Self { result: Err(fault), lines: Vec::new(), resident_bytes: 0 }
    }
}

/// One line, its end included.
pub(super) fn to_line(message: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(message).expect("tasks and outcomes have only text keys");
    line.push(b'\n');
    line
}

/// Reads what [`to_line`] made; values may be as deep as ours are.
pub(super) fn from_line<'a, T: Deserialize<'a>>(line: &'a [u8]) -> io::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
