//! Numbers: whole ones as `Int`, all others as `Decimal`.
//! Never rounds silently to infinity.

use super::Parser;
use crate::domain::value::Value;
use crate::stack::document::node::{Data, Node};
use crate::stack::finding::Span;

impl Parser<'_> {
    pub(super) fn number(&mut self) -> Option<Node> {
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))).unwrap_or(rest.len());
        let written = &rest[..end];
        let Some(number) = read(written) else {
            let help = "a number is written as `12`, `-0.5` or `1e3`; anything else is a text in double quotes";
            self.error(start, format!("`{written}` is not a number"), Some(help.into()));
            return None;
        };
        self.at += end;
        Some(Node { span: Span { start, end: self.at }, data: Data::Number(number) })
    }
}

fn read(written: &str) -> Option<Value> {
    if !is_json_number(written) {
        return None;
    }
    if let Ok(whole) = written.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    written.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Decimal)
}

fn is_json_number(written: &str) -> bool {
    let unsigned = written.strip_prefix('-').unwrap_or(written);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
