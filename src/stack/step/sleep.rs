//! `sleep`: waits for a time or until an instant, holding nothing.
//! Never asks a clock: what is past already is over at once, as the engine sees.

use super::context::{parameter, shown};
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::{Action, Until};

#[derive(Debug)]
enum Sleep {
    For { amount: ValueTemplate, unit: Option<ValueTemplate>, ms_per_amount: f64 },
    Until(ValueTemplate),
}

const MS_FROM_NUMBER: f64 = 1e11;

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    if let Some(until) = reader.optional(&["until"]) {
        return Box::new(Sleep::Until(until));
    }
    if let Some(amount) = reader.optional(&["milliseconds", "duration_ms"]) {
        return Box::new(Sleep::For { amount, unit: None, ms_per_amount: 1.0 });
    }
    let amount = reader.required(&["duration", "seconds", "duration_seconds", "amount", "time"]);
    Box::new(Sleep::For { amount, unit: reader.optional(&["unit"]), ms_per_amount: 1000.0 })
}

fn ms_per_unit(unit: &str) -> Option<f64> {
    match unit.trim().to_lowercase().trim_end_matches('s') {
        "m" if unit.trim().eq_ignore_ascii_case("ms") => Some(1.0),
        "millisecond" => Some(1.0),
        "" | "sec" | "second" => Some(1000.0),
        "m" | "min" | "minute" => Some(60_000.0),
        "h" | "hour" => Some(3_600_000.0),
        "d" | "day" => Some(86_400_000.0),
        "w" | "week" => Some(604_800_000.0),
        _ => None,
    }
}

/// RFC 3339, a timestamp, or a number: from 1e11 it is milliseconds, below it is seconds since the epoch.
#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(at) => Some(*at),
        Value::Text(text) if value.as_number().is_none() => Timestamp::parse_rfc3339(text.trim()),
        other => {
            let number = other.as_number()?;
            let ms = if number.abs() >= MS_FROM_NUMBER { number } else { number * 1000.0 };
            Some(Timestamp::from_ms(ms as i64))
        }
    }
}

impl StepKind for Sleep {
    fn name(&self) -> &'static str {
        "sleep"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let until = match self {
            Self::Until(template) => {
                let value = context.value(template)?;
                let at = instant(&value)
                    .ok_or_else(|| parameter(format!("`until` is a time such as 2030-01-31T12:00:00Z, not {}", shown(&value))))?;
                Until::Instant(at)
            }
            Self::For { amount, unit, ms_per_amount } => {
                let factor = match context.text("unit", unit.as_ref())? {
                    None => *ms_per_amount,
                    Some(unit) => ms_per_unit(&unit)
                        .ok_or_else(|| parameter(format!("`unit` is seconds, minutes, hours or days, not \"{unit}\"")))?,
                };
                Until::Duration { ms: context.scaled("duration", Some(amount), factor)?.unwrap_or(0) }
            }
        };
        Ok(Move::Effect(Action::Sleep(until)))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        match self {
            Self::Until(template) => visit(template),
            Self::For { amount, unit, .. } => {
                visit(amount);
                unit.iter().for_each(visit);
            }
        }
    }

    fn has_effect(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_written_short_or_long() {
        let check = |unit: &str| ms_per_unit(unit);
        assert_eq!(check("ms"), Some(1.0));
        assert_eq!(check("s"), Some(1000.0));
        assert_eq!(check("Minutes"), Some(60_000.0));
        assert_eq!(check("days"), Some(86_400_000.0));
        assert_eq!(check("moons"), None);
    }

    #[test]
    fn an_instant_is_a_text_or_a_number() {
        assert_eq!(instant(&Value::text("1970-01-01T00:00:05Z")), Some(Timestamp(5000)));
        assert_eq!(instant(&Value::Int(5)), Some(Timestamp(5000)));
        assert_eq!(instant(&Value::Int(1_700_000_000_123)), Some(Timestamp(1_700_000_000_123)));
        assert_eq!(instant(&Value::text("tomorrow")), None);
    }
}
