//! `ringback demo`: the main job, in front of one's eyes.
//! Never uses anything but the HTTP API, as a stranger would; only the crash is done to the process.

mod folder;
mod message;
mod receiver;
mod report;
mod scenes;
mod server;
mod services;
mod stage;

use std::time::Instant;

use super::args::DemoArgs;
use super::entry::duration;
use super::error::{CommandError, FAILED};
use super::output::{BAD, BOLD, DIM, GOOD, Output};
use super::signals::StopSignals;
use crate::outbound::signature;
use report::Act;
use server::Server;
use stage::Stage;

pub async fn run(args: &DemoArgs, output: &mut Output) -> Result<u8, CommandError> {
    let mut signals = StopSignals::listen()?;
    tokio::select! {
        code = show(args, output) => code,
        () = signals.next() => Err(CommandError::Failed("the demo was interrupted".to_owned())),
    }
}

async fn show(args: &DemoArgs, output: &mut Output) -> Result<u8, CommandError> {
    let began = Instant::now();
    let secret = signature::fresh_secret();
    let receiver = receiver::start(&secret)?;
    let folder = folder::Folder::make()?;
    let mut server = Server::prepare(&folder, &receiver.url, &secret)?;
    let ready = server.start().await?;
    let mut stage = Stage::new(output, &server.url, receiver)?;
    stage.tell(format_args!("{DIM}{ready}{DIM:#}"));
    let listens = format!("a receiver of our own listens on {} and checks every signature", stage.receiver_url());
    stage.tell(format_args!("{DIM}{listens}{DIM:#}"));

    let acts = scenes::play(&mut stage, &mut server).await?;
    stage.finish();
    report::show(&acts, stage.output())?;
    let verdict = verdict(&acts, began, stage.output());
    if args.keep {
        keep(&mut stage, &server, &folder).await?;
    }
    Ok(verdict)
}

fn verdict(acts: &[Act], began: Instant, output: &mut Output) -> u8 {
    let wrong: Vec<String> = acts.iter().flat_map(Act::wrongs).collect();
    for text in &wrong {
        output.problem(text);
    }
    if !wrong.is_empty() {
        output.say(format_args!("{BAD}not everything went as promised{BAD:#}"));
        return FAILED;
    }
    let took = duration(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX));
    let count = acts.len();
    output.say(format_args!("{GOOD}{count} executions, {count} signed callbacks, as promised, in {took}{GOOD:#}"));
    0
}

/// Leaves the server running until somebody ends it, and tells of every callback that arrives.
async fn keep(stage: &mut Stage<'_>, server: &Server, folder: &folder::Folder) -> Result<(), CommandError> {
    let (url, receiver) = (server.url.clone(), stage.receiver_url().to_owned());
    let json = "-H 'content-type: application/json'";
    let lines = [
        format!("{BOLD}The server runs on at {url}; Ctrl-C ends it.{BOLD:#}"),
        format!("{DIM}Its files are in {}; messages are signed with {}.{DIM:#}", folder.path().display(), server.secret()),
        String::new(),
        format!("curl {url}/api/hello {json} -d '{{\"name\": \"Ada\"}}'"),
        format!(
            "curl {url}/api/reports/generate {json} -d '{{\"report_type\": \"weekly\", \"async\": true, \"callback_url\": \
             \"{receiver}/callbacks/mine\"}}'"
        ),
        format!("curl '{url}/v1/executions?limit=5'"),
        format!("curl {url}/v1/alerts"),
        format!("ringback --url {url} list"),
        String::new(),
    ];
    for line in lines {
        stage.tell(line);
    }
    stage.tell_what_arrives().await
}
