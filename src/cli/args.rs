//! What can be typed: commands, flags and their help.
//! Never reads a setting's value; `config` does.

mod again;
mod bench;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use again::{AgainArgs, MoveArgs, ResumeArgs};
pub use bench::BenchArgs;

use super::error::CommandError;
use crate::config::{Config, Provenance, Sources};
use crate::domain::execution::State;
use crate::domain::schedule::{CatchUp, Overlap};

/// A self-hosted engine for async functions: one HTTP call, durable execution, signed callback.
///
/// Without a command it serves. Data goes to standard output, talk to standard error; the exit code is 0 when it was done,
/// 1 when it failed, 2 when it was asked in a wrong way.
#[derive(Debug, Parser)]
#[command(name = "ringback", version, propagate_version = true, max_term_width = 120)]
pub struct Cli {
    #[command(flatten)]
    pub settings: SettingFlags,
    #[command(flatten)]
    pub server: ServerFlags,
    /// Print JSON for machines instead of tables for people
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that give a setting; they win over the environment and the file.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Settings of the server")]
pub struct SettingFlags {
    /// Address and port to listen on [env: RINGBACK_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// sqlite://FILE or postgres://… [env: RINGBACK_DATABASE] [default: sqlite://ringback.db]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Folder with the functions [env: RINGBACK_WORKFLOWS] [default: workflows]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub workflows: Option<String>,
    /// Read the functions again when a file changes [env: RINGBACK_WATCH]
    #[arg(long, global = true)]
    pub watch: bool,
    /// Where callers reach this server [env: RINGBACK_PUBLIC_URL] [default: from --listen]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// File with all settings [default: ringback.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Executions that run at once [env: RINGBACK_MAX_RUNNING] [default: 10000]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub max_running: Option<String>,
    /// What is logged, e.g. "warn" or "info,ringback=debug" [env: RINGBACK_LOG] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

impl SettingFlags {
    /// The settings of this process, checked.
    pub fn load(&self) -> Result<(Config, Provenance), CommandError> {
        let sources = Sources::of_process(self.config.clone(), self.given());
        Config::load(&sources).map_err(|errors| CommandError::Misuse(errors.to_string()))
    }

