//! Commands and exit codes, one file each.
//! Never decides what a verb does.

mod again;
mod alerts;
mod args;
mod awaiting;
mod bench;
mod cancel;
pub mod check;
mod client;
mod completions;
mod config;
mod demo;
mod doctor;
mod entry;
mod error;
mod history;
mod input;
mod keys;
mod list;
mod migrate;
mod moving;
mod output;
mod progress;
mod prune;
mod redeliver;
mod reference;
mod run;
mod sandbox;
mod schedules;
mod schema;
mod secret;
mod serve;
mod shipped;
mod signals;
mod since;
mod stand_in;
mod status;
mod watch;

use std::future::Future;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use client::Client;
use error::CommandError;
use output::Output;
use stand_in::{Needs, Reached};

/// The whole command line: reads the arguments, does what they say, and gives the exit code: 0 done, 1 failed, 2 misuse.
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => ExitCode::from(perform(cli)),
        Err(error) => {
            // A closed pipe is the only way in which printing help can fail, and nobody is left to tell.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(error::MISUSE))
        }
    }
}

fn perform(cli: Cli) -> u8 {
    let mut output = Output::of_process(cli.json);
    match dispatch(cli, &mut output) {
        Ok(code) => code,
        Err(error) => {
            if let Some(text) = error.text() {
                output.problem(&text);
            }
            error.exit_code()
        }
    }
}

fn dispatch(cli: Cli, output: &mut Output) -> Result<u8, CommandError> {
    let Cli { settings, server, command, .. } = cli;
    let client = || Client::new(&server);
    let from = (&server, &settings);
    match command.unwrap_or(Command::Serve) {
        Command::Serve => wait_for(serve::run(&settings, output)),
        Command::Demo(args) => wait_for(demo::run(&args, output)),
        Command::Bench(args) => wait_for(bench::run(&args, settings.database.as_deref(), output)),
        Command::Check(args) => run_check(&args, &settings, output),
        Command::Run(args) => speak(Needs::Work, from, output, async |client, output| run::run(&args, client, output).await),
        Command::Status(args) => {
            speak(Needs::Look, from, output, async |client, output| status::run(&args, client, output).await)
        }
        Command::Steps(args) => {
            speak(Needs::Look, from, output, async |client, output| history::steps(&args, client, output).await)
        }
        Command::Logs(args) => {
            speak(Needs::Look, from, output, async |client, output| history::logs(&args, client, output).await)
        }
        Command::Await(args) => {
            speak(Needs::Work, from, output, async |client, output| awaiting::run(&args, client, output).await)
        }
        Command::Cancel(args) => {
            speak(Needs::Work, from, output, async |client, output| cancel::run(&args, client, output).await)
        }
        Command::Rerun(args) => {
            speak(Needs::Work, from, output, async |client, output| again::rerun(&args, client, output).await)
        }
        Command::Resume(args) => {
            speak(Needs::Work, from, output, async |client, output| again::resume(&args, client, output).await)
        }
        Command::List(args) => speak(Needs::Look, from, output, async |client, output| list::run(&args, client, output).await),
        Command::Keys { command } => wait_for(keys::run(&command, &client()?, &settings, output)),
        Command::Schedules(args) => {
            speak(schedules::needs(&args), from, output, async |client, output| schedules::run(&args, client, output).await)
        }
        Command::Redeliver(args) => {
            speak(Needs::Work, from, output, async |client, output| redeliver::run(&args, client, output).await)
        }
        Command::Alerts(args) => {
            speak(alerts::needs(&args), from, output, async |client, output| alerts::run(&args, client, output).await)
        }
        Command::Doctor { healthy } => wait_for(doctor::run(healthy, &settings, &server, output)),
        Command::Schema => schema::run(output),
        Command::Reference => reference::run(output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Config => config::run(&settings, output),
        Command::Prune(args) => wait_for(prune::run(&args, &client()?, &settings, output)),
        Command::Move(args) => wait_for(moving::run(&args, &settings, output)),
        Command::Sandbox => sandbox::run(),
        Command::Migrate => wait_for(migrate::run(&settings, output)),
    }
}

/// Does something with a server, or with one of the moment where nobody serves the store.
fn speak(
    needs: Needs,
    (server, settings): (&args::ServerFlags, &args::SettingFlags),
    output: &mut Output,
    act: impl AsyncFnOnce(&Client, &mut Output) -> Result<u8, CommandError>,
) -> Result<u8, CommandError> {
    wait_for(async {
        let reached = Reached::server(needs, server, settings, output).await?;
        let done = act(&reached.client, output).await;
        reached.leave().await;
        done
    })
}

/// `check` needs no valid configuration, only where the workflows are and which names of the environment they may read.
fn run_check(args: &args::CheckArgs, settings: &args::SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (config, _) = settings.load()?;
    let paths = if args.paths.is_empty() { vec![config.server.workflows.clone()] } else { args.paths.clone() };
    let env_allowed: Vec<String> = config.env.values.keys().chain(&config.env.allow).cloned().collect();
    Ok(check::run(&paths, output.json, &env_allowed, output.data()))
}

/// Runs a future on an actix system of its own.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}
