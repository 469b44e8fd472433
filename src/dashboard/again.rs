//! The buttons that run an execution once more, or let a failed one go on where it failed.
//! Never repeats what had succeeded when it resumes.

use actix_web::{HttpRequest, web};

use super::Board;
use super::actions::{Sent, back_to, manages};
use super::execution::find;
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::engine::rerun::{self, RerunError};
use crate::engine::resume::{self, ResumeError, Version};

/// `POST /ui/executions/{id}/rerun`: leads to the new one.
pub async fn rerun(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<String>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let first = find(&board.engine, &id).await?.birth.id;
        match rerun::rerun(&board.engine, first, visitor.caller.name().map(str::to_owned)).await {
            Ok(new) => Ok(back_to(&format!("/ui/executions/{}", new.birth.id))),
            Err(RerunError::NotFound) => Err(Trouble::NotFound(format!("execution {first}"))),
            Err(RerunError::Store(error)) => Err(Trouble::Store(error)),
            Err(RerunError::Start(error)) => Err(Trouble::Conflict(error.to_string())),
        }
    };
    Shown(done.await)
}

/// `POST /ui/executions/{id}/resume`: on the version that it had.
pub async fn resume(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<String>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let id = find(&board.engine, &id).await?.birth.id;
        match resume::resume(&board.engine, id, Version::Same).await {
            Ok(_) => Ok(back_to(&format!("/ui/executions/{id}"))),
            Err(ResumeError::NotFound) => Err(Trouble::NotFound(format!("execution {id}"))),
            Err(ResumeError::Store(error)) => Err(Trouble::Store(error)),
            Err(error) => Err(Trouble::Conflict(error.to_string())),
        }
    };
    Shown(done.await)
}
