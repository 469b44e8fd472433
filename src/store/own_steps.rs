//! The steps of an execution that lie in its own row: it was accepted and had completed in one batch, and performed few.
//! Never holds where a machine stands: who has completed goes on from nowhere.

use serde_json::value::RawValue;

use super::write::StepRecord;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

/// More steps are rows of the journal, which a list of executions does not read along.
const STEPS_MAX: usize = 8;
/// What they may hold in memory altogether, for the same reason.
const STEPS_BYTES_MAX: usize = 1024;

/// A step, and the number of its entry in the journal.
pub type OwnStep<'a> = (i32, &'a StepRecord);

/// A step as it is stored.
type Stored = (i64, String, String, Option<String>, u32, i64, i64, bool, Box<RawValue>);

/// Whether these steps may lie in the row of their execution.
pub fn fit<'a>(steps: impl IntoIterator<Item = &'a StepRecord>) -> bool {
    let (mut count, mut left) = (STEPS_MAX, STEPS_BYTES_MAX);
    let take = |step: &StepRecord| {
        count = count.checked_sub(1)?;
        left = left.checked_sub(step.position.len() + step.name.as_deref().map_or(0, str::len))?;
        left -= step.result.memory_bytes_within(left).ok()?;
        Some(())
    };
    steps.into_iter().try_for_each(take).is_some()
}

/// The text of a row's steps; none for none.
pub fn write(steps: &[OwnStep<'_>]) -> Option<String> {
    let mut text = String::new();
    for (seq, step) in steps {
        text.push(if text.is_empty() { '[' } else { ',' });
        let StepRecord { position, kind, name, attempt, started_at, ended_at, result, failed } = step;
        let plain = (seq, position, kind, name, attempt, started_at.0, ended_at.0, failed);
        let plain = serde_json::to_string(&plain).expect("texts and numbers are JSON");
        text.push_str(plain.trim_end_matches(']'));
        text.push(',');
        text.push_str(&result.to_stored_text());
        text.push(']');
    }
    (!text.is_empty()).then(|| text + "]")
}

/// The steps of a row, each with the number of its entry.
///
/// # Errors
/// What the text is instead.
pub fn read(text: &str) -> Result<Vec<(i64, StepRecord)>, String> {
    let steps: Vec<Stored> = serde_json::from_str(text).map_err(|error| format!("steps: {error}"))?;
    let step = |(seq, position, kind, name, attempt, started_at, ended_at, failed, result): Stored| {
        let result = Value::from_stored_text(result.get()).map_err(|error| format!("steps: {error}"))?;
        let (started_at, ended_at) = (Timestamp(started_at), Timestamp(ended_at));
        Ok((seq, StepRecord { position, kind, name, attempt, started_at, ended_at, result, failed }))
    };
    steps.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: Option<&str>, result: Value) -> StepRecord {
        StepRecord {
            position: "stack[0].then[1]".to_owned(),
            kind: "set_var".to_owned(),
            name: name.map(str::to_owned),
            attempt: 2,
            started_at: Timestamp(5),
            ended_at: Timestamp(7),
            result,
            failed: false,
        }
    }

    #[test]
    fn steps_read_as_they_were_written() {
        let written = [
            step(Some("a \"name\"]"), Value::Timestamp(Timestamp(9))),
            step(None, Value::Null),
            step(Some(""), Value::array(vec![Value::Int(1), Value::text("]")])),
        ];
        let text = write(&[(1, &written[0]), (3, &written[1]), (4, &written[2])]).unwrap();
        let (seqs, read): (Vec<_>, Vec<_>) = read(&text).unwrap().into_iter().unzip();
        assert_eq!((seqs, &read[..]), (vec![1, 3, 4], &written[..]), "{text}");
        assert_eq!(write(&[]), None);
    }

    #[test]
    fn what_is_not_as_it_was_written_is_told() {
        for text in ["", "{}", "[[1]]", r#"[[1,"p","k",null,1,2,3,false]]"#, r#"[[1,"p","k",null,-1,2,3,false,1]]"#] {
            assert!(read(text).unwrap_err().starts_with("steps: "), "{text}");
        }
    }

    #[test]
    fn many_steps_and_large_results_do_not_fit() {
        let small = step(None, Value::Int(1));
        let large = step(None, Value::text("x".repeat(STEPS_BYTES_MAX)));
        let named = step(Some(&"x".repeat(STEPS_BYTES_MAX)), Value::Null);
        let all_fit = |steps: &[&StepRecord]| fit(steps.iter().copied());
        assert!(all_fit(&[]) && all_fit(&[&small; STEPS_MAX]));
        assert!(![&[&small; STEPS_MAX + 1][..], &[&large], &[&small, &large], &[&named]].into_iter().any(all_fit));
    }
}
