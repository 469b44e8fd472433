//! Filters of texts.
//! Never counts bytes where a person counts characters.

use regex::{Regex, RegexBuilder};

use super::call::{Call, Raise};
use super::{Builtin, builtin};
use crate::domain::limits::EXPRESSION_OUTPUT_BYTES_MAX;
use crate::domain::value::Value;

type Filtered = Result<Value, Raise>;

/// Bytes of a compiled regular expression.
const REGEX_BYTES_MAX: usize = 1 << 20;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["trim"], 0..=1, &[], |call| {
        let chars: Vec<char> = call.text(0, "").chars().collect();
        each(call, |text| match chars.as_slice() {
            [] => text.trim().to_owned(),
            chars => text.trim_matches(chars).to_owned(),
        })
    }),
    builtin(&["lower", "to_lower", "lowercase"], 0..=0, &[], |call| each(call, str::to_lowercase)),
    builtin(&["upper", "to_upper", "uppercase"], 0..=0, &[], |call| each(call, str::to_uppercase)),
    builtin(&["capitalize"], 0..=0, &[], |call| each(call, capitalized)),
    builtin(&["title"], 0..=0, &[], |call| each(call, |text| text.split(' ').map(capitalized).collect::<Vec<_>>().join(" "))),
    builtin(&["split", "explode"], 0..=1, &["separator"], split),
    builtin(&["replace"], 2..=2, &[], replace),
    builtin(&["substr"], 1..=2, &[], substr),
    builtin(&["truncate"], 0..=2, &["length", "end"], truncate),
    builtin(&["contains", "includes"], 1..=1, &[], contains),
    builtin(&["starts_with"], 1..=1, &[], |call| Ok(Value::Bool(call.shown(call.input)?.starts_with(&*call.text(0, ""))))),
    builtin(&["ends_with"], 1..=1, &[], |call| Ok(Value::Bool(call.shown(call.input)?.ends_with(&*call.text(0, ""))))),
    builtin(&["regex_matches", "regex_match", "regex_test", "matches", "test"], 1..=1, &["pattern"], |call| {
        Ok(Value::Bool(!call.input.is_null() && regex(call)?.is_match(&call.shown(call.input)?)))
    }),
    builtin(&["regex_replace"], 2..=2, &["pattern", "replacement"], |call| {
        let (pattern, replacement) = (regex(call)?, call.text(1, ""));
        call.input_text()?.map_or(Ok(Value::Null), |text| replaced(call, &pattern, &text, &replacement))
    }),
    builtin(&["sprintf"], 0..=16, &[], sprintf),
    builtin(&["e", "escape", "escape_html"], 0..=0, &[], |call| each(call, escaped)),
    builtin(&["strip_tags", "sanitize"], 0..=0, &[], |call| each(call, without_tags)),
    builtin(&["nl2br"], 0..=0, &[], |call| each(call, |text| text.replace('\n', "<br>\n"))),
    builtin(&["file_extension"], 0..=0, &[], |call| {
        let extension = |name: &str| name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase());
        each(call, |path| extension(path.rsplit(['/', '\\']).next().unwrap_or_default()))
    }),
    builtin(&["is_email"], 0..=0, &[], |call| Ok(Value::Bool(call.input.as_str().is_some_and(is_email)))),
];

fn each(call: &Call<'_>, change: impl FnOnce(&str) -> String) -> Filtered {
    bounded(call, call.input_text()?.map(|text| change(&text)))
}

fn bounded(call: &Call<'_>, text: Option<String>) -> Filtered {
    match text {
        Some(text) => {
            call.makes(text.len())?;
            Ok(Value::text(text))
        }
        None => Ok(Value::Null),
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
}

fn split(call: &Call<'_>) -> Filtered {
    let Some(text) = call.input_text()? else { return Ok(Value::array(Vec::new())) };
    let separator = call.text(0, ",");
    let count = if separator.is_empty() { text.chars().count() } else { text.matches(&*separator).count() };
    // A part is a value and a text of its own.
    call.makes(count.saturating_mul(2 * size_of::<Value>()))?;
    let parts: Vec<Value> = match &*separator {
        "" => text.chars().map(|c| Value::text(c.to_string())).collect(),
        separator => text.split(separator).map(Value::text).collect(),
    };
    Ok(Value::array(parts))
}

/// As `Regex::replace_all`, within what an evaluation may make.
fn replaced(call: &Call<'_>, pattern: &Regex, text: &str, replacement: &str) -> Filtered {
    let (mut out, mut rest) = (String::new(), 0);
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(&text[rest..whole.start()]);
        found.expand(replacement, &mut out);
        rest = whole.end();
        call.makes(out.len())?;
    }
    out.push_str(&text[rest..]);
    bounded(call, Some(out))
}

