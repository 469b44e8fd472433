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
use crate::engine::cancel::{CancelError, cancel as cancel_execution};

#[derive(Deserialize)]
pub struct Sent {
    csrf: String,
}

/// # Errors
/// The form is not one that was shown to this visitor.
pub fn check(request: &HttpRequest, visitor: &Visitor, given: &str) -> Result<(), Trouble> {
    let fine = csrf::is_own(request) && csrf::holds(&visitor.csrf, given);
    if fine { Ok(()) } else { Err(Trouble::ForeignForm) }
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
