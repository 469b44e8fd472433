//! What is wrong with a file of stacks: where, what, and how to mend it.
//! Never stops at the first error; a file's findings are all reported.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A range of bytes in a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// One thing that is wrong, placed in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub severity: Severity,
    /// A short stable name, such as `unknown_filter`.
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
    /// The line itself, for showing a caret under `column`.
    #[serde(skip)]
    pub source_line: String,
}

impl fmt::Display for Finding {
    /// `path:line:column: error: message`, the line, a caret, and `help: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        writeln!(f, "{}:{}:{}: {severity}: {}", self.path, self.line, self.column, self.message)?;
        writeln!(f, "  {}", self.source_line.replace('\t', " "))?;
        write!(f, "  {:>width$}", "^", width = self.column)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// The findings of one file while it is being read.
#[derive(Debug)]
pub struct Findings {
    path: String,
    text: Arc<str>,
    found: Vec<Finding>,
}

impl Findings {
    pub fn of(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into(), found: Vec::new() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, for whoever notes findings while reading it.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Notes an error at a byte offset of the file.
    pub fn error(&mut self, at: usize, code: &'static str, message: impl Into<String>, help: Option<String>) {
        self.push(Severity::Error, at, code, message.into(), help);
    }

    /// Notes a warning at a byte offset of the file.
    pub fn warning(&mut self, at: usize, code: &'static str, message: impl Into<String>, help: Option<String>) {
        self.push(Severity::Warning, at, code, message.into(), help);
    }

    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All findings, in the order of the file.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| (finding.line, finding.column));
        self.found
    }

    fn push(&mut self, severity: Severity, at: usize, code: &'static str, message: String, help: Option<String>) {
        let (line, column, source_line) = place(&self.text, at);
        self.found.push(Finding { path: self.path.clone(), line, column, severity, code, message, help, source_line });
    }
}

/// Line and column (from 1, in characters) of a byte offset, and the line's text.
pub fn place(text: &str, at: usize) -> (usize, usize, String) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let line = before.matches('\n').count() + 1;
    let column = text[line_start..at].chars().count() + 1;
    (line, column, text[line_start..line_end].trim_end_matches('\r').to_owned())
}
