//! Where the demo happens: fires executions, tells their lives, and collects what arrives.
//! Never expects anything; the scenes do.

use std::fmt::Display;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::message::Message;
use super::receiver::{Heard, Receiver};
use crate::cli::client::Client;
use crate::cli::entry;
use crate::cli::error::CommandError;
use crate::cli::output::{BAD, BOLD, BUSY, DIM, GOOD, Output};
use crate::cli::watch::Watch;

const LOOK_EVERY: Duration = Duration::from_millis(60);
/// How long anything in the demo may take before it counts as not arrived.
pub const PATIENCE: Duration = Duration::from_secs(25);

pub struct Stage<'a> {
    output: &'a mut Output,
    bar: ProgressBar,
    client: Client,
    receiver: Receiver,
    messages: Vec<Message>,
}

/// An accepted execution.
#[derive(Debug, Clone)]
pub struct Fired {
    pub id: String,
    pub function: &'static str,
}

impl<'a> Stage<'a> {
    pub fn new(output: &'a mut Output, server_url: &str, receiver: Receiver) -> Result<Self, CommandError> {
        let style = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len}  {msg}  {elapsed}");
        let bar = ProgressBar::new(0).with_style(style.expect("the template is constant and holds"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Ok(Self { output, bar, client: Client::to(server_url, None)?, receiver, messages: Vec::new() })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn output(&mut self) -> &mut Output {
        self.output
    }

    pub fn receiver_url(&self) -> &str {
        &self.receiver.url
    }

    /// A line of the story; with `--json` it is talk, since the data is the table.
    pub fn tell(&mut self, text: impl Display) {
        let output = &mut *self.output;
        self.bar.suspend(|| {
            if output.json {
                output.say(text);
            } else {
                // Where nobody reads the story any more the verdict still counts.
                let _ = output.line(text);
            }
        });
    }

    /// How many scenes there will be.
    pub fn begin(&mut self, scenes: usize) {
        self.bar.set_length(scenes as u64);
    }

    pub fn scene(&mut self, title: &'static str, about: &str) {
        self.bar.set_message(title);
        self.tell(format_args!("\n{BOLD}{title}{BOLD:#} {DIM}– {about}{DIM:#}"));
    }

    pub fn scene_is_over(&mut self) {
        self.bar.inc(1);
    }

    pub fn finish(&mut self) {
        self.bar.finish_and_clear();
        self.tell("");
    }

    /// Calls a function and waits for its answer.
    pub async fn call(&mut self, function: &str, body: Value) -> Result<Value, CommandError> {
        let began = Instant::now();
        let reply = self.client.post(&format!("/api/{function}"), &body, &[]).await?;
        self.tell(format_args!(
            "  POST /api/{function} {DIM}→{DIM:#} {} {DIM}in {} ms{DIM:#}",
            reply.status,
            began.elapsed().as_millis()
        ));
        reply.accepted()
    }

    /// Starts a function with a callback to our receiver's `callback`.
    pub async fn fire(&mut self, function: &'static str, mut body: Value, callback: &str) -> Result<Fired, CommandError> {
        body["async"] = json!(true);
        body["callback_url"] = json!(format!("{}/callbacks/{callback}", self.receiver.url));
        let began = Instant::now();
        let reply = self.client.post(&format!("/api/{function}"), &body, &[]).await?;
        let (status, took_ms) = (reply.status, began.elapsed().as_millis());
        let id = entry::text(&reply.accepted()?, "execution_id");
        self.tell(format_args!(
            "  POST /api/{function} {DIM}→{DIM:#} {GOOD}{status} accepted{GOOD:#} {DIM}in {took_ms} ms{DIM:#} {id}"
        ));
        Ok(Fired { id, function })
    }

    /// Tells an execution's life until `enough`, and gives its entry.
    pub async fn live_until(&mut self, id: &str, label: &str, enough: impl Fn(&Value) -> bool) -> Result<Value, CommandError> {
        let mut watch = Watch::of(id);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (entry, news) = watch.look(&self.client).await?;
            self.tell_heard();
            for line in news {
                self.tell(format_args!("    {label}{line}"));
            }
            if enough(&entry) || Instant::now() >= deadline {
                return Ok(entry);
            }
            actix_web::rt::time::sleep(LOOK_EVERY).await;
        }
    }

    pub async fn live(&mut self, fired: &Fired) -> Result<Value, CommandError> {
        self.live_until(&fired.id, "", entry::is_over).await
    }

    /// Every delivery attempt of an execution's terminal message, once it was taken; empty if it did not arrive.
    pub async fn callback(&mut self, id: &str) -> Vec<Message> {
        let deadline = Instant::now() + PATIENCE;
        while !self.messages.iter().any(|message| message.ends(id)) && Instant::now() < deadline {
            actix_web::rt::time::sleep(LOOK_EVERY).await;
            self.tell_heard();
        }
        let Some(taken) = self.messages.iter().find(|message| message.ends(id)) else { return Vec::new() };
        self.messages.iter().filter(|message| message.webhook_id == taken.webhook_id).cloned().collect()
    }

    /// Tells of what arrives until the process is ended.
    pub async fn tell_what_arrives(&mut self) {
        while let Some(heard) = self.receiver.heard.recv().await {
            self.take(heard);
        }
    }

    /// Tells of what arrived since the last look.
    pub fn tell_heard(&mut self) {
        while let Ok(heard) = self.receiver.heard.try_recv() {
            self.take(heard);
        }
    }

    fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Callback(message) => {
                self.tell(callback_line(&message));
                self.messages.push(message);
            }
            Heard::Served { service, status, seen } if status >= 400 => {
                self.tell(format_args!("      {DIM}{service} answers{DIM:#} {BUSY}{status}{BUSY:#} {DIM}(try {seen}){DIM:#}"));
            }
            Heard::Served { .. } => {}
            Heard::Swallowed { service } => {
                self.tell(format_args!("      {DIM}{service} takes the request and{DIM:#} {BUSY}keeps silent{BUSY:#}"));
            }
        }
    }
}

fn callback_line(message: &Message) -> String {
    let Message { event, webhook_id, attempt, answered, body, .. } = message;
    let signature =
        if message.verified { format!("{GOOD}signature verified{GOOD:#}") } else { format!("{BAD}WRONG SIGNATURE{BAD:#}") };
    let style = if *answered < 300 { GOOD } else { BUSY };
    let bytes = body.len();
    format!(
        "  {style}←{style:#} callback {BOLD}{event}{BOLD:#}, attempt {attempt}, {signature}, {bytes} bytes, we answer \
         {style}{answered}{style:#} {DIM}{webhook_id}{DIM:#}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_told_with_its_signature_and_our_answer() {
        let message = Message {
            webhook_id: "msg_1".to_owned(),
            event: "execution.completed".to_owned(),
            execution_id: "0193".to_owned(),
            attempt: "2".to_owned(),
            verified: true,
            body: bytes::Bytes::from_static(b"{}"),
            answered: 200,
        };
        let line = anstream::adapter::strip_str(&callback_line(&message)).to_string();
        assert_eq!(line, "  ← callback execution.completed, attempt 2, signature verified, 2 bytes, we answer 200 msg_1");
        let forged = Message { verified: false, answered: 401, ..message };
        assert!(callback_line(&forged).contains("WRONG SIGNATURE"));
    }
}
