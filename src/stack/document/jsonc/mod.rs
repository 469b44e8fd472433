//! JSON with `//` and `/* */` comments and trailing commas, read with the place of every value.
//! Never interprets what it reads, and never stops at an error that it can step over.

mod number;
mod skip;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use super::node::{Data, Member, Node, Text};
use crate::domain::limits::STACK_DEPTH_MAX;
use crate::stack::finding::{Findings, Span, place};

/// A block of a stack takes up to four levels of a document: a list, a step, its cases, one case.
const DEPTH_MAX: usize = STACK_DEPTH_MAX * 4;
/// Errors of one file after which the rest is most likely no JSON at all.
const ERRORS_MAX: usize = 20;
/// Words that begin a program, not a value.
const JAVASCRIPT: [&str; 9] = ["const", "let", "var", "function", "class", "export", "import", "return", "async"];

/// Parses a file. `None` if what it holds could not be made out; `Some` with errors among the findings if it
/// could, such as for a missing comma, so that what it holds can be checked as well.
pub fn parse_jsonc(findings: &mut Findings) -> Option<Node> {
    let text = findings.shared_text();
    let mut parser = Parser { text: &text, at: 0, open: Vec::new(), errors: 0, broken: false, torn: false, findings };
    let node = parser.document();
    node.filter(|_| !parser.broken)
}

struct Parser<'a> {
    text: &'a str,
    /// Byte offset of what is read next.
    at: usize,
    /// Where the brackets stand that are open.
    open: Vec<usize>,
    errors: usize,
    /// Something was skipped: the tree is not what the file says.
    broken: bool,
    /// A text was never closed: what stands behind it may be its own, so brackets are not counted any more.
    torn: bool,
    findings: &'a mut Findings,
}

