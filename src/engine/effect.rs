//! Performing one effect of one step: the only place where a stack touches the world.
//! Never writes; what is to be written goes along with the step's checkpoint.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::Engine;
use super::compute::compute;
use super::destinations;
use super::memory::Loan;
use super::message::Interim;
use super::records::{self, RecordError};
use super::request;
use super::start::{BirthPlan, StartOptions, birth, limits};
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::execution::{Birth, Execution};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::ids::ExecutionId;
use crate::domain::record::RecordWrite;
use crate::domain::status;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Action, Effect, LogLevel, StartChild, Until, complete_inputs, read_id};
use crate::store::StoreError;
use crate::store::write::{NewDelivery, Placement, Submit};

/// Waits up to this long stay in memory: parking would cost more than it saves, in milliseconds.
const SHORT_WAIT_MS: i64 = 50;
/// Between two looks at a database that is away.
const AWAY_PAUSE: Duration = Duration::from_millis(250);

/// What an effect came to.
pub(super) enum Done {
    Performed(Performed),
    Failed(Failure),
    /// A program ran; its console is kept, whatever came of it.
    Computed {
        answer: Result<Performed, Failure>,
        lines: Value,
    },
    /// It takes longer than memory should be held for.
    Wait(WaitPlan),
}

/// A value, and what is to be written with it.
#[derive(Default)]
pub(super) struct Performed {
    pub value: Value,
    pub records: Vec<RecordWrite>,
    pub children: Vec<Submit>,
    pub deliveries: Vec<NewDelivery>,
    pub progress: Option<Value>,
    /// The event that the value is the body of.
    pub takes: Option<String>,
    /// What a program wrote to its console.
    pub lines: Value,
    /// The step ends only once it is durable, since the store may refuse it.
    pub durable: bool,
}

impl Performed {
    pub(super) fn value(value: Value) -> Self {
        Self { value, ..Self::default() }
    }
}

/// What an execution sleeps for.
pub(super) struct WaitPlan {
    pub what: &'static str,
    pub until: Option<Timestamp>,
    pub executions: Vec<ExecutionId>,
    /// The event that wakes it.
    pub listens: Option<String>,
}

/// What performing an effect needs to know of its execution.
pub(super) struct Circumstances<'a> {
    pub engine: &'a Engine,
    pub birth: &'a Arc<Birth>,
    /// As it stands, for interim messages.
    pub execution: &'a Execution,
    pub resumes: i32,
    /// When its wait is over, if it began to wait before.
    pub until: Option<Timestamp>,
    /// What it takes of the memory that the execution may hold.
    pub loan: &'a Arc<Loan>,
    /// Held by the one program that the execution runs.
    pub turn: &'a Mutex<()>,
    /// Its deadline or its cancellation has come: nothing is parked any more.
    pub unwinding: bool,
}

/// Whether everything that the execution wrote before must be durable before this effect is performed. One that is not known
/// to be accepted does nothing that costs much or that others could see.
pub(super) fn needs_flush(action: &Action, unborn: bool) -> bool {
    match action {
        Action::AddRecord { .. } | Action::Log { .. } | Action::UpdateProgress(_) => false,
        Action::SendCallback { .. } | Action::StartChild(_) | Action::Compute(_) => unborn,
        _ => true,
    }
}

/// Writes what a step writes to the log; any other step writes nothing.
pub(super) fn say(birth: &Birth, effect: &Effect) {
    if let Action::Log { level, message, data } = &effect.action {
        log(birth, *level, message, data);
    }
}

