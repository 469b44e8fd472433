//! Keys: which there are, what each may do, until when.
//! Never shows a key, or makes one: a new key is shown once, to whoever asked for it by command.

use actix_web::{HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::{AccessKey, Scope};
use crate::domain::timestamp::Timestamp;

/// Lines of the audit that the page shows.
const AUDIT_SHOWN: i64 = 50;

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    hint: String,
    state: &'static str,
    scopes: Vec<&'static str>,
    functions: Vec<String>,
    created_at: i64,
    created_by: String,
    expires_at: Option<i64>,
}

impl Row {
    fn of(key: &AccessKey, now: Timestamp) -> Self {
        Self {
            name: key.name.clone(),
            hint: key.hint.clone(),
            state: key.state(now),
            scopes: key.scopes.words().collect(),
            functions: key.functions.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            created_at: key.created_at.ms(),
            created_by: key.created_by.clone().unwrap_or_default(),
            expires_at: key.expires_at.map(Timestamp::ms),
        }
    }
}

#[derive(Debug, Serialize)]
struct AuditRow {
    at: i64,
    caller: String,
    method: String,
    path: String,
    status: u16,
}

/// `GET /ui/keys`
pub async fn show(visitor: Visitor, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &board).await)
}

async fn list(visitor: &Visitor, board: &Board) -> Result<HttpResponse, Trouble> {
    if !visitor.may(Scope::Manage) {
        return Err(Trouble::NotAllowed);
    }
    let engine = &board.engine;
    let now = engine.clock.now();
    let rows: Vec<Row> = engine.read.keys().await?.iter().map(|key| Row::of(key, now)).collect();
    let audit = engine.read.audit(None, AUDIT_SHOWN).await?;
    let audit: Vec<AuditRow> = audit
        .iter()
        .map(|audited| AuditRow {
            at: audited.entry.at.ms(),
            caller: audited.entry.caller.clone().unwrap_or_default(),
            method: audited.entry.method.clone(),
            path: audited.entry.path.clone(),
            status: audited.entry.status,
        })
        .collect();
    let context = context! {
        now => now.ms(),
        rows => page::value(&rows),
        audit => page::value(&audit),
        configured => engine.config.access.api_key.is_some(),
    };
    Ok(page::show(visitor, Place { title: "Keys", nav: "keys" }, "keys.html", context))
}
