//! Runs a machine against a scripted world, whole or broken at every effect, and keeps what the world saw.
//! Never answers differently for the same effect.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use crate::domain::limits::FUEL_PER_TURN;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::document::parse_jsonc;
use crate::stack::finding::Findings;
use crate::stack::machine::{Action, Effect, Ending, Machine, Need, Programs, Start};
use crate::stack::program::{InputField, Program};
use crate::stack::step::read_block;

/// The functions, rows and answers that a stack meets.
pub struct World {
    programs: HashMap<FunctionName, Arc<Program>>,
    rows: HashMap<String, Value>,
    pub config: ExecutionConfig,
    pub request: Value,
    answer: Answer,
}

/// What the world answers to an effect.
pub type Answer = fn(&Effect) -> Result<Value, Box<Failure>>;

/// What the world saw of a run.
#[derive(Debug, PartialEq)]
pub struct Story {
    pub effects: Vec<Arc<Effect>>,
    pub ending: Ending,
}

pub fn json(text: &str) -> Value {
    Value::from_json_text(text).unwrap()
}

pub fn program(name: &str, text: &str) -> Arc<Program> {
    let mut findings = Findings::of(format!("{name}.jsonc"), text);
    let node = parse_jsonc(&mut findings).expect("the test's stack is JSON");
    let steps = read_block(&node, &mut findings);
    let findings: Vec<_> = findings.into_sorted().iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let name = FunctionName::parse(name).unwrap();
    Arc::new(Program { name, version: FunctionVersion("v1".into()), inputs: Vec::new(), steps })
}

/// Logs, waits and progress are answered with null, writes with what was written, requests as the URL says:
/// `http://fail/500` fails, any other answers its own method and URL.
fn answer(effect: &Effect) -> Result<Value, Box<Failure>> {
    match &effect.action {
        Action::Request(request) => match request.url.strip_prefix("http://fail/") {
            Some(why) => Err(Box::new(Failure::new(ErrorCode::Transport, format!("no way to {why}")).with_status(502))),
            None => Ok(Value::object([("url", Value::text(request.url.as_str())), ("status", Value::Int(200))])),
        },
        Action::AddRecord { data, .. } | Action::EditRecord { data, .. } | Action::UpsertRecord { data, .. } => Ok(data.clone()),
        Action::QueryRecords(query) => Ok(Value::array(vec![Value::object([("table", Value::text(query.table.to_string()))])])),
        Action::CountRecords(_) | Action::DeleteRecords(_) => Ok(Value::Int(3)),
        Action::GetRecord(_) => Ok(Value::Null),
        Action::DeleteRecord(_) => Err(Box::new(Failure::new(ErrorCode::NotFound, "there is no such row"))),
        Action::StartChild(child) => Ok(Value::text(format!("child-of-{}", child.name))),
        Action::Await { ids, .. } => Ok(Value::array(ids.clone())),
        Action::Compute(computation) => Ok(computation.names.clone()),
        Action::WaitForEvent { name, .. } => Ok(Value::object([("event", Value::text(name.as_str()))])),
        Action::Sleep(_) | Action::Log { .. } | Action::UpdateProgress(_) | Action::SendCallback { .. } => Ok(Value::Null),
    }
}

impl World {
    pub fn new() -> Self {
        Self { programs: HashMap::new(), rows: HashMap::new(), config: ExecutionConfig::default(), request: Value::Null, answer }
    }

    pub fn with_function(mut self, name: &str, text: &str) -> Self {
        let program = program(name, text);
        self.programs.insert(program.name.clone(), program);
        self
    }

    /// Functions that were read from files.
    pub fn with_programs(mut self, programs: impl IntoIterator<Item = Arc<Program>>) -> Self {
        self.programs.extend(programs.into_iter().map(|program| (program.name.clone(), program)));
        self
    }

    /// A function that declares one input.
    pub fn with_checked_function(mut self, name: &str, input: InputField, text: &str) -> Self {
        let plain = program(name, text);
        let checked = Program {
            name: plain.name.clone(),
            version: plain.version.clone(),
            inputs: vec![input],
            steps: Arc::clone(&plain.steps),
        };
        self.programs.insert(plain.name.clone(), Arc::new(checked));
        self
    }

    pub fn with_row(mut self, name: &str, row: &str) -> Self {
        self.rows.insert(name.to_owned(), json(row));
        self
    }

