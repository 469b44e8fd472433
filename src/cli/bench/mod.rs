//! `ringback bench`: what this build does on this machine, beside what the machine itself could do in the same run.
//! Never measures through anything but HTTP, except the bare path that it is compared with.

mod bare;
mod database;
mod load;
mod processes;
mod report;
mod scenarios;
mod server;
mod sink;
mod wire;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::args::BenchArgs;
use super::error::{CommandError, FAILED};
use super::output::{BAD, DIM, GOOD, Output};
use report::{Figure, Report};
pub use scenarios::Scenario;

/// Everything that a scenario needs.
struct Bench {
    database: database::Scratch,
    sink: sink::Sink,
    load: load::Load,
    seconds: Duration,
    connections: usize,
    /// Finished executions in the store with which growth is measured.
    history: Vec<usize>,
    /// Numbers that were given away.
    numbers: AtomicUsize,
}

impl Bench {
    /// The first of so many numbers that no other call of this scenario has.
    fn numbers(&self, count: usize) -> Result<usize, CommandError> {
        let first = self.numbers.fetch_add(count, Ordering::Relaxed);
        if first + count > sink::NUMBERS_MAX {
            return Err(CommandError::Misuse("the receiver cannot count so many calls; ask for fewer --seconds".to_owned()));
        }
        Ok(first)
    }
}

pub async fn run(args: &BenchArgs, database: Option<&str>, output: &mut Output) -> Result<u8, CommandError> {
    let wanted: Vec<Scenario> = if args.scenarios.is_empty() { Scenario::ALL.to_vec() } else { args.scenarios.clone() };
    let seconds = Duration::from_secs(args.seconds);
    let mut report = Report::new(database, args.seconds);
    output.say(format_args!("{DIM}{}{DIM:#}", report.heading()));
    for scenario in wanted {
        let bench = Bench {
            database: database::Scratch::make(database).await?,
            sink: sink::Sink::start()?,
            load: load::Load::start()?,
            seconds,
            connections: args.connections,
            history: args.history.clone(),
            numbers: AtomicUsize::new(0),
        };
        output.say(format_args!("{DIM}{} …{DIM:#}", scenario.name()));
        let figures = scenarios::run(scenario, &bench).await;
        bench.database.drop().await;
        for figure in figures? {
            report.add(scenario, figure);
        }
    }
    report.show(output)?;
    let missed: Vec<&Figure> = report.missed();
    if !args.check {
        return Ok(0);
    }
    for figure in &missed {
        let (name, shown, bound, store) = (&figure.name, figure.shown(), figure.shown_bound(), report.store());
        output.problem(&format!("{name} is {shown}, and its bound on {store} is {bound}"));
    }
    if missed.is_empty() {
        output.say(format_args!("{GOOD}every bound holds{GOOD:#}"));
        return Ok(0);
    }
    output.say(format_args!("{BAD}{} bounds do not hold{BAD:#}", missed.len()));
    Ok(FAILED)
}

/// A failure of the measuring itself.
fn failed(what: &str, error: impl std::fmt::Display) -> CommandError {
    CommandError::Failed(format!("{what}: {error}"))
}
