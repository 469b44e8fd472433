//! What a value is as a number or as text.
//! Never raises: what has no such form is `None`.

use super::Value;

impl Value {
    /// A number, or a text that reads as one.
    #[expect(clippy::cast_precision_loss, reason = "decimals are 64-bit floats, as in JSON")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Decimal(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// An integer, a decimal without a fraction, or a text that reads as an integer.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked beside it")]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Decimal(value) if value.fract() == 0.0 && value.abs() < 9e18 => Some(*value as i64),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// How a value reads inside a longer text: null is empty, objects and arrays are JSON.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.to_string(),
            other => match other.to_json_text() {
                quoted if matches!(other, Self::Timestamp(_)) => quoted.trim_matches('"').to_owned(),
                json => json,
            },
        }
    }
}
