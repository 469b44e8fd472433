//! `custom_function`: calls a function, inside this execution or as a child of its own.
//! Never hands on anything but the inputs that are written here.

use super::context::{parameter, shown};
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{ConfigPatch, ExecutionMode, FunctionName};
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::{Action, StartChild};

#[derive(Debug)]
struct CustomFunction {
    name: ValueTemplate,
    inputs: Option<ValueTemplate>,
    mode: ExecutionMode,
    callback_url: Option<ValueTemplate>,
    delay: Option<ValueTemplate>,
    priority: Option<ValueTemplate>,
    config: ConfigPatch,
}

const NAME: &[&str] = &["name", "custom_function", "custom_function_name", "function_name"];

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    if reader.peek(NAME).is_none() {
        reader.unwrap_parameters();
    }
    let name = reader.required(NAME);
    if let Some(text) = name.as_constant().and_then(Value::as_str)
        && let Err(error) = FunctionName::parse(text)
        && let Some(member) = reader.peek(NAME)
    {
        let message = format!("`{text}` is no name of a function: {error}");
        reader.findings.error(member.value.span.start, "wrong_name", message, None);
    }
    let inputs = reader.optional(&["inputs", "input", "parameters", "params"]);
    let config = reader.config(&["async_function_config"]);
    let mode = match reader.word(&["execution_mode", "mode"], &["sync", "async"]) {
        Some("async") => Some(ExecutionMode::Async),
        Some(_) => Some(ExecutionMode::Sync),
        None => config.execution_mode,
    };
    Box::new(CustomFunction {
        name,
        inputs,
        mode: mode.unwrap_or_default(),
        callback_url: reader.optional(&["callback_url"]),
        delay: reader.optional(&["delay"]),
        priority: reader.optional(&["priority"]),
        config,
    })
}

impl CustomFunction {
    fn child(&self, context: &StepContext<'_>, name: FunctionName, inputs: Value) -> Result<StartChild, EvalError> {
        let priority = context.integer("priority", self.priority.as_ref())?;
        let priority = priority.map(|n| i16::try_from(n).ok().filter(|n| (-100..=100).contains(n)));
        if priority == Some(None) {
            return Err(parameter("`priority` is from -100 to 100"));
        }
        Ok(StartChild {
            name,
            inputs,
            callback_url: context.text("callback_url", self.callback_url.as_ref())?,
            delay_ms: context.seconds_as_ms("delay", self.delay.as_ref())?.unwrap_or(0),
            priority: priority.flatten(),
            config: self.config.clone(),
        })
    }
}

impl StepKind for CustomFunction {
    fn name(&self) -> &'static str {
        "custom_function"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let written = context.required_text("name", &self.name)?;
        let name = FunctionName::parse(&written).map_err(|error| {
            let message = format!("there is no function \"{written}\": {error}");
            EvalError::Raised(Box::new(Failure::new(ErrorCode::FunctionUnknown, message)))
        })?;
        let inputs = match context.value_or_null(self.inputs.as_ref())? {
            Value::Null => Value::Object(std::sync::Arc::default()),
            object @ Value::Object(_) => object,
            other => return Err(parameter(format!("`inputs` is an object with the inputs by name, not {}", shown(&other)))),
        };
        match self.mode {
            ExecutionMode::Sync => Ok(Move::Call { name, inputs }),
            ExecutionMode::Async => Ok(Move::Effect(Action::StartChild(Box::new(self.child(context, name, inputs)?)))),
        }
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.name);
        [&self.inputs, &self.callback_url, &self.delay, &self.priority].into_iter().flatten().for_each(visit);
    }

    fn calls(&self) -> Option<&str> {
        self.name.as_constant().and_then(Value::as_str)
    }

    fn has_effect(&self) -> bool {
        self.mode == ExecutionMode::Async
    }
}
