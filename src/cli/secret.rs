//! `ringback keys show-secret` and `keys rotate-secret`: the secret that signs the server's messages.
//! Never asks a server to show its secret: who may see it can open the store and has the key.

use serde_json::{Value, json};

use super::args::SettingFlags;
use super::client::Client;
use super::error::CommandError;
use super::output::Output;
use super::serve::database_label;
use crate::app;

pub async fn show(settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let (config, _) = settings.load()?;
    let secret = app::webhook_secret(&config).await.map_err(|error| CommandError::Failed(error.to_string()))?;
    let Some(secret) = secret else {
        let database = database_label(&config.store.database);
        return Err(CommandError::Failed(format!(
            "{database} has no webhook secret yet; `ringback serve` makes it at its first start"
        )));
    };
    if output.json {
        output.value(&json!({"secret": secret}))?;
    } else {
        output.line(secret)?;
    }
    Ok(0)
}

pub async fn rotate(client: &Client, settings: &SettingFlags, output: &mut Output) -> Result<u8, CommandError> {
    let rotated = match client.post("/v1/webhook-secret/rotate", &json!({}), &[]).await {
        Ok(reply) => reply.accepted()?,
        Err(CommandError::NobodyThere(_)) => {
            let (config, _) = settings.load()?;
            output.say(format_args!("nobody serves; changing {} itself", database_label(&config.store.database)));
            let rotated = app::rotate_webhook_secret(config).await;
            rotated.map_err(|error| CommandError::Failed(error.to_string()))?.to_json()
        }
        Err(error) => return Err(error),
    };
    report(&rotated, output)?;
    Ok(0)
}

fn report(rotated: &Value, output: &mut Output) -> std::io::Result<()> {
    if output.json {
        return output.value(rotated);
    }
    let text = |name: &str| rotated[name].as_str();
    if let Some(secret) = text("secret") {
        output.line(secret)?;
    }
    if let Some(key) = text("public_key") {
        output.line(key)?;
    }
    output.say(format_args!("the former one signs too until {}", text("former_signs_until").unwrap_or("tomorrow")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::testing;

    #[test]
    fn the_new_secret_is_data_and_the_rest_is_talk() {
        let (mut output, data, talk) = testing::output(false);
        let rotated = json!({"secret": "whsec_x", "public_key": null, "former_signs_until": "2026-11-25T12:00:00.000Z"});
        report(&rotated, &mut output).unwrap();
        assert_eq!(data.text(), "whsec_x\n");
        assert!(talk.text().contains("until 2026-11-25T12:00:00.000Z"), "{}", talk.text());
    }
}