    pub fn answering(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    pub fn start(&self, text: &str, input: &str) -> Start {
        self.start_of(program("main", text), input)
    }

    pub fn start_of(&self, program: Arc<Program>, input: &str) -> Start {
        Start {
            program,
            input: json(input),
            request: self.request.clone(),
            execution: json(r#"{"id": "e1"}"#).into(),
            auth: Value::Null,
            env: json(r#"{"URL": "http://env"}"#),
            now: Timestamp(1_000_000),
            seed: 7,
            config: Arc::new(self.config.clone()),
        }
    }

    /// Runs until an effect is asked for or the stack is over.
    pub fn until_effect(&self, machine: &mut Machine) -> Result<Arc<Effect>, Ending> {
        self.until_effects(machine).map(|mut effects| effects.remove(0))
    }

    /// As [`World::until_effect`], all that wait for their answers.
    pub fn until_effects(&self, machine: &mut Machine) -> Result<Vec<Arc<Effect>>, Ending> {
        for _ in 0..10_000 {
            let mut fuel = FUEL_PER_TURN;
            match machine.run(&mut fuel) {
                Need::Effects(effects) => return Ok(effects),
                Need::End(ending) => return Err(ending),
                Need::Yield => {}
                Need::Program(name) => machine.accept_program(self.programs.get(&name).cloned()),
                Need::Row(reference) => {
                    let row = self.rows.get(&*reference.name).cloned().unwrap_or_default();
                    machine.accept_row(reference, row);
                }
            }
        }
        panic!("the stack neither ends nor asks for anything")
    }

    /// The answer of the world to the `count`-th effect.
    pub fn accept(&self, machine: &mut Machine, effect: &Effect, count: usize) {
        let count = i64::try_from(count).unwrap();
        machine.accept(
            &effect.position,
            (self.answer)(effect).map_err(|failure| *failure),
            Timestamp(1_000_000 + 1000 * (count + 1)),
            count.unsigned_abs() + 100,
        );
    }

    pub fn run(&self, start: Start) -> Story {
        let mut machine = Machine::new(start);
        let mut effects = Vec::new();
        let ending = loop {
            match self.until_effect(&mut machine) {
                Err(ending) => break ending,
                Ok(effect) => {
                    self.accept(&mut machine, &effect, effects.len());
                    effects.push(effect);
                }
            }
        };
        Story { effects, ending }
    }

    /// As [`World::run`], but nothing survives an effect except its delta; every `full_every`-th delta is a full one.
    pub fn run_broken(&self, start: &Start, full_every: usize) -> Story {
        let mut machine = Machine::new(start.clone());
        let mut deltas: Vec<Arc<str>> = Vec::new();
        let mut effects = Vec::new();
        let ending = loop {
            let asked = self.until_effect(&mut machine);
            // The process dies after it asked and before it has an answer: the same must be asked again.
            let mut again = Machine::restore(start.clone(), &deltas, self).expect("the deltas fit");
            assert_eq!(self.until_effect(&mut again), asked);
            match asked {
                Err(ending) => break ending,
                Ok(effect) => {
                    self.accept(&mut machine, &effect, effects.len());
                    effects.push(effect);
                }
            }
            deltas.push(machine.take_delta(effects.len() % full_every == 0));
            let memory_bytes = machine.memory_bytes();
            machine = Machine::restore(start.clone(), &deltas, self).expect("the deltas fit");
            assert!(machine.memory_bytes() <= memory_bytes, "a restored machine holds no more than it did");
        };
        Story { effects, ending }
    }

    /// Runs a stack whole and broken at every effect; all runs must be the same story.
    pub fn tell(&self, text: &str, input: &str) -> Story {
        self.tell_of(self.start(text, input))
    }

    pub fn tell_of(&self, start: Start) -> Story {
        let story = self.run(start.clone());
        for full_every in [1, 3, 1000] {
            assert_eq!(self.run_broken(&start, full_every), story, "broken at every effect, full every {full_every}");
        }
        story
    }

    /// What a stack logs, and how it ends.
    pub fn check(&self, text: &str, logged: &[&str], end: &str) {
        let story = self.tell(text, r#"{"n": 3, "name": "Ada"}"#);
        assert_eq!(story.logged(), logged);
        assert_eq!(story.end(), end);
    }
}

impl Programs for World {
    fn program(&self, name: &FunctionName, version: &FunctionVersion) -> Option<Arc<Program>> {
        self.programs.get(name).filter(|program| program.version == *version).cloned()
    }
}

impl Story {
    pub fn logged(&self) -> Vec<String> {
        let message = |effect: &Arc<Effect>| match &effect.action {
            Action::Log { message, .. } => Some(message.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(message).collect()
    }

    pub fn positions(&self) -> Vec<&str> {
        self.effects.iter().map(|effect| &*effect.position).collect()
    }

    /// `returned <json>`, `raised <code> <message>` or `interrupted <code>`.
    pub fn end(&self) -> String {
        match &self.ending {
            Ending::Returned { output, .. } => format!("returned {}", output.to_json_text()),
            Ending::Raised(failure) => format!("raised {} {}", failure.code.as_str(), failure.message),
            Ending::Interrupted(failure) => format!("interrupted {}", failure.code.as_str()),
        }
    }
}
