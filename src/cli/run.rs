//! `ringback run`: starts a function and prints what it answers.
//! Never treats an answer of the function itself as an error of the server.

use std::time::Duration;

use serde_json::{Map, Value};

use super::args::RunArgs;
use super::client::{Client, Reply};
use super::entry;
use super::error::{CommandError, FAILED};
use super::input;
use super::output::{DIM, Output};
use super::progress;
use super::watch::Watch;

const LOOK_EVERY: Duration = Duration::from_millis(200);

pub async fn run(args: &RunArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let body = body(args, input::read(args.input.as_deref(), &mut std::io::stdin())?)?;
    let background = args.is_async || args.follow;
    let prefer = if background { "respond-async" } else { "wait=300" };
    let path = format!("/api/{}", args.name.trim_matches('/'));
    let reply = client.post(&path, &body, &[("prefer", prefer)]).await?;
    if args.follow {
        let entry = reply.accepted()?;
        return follow(&entry::text(&entry, "execution_id"), client, output).await;
    }
    answer(&reply, background, output)
}

/// The input with the control words that the flags stand for.
fn body(args: &RunArgs, mut input: Map<String, Value>) -> Result<Value, CommandError> {
    if let Some(url) = &args.callback {
        if input.contains_key("callback_url") {
            return Err(CommandError::Misuse("the input holds a callback_url already; leave out --callback".to_owned()));
        }
        input.insert("callback_url".to_owned(), Value::String(url.clone()));
    }
    Ok(Value::Object(input))
}

/// Prints an answer: the function's own body, or the id of what goes on in the background.
fn answer(reply: &Reply, background: bool, output: &mut Output) -> Result<u8, CommandError> {
    if reply.status == 202 && reply.body.get("execution_id").is_some() {
        let id = entry::text(&reply.body, "execution_id");
        if !background {
            output.say("it runs on in the background");
        }
        output.say(format_args!("{DIM}see `ringback status {id}`{DIM:#}"));
        if output.json {
            output.value(&reply.body)?;
        } else {
            output.line(id)?;
        }
        return Ok(0);
    }
    // A function may answer with an error status of its own: its body is still data.
    let by_function = reply.execution_id.is_some();
    if reply.status >= 400 && !by_function {
        return Err(CommandError::Failed(reply.problem()));
    }
    output.value(&reply.body)?;
    if reply.status >= 400 {
        output.problem(&reply.problem());
        return Ok(FAILED);
    }
    Ok(0)
}

/// Tells the life of an execution until it ends, then prints its output.
async fn follow(id: &str, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    output.say(format_args!("● accepted as {id}"));
    let mut watch = Watch::of(id);
    let now = progress::spinner();
    loop {
        let (entry, news) = watch.look(client).await?;
        now.suspend(|| news.into_iter().for_each(|line| output.say(line)));
        now.set_message(at_the_moment(&entry));
        if entry::is_over(&entry) {
            now.finish_and_clear();
            if !entry::has_completed(&entry) {
                let resume = format!("`ringback resume {id}` goes on where it failed, `ringback rerun {id}` starts it once more");
                output.say(format_args!("{DIM}{resume}{DIM:#}"));
            }
            if output.json {
                output.value(&entry)?;
            } else if !entry["output"].is_null() || entry::has_completed(&entry) {
                output.value(&entry["output"])?;
            }
            return Ok(if entry::has_completed(&entry) { 0 } else { FAILED });
        }
        actix_web::rt::time::sleep(LOOK_EVERY).await;
    }
}

/// In what state it is and how far it says that it is.
fn at_the_moment(entry: &Value) -> String {
    let progress = &entry["progress"];
    let percent = progress["percent"].as_f64().map(|percent| format!(", {percent} %")).unwrap_or_default();
    let waiting = entry["waiting_for"]["what"].as_str().map(|what| format!(", waits for {what}")).unwrap_or_default();
    format!("{}{percent}{waiting}", entry::state(entry))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::testing;

    fn args(callback: Option<&str>) -> RunArgs {
        let callback = callback.map(str::to_owned);
        RunArgs { name: "hello".to_owned(), input: None, is_async: false, callback, follow: false }
    }

    fn reply(status: u16, execution_id: Option<&str>, body: Value) -> Reply {
        Reply { status, execution_id: execution_id.map(str::to_owned), body }
    }

    #[test]
    fn a_callback_becomes_a_control_word_unless_the_input_has_one() {
        let input = Map::from_iter([("name".to_owned(), json!("Ada"))]);
        let with = body(&args(Some("http://n8n:5678/x")), input.clone()).unwrap();
        assert_eq!(with, json!({"name": "Ada", "callback_url": "http://n8n:5678/x"}));
        assert_eq!(body(&args(None), input).unwrap(), json!({"name": "Ada"}));
        let both = Map::from_iter([("callback_url".to_owned(), json!("http://a"))]);
        assert!(matches!(body(&args(Some("http://b")), both), Err(CommandError::Misuse(_))));
    }

    #[test]
    fn what_goes_on_is_said_in_a_few_words() {
        let entry = json!({"state": "waiting", "progress": {"percent": 40, "message": "x"}, "waiting_for": {"what": "timer"}});
        assert_eq!(at_the_moment(&entry), "waiting, 40 %, waits for timer");
    }

    #[test]
    fn an_accepted_call_prints_only_its_id() {
        let (mut output, data, talk) = testing::output(false);
        let accepted = reply(202, Some("0193"), json!({"execution_id": "0193", "status": "running"}));
        assert_eq!(answer(&accepted, true, &mut output).unwrap(), 0);
        assert_eq!(data.text(), "0193\n");
        assert_eq!(talk.text(), "see `ringback status 0193`\n");
    }

    #[test]
    fn the_functions_own_error_answer_is_data_and_a_failure() {
        let (mut output, data, talk) = testing::output(true);
        let own = reply(404, Some("0193"), json!({"message": "no such customer"}));
        assert_eq!(answer(&own, false, &mut output).unwrap(), FAILED);
        assert_eq!(data.text(), "{\"message\":\"no such customer\"}\n");
        assert_eq!(talk.text(), "error: no such customer (404)\n");
    }

    #[test]
    fn a_refusal_of_the_server_prints_no_data() {
        let (mut output, data, _) = testing::output(false);
        let refused = reply(404, None, json!({"detail": "there is no function \"helo\""}));
        let error = answer(&refused, false, &mut output).unwrap_err();
        assert_eq!(error.to_string(), "there is no function \"helo\" (404)");
        assert_eq!(data.text(), "");
    }
}
