//! JavaScript: one script with its names in, its value out, in an engine that is made for it and gone afterwards.
//! Never gives it anything of the host but a console that is bounded.

mod fault;
#[cfg(test)]
mod tests;
mod values;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::module::Declared;
use rquickjs::prelude::{Func, IntoArgs, Rest};
use rquickjs::promise::{MaybePromise, PromiseState};
use rquickjs::{Context, Ctx, Error, Function, Module, Runtime};

use self::fault::fault;
use super::check::Script;
use super::task::{Fault, Level, Line, Raised, Task};
use crate::domain::value::Value;

/// What scripts are called in their traces.
const NAME: &str = "lambda";
/// Lines before the script's own in the module around it.
const LINES_BEFORE: u32 = 1;
/// Stack of a script; its thread has several times as much.
const STACK_BYTES_MAX: usize = 1024 * 1024;
/// Without that much an engine does not even begin.
const HEAP_BYTES_MIN: usize = 256 * 1024;
/// Heap of an engine that only reads.
const CHECK_BYTES: usize = 64 * 1024 * 1024;
/// Lines of one script's console, and their bytes together.
const LINES_MAX: usize = 100;
const LINES_BYTES_MAX: usize = 64 * 1024;
/// Jobs – turns of `await` – after which what only refers to itself is collected.
const JOBS_PER_COLLECTION: u32 = 20_000;
const PRELUDE: &str = include_str!("prelude.js");

/// The names that a script can see.
pub const NAMES: [&str; 9] = ["$input", "$var", "$env", "$auth", "$request", "$execution", "$item", "$loop", "$error"];

type Console = Rc<RefCell<Vec<Line>>>;

/// Reads a script, as it would be read to be run.
pub fn check(code: &str) -> Result<Script, Box<Raised>> {
    let runtime = engine(CHECK_BYTES).map_err(|error| internal(&error))?;
    let context = Context::full(&runtime).map_err(|error| internal(&error))?;
    let is_expression = context.with(|ctx| match compile(&ctx, code, &NAMES) {
        Ok((_, is_expression)) => Ok(is_expression),
        Err(error) => match fault(&ctx, error) {
            Fault::Raised(raised) => Err(raised),
            other => Err(Box::new(Raised { message: format!("it does not read: {other:?}"), ..Raised::default() })),
        },
    })?;
    Ok(Script { returns_nothing: !is_expression && !code.contains("return") && !code.contains("throw") })
}

/// Runs a script; `keep_on` is asked every few thousand operations, whatever the script does.
pub fn evaluate(task: &Task, keep_on: impl FnMut() -> bool + 'static) -> (Result<Value, Fault>, Vec<Line>) {
    let console = Console::default();
    let result = evaluate_into(task, keep_on, &console);
    (result, console.take())
}

fn evaluate_into(task: &Task, mut keep_on: impl FnMut() -> bool + 'static, console: &Console) -> Result<Value, Fault> {
    if task.memory_bytes < HEAP_BYTES_MIN {
        return Err(Fault::Memory);
    }
    let runtime = engine(task.memory_bytes).map_err(|_| Fault::Memory)?;
    let stopped = Rc::new(Cell::new(false));
    let stops = Rc::clone(&stopped);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        stops.set(!keep_on());
        stops.get()
    })));
    let context = Context::full(&runtime).map_err(|_| Fault::Memory)?;
    let result = context.with(|ctx| run(&ctx, task, console));
    // A job that is stopped leaves its promise as it was.
    let result = if stopped.get() { Err(Fault::Interrupted) } else { result };
    if matches!(result, Err(Fault::Memory | Fault::Null)) {
        // What ran out of memory halfway cannot be taken apart safely; its process does not live much longer.
        std::mem::forget((context, runtime));
    }
    result
}

fn engine(memory_bytes: usize) -> rquickjs::Result<Runtime> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(memory_bytes);
    runtime.set_max_stack_size(STACK_BYTES_MAX);
    // Collecting while an allocation has just failed walks what was left half done; between jobs it is safe.
    runtime.set_gc_threshold(usize::MAX);
    Ok(runtime)
}

