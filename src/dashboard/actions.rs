//! What the buttons of an execution do.
//! Never acts for a form that was not shown to its sender.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::Board;
use super::csrf;
use super::execution::find;
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::Scope;
use crate::domain::audit::AuditEntry;
use crate::domain::limits::AUDIT_PATH_BYTES_MAX;
use crate::engine::cancel::{CancelError, cancel as cancel_execution};
use crate::engine::keys;

#[derive(Deserialize)]
pub struct Sent {
    pub csrf: String,
}

/// # Errors
/// The form is not one that was shown to this visitor.
pub fn check(request: &HttpRequest, visitor: &Visitor, given: &str) -> Result<(), Trouble> {
    let fine = csrf::is_own(request) && csrf::holds(&visitor.csrf, given);
    if fine { Ok(()) } else { Err(Trouble::ForeignForm) }
}

/// Lets somebody act who may manage, and keeps in the audit that he did.
///
/// # Errors
/// The form is not one that was shown to this visitor, or his key does not allow it.
pub async fn manages(board: &Board, request: &HttpRequest, visitor: &Visitor, sent: &Sent) -> Result<(), Trouble> {
    check(request, visitor, &sent.csrf)?;
    let allowed = visitor.may(Scope::Manage);
    let end = request.path().floor_char_boundary(AUDIT_PATH_BYTES_MAX);
    let entry = AuditEntry {
        at: board.engine.clock.now(),
        caller: visitor.caller.name().map(str::to_owned),
        method: request.method().to_string(),
        path: request.path()[..end].to_owned(),
        status: if allowed { 303 } else { 403 },
        ip: request.peer_addr().map(|peer| peer.ip().to_canonical().to_string()),
    };
    keys::note(&board.engine, entry).await;
    if allowed { Ok(()) } else { Err(Trouble::NotAllowed) }
}

pub fn back_to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// `POST /ui/executions/{id}/cancel`
pub async fn cancel(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<String>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        check(&request, &visitor, &sent.csrf)?;
        let execution = find(&board.engine, &id).await?;
        let id = execution.birth.id;
        if !visitor.caller.steers(&execution) {
            return Err(Trouble::NotAllowed);
        }
        match cancel_execution(&board.engine, id).await {
            // One that ended by itself meanwhile is shown as it is.
            Ok(_) | Err(CancelError::Terminal(..)) => Ok(back_to(&format!("/ui/executions/{id}"))),
            Err(CancelError::NotFound) => Err(Trouble::NotFound(format!("execution {id}"))),
            Err(CancelError::Store(error)) => Err(Trouble::Store(error)),
            Err(error @ CancelError::Journal(_)) => Err(Trouble::Conflict(error.to_string())),
        }
    };
    Shown(done.await)
}
