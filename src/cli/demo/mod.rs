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
use folder::Folder;
use report::Act;
use server::Server;
use stage::Stage;

pub async fn run(args: &DemoArgs, output: &mut Output) -> Result<u8, CommandError> {
    let mut signals = StopSignals::listen()?;
    let mut demo = tokio::select! {
        demo = show(output) => demo?,
        () = signals.next() => return Err(CommandError::Failed("the demo was interrupted".to_owned())),
    };
    if args.keep {
        demo.tell_what_to_paste();
        tokio::select! {
            () = demo.stage.tell_what_arrives() => {}
            () = signals.next() => {}
        }
    }
    Ok(demo.verdict)
}

/// A demo that was shown, with everything that still runs.
struct Demo<'a> {
    stage: Stage<'a>,
    /// Dropped before its folder is.
    server: Server,
    folder: Folder,
    verdict: u8,
}

async fn show(output: &mut Output) -> Result<Demo<'_>, CommandError> {
    let began = Instant::now();
    let secret = signature::fresh_secret();
    let receiver = receiver::start(&secret)?;
    let folder = Folder::make()?;
    let mut server = Server::prepare(&folder, &receiver.url, &secret)?;
    let ready = server.start().await?;
    let mut stage = Stage::new(output, &server.url, receiver)?;
    stage.tell(format_args!("{DIM}{ready}{DIM:#}"));
    let listens = format!("a receiver of our own listens on {} and checks every signature", stage.receiver_url());
    stage.tell(format_args!("{DIM}{listens}{DIM:#}"));
    stage
        .tell(format_args!("{DIM}✓ a step, committed as a checkpoint · ✗ one that failed · ● a new state · ← a callback{DIM:#}"));

    let acts = scenes::play(&mut stage, &mut server).await?;
    stage.finish();
    report::show(&acts, stage.output())?;
    let verdict = verdict(&acts, began, stage.output());
    Ok(Demo { stage, server, folder, verdict })
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

impl Demo<'_> {
    fn tell_what_to_paste(&mut self) {
        let (url, receiver) = (&self.server.url, self.stage.receiver_url());
        let (folder, secret) = (self.folder.path().display(), self.server.secret());
        let json = "-H 'content-type: application/json'";
        let lines = [
            format!("\n{BOLD}The server runs on at {url}; Ctrl-C ends it.{BOLD:#}"),
            format!("{DIM}Its files are in {folder}; messages are signed with {secret}.{DIM:#}\n"),
            format!("curl {url}/api/hello {json} -d '{{\"name\": \"Ada\"}}'"),
            format!(
                "curl {url}/api/reports/generate {json} \\\n  -d '{{\"report_type\": \"weekly\", \"callback_url\": \
                 \"{receiver}/callbacks/mine\"}}'"
            ),
            format!("curl '{url}/v1/executions?limit=5'"),
            format!("curl {url}/v1/alerts"),
            format!("ringback --url {url} list\n"),
        ];
        for line in lines {
            self.stage.tell(line);
        }
    }
}