impl Parser<'_> {
    fn document(&mut self) -> Option<Node> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        self.trivia();
        if self.at >= self.text.len() && self.errors == 0 {
            self.error(self.at, "the file is empty", Some("write a list of steps, such as `[]`".into()));
            return None;
        }
        let node = self.value()?;
        self.trivia();
        if self.at < self.text.len() {
            self.rest();
        }
        Some(node)
    }

    /// What stands behind the file's one value.
    fn rest(&mut self) {
        let (message, help) = match self.peek() {
            Some(b'[' | b'{') => (
                "a file holds one value, and a second one begins here".to_owned(),
                "put each stack into a file of its own, or all of them into one object, each under its name",
            ),
            Some(b',') => ("a file holds one value, but a `,` follows it".to_owned(), "put a list `[ … ]` around the values"),
            _ => {
                (format!("a file holds one value, but {} follows it", self.shown()), "remove what follows, or make it a comment")
            }
        };
        self.error(self.at, message, Some(help.into()));
    }

    fn value(&mut self) -> Option<Node> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.text().map(node_of_text),
            Some(b'\'' | b'`') => self.foreign_text().map(node_of_text),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') if !self.text[self.at..].starts_with("..") => self.number(),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Data>) -> Option<Node> {
        if self.open.len() >= DEPTH_MAX {
            self.error(self.at, format!("values are nested deeper than {DEPTH_MAX} levels here"), None);
            self.stop();
            return None;
        }
        let start = self.at;
        self.open.push(start);
        self.at += 1;
        let data = read(self);
        self.open.pop();
        data.map(|data| Node { span: Span { start, end: self.at }, data })
    }

    fn array(&mut self) -> Option<Data> {
        let mut items = Vec::new();
        while self.goes_on(b']', "a value")? {
            match self.value() {
                Some(item) => items.push(item),
                None => self.skip_to_separator(),
            }
            self.separator(b']');
        }
        Some(Data::Array(items))
    }

    fn object(&mut self) -> Option<Data> {
        let mut members: Vec<Member> = Vec::new();
        let mut seen = HashMap::new();
        while self.goes_on(b'}', "a key")? {
            match self.member() {
                Some(member) => self.add(&mut members, &mut seen, member),
                None => self.skip_to_separator(),
            }
            self.separator(b'}');
        }
        Some(Data::Object(members))
    }

    /// Whether another entry follows; `None` if the brackets do not match and nothing more can be made out.
    fn goes_on(&mut self, close: u8, entry: &str) -> Option<bool> {
        loop {
            self.trivia();
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Some(false);
                }
                Some(b',') => {
                    let at = self.at;
                    self.at += 1;
                    self.error(at, format!("expected {entry}, found `,`"), Some("remove this comma".into()));
                }
                Some(found @ (b']' | b'}')) => {
                    self.mismatch(close, found);
                    return None;
                }
                Some(_) => return Some(true),
                None => {
                    self.unclosed(close);
                    return None;
                }
            }
        }
    }

    fn mismatch(&mut self, close: u8, found: u8) {
        if self.torn {
            return self.stop();
        }
        let (line, column, _) = place(self.text, self.innermost());
        let (close, found) = (char::from(close), char::from(found));
        let message = format!("expected `{close}`, found `{found}`");
        let help = format!("the bracket of line {line}, column {column} is still open here");
        self.error(self.at, message, Some(help));
        self.stop();
    }

    fn unclosed(&mut self, close: u8) {
        if !self.torn && !self.stopped() {
            let open = if close == b']' { '[' } else { '{' };
            let help = format!("write the `{close}` that belongs to it", close = char::from(close));
            self.error(self.innermost(), format!("this `{open}` is never closed"), Some(help));
        }
        self.stop();
    }

    /// The comma between two entries, or nothing before the closing bracket.
    fn separator(&mut self, close: u8) {
        let end = self.at;
        self.trivia();
        match self.peek() {
            Some(b',') => self.at += 1,
            Some(b']' | b'}') | None => {}
            Some(next) if begins_entry(next, close) && self.at > end => {
                self.error(end, "a `,` is missing here", Some("entries are separated by commas".into()));
            }
            Some(_) => {
                let message = format!("expected `,` or `{}`, found {}", char::from(close), self.shown());
                let behind_text = self.at == end && self.text[..end].ends_with('"');
                let help = behind_text.then(|| "a quote inside a text is written `\\\"`".to_owned());
                self.error(self.at, message, help);
                self.skip_to_separator();
                if self.peek() == Some(b',') {
                    self.at += 1;
                }
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        let key = match self.peek() {
            Some(b'"') => self.text()?,
            Some(b'\'' | b'`') => self.foreign_text()?,
            _ => self.bare_key()?,
        };
        let key_span = Span { start: key.start.saturating_sub(1), end: self.at };
        self.trivia();
        if self.peek() != Some(b':') {
            self.error(self.at, format!("expected `:` behind the key `{}`", key.value), None);
            return None;
        }
        self.at += 1;
        self.trivia();
        let value = self.value()?;
        Some(Member { key: key.value, key_span, value })
    }

    fn bare_key(&mut self) -> Option<Text> {
        let start = self.at;
        let key = self.identifier().to_owned();
        if key.is_empty() || !self.text[self.at..].trim_start().starts_with(':') {
            self.at = start;
            self.unexpected("a key in double quotes");
            return None;
        }
        self.error(start, format!("a key stands in double quotes: `\"{key}\"`"), None);
        Some(Text { value: key, start: start + 1, shifts: Vec::new() })
    }

    fn add(&mut self, members: &mut Vec<Member>, seen: &mut HashMap<Arc<str>, usize>, member: Member) {
        if let Some(first) = seen.get(member.key.as_str()) {
            let (line, column, _) = place(self.text, *first);
            let message = format!("the key `{}` stands twice in this object", member.key);
            let help = Some(format!("the first one is at line {line}, column {column}; remove one of them"));
            self.errors += 1;
            self.findings.error(member.key_span.start, "duplicate_key", message, help);
            return;
        }
        seen.insert(member.key.as_str().into(), member.key_span.start);
        members.push(member);
    }

    fn word(&mut self) -> Option<Node> {
        let start = self.at;
        let data = match self.identifier() {
            "true" => Data::Bool(true),
            "false" => Data::Bool(false),
            "null" => Data::Null,
            _ => {
                self.at = start;
                self.unexpected("a value");
                return None;
            }
        };
        Some(Node { span: Span { start, end: self.at }, data })
    }

    /// Says that something else stands here than `wanted`.
    fn unexpected(&mut self, wanted: &str) {
        let rest = &self.text[self.at..];
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let help = if JAVASCRIPT.contains(&word) {
            Some("this is JavaScript; a file holds JSON alone: keep what stands in its `{ … }` or `[ … ]`".to_owned())
        } else if rest.starts_with("...") || rest.starts_with('…') {
            Some("dots stand for something left out: write it, or make the dots a comment".to_owned())
        } else if rest.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$') {
            Some("texts and expressions stand in double quotes, such as `\"{{ input.id }}\"`".to_owned())
        } else {
            None
        };
        let message = format!("expected {wanted}, found {}", self.shown());
        self.error(self.at, message, help);
    }

    fn error(&mut self, at: usize, message: impl Into<String>, help: Option<String>) {
        self.errors += 1;
        self.findings.error(at, "syntax", message, help);
        if self.errors >= ERRORS_MAX {
            self.stop();
        }
    }

    fn innermost(&self) -> usize {
        self.open.last().copied().unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn node_of_text(text: Text) -> Node {
    let start = text.start.saturating_sub(1);
    let end = text.file_offset(text.value.len()) + 1;
    Node { span: Span { start, end }, data: Data::Text(text) }
}

fn begins_entry(byte: u8, close: u8) -> bool {
    byte == b'"' || close == b']' && matches!(byte, b'{' | b'[' | b'-' | b'0'..=b'9')
}

#[cfg(test)]
mod tests;
