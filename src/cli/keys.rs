//! `ringback keys`: made, listed and ended over the API of the server that runs, else in the store that nobody serves.
//! Never prints a key but the moment it is made.

mod offline;

use comfy_table::Cell;
use serde_json::{Value, json};

use super::args::{KeyCreateArgs, KeysCommand, SettingFlags};
use super::client::{Client, Reply};
use super::error::CommandError;
use super::output::{BOLD, Output};
use super::secret;
use super::since;
use super::watch::items;

const HEADER: [&str; 7] = ["name", "key", "state", "scopes", "functions", "expires", "made by"];

pub async fn run(
    command: &KeysCommand,
    client: &Client,
    settings: &SettingFlags,
    output: &mut Output,
) -> Result<u8, CommandError> {
    match command {
        KeysCommand::Create(args) => {
            let plan = plan(args)?;
            let made = match answered(client.post("/v1/keys", &plan, &[]).await)? {
                Some(reply) => reply.accepted()?,
                None => offline::create(settings, plan, output).await?,
            };
            show_made(&made, output)?;
        }
        KeysCommand::List => {
            let page = match answered(client.get("/v1/keys", &[]).await)? {
                Some(reply) => reply.accepted()?,
                None => offline::list(settings, output).await?,
            };
            show_all(items(&page), output)?;
        }
        KeysCommand::Revoke { name } => {
            let path = format!("/v1/keys/{}", percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC));
            let ended = match answered(client.delete(&path).await)? {
                Some(reply) => reply.accepted()?,
                None => offline::revoke(settings, name, output).await?,
            };
            if output.json { output.value(&ended)? } else { output.say(format_args!("the key {name} opens nothing any more")) }
        }
        KeysCommand::ShowSecret => return secret::show(settings, output).await,
        KeysCommand::RotateSecret => return secret::rotate(client, settings, output).await,
    }
    Ok(0)
}

/// `None` where nobody serves.
fn answered(reply: Result<Reply, CommandError>) -> Result<Option<Reply>, CommandError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(CommandError::NobodyThere(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is asked for, in the words of the API.
fn plan(args: &KeyCreateArgs) -> Result<Value, CommandError> {
    let mut plan = json!({"name": args.name, "scopes": args.scopes});
    if !args.functions.is_empty() {
        plan["functions"] = json!(args.functions);
    }
    if let Some(text) = &args.expires {
        let ms = since::duration_ms(text).ok_or_else(|| {
            CommandError::Misuse(format!("--expires: \"{text}\" is no time such as 12h, 30d; without it the key does not expire"))
        })?;
        plan["expires_in_s"] = json!(ms / 1000);
    }
    if let Some(text) = &args.rate {
        let rate = text.split_once('/').and_then(|(limit, per)| Some(json!({"limit": limit.parse::<u32>().ok()?, "per": per})));
        let rate = rate.ok_or_else(|| CommandError::Misuse(format!("--rate: \"{text}\" is no rate such as 100/minute")))?;
        plan["rate_limit"] = rate;
    }
    Ok(plan)
}

fn show_made(made: &Value, output: &mut Output) -> Result<(), CommandError> {
    if output.json {
        return Ok(output.value(made)?);
    }
    let name = made["name"].as_str().unwrap_or_default();
    output.say(format_args!("{BOLD}{name}{BOLD:#} is made; this is its key, which is not shown again:"));
    Ok(output.line(made["key"].as_str().unwrap_or_default())?)
}

fn show_all(keys: &[Value], output: &mut Output) -> Result<(), CommandError> {
    if output.json {
        return Ok(output.value(&Value::Array(keys.to_vec()))?);
    }
    if keys.is_empty() {
        output.say("there are no keys in the store; make one with `ringback keys create NAME --scope manage`");
        return Ok(());
    }
    Ok(output.table(&HEADER, keys.iter().map(row).collect())?)
}

fn row(key: &Value) -> Vec<Cell> {
    let text = |name: &str| key[name].as_str().unwrap_or("–").to_owned();
    let list = |name: &str| match key[name].as_array() {
        Some(words) if !words.is_empty() => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => "all".to_owned(),
    };
    let texts =
        [text("name"), text("hint"), text("state"), list("scopes"), list("functions"), text("expires_at"), text("created_by")];
    texts.into_iter().map(Cell::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(expires: Option<&str>, rate: Option<&str>) -> KeyCreateArgs {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let scopes = vec!["invoke".to_owned()];
        KeyCreateArgs { name: "n8n".into(), scopes, functions: vec!["orders/*".into()], expires: text(expires), rate: text(rate) }
    }

    #[test]
    fn a_key_is_asked_for_in_the_words_of_the_api() {
        let asked = plan(&args(Some("2h"), Some("100/minute"))).unwrap();
        let expected = json!({"name": "n8n", "scopes": ["invoke"], "functions": ["orders/*"], "expires_in_s": 7200,
            "rate_limit": {"limit": 100, "per": "minute"}});
        assert_eq!(asked, expected);
        for odd in [args(Some("soon"), None), args(None, Some("often"))] {
            assert!(matches!(plan(&odd), Err(CommandError::Misuse(_))));
        }
    }

    #[test]
    fn the_key_is_data_and_what_is_said_about_it_is_talk() {
        let (mut output, data, talk) = crate::cli::output::testing::output(false);
        show_made(&json!({"name": "n8n", "key": "rbk_x"}), &mut output).unwrap();
        assert_eq!(data.text(), "rbk_x\n");
        assert!(talk.text().contains("not shown again"), "{}", talk.text());
    }
}
