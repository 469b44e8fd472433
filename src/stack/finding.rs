//! What is wrong with a file of stacks: where, what, and how to mend it.
//! Never stops at the first error; a file's findings are all reported.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// Characters of a line that are shown; files of one long line exist.
const LINE_CHARS_MAX: usize = 120;
/// Errors, and warnings, of one file that are kept; more help nobody.
const KEPT_MAX: usize = 200;

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
    /// The part of the line around `column` that fits on a screen.
    #[serde(skip)]
    pub source_line: String,
    /// Where the caret stands under it, from 1.
    #[serde(skip)]
    pub caret_column: usize,
}

impl fmt::Display for Finding {
    /// `path:line:column: error: message`, the line, a caret, and `help: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{}:{}:{}: {severity}: {}", self.path, self.line, self.column, self.message)?;
        if !self.source_line.is_empty() {
            write!(f, "\n  {}\n  {:>caret$}", self.source_line, "^", caret = self.caret_column)?;
        }
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// The part of a line around `column` that fits on a screen, and the column within it. What could move the
/// cursor of a terminal becomes a blank.
fn window(line: &str, column: usize) -> (String, usize) {
    let chars = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    let length = line.chars().count();
    if length <= LINE_CHARS_MAX {
        return (chars.collect(), column);
    }
    let start = column.saturating_sub(LINE_CHARS_MAX / 2).min(length - LINE_CHARS_MAX);
    let (before, after) = (if start > 0 { "…" } else { "" }, if start + LINE_CHARS_MAX < length { "…" } else { "" });
    let shown: String = chars.skip(start).take(LINE_CHARS_MAX).collect();
    (format!("{before}{shown}{after}"), column - start + before.chars().count())
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

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All findings, in the order of the file.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| (finding.line, finding.column));
        self.found
    }

    fn push(&mut self, severity: Severity, at: usize, code: &'static str, message: String, help: Option<String>) {
        if self.found.iter().filter(|finding| finding.severity == severity).count() >= KEPT_MAX {
            return;
        }
        let (line, column, text) = place(&self.text, at);
        let (source_line, caret_column) = window(&text, column);
        let path = self.path.clone();
        self.found.push(Finding { path, line, column, severity, code, message, help, source_line, caret_column });
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

/// The candidate that is spelled most like `text`, if any is near enough to be meant.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.into_iter().map(|candidate| (strsim::damerau_levenshtein(text, candidate), candidate));
    let (distance, candidate) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= (text.chars().count() / 3).clamp(1, 4)).then_some(candidate)
}

/// `did you mean …?`, if there is a candidate near enough.
pub fn did_you_mean<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(text, candidates).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, at: usize) -> String {
        let mut findings = Findings::of("a.json", text);
        findings.error(at, "test", "wrong", Some("mend it".into()));
        findings.into_sorted()[0].to_string()
    }

    #[test]
    fn a_finding_shows_its_line_with_a_caret_under_the_column() {
        assert_eq!(shown("{\n\t\"é\": 1\r\n}", 8), "a.json:2:6: error: wrong\n   \"é\": 1\n       ^\nhelp: mend it");
    }

    #[test]
    fn only_the_part_of_a_long_line_around_the_column_is_shown() {
        let line = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let text = shown(&line, 500);
        let lines: Vec<_> = text.lines().collect();
        let caret = lines[2].chars().count() - 1;
        assert_eq!(lines[1].chars().nth(caret), Some('X'));
        assert!(lines[1].chars().count() < 130, "{}", lines[1]);
        assert!(shown(&line, 1000).lines().nth(1).unwrap().ends_with('b'));
    }

    #[test]
    fn a_file_that_is_all_wrong_has_bounded_findings_and_stays_wrong() {
        let mut findings = Findings::of("a.json", "x".repeat(1_000_000));
        (0..10_000).for_each(|at| findings.warning(at, "test", "odd", None));
        (0..10_000).for_each(|at| findings.error(at, "test", "wrong", None));
        assert!(findings.has_errors());
        let found = findings.into_sorted();
        assert_eq!(found.len(), 2 * KEPT_MAX);
        assert!(found.iter().all(|finding| finding.source_line.len() < 1_000));
    }

    #[test]
    fn a_terminal_cannot_be_commanded_through_a_file() {
        assert!(!shown("\u{1b}[2J", 0).contains('\u{1b}'));
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        assert_eq!(nearest("frist", ["last", "first"]), Some("first"));
        assert_eq!(nearest("quux", ["last", "first"]), None);
    }
}