fn run(ctx: &Ctx<'_>, task: &Task, console: &Console) -> Result<Value, Fault> {
    let settled = settle(ctx, task, console).map_err(|error| fault(ctx, error))?;
    let mut bytes_left = task.memory_bytes;
    match settled {
        None => Err(Fault::Pending),
        Some(value) if value.is_function() => {
            Err(Fault::Value("its value is a function: call it, or return what it gives".to_owned()))
        }
        Some(value) => values::from_js(ctx, &value, &mut bytes_left, 0),
    }
}

/// What the script comes to; nothing when it waits for what never comes.
fn settle<'js>(ctx: &Ctx<'js>, task: &Task, console: &Console) -> rquickjs::Result<Option<rquickjs::Value<'js>>> {
    furnish(ctx, task, console)?;
    let fields = task.globals.as_object().map(|object| &object.fields);
    let names: Vec<&str> = fields.iter().flat_map(|fields| fields.keys()).map(|name| &**name).collect();
    let given: Vec<rquickjs::Value<'js>> =
        fields.iter().flat_map(|fields| fields.values()).map(|value| values::to_js(ctx, value)).collect::<Result<_, _>>()?;
    let (module, _) = compile(ctx, &task.text, &names)?;
    let (module, _) = module.eval()?;
    let script: Function<'js> = module.get("default")?;
    let promise: MaybePromise<'js> = call(&script, (Rest(given),))?;
    let mut jobs = 0_u32;
    while promise.state() == PromiseState::Pending {
        if !ctx.execute_pending_job() {
            return Ok(None);
        }
        jobs = jobs.wrapping_add(1);
        if jobs.is_multiple_of(JOBS_PER_COLLECTION) {
            ctx.run_gc();
        }
    }
    promise.result().unwrap_or(Err(Error::Unknown)).map(Some)
}

fn call<'js>(function: &Function<'js>, args: impl IntoArgs<'js>) -> rquickjs::Result<MaybePromise<'js>> {
    function.call(args)
}

/// A script is an expression where it reads as one, else the body of a function. Modules are compiled without running a
/// line, so text that closes what was opened around it gains nothing.
fn compile<'js>(ctx: &Ctx<'js>, code: &str, names: &[&str]) -> rquickjs::Result<(Module<'js, Declared>, bool)> {
    let names = names.join(", ");
    let expression = code.trim_end().trim_end_matches(';');
    if !expression.trim().is_empty() {
        let as_expression = format!("export default async ({names}) => (\n{expression}\n)");
        match Module::declare(ctx.clone(), NAME, as_expression) {
            Ok(module) => return Ok((module, true)),
            Err(Error::Exception) => drop(ctx.catch()),
            Err(error) => return Err(error),
        }
    }
    let as_body = format!("export default async ({names}) => {{\n{code}\n}}");
    Module::declare(ctx.clone(), NAME, as_body).map(|module| (module, false))
}

fn furnish(ctx: &Ctx<'_>, task: &Task, console: &Console) -> rquickjs::Result<()> {
    let lines = Rc::clone(console);
    let say = move |level: String, message: String| {
        let mut lines = lines.borrow_mut();
        let held: usize = lines.iter().map(|line| line.message.len()).sum();
        if lines.len() < LINES_MAX && held + message.len() <= LINES_BYTES_MAX {
            let level = match level.as_str() {
                "debug" => Level::Debug,
                "warn" => Level::Warn,
                "error" => Level::Error,
                _ => Level::Info,
            };
            lines.push(Line { level, message });
        }
    };
    let prelude: Function<'_> = ctx.eval(PRELUDE)?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are far below 2^53, and so are 32 bits")]
    let (now, seed) = (task.now_ms as f64, (task.seed >> 32) as f64);
    prelude.call((Func::from(say), now, seed))
}

fn internal(error: &Error) -> Box<Raised> {
    Box::new(Raised { name: "InternalError".to_owned(), message: error.to_string(), ..Raised::default() })
}
