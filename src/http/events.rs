//! `GET /v1/executions/{id}/events`: how an execution goes on, as server-sent events, until it has ended.
//! Never holds an event back for a reader that is slow: the newest state is what counts.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::Stream;

use super::HttpState;
use super::answer::Answer;
use super::executions::find;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::status;
use crate::engine::wait::{WaitMode, wait};

/// An end is told at once; what happens before it, at most this much later.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A comment keeps proxies from closing a silent connection.
const SILENCE_LOOKS_MAX: u32 = 15;

pub async fn handle(id: web::Path<String>, request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let execution = find(&state, &id).await?;
        let seen = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let follower = Follower { id: execution.birth.id, seen, next: Some(execution), silent_looks: 0, over: false };
        let mut response = HttpResponse::Ok();
        response.content_type("text/event-stream");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        // Proxies that gather answers would hold events back.
        response.insert_header(("x-accel-buffering", "no"));
        Ok(response.streaming(follow(state, follower)))
    };
    Answer(handled.await)
}

struct Follower {
    id: ExecutionId,
    /// The mark of the last event that the reader has.
    seen: String,
    next: Option<Execution>,
    silent_looks: u32,
    over: bool,
}

fn follow(state: web::Data<HttpState>, follower: Follower) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    futures_util::stream::unfold((state, follower), |(state, mut follower)| async move {
        while !follower.over {
            let Some(execution) = follower.look(&state).await else { break };
            if let Some(text) = follower.event(&execution) {
                return Some((Ok(Bytes::from(text)), (state, follower)));
            }
        }
        None
    })
}

impl Follower {
    async fn look(&mut self, state: &HttpState) -> Option<Execution> {
        if let Some(first) = self.next.take() {
            return Some(first);
        }
        let found = wait(&state.engine, &[self.id], WaitMode::All, LOOK_EVERY).await;
        // A reader that loses us comes again with the mark of what it has.
        found.ok()?.into_iter().next().flatten()
    }

    /// What is to be told now, if anything.
    fn event(&mut self, execution: &Execution) -> Option<String> {
        self.over = execution.state.is_terminal();
        let mark = format!("{}-{}-{}", execution.state.as_str(), execution.attempt, execution.progressed_at.ms());
        if mark != self.seen {
            self.silent_looks = 0;
            let text = format!("id: {mark}\nevent: state\ndata: {}\n\n", status::entry(execution).to_json_text());
            self.seen = mark;
            return Some(text);
        }
        self.silent_looks += 1;
        if self.silent_looks < SILENCE_LOOKS_MAX {
            return None;
        }
        self.silent_looks = 0;
        Some(": still here\n\n".to_owned())
    }
}
