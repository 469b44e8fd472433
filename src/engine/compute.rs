//! `lambda` and `template_engine`: a computation to a sandbox, and what came of it to a value or a failure.
//! Never runs a program in this process, and no two of one execution at once: they share its memory and its core.

use super::effect::{Circumstances, Done, Performed};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::value::Value;
use crate::sandbox::{self, Fault, Line, Outcome, Raised, Task};
use crate::stack::machine::{Computation, Effect, Language, LogLevel};

/// Dropping the future ends the program.
pub(super) async fn compute(around: &Circumstances<'_>, effect: &Effect, computation: &Computation) -> Done {
    let _turn = around.turn.lock().await;
    let bytes = around.loan.left();
    if computation.names.memory_bytes_within(bytes).is_err() {
        return Done::Failed(failure(&Fault::Memory, computation.language, bytes));
    }
    let task = Task {
        language: match computation.language {
            Language::Script => sandbox::Language::Script,
            Language::Template { escape } => sandbox::Language::Template { escape },
        },
        text: computation.text.clone(),
        globals: computation.names.clone(),
        memory_bytes: bytes,
        millicores: around.birth.config.cpu_millicores,
        now_ms: effect.stretch.ms(),
        seed: computation.seed,
    };
    let Outcome { result, lines, .. } = around.engine.sandboxes.run(&task, |held| around.loan.set(held)).await;
    // What it held is gone with it, or waits for the next; its value counts as soon as the step has it.
    around.loan.set(0);
    let answer = result
        .and_then(|value| value.check().map(|()| value).map_err(|error| Fault::Value(error.to_string())))
        .map(Performed::value)
        .map_err(|fault| failure(&fault, computation.language, bytes));
    for line in &lines {
        super::effect::log(around.birth, level(line.level), &line.message, &Value::Null);
    }
    Done::Computed { answer, lines: Value::array(lines.iter().map(line_value).collect()) }
}

fn level(level: sandbox::Level) -> LogLevel {
    match level {
        sandbox::Level::Debug => LogLevel::Debug,
        sandbox::Level::Info => LogLevel::Info,
        sandbox::Level::Warn => LogLevel::Warn,
        sandbox::Level::Error => LogLevel::Error,
    }
}

fn line_value(line: &Line) -> Value {
    // What no database stores is no reason to lose the line.
    let message = line.message.replace('\0', "\u{fffd}");
    Value::object([("level", Value::text(level(line.level).as_str())), ("message", Value::text(message))])
}

fn failure(fault: &Fault, language: Language, bytes: usize) -> Failure {
    let (what, own_code) = match language {
        Language::Script => ("lambda", ErrorCode::Lambda),
        Language::Template { .. } => ("template", ErrorCode::Expression),
    };
    match fault {
        Fault::Raised(raised) => thrown(raised, what, own_code),
        Fault::Memory => Failure::new(
            ErrorCode::MemoryLimit,
            format!("the {what} would hold more than the {bytes} bytes that memory_limit leaves it"),
        ),
        Fault::Null => Failure::new(own_code, format!("the {what} threw null")),
        Fault::Fuel => Failure::new(ErrorCode::Limit, format!("the {what} takes more instructions than one may; repeat less")),
        Fault::Pending => {
            let message = "the lambda waits for a promise that nothing will settle: it has no I/O and no timers";
            Failure::new(ErrorCode::Lambda, message)
        }
        Fault::Interrupted => Failure::new(ErrorCode::Timeout, format!("the {what} was stopped")),
        Fault::Value(why) => Failure::new(ErrorCode::InvalidValue, format!("the {what} gave what cannot be kept: {why}")),
        Fault::Crashed(why) => Failure::new(ErrorCode::Internal, format!("the {what} could not be run: {why}")),
    }
}

fn thrown(raised: &Raised, what: &str, own_code: ErrorCode) -> Failure {
    // An error with a code of its own is an answer, not a mistake: nobody looks for its line.
    let line = raised.line.filter(|_| raised.code.is_none());
    let place = line.map_or_else(String::new, |line| format!(" (line {line} of the {what})"));
    let code = raised.code.as_deref().map_or(own_code, ErrorCode::parse);
    let number = |number: Option<u32>| number.map_or(Value::Null, |number| Value::Int(number.into()));
    let payload = match &raised.payload {
        Value::Null => Value::object([("line", number(raised.line)), ("column", number(raised.column))]),
        own => own.clone(),
    };
    let mut failure = Failure::new(code, format!("{}{place}", raised.message)).with_payload(payload);
    failure.name.clone_from(&raised.name);
    failure.status = raised.status;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throw_keeps_its_name_its_code_and_its_line() {
        let raised = |code: Option<&str>, payload: Value| {
            let (name, message) = ("RangeError".to_owned(), "too far".to_owned());
            let code = code.map(str::to_owned);
            Fault::Raised(Box::new(Raised { name, message, line: Some(3), column: Some(7), code, payload, ..Raised::default() }))
        };
        let plain = failure(&raised(None, Value::Null), Language::Script, 0);
        assert_eq!((plain.code, plain.name.as_str()), (ErrorCode::Lambda, "RangeError"));
        assert_eq!(plain.message, "too far (line 3 of the lambda)");
        assert_eq!(plain.payload.to_json_text(), r#"{"line":3,"column":7}"#);
        let own = failure(&raised(Some("FAR"), Value::Int(1)), Language::Script, 0);
        assert_eq!((own.code.as_str(), own.message.as_str(), own.payload), ("FAR", "too far", Value::Int(1)));
        let template = failure(&raised(None, Value::Null), Language::Template { escape: true }, 0);
        assert_eq!((template.code, template.message.as_str()), (ErrorCode::Expression, "too far (line 3 of the template)"));
    }
}
