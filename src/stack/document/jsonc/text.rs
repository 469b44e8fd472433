//! Texts, with the place of each of their bytes in the file.
//! Never lets a NUL character or an unpaired surrogate through.

use super::Parser;
use crate::stack::document::node::Text;

impl Parser<'_> {
    /// Reads a text in double quotes.
    pub(super) fn text(&mut self) -> Option<Text> {
        self.quoted('"')
    }

    /// Reads a text in JavaScript's other quotes, which is an error, but what it means is clear.
    pub(super) fn foreign_text(&mut self) -> Option<Text> {
        let start = self.at;
        let quote = self.text[start..].chars().next()?;
        let text = self.quoted(quote);
        if text.is_some() {
            self.error(start, format!("a text stands in double quotes, not in `{quote}`"), None);
        }
        text
    }

    fn quoted(&mut self, quote: char) -> Option<Text> {
        let open = self.at;
        self.at += 1;
        let mut text = Text { value: String::new(), start: self.at, shifts: Vec::new() };
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                _ if c == quote => {
                    self.at += 1;
                    return Some(text);
                }
                '\\' => self.escape(&mut text),
                '\n' | '\r' if quote != '`' => break,
                '\0'..'\u{20}' if quote != '`' => self.control_character(c),
                _ => {
                    text.value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        let help = "write the closing `\"` on the same line; a line break inside a text is written `\\n`";
        self.error(open, "this text is never closed", Some(help.into()));
        (self.broken, self.torn) = (true, true);
        None
    }

    fn control_character(&mut self, c: char) {
        let (message, help) = match c {
            '\0' => ("a text holds a NUL character, which no database stores".to_owned(), "remove it"),
            '\t' => ("a text holds a bare tab".to_owned(), "write it as `\\t`"),
            _ => (format!("a text holds the control character {:#x}", u32::from(c)), "remove it, or write it as `\\u00…`"),
        };
        // Before the error, which may have been the last and then ends the reading.
        let at = self.at;
        self.at += 1;
        self.error(at, message, Some(help.into()));
    }

    fn escape(&mut self, text: &mut Text) {
        let start = self.at;
        let letter = self.text[start + 1..].chars().next();
        self.at += 1 + letter.map_or(0, char::len_utf8);
        let c = match letter {
            Some(same @ ('"' | '\\' | '/' | '\'' | '`')) => Some(same),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.unicode(start),
            _ => {
                let shown = letter.map(String::from).unwrap_or_default();
                let help = "a backslash itself is written `\\\\`";
                self.error(start, format!("`\\{shown}` is no escape of JSON"), Some(help.into()));
                None
            }
        };
        text.value.extend(c);
        text.shifts.push((text.value.len(), self.at));
    }

    /// The rest of `\uXXXX`, of which both halves of a pair of surrogates make one character.
    fn unicode(&mut self, start: usize) -> Option<char> {
        let first = self.four_digits(start)?;
        let code = match first {
            0xD800..0xDC00 if self.text[self.at..].starts_with("\\u") => {
                let second_start = self.at;
                self.at += 2;
                let second = self.four_digits(second_start)?;
                if (0xDC00..0xE000).contains(&second) {
                    0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                } else {
                    self.at = second_start;
                    first
                }
            }
            _ => first,
        };
        if code == 0 {
            self.error(start, "a text holds a NUL character, which no database stores", Some("remove it".into()));
            return None;
        }
        let c = char::from_u32(code);
        if c.is_none() {
            let help = "write both halves, as in `\\ud83d\\ude00`, or the character itself";
            self.error(start, "this is half of a pair of surrogates", Some(help.into()));
        }
        c
    }

    fn four_digits(&mut self, start: usize) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            self.error(start, "`\\u` is followed by four hexadecimal digits", None);
            return None;
        };
        self.at += 4;
        Some(code)
    }
}