fn replace(call: &Call<'_>) -> Filtered {
    let (from, to) = (call.text(0, ""), call.text(1, ""));
    let Some(text) = call.input_text()? else { return Ok(Value::Null) };
    if from.is_empty() {
        return Ok(Value::text(text));
    }
    call.makes(text.matches(&*from).count().saturating_mul(to.len()))?;
    bounded(call, Some(text.replace(&*from, &to)))
}

fn substr(call: &Call<'_>) -> Filtered {
    let Some(text) = call.input_text()? else { return Ok(Value::Null) };
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let start = call.integer(0, 0)?;
    let start = if start < 0 { start.saturating_add(length) } else { start }.clamp(0, length);
    let wanted = call.integer(1, i64::MAX)?;
    let end = if wanted < 0 { length.saturating_add(wanted) } else { start.saturating_add(wanted) }.clamp(start, length);
    let place = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(Value::text(text.chars().skip(place(start)).take(place(end - start)).collect::<String>()))
}

fn truncate(call: &Call<'_>) -> Filtered {
    let length = usize::try_from(call.integer(0, 255)?).unwrap_or(0);
    let end = call.text(1, "…");
    each(call, |text| {
        if text.chars().count() <= length {
            return text.to_owned();
        }
        text.chars().take(length).chain(end.chars()).collect()
    })
}

fn contains(call: &Call<'_>) -> Filtered {
    let wanted = call.argument(0).cloned().unwrap_or_default();
    Ok(Value::Bool(match call.input {
        Value::Array(items) => {
            for item in items.iter() {
                if call.equal(item, &wanted)? {
                    return Ok(Value::Bool(true));
                }
            }
            false
        }
        Value::Object(object) => object.get(&wanted.to_text()).is_some(),
        Value::Null => false,
        other => other.to_text().contains(&wanted.to_text()),
    }))
}

fn regex(call: &Call<'_>) -> Result<Regex, Raise> {
    let written = call.text(0, "");
    // Xano writes patterns as `/pattern/flags`.
    let delimited = written.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let (pattern, flags) = delimited.filter(|(_, flags)| flags.chars().all(|c| "imsgu".contains(c))).unwrap_or((&written, ""));
    let built = RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(REGEX_BYTES_MAX)
        .build();
    built.map_err(|error| call.raise(format!("the pattern does not hold: {error}")))
}

/// `%s %d %f %x %%`, with width, zeros and precision: `%05d`, `%.2f`, `%-8s`.
fn sprintf(call: &Call<'_>) -> Filtered {
    const WIDTH_MAX: usize = 1000;
    let format = call.shown(call.input)?;
    let mut out = String::new();
    let mut arguments = call.arguments.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || matches!(c, '.' | '-')) {
            spec.push(c);
        }
        let kind = chars.next().ok_or_else(|| call.raise("`%` ends the format; write `%%` for itself"))?;
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = arguments.next().cloned().unwrap_or_default();
        let (width, precision) = spec.trim_start_matches('-').split_once('.').unwrap_or((spec.trim_start_matches('-'), ""));
        let precision = precision.parse().ok().filter(|precision| *precision <= WIDTH_MAX);
        let text = formatted(kind, &value, precision).ok_or_else(|| call.raise(format!("there is no `%{kind}`")))?;
        let pad = width.parse::<usize>().unwrap_or(0).min(WIDTH_MAX).saturating_sub(text.chars().count());
        match (spec.starts_with('-'), width.starts_with('0') && kind != 's') {
            _ if out.len() > EXPRESSION_OUTPUT_BYTES_MAX => return Err(call.grows()),
            (true, _) => out.extend(text.chars().chain(std::iter::repeat_n(' ', pad))),
            (_, true) => out.extend(std::iter::repeat_n('0', pad).chain(text.chars())),
            _ => out.extend(std::iter::repeat_n(' ', pad).chain(text.chars())),
        }
    }
    bounded(call, Some(out))
}

fn formatted(kind: char, value: &Value, precision: Option<usize>) -> Option<String> {
    let number = value.as_number().unwrap_or(0.0);
    Some(match kind {
        's' => value.to_text(),
        'd' | 'i' | 'u' => format!("{:.0}", number.trunc()),
        'f' => format!("{number:.*}", precision.unwrap_or(6)),
        'x' => format!("{:x}", value.as_integer().unwrap_or(0)),
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|c| {
            let keep = !inside && *c != '<';
            inside = match c {
                '<' => true,
                '>' => false,
                _ => inside,
            };
            keep
        })
        .collect()
}

/// One `@` with something on both sides and a dot behind it; more only the mail server knows.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let parts: Vec<&str> = host.split('.').collect();
    !name.is_empty()
        && parts.len() > 1
        && parts.iter().all(|part| !part.is_empty())
        && !text.contains(char::is_whitespace)
        && !host.contains('@')
}