/// Performs an effect, waiting for as long as the database is away. Dropping the future drops what is in flight.
pub(super) async fn perform(around: &Circumstances<'_>, effect: &Effect) -> Done {
    loop {
        match try_perform(around, effect).await {
            Ok(done) => return done,
            Err(RecordError::Raised(failure)) => return Done::Failed(failure),
            Err(RecordError::Store(error)) if error.is_transient() => {
                tracing::warn!(execution.id = %around.birth.id, error = %error, "the database is away, the step waits");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
            Err(RecordError::Store(error)) => return Done::Failed(Failure::new(ErrorCode::Internal, error.to_string())),
        }
    }
}

async fn try_perform(around: &Circumstances<'_>, effect: &Effect) -> Result<Done, RecordError> {
    let engine = around.engine;
    match &effect.action {
        Action::Request(request) => {
            let key = request::idempotency_key(around.birth.id, &effect.position, around.resumes);
            let trace = engine.traces.of_step(around.execution, around.resumes, effect);
            let sent = request::send(engine, request, request::Stamp { key, trace }, around.loan).await;
            Ok(sent.map_or_else(Done::Failed, |value| Done::Performed(Performed::value(value))))
        }
        Action::AddRecord { table, data } => records::add(engine, table, data, effect.stretch).await,
        Action::QueryRecords(query) => records::query(engine, query).await,
        Action::GetRecord(query) => records::get(engine, query).await,
        Action::CountRecords(query) => records::count(engine, query).await,
        Action::EditRecord { query, data } => records::edit(engine, query, data).await,
        Action::UpsertRecord { query, data } => records::upsert(engine, query, data, effect.stretch).await,
        Action::DeleteRecord(query) => records::delete(engine, query).await,
        Action::DeleteRecords(query) => records::delete_all(engine, query).await,
        Action::Compute(computation) => Ok(compute(around, effect, computation).await),
        Action::StartChild(child) => start_child(around, effect, child).await,
        Action::Await { ids, timeout_ms, raise_on_timeout } => {
            await_executions(around, ids, *timeout_ms, *raise_on_timeout).await
        }
        Action::Sleep(until) => Ok(sleep(around, *until).await),
        Action::WaitForEvent { name, timeout_ms } => wait_for_event(around, name, *timeout_ms).await,
        Action::Log { .. } => {
            say(around.birth, effect);
            Ok(Done::Performed(Performed::default()))
        }
        Action::UpdateProgress(progress) => Ok(update_progress(around, effect, progress).await),
        Action::SendCallback { url, body } => send_callback(around, effect, url.as_deref(), body).await,
    }
}

async fn start_child(around: &Circumstances<'_>, effect: &Effect, child: &StartChild) -> Result<Done, RecordError> {
    let engine = around.engine;
    let Some(function) = engine.functions.current(&child.name) else {
        let message = format!("there is no function \"{}\"", child.name);
        return Ok(Done::Failed(Failure::new(ErrorCode::FunctionUnknown, message)));
    };
    let input = match complete_inputs(&function.inputs, &child.inputs) {
        Ok(input) => input,
        Err(errors) => {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let message = format!("the inputs of {} do not hold: {}", child.name, list.join("; "));
            return Ok(Done::Failed(Failure::new(ErrorCode::Input, message).with_status(422)));
        }
    };
    let limits = match limits(&function, &input, effect.stretch) {
        Ok(limits) => limits,
        Err(message) => return Ok(Done::Failed(Failure::new(ErrorCode::Expression, message))),
    };
    let callback = child.callback_url.as_deref().map(CallbackSettings::to);
    if let Some(callback) = &callback
        && let Err(refused) = engine.outbound.check(&callback.url).await
    {
        return Ok(Done::Failed(Failure::new(ErrorCode::AddressRefused, refused.message).with_status(422)));
    }
    let id = ExecutionId::of_child(around.birth.id, &format!("{}#{}", effect.position, around.resumes), effect.stretch);
    let options = StartOptions { priority: child.priority, config: child.config.clone(), ..StartOptions::default() };
    let plan = BirthPlan {
        id,
        created_at: effect.stretch,
        input,
        request: Value::Null,
        callback,
        options,
        parent: Some(around.birth.id),
        started_by: around.birth.started_by.clone(),
        trace: engine.traces.of_step(around.execution, around.resumes, effect),
    };
    let due_at = effect.stretch.plus_ms(child.delay_ms.max(0));
    let placement = Placement::Queued { due_at };
    let submit = Submit { birth: Arc::new(birth(engine, &function, plan)), placement, key: None, limits };
    Ok(Done::Performed(Performed { children: vec![submit], ..Performed::value(Value::text(id.to_string())) }))
}

async fn await_executions(
    around: &Circumstances<'_>,
    asked: &[Value],
    timeout_ms: i64,
    raise_on_timeout: bool,
) -> Result<Done, RecordError> {
    let engine = around.engine;
    let ids: Vec<ExecutionId> = asked.iter().filter_map(read_id).collect();
    let found = engine.read.executions(&ids).await?;
    let open: Vec<ExecutionId> = found.iter().flatten().filter(|e| !e.state.is_terminal()).map(|e| e.birth.id).collect();
    let now = engine.clock.now();
    let until = around.until.unwrap_or_else(|| now.plus_ms(timeout_ms));
    if open.is_empty() || until <= now || around.unwinding {
        if !open.is_empty() && raise_on_timeout {
            let message = format!("{} of {} executions had not ended within {timeout_ms} ms", open.len(), asked.len());
            return Ok(Done::Failed(Failure::new(ErrorCode::Timeout, message)));
        }
        return Ok(Done::Performed(Performed::value(entries(engine, asked, &found))));
    }
    Ok(Done::Wait(WaitPlan { what: "executions", until: Some(until), executions: open, listens: None }))
}

/// The status entries in the order asked, also for what nobody knows.
fn entries(engine: &Engine, asked: &[Value], found: &[Option<Execution>]) -> Value {
    let oldest = super::prune::oldest_kept(engine);
    let entry = |asked: &Value| {
        let id = read_id(asked);
        let known = found.iter().flatten().find(|execution| Some(execution.birth.id) == id);
        known.map_or_else(|| status::unknown_entry(asked, oldest), status::entry)
    };
    Value::array(asked.iter().map(entry).collect())
}

async fn sleep(around: &Circumstances<'_>, until: Until) -> Done {
    let now = around.engine.clock.now();
    let until = around.until.unwrap_or(match until {
        Until::Duration { ms } => now.plus_ms(ms),
        Until::Instant(at) => at,
    });
    let left_ms = until.since_ms(now);
    if left_ms > SHORT_WAIT_MS && !around.unwinding {
        return Done::Wait(WaitPlan { what: "timer", until: Some(until), executions: Vec::new(), listens: None });
    }
    tokio::time::sleep(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))).await;
    Done::Performed(Performed::default())
}