    fn given(&self) -> Vec<(String, String)> {
        let watch = self.watch.then(|| "true".to_owned());
        let all = [
            ("--watch", &watch),
            ("--listen", &self.listen),
            ("--database", &self.database),
            ("--workflows", &self.workflows),
            ("--public-url", &self.public_url),
            ("--max-running", &self.max_running),
            ("--log", &self.log),
        ];
        all.into_iter().filter_map(|(flag, value)| Some((flag.to_owned(), value.clone()?))).collect()
    }
}

/// Where a server is unless somebody says otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Which server the client commands speak to.
#[derive(Debug, Args)]
#[command(next_help_heading = "For commands that speak to a server")]
pub struct ServerFlags {
    /// Where the server is
    #[arg(long, global = true, env = "RINGBACK_URL", default_value = DEFAULT_URL, value_name = "URL")]
    pub url: String,
    /// The API key to show
    #[arg(long, global = true, env = "RINGBACK_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub key: Option<String>,
}

impl ServerFlags {
    /// Whether somebody said where the server is.
    pub fn is_named(&self) -> bool {
        self.url != DEFAULT_URL
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server (what happens without a command, too)
    Serve,
    /// See it work: a server, real executions, signed callbacks, a crash; under a minute
    Demo(DemoArgs),
    /// Measure this build on this machine: a server of its own, a scratch store, a receiver (with --database postgres://… in a
    /// database of its own on that server)
    Bench(BenchArgs),
    /// Check files of functions without starting anything
    Check(CheckArgs),
    /// Start a function and print its answer
    Run(RunArgs),
    /// Show how executions stand
    Status(IdsArgs),
    /// Show what executions did, step by step
    Steps(IdsArgs),
    /// Show what the log steps of executions wrote
    Logs(IdsArgs),
    /// Wait until executions have ended; fails if one of them did
    Await(AwaitArgs),
    /// End executions before their time
    Cancel(IdsArgs),
    /// Start executions once more, with the same input
    Rerun(AgainArgs),
    /// Let failed executions go on from the step that failed
    Resume(ResumeArgs),
    /// List executions, the newest first
    List(ListArgs),
    /// Make, list and revoke the keys of callers, and the secret that signs messages
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// List schedules, and make, pause, run or delete one
    Schedules(SchedulesArgs),
    /// Send messages again whose delivery was given up, or any other: same id, same bytes
    Redeliver(RedeliverArgs),
    /// What a person should know of: stuck executions, dead messages, an old queue
    Alerts(AlertsArgs),
    /// Say what is wrong with this installation, and the mend
    Doctor {
        /// Only ask whether the server lives, for health checks
        #[arg(long)]
        healthy: bool,
    },
    /// Print the JSON Schema of a function's file, for editors
    Schema,
    /// Print the tables of steps, filters, settings and error codes of this build, as Markdown
    Reference,
    /// Print what a shell needs to complete these commands
    Completions { shell: clap_complete::Shell },
    /// Show every setting, its value and where that came from
    Config,
    /// Delete what is kept no longer; the server does so by itself
    Prune(PruneArgs),
    /// Bring the database's schema up to date (the server must be stopped)
    Migrate,
    /// Move everything from a SQLite file into PostgreSQL (the server must be stopped)
    Move(MoveArgs),
    /// Run the programs of others for a server; its own business
    #[command(hide = true)]
    Sandbox,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leave the server running and print curl lines to paste
    #[arg(long)]
    pub keep: bool,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files or folders [default: the folder of --workflows]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The function's name, as in /api/<name>
    pub name: String,
    /// An object: JSON, @FILE, or - for standard input
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    pub input: Option<String>,
    /// Do not wait for its end: print the execution's id
    #[arg(long = "async")]
    pub is_async: bool,
    /// Where to POST the result
    #[arg(long, value_name = "URL")]
    pub callback: Option<String>,
    /// Start it async and show its life until it ends
    #[arg(long)]
    pub follow: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub struct RedeliverArgs {
    /// Ids of deliveries, also as their webhook-id
    #[arg(value_name = "ID", group = "which", conflicts_with_all = ["state", "destination", "function", "event", "since"])]
    pub ids: Vec<String>,
    /// All in this state [default with other filters: dead]
    #[arg(long, group = "which", value_parser = ["pending", "delivered", "delivered_unconfirmed", "dead"])]
    pub state: Option<String>,
    /// All to this destination, by any URL of it
    #[arg(long, group = "which", value_name = "URL")]
    pub destination: Option<String>,
    /// All of this function's executions
    #[arg(long, group = "which", value_name = "NAME")]
    pub function: Option<String>,
    /// All of this event, e.g. execution.failed
    #[arg(long, group = "which", value_name = "EVENT")]
    pub event: Option<String>,
    /// All made since then: 90s, 10m, 2h, 3d, or an RFC 3339 time
    #[arg(long, group = "which", value_name = "TIME")]
    pub since: Option<String>,
    /// Only say how many and which
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct IdsArgs {
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

#[derive(Debug, Args)]
pub struct AwaitArgs {
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// Give up after so many seconds [default: never]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only executions of this function
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    /// Only executions in this state
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(State::ALL.map(State::as_str)))]
    pub state: Option<String>,
    /// Only executions accepted since then: 90s, 10m, 2h, 3d, or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it, this once
    Create(KeyCreateArgs),
    /// List the keys of the store, those that have ended too
    List,
    /// End a key for ever
    Revoke {
        /// The key's name
        name: String,
    },
    /// Show the secret that signs messages
    ShowSecret,
    /// Make another secret; the former one signs too for 24 hours
    RotateSecret,
}

#[derive(Debug, Args)]
pub struct KeyCreateArgs {
    /// What the key is called; executions remember who started them by it
    pub name: String,
    /// invoke: start functions, and read, await and cancel what this key started; read: every GET and all status;
    /// manage: everything
    #[arg(long = "scope", required = true, value_delimiter = ',', value_name = "invoke|read|manage")]
    pub scopes: Vec<String>,
    /// A function that the key may start, or a pattern such as "orders/*" [default: all]
    #[arg(long = "function", value_delimiter = ',', value_name = "PATTERN")]
    pub functions: Vec<String>,
    /// When it expires: 12h, 30d [default: never]
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// How often it may call: 100/minute (second, minute, hour, day) [default: as often as it likes]
    #[arg(long, value_name = "CALLS/UNIT")]
    pub rate: Option<String>,
}

#[derive(Debug, Args)]
pub struct SchedulesArgs {
    /// Only schedules of this function
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    #[command(subcommand)]
    pub command: Option<ScheduleCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Show one: its next ten times, and what became of the last
    Show {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Make one
    Create(CreateScheduleArgs),
    /// Start what it starts, now
    Run {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Stop it until it is resumed
    Pause {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Let it go on with its next time
    Resume {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Delete it; what it started goes on
    Delete {
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct CreateScheduleArgs {
    /// The function's name
    pub function: String,
    /// Five fields as in crontab, six with seconds in front, seven with years behind, or @daily and its like
    pub cron: String,
    /// A name of the tz database [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// An object: JSON, @FILE, or - for standard input
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    pub input: Option<String>,
    /// What happens while an earlier execution runs [default: skip]
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Overlap::ALL.map(Overlap::as_str)))]
    pub overlap: Option<String>,
    /// What happens to missed times [default: last]
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(CatchUp::ALL.map(CatchUp::as_str)))]
    pub catch_up: Option<String>,
}

#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Only say what would be deleted
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AlertsArgs {
    #[command(subcommand)]
    pub action: Option<AlertAction>,
    /// Those that are over, too
    #[arg(long)]
    pub all: bool,
    /// Only alerts of this type
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Only alerts of this severity
    #[arg(long, value_parser = ["warning", "critical"])]
    pub severity: Option<String>,
    /// Only alerts about this execution
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

#[derive(Debug, Subcommand)]
pub enum AlertAction {
    /// Say that somebody has seen them; they stay open until their condition is gone
    Acknowledge {
        #[arg(required = true, value_name = "ALERT")]
        ids: Vec<i64>,
        /// Who has [default: the name of the key]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_serves_with_the_settings_given() {
        let cli = parsed("ringback --listen 127.0.0.1:0 --max-running 5").unwrap();
        assert!(cli.command.is_none());
        let expected = [("--listen", "127.0.0.1:0"), ("--max-running", "5")];
        assert_eq!(cli.settings.given(), expected.map(|(flag, value)| (flag.to_owned(), value.to_owned())));
    }

    #[test]
    fn flags_stand_before_or_behind_the_command() {
        for line in ["ringback --json --url http://a:1 list", "ringback list --url http://a:1 --json"] {
            let cli = parsed(line).unwrap();
            assert!(cli.json);
            assert_eq!(cli.server.url, "http://a:1");
        }
    }

    #[test]
    fn run_takes_a_name_and_its_flags() {
        let cli = parsed("ringback run orders/create --input @order.json --async --callback http://n8n:5678/x").unwrap();
        let Some(Command::Run(args)) = cli.command else { panic!("not run: {cli:?}") };
        assert_eq!((args.name.as_str(), args.input.as_deref()), ("orders/create", Some("@order.json")));
        assert!(args.is_async && !args.follow);
        assert_eq!(args.callback.as_deref(), Some("http://n8n:5678/x"));
    }

    #[test]
    fn a_single_dash_is_an_input() {
        let Some(Command::Run(args)) = parsed("ringback run hello --input -").unwrap().command else { panic!("not run") };
        assert_eq!(args.input.as_deref(), Some("-"));
    }

    #[test]
    fn messages_are_sent_again_by_id_or_by_filter_and_never_by_nothing() {
        let Some(Command::Redeliver(args)) = parsed("ringback redeliver a b --dry-run").unwrap().command else { panic!() };
        assert!(args.ids == ["a", "b"] && args.dry_run);
        assert!(parsed("ringback redeliver --state dead --since 2h").is_ok());
        for line in ["ringback redeliver", "ringback redeliver --dry-run", "ringback redeliver a --state dead"] {
            assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn misuse_is_told_apart_by_its_exit_code() {
        for line in [
            "ringback status",
            "ringback run",
            "ringback list --state lost",
            "ringback --nonsense",
            "ringback await x --timeout y",
        ] {
            assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(parsed("ringback --help").unwrap_err().exit_code(), 0);
        assert_eq!(parsed("ringback --version").unwrap_err().exit_code(), 0);
    }

    #[test]
    fn every_flag_that_gives_a_setting_is_known_to_the_configuration() {
        let known: Vec<_> = crate::config::SHORT_NAMES.iter().filter_map(|names| names.flag).collect();
        let all =
            parsed("ringback --listen a --database b --workflows c --public-url d --max-running e --log f --watch").unwrap();
        let mut given: Vec<_> = all.settings.given().into_iter().map(|(flag, _)| flag).collect();
        let mut known: Vec<_> = known.into_iter().map(str::to_owned).collect();
        given.sort();
        known.sort();
        assert_eq!(given, known);
    }
}
