//! `ringback alerts`: what a person should know of, and saying that one has seen it.
//! Never resolves an alert: that follows from its condition.

use comfy_table::{Cell, Color};
use serde_json::{Value, json};

use super::args::{AlertAction, AlertsArgs};
use super::client::Client;
use super::entry::{shortened, text};
use super::error::CommandError;
use super::output::Output;
use super::stand_in::Needs;
use super::watch::items;

const HEADER: [&str; 7] = ["alert", "type", "severity", "since", "stands", "about", "message"];

/// Seeing needs less than acknowledging.
pub fn needs(args: &AlertsArgs) -> Needs {
    if args.action.is_none() { Needs::Look } else { Needs::Work }
}

pub async fn run(args: &AlertsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    match &args.action {
        Some(AlertAction::Acknowledge { ids, by }) => acknowledge(ids, by.as_deref(), client, output).await,
        None => list(args, client, output).await,
    }
}

async fn list(args: &AlertsArgs, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let page = client.get("/v1/alerts", &filters(args)).await?.accepted()?;
    let alerts = items(&page);
    if output.json {
        output.value(&Value::Array(alerts.to_vec()))?;
    } else if alerts.is_empty() {
        output.say("there are no such alerts");
    } else {
        output.table(&HEADER, alerts.iter().map(row).collect())?;
    }
    Ok(0)
}

async fn acknowledge(ids: &[i64], by: Option<&str>, client: &Client, output: &mut Output) -> Result<u8, CommandError> {
    let body = by.map_or_else(|| json!({}), |by| json!({"by": by}));
    let mut seen = Vec::with_capacity(ids.len());
    for id in ids {
        seen.push(client.post(&format!("/v1/alerts/{id}/acknowledge"), &body, &[]).await?.accepted()?);
    }
    if output.json {
        output.value(&Value::Array(seen))?;
    } else {
        output.table(&HEADER, seen.iter().map(row).collect())?;
    }
    Ok(0)
}

fn filters(args: &AlertsArgs) -> Vec<(&'static str, String)> {
    let mut filters = vec![("limit", args.limit.to_string())];
    filters.extend((!args.all).then(|| ("open", "true".to_owned())));
    filters.extend(args.kind.clone().map(|kind| ("type", kind)));
    filters.extend(args.severity.clone().map(|severity| ("severity", severity)));
    filters.extend(args.execution.clone().map(|id| ("execution_id", id)));
    filters
}

fn row(alert: &Value) -> Vec<Cell> {
    let severity = text(alert, "severity");
    let colour = if severity == "critical" { Color::Red } else { Color::Yellow };
    let about = [text(alert, "execution_id"), text(alert, "destination"), text(alert, "subject")];
    vec![
        Cell::new(text(alert, "id")),
        Cell::new(text(alert, "type")),
        Cell::new(severity).fg(colour),
        Cell::new(text(alert, "created_at")),
        Cell::new(standing(alert)),
        Cell::new(about.into_iter().find(|about| !about.is_empty()).unwrap_or_default()),
        Cell::new(shortened(&text(alert, "message"))),
    ]
}

fn standing(alert: &Value) -> String {
    match (text(alert, "resolved_at"), text(alert, "acknowledged_by")) {
        (resolved, _) if !resolved.is_empty() => "over".to_owned(),
        (_, by) if !by.is_empty() => format!("seen by {by}"),
        _ => "open".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> AlertsArgs {
        AlertsArgs { action: None, all: false, kind: Some("queue_old".to_owned()), severity: None, execution: None, limit: 50 }
    }

    #[test]
    fn open_ones_are_listed_unless_all_are_wanted() {
        let pairs =
            |args: &AlertsArgs| filters(args).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(pairs(&args()), ["limit=50", "open=true", "type=queue_old"]);
        assert_eq!(pairs(&AlertsArgs { all: true, ..args() }), ["limit=50", "type=queue_old"]);
    }

    #[test]
    fn a_row_says_how_an_alert_stands() {
        let mut alert =
            json!({"id": 7, "type": "breaker_open", "severity": "warning", "destination": "http://a:80", "message": "m"});
        let cells = |alert: &Value| row(alert).iter().map(Cell::content).collect::<Vec<_>>();
        assert_eq!(cells(&alert), ["7", "breaker_open", "warning", "", "open", "http://a:80", "m"]);
        alert["acknowledged_by"] = json!("anna");
        assert_eq!(cells(&alert)[4], "seen by anna");
        alert["resolved_at"] = json!("2026-01-01T00:00:00.000Z");
        assert_eq!(cells(&alert)[4], "over");
    }
}
