//! Text to tokens, each with its place.
//! Never looks ahead further than one operator.

use super::SyntaxError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Int(i64),
    Decimal(f64),
    Text(String),
    Name(String),
    /// An operator or a bracket, as written.
    Sign(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub token: Token,
    pub at: usize,
}

/// Longest first, so that `===` is not read as `==` and `=`.
const SIGNS: [&str; 34] = [
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "??", "?:", "?.", "//", "(", ")", "[", "]", "{", "}", ",", ".", ":", "?",
    "|", "!", "<", ">", "~", "+", "-", "*", "/", "%", "=", ";",
];

/// All tokens of a text, the end included.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0, after_dot: false };
    let mut found = Vec::new();
    loop {
        let placed = lexer.next()?;
        let end = placed.token == Token::End;
        lexer.after_dot = matches!(placed.token, Token::Sign("." | "?."));
        found.push(placed);
        if end {
            return Ok(found);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// A number behind a dot is an index: `rows.0.1`.
    after_dot: bool,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Placed, SyntaxError> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let at = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok(Placed { token: Token::End, at }) };
        let token = match first {
            '"' | '\'' => self.quoted(first)?,
            '0'..='9' => self.number()?,
            c if is_name_start(c) => self.name(),
            c => self.sign(c)?,
        };
        Ok(Placed { token, at })
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn name(&mut self) -> Token {
        let length = self.rest().find(|c| !is_name_part(c)).unwrap_or(self.rest().len());
        let name = self.rest()[..length].to_owned();
        self.at += length;
        Token::Name(name)
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let at = self.at;
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let rest = self.rest();
        let mut length = digits(rest);
        let mut whole = true;
        if !self.after_dot {
            if rest[length..].starts_with('.') && rest[length + 1..].starts_with(|c: char| c.is_ascii_digit()) {
                length += 1 + digits(&rest[length + 1..]);
                whole = false;
            }
            if rest[length..].starts_with(['e', 'E']) {
                let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
                let exponent = digits(&rest[length + 1 + sign..]);
                if exponent > 0 {
                    length += 1 + sign + exponent;
                    whole = false;
                }
            }
        }
        let written = &rest[..length];
        let token = match written.parse::<i64>() {
            Ok(number) if whole => Token::Int(number),
            _ => match written.parse::<f64>() {
                Ok(number) if number.is_finite() => Token::Decimal(number),
                _ => return Err(syntax(at, "the number is too large", None)),
            },
        };
        self.at += length;
        Ok(token)
    }

    fn quoted(&mut self, quote: char) -> Result<Token, SyntaxError> {
        let open = self.at;
        let mut value = String::new();
        let mut chars = self.text[open + 1..].char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.at = open + 1 + offset + 1;
                    return Ok(Token::Text(value));
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, 'u')) => value.push(unicode(&mut chars, open + 1 + offset)?),
                    Some((_, other @ ('\\' | '/' | '\'' | '"' | '`'))) => value.push(other),
                    // As in a regular expression: `'\d'` means what it says.
                    Some((_, other)) => value.extend(['\\', other]),
                    None => break,
                },
                other => value.push(other),
            }
        }
        Err(syntax(open, "the text is not closed", Some(format!("add {quote} where it ends"))))
    }

    fn sign(&mut self, first: char) -> Result<Token, SyntaxError> {
        let found = SIGNS.iter().find(|sign| self.rest().starts_with(**sign));
        let Some(sign) = found else {
            return Err(syntax(self.at, &format!("unexpected character `{first}`"), None));
        };
        self.at += sign.len();
        Ok(Token::Sign(sign))
    }
}

/// What follows `\u`: four digits, or the two halves of a character beyond them, as JSON writes it.
fn unicode(chars: &mut std::str::CharIndices<'_>, at: usize) -> Result<char, SyntaxError> {
    let mut units: Vec<u16> = four_digits(chars).into_iter().collect();
    if matches!(units[..], [0xd800..=0xdbff]) && chars.as_str().starts_with("\\u") {
        chars.nth(1);
        units.extend(four_digits(chars));
    }
    let read = char::decode_utf16(units).next().and_then(Result::ok);
    read.filter(|c| *c != '\0').ok_or_else(|| syntax(at, "`\\u` takes four hexadecimal digits of a character", None))
}

fn four_digits(chars: &mut std::str::CharIndices<'_>) -> Option<u16> {
    let code: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
    let holds = code.len() == 4 && code.chars().all(|c| c.is_ascii_hexdigit());
    u16::from_str_radix(&code, 16).ok().filter(|_| holds)
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$')
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

pub(super) fn syntax(at: usize, message: &str, help: Option<String>) -> SyntaxError {
    SyntaxError { at, code: "syntax", message: message.to_owned(), help }
}
