//! `GET /v1/executions/{id}/events`: how an execution goes on, as server-sent events, until it and its deliveries are over.
//! Never holds an event back for a reader that is slow: it is read from the store when he is ready for it.

mod cursor;
mod feed;
mod seats;

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::Instant;

use super::HttpState;
use super::answer::{Answer, Handled};
use super::caller::Caller;
use super::code;
use super::executions::find;
use super::forms;
use super::problem::Problem;
use crate::domain::ids::ExecutionId;
use crate::engine::Engine;
use crate::engine::follow::Following;
use crate::engine::read_token;
use cursor::Cursor;
use feed::{Feed, Look};
use seats::Seat;
pub use seats::Seats;

/// Between two looks while there is always something new: a busy loop is told in pieces.
const LOOK_GAP: Duration = Duration::from_millis(100);
/// The first and the longest wait while nothing is heard: another node may run it.
const QUIET: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// A comment keeps proxies from closing a silent connection.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// What a browser is told to wait before it comes again, in milliseconds.
const COME_AGAIN_MS: u32 = 2000;
/// Seconds after which somebody who got no seat may ask again.
const RETRY_AFTER_S: &str = "5";

pub async fn handle(id: web::Path<String>, request: HttpRequest, state: web::Data<HttpState>, caller: Caller) -> Answer {
    Answer(stream(&id, &request, &state, &caller).await)
}

/// The execution that a request reads, if it carries a token that opens it.
pub fn opened(engine: &Engine, method: &str, path: &str, query: &str) -> Option<ExecutionId> {
    let rest = path.strip_prefix("/v1/executions/").or_else(|| path.strip_prefix("/api/async-status/"));
    let id = rest.and_then(|rest| ExecutionId::parse(rest.split('/').next().unwrap_or_default()));
    let id = id.filter(|_| method == "GET" && query.contains("token="))?;
    let query = forms::urlencoded(query.as_bytes());
    query.field("token").as_str().filter(|token| read_token::opens(engine, token, id)).map(|_| id)
}

async fn stream(id: &str, request: &HttpRequest, state: &web::Data<HttpState>, caller: &Caller) -> Handled {
    let Some(seat) = state.seats.take(state.engine.config.server.event_streams_max) else {
        let detail = "as many event streams as this node serves are open; ask for the status instead, or come again";
        return Err(Problem::new(&code::TOO_MANY_STREAMS, detail).with_header(header::RETRY_AFTER, RETRY_AFTER_S));
    };
    let execution = find(state, caller, id).await?;
    let id = execution.birth.id;
    // Whoever follows before he looks misses nothing in between.
    let following = state.engine.journal.follow(id);
    let cursor = last_seen(request);
    let mut feed = Feed::of(id, cursor);
    let first = feed.look(&*state.engine.read).await?;
    if cursor.is_some() && first.over && first.text.is_empty() {
        // The only answer after which a browser does not come again.
        return Ok(HttpResponse::NoContent().finish());
    }
    let first = Look { text: format!("retry: {COME_AGAIN_MS}\n\n{}", first.text), ..first };
    let engine = state.engine.clone();
    let reader = Reader { engine, feed, following, first: Some(first), more: false, over: false, quiet: QUIET.0, _seat: seat };
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream");
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    // Proxies that gather answers would hold events back.
    response.insert_header(("x-accel-buffering", "no"));
    Ok(response.streaming(events(reader)))
}

/// What the reader has already; for clients that cannot set the header, also in the query.
fn last_seen(request: &HttpRequest) -> Option<Cursor> {
    let header = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = header.or_else(|| {
        let query = forms::urlencoded(request.query_string().as_bytes());
        query.field("last_event_id").as_str().map(str::to_owned)
    });
    // What is no mark of ours is a reader who has nothing yet.
    text.and_then(|text| Cursor::parse(&text))
}

struct Reader {
    engine: Engine,
    feed: Feed,
    following: Following,
    /// What was seen before the answer began.
    first: Option<Look>,
    /// There is more to tell at once.
    more: bool,
    over: bool,
    quiet: Duration,
    _seat: Seat,
}

fn events(reader: Reader) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    futures_util::stream::unfold(reader, |mut reader| async move {
        let text = reader.next().await?;
        Some((Ok(Bytes::from(text)), reader))
    })
}

impl Reader {
    /// The next events, or a sign of life; `None` once all is over.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return self.tell(first);
        }
        if self.over {
            return None;
        }
        if !self.more {
            tokio::time::sleep(LOOK_GAP).await;
        }
        let heartbeat_at = Instant::now() + HEARTBEAT_EVERY;
        loop {
            // While the database is away nothing is new.
            let look = self.feed.look(&*self.engine.read).await.unwrap_or_default();
            if look.over || !look.text.is_empty() {
                return self.tell(look);
            }
            let now = Instant::now();
            if now >= heartbeat_at {
                return Some(": still here\n\n".to_owned());
            }
            let wait = self.quiet.min(heartbeat_at - now);
            let heard = tokio::time::timeout(wait, self.following.rung()).await.is_ok();
            self.quiet = if heard { QUIET.0 } else { (self.quiet * 2).min(QUIET.1) };
        }
    }

    fn tell(&mut self, look: Look) -> Option<String> {
        (self.more, self.over, self.quiet) = (look.more, look.over, QUIET.0);
        Some(look.text).filter(|text| !text.is_empty())
    }
}
