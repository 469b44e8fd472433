//! What can be typed of executions that go on: once more, from where they failed, in another database.
//! Never reads a setting's value; `config` does.

use clap::Args;

use crate::domain::execution::State;

#[derive(Debug, Args)]
pub struct MoveArgs {
    /// sqlite://FILE
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// postgres://USER@HOST/NAME, an empty database
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Give an unfinished move up: the file can be served again
    #[arg(long)]
    pub abandon: bool,
}

#[derive(Debug, Args)]
pub struct AgainArgs {
    #[arg(value_name = "ID", required_unless_present_any = ["function", "state", "error_code", "tag", "since"])]
    pub ids: Vec<String>,
    /// All of this function
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub function: Option<String>,
    /// All in this state
    #[arg(long, conflicts_with = "ids", value_parser = clap::builder::PossibleValuesParser::new(State::ALL.map(State::as_str)))]
    pub state: Option<String>,
    /// All that ended with this error code
    #[arg(long, value_name = "CODE", conflicts_with = "ids")]
    pub error_code: Option<String>,
    /// All with this tag
    #[arg(long, value_name = "TAG", conflicts_with = "ids")]
    pub tag: Option<String>,
    /// All accepted since then: 90s, 10m, 2h, 3d, or an RFC 3339 time
    #[arg(long, value_name = "TIME", conflicts_with = "ids")]
    pub since: Option<String>,
    /// Only show which they would be
    #[arg(long, conflicts_with = "ids")]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct ResumeArgs {
    #[command(flatten)]
    pub which: AgainArgs,
    /// Go on with the newest version of the function instead of the one they started with
    #[arg(long)]
    pub newest: bool,
}
