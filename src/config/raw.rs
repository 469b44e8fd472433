//! A setting's value before it is understood: one of the few kinds that TOML and the environment can give.
//! Never knows what a setting means.

use std::fmt;

use toml::de::DeValue;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    Decimal(f64),
    Bool(bool),
    List(Vec<Raw>),
}

impl Raw {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "an integer",
            Self::Decimal(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
        }
    }

    /// What TOML wrote; `None` for what no setting is (dates, tables, integers beyond 64 bits).
    pub(super) fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::String(text) => Some(Self::Text(text.to_string())),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(Self::Integer),
            DeValue::Float(digits) => digits.as_str().parse().ok().map(Self::Decimal),
            DeValue::Boolean(value) => Some(Self::Bool(*value)),
            DeValue::Array(items) => {
                items.iter().map(|item| Self::from_toml(item.get_ref())).collect::<Option<_>>().map(Self::List)
            }
            DeValue::Datetime(_) | DeValue::Table(_) => None,
        }
    }

    /// Text of the environment or of a flag, read as the kind that the default has. Lists are separated by commas.
    pub(super) fn from_text(text: &str, like: &Self) -> Option<Self> {
        let text = text.trim();
        match like {
            Self::Text(_) => Some(Self::Text(text.to_owned())),
            Self::Integer(_) => text.replace('_', "").parse().ok().map(Self::Integer),
            Self::Decimal(_) => text.parse().ok().map(Self::Decimal),
            Self::Bool(_) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(Self::Bool(true)),
                "false" | "0" | "no" | "off" => Some(Self::Bool(false)),
                _ => None,
            },
            Self::List(items) => {
                let like = items.first().cloned().unwrap_or_else(|| Self::Text(String::new()));
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| Self::from_text(part, &like)).collect::<Option<_>>().map(Self::List)
            }
        }
    }

    /// This value as the kind of `like`, if it is of that kind; an integer also is a number.
    pub(super) fn fitting(self, like: &Self) -> Option<Self> {
        match (self, like) {
            (Self::Integer(value), Self::Decimal(_)) => Self::from_text(&value.to_string(), like),
            (Self::List(items), Self::List(samples)) => {
                let like = samples.first().cloned().unwrap_or_else(|| Self::Text(String::new()));
                items.into_iter().map(|item| item.fitting(&like)).collect::<Option<_>>().map(Self::List)
            }
            (value, like) => (std::mem::discriminant(&value) == std::mem::discriminant(like)).then_some(value),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", toml::Value::String(text.clone())),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_the_kind_of_the_default() {
        let text = || Raw::Text(String::new());
        assert_eq!(Raw::from_text("8", &Raw::Integer(0)), Some(Raw::Integer(8)));
        assert_eq!(Raw::from_text("eight", &Raw::Integer(0)), None);
        assert_eq!(Raw::from_text("Yes", &Raw::Bool(false)), Some(Raw::Bool(true)));
        let hosts = Raw::List(vec![Raw::Text("a:1".into()), Raw::Text("b".into())]);
        assert_eq!(Raw::from_text("a:1, b,", &Raw::List(vec![])), Some(hosts));
        assert_eq!(Raw::from_text("1,x", &Raw::List(vec![Raw::Integer(5)])), None);
        assert_eq!(Raw::Integer(1).fitting(&text()), None);
        assert_eq!(Raw::Integer(1).fitting(&Raw::Decimal(0.5)), Some(Raw::Decimal(1.0)));
    }
}
