//! Times, durations and values as people read them.
//! Never escapes: that is the template's.

use minijinja::Environment;

use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

/// Bytes of a value that a page shows at once.
const SHOWN_BYTES_MAX: usize = 64 * 1024;

pub fn register(environment: &mut Environment<'static>) {
    environment.add_filter("duration", duration);
    environment.add_filter("ago", ago);
    environment.add_filter("iso", |ms: i64| Timestamp(ms).to_string());
    environment.add_filter("clock", |ms: i64| Timestamp(ms).to_datetime().format("%Y-%m-%d %H:%M:%S").to_string());
    environment.add_filter("words", |text: String| text.replace('_', " "));
    environment.add_filter("short", |text: String| short_id(&text));
    environment.add_filter("thousands", thousands);
    environment.add_filter("plain", |number: f64| number.to_string());
}

/// `840 ms`, `1.25 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    let (s, min, h, d) = (ms / 1000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    let two = |major: i64, unit: &str, minor: i64, small: &str| match minor {
        0 => format!("{major} {unit}"),
        _ => format!("{major} {unit} {minor} {small}"),
    };
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..10_000 => format!("{s}.{:02} s", ms % 1000 / 10),
        10_000..60_000 => format!("{s}.{} s", ms % 1000 / 100),
        60_000..3_600_000 => two(min, "min", s % 60, "s"),
        3_600_000..86_400_000 => two(h, "h", min % 60, "min"),
        _ => two(d, "d", h % 24, "h"),
    }
}

/// How far a time is from now: `12 s ago`, `in 3 min`; far ones by their date.
pub fn ago(ms: i64, now: i64) -> String {
    let away = (now - ms).abs();
    let text = match away {
        0..1000 => return "just now".to_owned(),
        1000..60_000 => format!("{} s", away / 1000),
        60_000..3_600_000 => format!("{} min", away / 60_000),
        3_600_000..172_800_000 => format!("{} h", away / 3_600_000),
        _ => return Timestamp(ms).to_datetime().format("%Y-%m-%d %H:%M").to_string(),
    };
    if ms > now { format!("in {text}") } else { format!("{text} ago") }
}

fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// The end of an id, which tells apart what started at the same time.
pub fn short_id(id: &str) -> String {
    let from = id.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    id[from..].to_owned()
}

/// A value as indented JSON, cut where it gets too long; empty for null.
pub fn json(value: &Value) -> String {
    if value.is_null() {
        return String::new();
    }
    let text = serde_json::to_string_pretty(&value.to_json()).unwrap_or_else(|_| value.to_json_text());
    if text.len() <= SHOWN_BYTES_MAX {
        return text;
    }
    let end = text.floor_char_boundary(SHOWN_BYTES_MAX);
    format!("{}\n… ({} bytes in all)", &text[..end], text.len())
}

/// A value on one line, for a cell.
pub fn line(value: &Value, chars_max: usize) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::Text(text) => text.to_string(),
        other => other.to_json_text(),
    };
    cut(&text, chars_max)
}

pub fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_at_most_two_units() {
        for (ms, text) in [
            (-5, "0 ms"),
            (840, "840 ms"),
            (1250, "1.25 s"),
            (12_340, "12.3 s"),
            (185_000, "3 min 5 s"),
            (180_000, "3 min"),
            (7_800_000, "2 h 10 min"),
            (356_400_000, "4 d 3 h"),
        ] {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn a_time_is_told_from_now() {
        let now = 1_700_000_000_000;
        for (ms, text) in [
            (now - 400, "just now"),
            (now - 12_000, "12 s ago"),
            (now + 180_000, "in 3 min"),
            (now - 7_200_000, "2 h ago"),
            (now - 1_000_000_000, "2023-11-03 08:26"),
        ] {
            assert_eq!(ago(ms, now), text);
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(line(&Value::Int(7), 3), "7");
        assert_eq!((thousands(1_234_567), thousands(12)), ("1\u{202f}234\u{202f}567".to_owned(), "12".to_owned()));
        assert_eq!((short_id("019a-12345678"), short_id("ab")), ("12345678".to_owned(), "ab".to_owned()));
        let long = Value::text("ä".repeat(SHOWN_BYTES_MAX));
        assert!(json(&long).ends_with(" bytes in all)") && json(&Value::Null).is_empty());
    }
}
