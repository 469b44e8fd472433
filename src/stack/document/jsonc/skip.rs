//! Blanks, comments, words, and getting past what cannot be read.
//! Never makes a value.

use super::Parser;

impl<'a> Parser<'a> {
    /// Steps over blanks and comments.
    pub(super) fn trivia(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            let rest = &self.text[self.at..];
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                match rest.find("*/") {
                    Some(end) => self.at += end + 2,
                    None => {
                        self.error(self.at, "this comment is never closed", Some("write the `*/` that belongs to it".into()));
                        self.stop();
                        return;
                    }
                }
            } else {
                return;
            }
        }
    }

    /// Reads a word of letters, digits, `_` and `$`; empty if there is none.
    pub(super) fn identifier(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// What stands here, as a message shows it.
    pub(super) fn shown(&self) -> String {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return "the end of the file".to_owned() };
        if first == '"' || first == '\'' || first == '`' {
            return "a text".to_owned();
        }
        let alike = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
        let end = if alike(first) { rest.find(|c| !alike(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let word: String = rest[..end].chars().take(40).collect();
        format!("`{word}`")
    }

    /// Steps over what could not be read, up to the comma or the closing bracket that ends the entry.
    pub(super) fn skip_to_separator(&mut self) {
        self.broken = true;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b',' if depth == 0 => return,
                b']' | b'}' | b')' if depth > 0 => depth -= 1,
                b']' | b'}' => return,
                b'[' | b'{' | b'(' => depth += 1,
                b'"' | b'\'' | b'`' => {
                    self.skip_quoted(byte);
                    continue;
                }
                b'/' if self.text[self.at..].starts_with("//") || self.text[self.at..].starts_with("/*") => {
                    self.trivia();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Steps over a text; an apostrophe that has no mate on its line is no text.
    fn skip_quoted(&mut self, quote: u8) {
        let mut escaped = false;
        let start = self.at;
        for (offset, byte) in self.text.as_bytes()[start + 1..].iter().enumerate() {
            if *byte == b'\n' && quote != b'`' {
                break;
            }
            if *byte == quote && !escaped {
                self.at = start + offset + 2;
                return;
            }
            escaped = *byte == b'\\' && !escaped;
        }
        self.at = start + 1;
    }

    /// Reads nothing more: what follows would only repeat the error.
    pub(super) fn stop(&mut self) {
        self.at = self.text.len();
        self.broken = true;
    }

    pub(super) fn stopped(&self) -> bool {
        self.broken && self.at >= self.text.len() && self.errors > 0
    }
}