/// An event that has come is taken even where its time is over by now.
async fn wait_for_event(around: &Circumstances<'_>, name: &str, timeout_ms: Option<i64>) -> Result<Done, RecordError> {
    if let Some(event) = around.engine.read.event(around.birth.id, name).await? {
        let body = Value::from_stored_text(&event.body)
            .map_err(|error| Failure::new(ErrorCode::InvalidValue, format!("the event \"{name}\" does not read: {error}")));
        // Two branches may wait for one event: only the store knows who takes it.
        let taken = |value| Done::Performed(Performed { takes: Some(event.name), durable: true, ..Performed::value(value) });
        return Ok(body.map_or_else(Done::Failed, taken));
    }
    let now = around.engine.clock.now();
    let until = around.until.or_else(|| timeout_ms.map(|timeout_ms| now.plus_ms(timeout_ms)));
    if around.unwinding || until.is_some_and(|until| until <= now) {
        return Ok(Done::Failed(Failure::new(ErrorCode::Timeout, format!("the event \"{name}\" did not come in time"))));
    }
    Ok(Done::Wait(WaitPlan { what: "event", until, executions: Vec::new(), listens: Some(name.to_owned()) }))
}

async fn update_progress(around: &Circumstances<'_>, effect: &Effect, progress: &Value) -> Done {
    let mut execution = around.execution.clone();
    execution.progress = progress.clone();
    let news = Interim { event: EventType::Progress, label: &effect.position, url: None, data: None };
    let deliveries = destinations::owed_interim(around.engine, &execution, &news).await;
    let deliveries = traced(around, deliveries);
    let durable = !deliveries.is_empty();
    Done::Performed(Performed { deliveries, durable, progress: Some(progress.clone()), ..Performed::default() })
}

async fn send_callback(
    around: &Circumstances<'_>,
    effect: &Effect,
    url: Option<&str>,
    body: &Value,
) -> Result<Done, RecordError> {
    if let Some(url) = url
        && let Err(refused) = around.engine.outbound.check(url).await
    {
        return Ok(Done::Failed(Failure::new(ErrorCode::AddressRefused, refused.message).with_status(422)));
    }
    let said = Interim { event: EventType::Message, label: &effect.position, url, data: Some(body) };
    let deliveries = destinations::owed_interim(around.engine, around.execution, &said).await;
    let deliveries = traced(around, deliveries);
    let durable = !deliveries.is_empty();
    Ok(Done::Performed(Performed { deliveries, durable, ..Performed::default() }))
}

/// Interim messages go on the trace of their execution, too.
fn traced(around: &Circumstances<'_>, mut deliveries: Vec<NewDelivery>) -> Vec<NewDelivery> {
    if let Some(trace) = around.engine.traces.within(around.birth, around.resumes) {
        deliveries.iter_mut().for_each(|owed| owed.delivery.callback.trace = Some(trace));
    }
    deliveries
}

pub(super) fn log(birth: &Birth, level: LogLevel, message: &str, data: &Value) {
    let (id, function, data) = (birth.id, &birth.function, data.to_json_text());
    match level {
        LogLevel::Debug => tracing::debug!(execution.id = %id, function.name = %function, data, "{message}"),
        LogLevel::Info => tracing::info!(execution.id = %id, function.name = %function, data, "{message}"),
        LogLevel::Warn => tracing::warn!(execution.id = %id, function.name = %function, data, "{message}"),
        LogLevel::Error => tracing::error!(execution.id = %id, function.name = %function, data, "{message}"),
    }
}

/// Reads the row that an expression refers to, in the table of that name or of its plural; null when there is none.
///
/// # Errors
/// The store's, when it is more than away for a moment.
pub(super) async fn related_row(engine: &Engine, reference: &crate::stack::expression::Reference) -> Result<Value, StoreError> {
    use crate::domain::record::{Filter, RecordQuery};
    let filter = Value::object([("id", reference.id.clone())]);
    let Ok(filter) = Filter::parse(&filter) else { return Ok(Value::Null) };
    for table in [reference.name.to_string(), format!("{}s", reference.name)] {
        let query = RecordQuery { filter: filter.clone(), limit: Some(1), ..RecordQuery::all(table) };
        let rows = loop {
            match engine.read.records(&query).await {
                Err(error) if error.is_transient() => tokio::time::sleep(AWAY_PAUSE).await,
                other => break other?,
            }
        };
        if let Some(row) = rows.into_iter().next() {
            return Ok(row.value);
        }
    }
    Ok(Value::Null)
}
