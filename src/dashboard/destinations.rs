//! Destinations: where messages go, how it is with them there, who is registered; buttons to pause, resume and test.
//! Never shows a secret, a header or a URL's query.

use actix_web::{HttpRequest, HttpResponse, web};
use minijinja::context;
use serde::Serialize;

use super::Board;
use super::actions::{Sent, back_to, manages};
use super::csrf;
use super::page::{self, Place};
use super::trouble::{Shown, Trouble};
use super::visitor::Visitor;
use crate::domain::access_key::Scope;
use crate::domain::callback::redacted_url;
use crate::domain::ids::DestinationId;
use crate::domain::registration::Registration;
use crate::domain::timestamp::Timestamp;
use crate::engine::destinations::{Change, ChangeError, Tested, change, test};
use crate::engine::lanes::{self, LaneError, LaneView};
use crate::http::urlencoded;

/// Characters of a test's outcome that travel in an address.
const OUTCOME_CHARS_MAX: usize = 300;

/// Where messages go: scheme, host and port.
#[derive(Debug, Serialize)]
struct LaneRow {
    id: String,
    origin: String,
    paused_at: Option<i64>,
    waiting: i64,
    in_flight: i64,
    in_flight_max: usize,
    breaker: &'static str,
    breaker_until: Option<i64>,
}

/// Who is told of every execution that matches.
#[derive(Debug, Serialize)]
struct RegisteredRow {
    id: String,
    url: String,
    events: Vec<&'static str>,
    functions: Vec<String>,
    tags: Vec<String>,
    created_at: i64,
    disabled_at: Option<i64>,
    disabled_reason: String,
    failing_since: Option<i64>,
}

impl LaneRow {
    fn of(view: &LaneView) -> Self {
        let (lane, here) = (&view.lane, view.here.unwrap_or_default());
        Self {
            id: view.id.to_string(),
            origin: lane.destination.as_str().to_owned(),
            paused_at: lane.paused_at.map(Timestamp::ms),
            waiting: (lane.owed - lane.in_flight).max(0),
            in_flight: lane.in_flight,
            in_flight_max: here.in_flight_max,
            breaker: here.breaker.state,
            breaker_until: here.breaker.until.map(Timestamp::ms),
        }
    }
}

impl RegisteredRow {
    fn of(registration: &Registration) -> Self {
        let disabled = registration.disabled.as_ref();
        Self {
            id: registration.id.shown(),
            url: redacted_url(&registration.callback.url),
            events: registration.events.iter().map(|event| event.as_str()).collect(),
            functions: registration.functions.clone(),
            tags: registration.tags.clone(),
            created_at: registration.created_at.ms(),
            disabled_at: disabled.map(|disabled| disabled.at.ms()),
            disabled_reason: disabled.map(|disabled| disabled.reason.clone()).unwrap_or_default(),
            failing_since: registration.health.failing_since.map(Timestamp::ms),
        }
    }
}

/// `GET /ui/destinations`
pub async fn show(visitor: Visitor, request: HttpRequest, board: web::Data<Board>) -> Shown {
    Shown(list(&visitor, &request, &board).await)
}

async fn list(visitor: &Visitor, request: &HttpRequest, board: &Board) -> Result<HttpResponse, Trouble> {
    let engine = &board.engine;
    engine.destinations.reload(engine).await?;
    let lanes: Vec<LaneRow> = lanes::list(engine).await?.iter().map(LaneRow::of).collect();
    let registered: Vec<RegisteredRow> = engine.destinations.all().iter().map(RegisteredRow::of).collect();
    let query = urlencoded(request.query_string().as_bytes());
    let (tested, code) = (query.field("tested").to_text(), query.field("code").to_text());
    let is_ours = csrf::holds(&code_of(board, &tested), &code);
    let context = context! {
        now => engine.clock.now().ms(),
        lanes => page::value(&lanes),
        registered => page::value(&registered),
        tested => is_ours.then_some(tested),
        may_manage => visitor.may(Scope::Manage),
    };
    Ok(page::show(visitor, Place { title: "Destinations", nav: "destinations" }, "destinations.html", context))
}

/// `POST /ui/destinations/{id}/{verb}`: `pause` and `resume` of where messages go; `enable`, `disable` and `test` of who is
/// registered.
pub async fn act(
    visitor: Visitor,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    sent: web::Form<Sent>,
    board: web::Data<Board>,
) -> Shown {
    let done = async {
        manages(&board, &request, &visitor, &sent).await?;
        let (engine, (id, verb)) = (&board.engine, path.into_inner());
        let registered = || DestinationId::parse(&id).ok_or_else(|| Trouble::NotFound(format!("destination {id}")));
        match verb.as_str() {
            "pause" => lanes::pause(engine, &id).await.map(drop)?,
            "resume" => lanes::resume(engine, &id).await.map(drop)?,
            "enable" | "disable" => {
                let asked = Change { enabled: Some(verb == "enable"), ..Change::default() };
                change(engine, registered()?, asked).await.map(drop)?;
            }
            "test" => return Ok(back_to(&after_test(&board, &test(engine, registered()?).await?))),
            other => return Err(Trouble::NotFound(format!("button {other}"))),
        }
        Ok(back_to("/ui/destinations"))
    };
    Shown(done.await)
}

/// The list, with a line that says what came of a test.
fn after_test(board: &Board, tested: &Tested) -> String {
    let outcome = match (&tested.detail, tested.status) {
        (Some(detail), _) => format!("the test did not arrive: {detail}"),
        (None, Some(status)) => format!("the test arrived: HTTP {status} after {} ms", tested.duration_ms),
        (None, None) => "the test did not arrive".to_owned(),
    };
    let outcome: String = outcome.chars().take(OUTCOME_CHARS_MAX).collect();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("tested", &outcome).append_pair("code", &code_of(board, &outcome));
    format!("/ui/destinations?{}", query.finish())
}

/// So that a link cannot put words of others on this page.
fn code_of(board: &Board, outcome: &str) -> String {
    csrf::token(board.engine.resume_key.text(), &format!("tested {outcome}"))
}

impl From<LaneError> for Trouble {
    fn from(error: LaneError) -> Self {
        match error {
            LaneError::Unknown(id) => Self::NotFound(format!("destination {id}")),
            LaneError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ChangeError> for Trouble {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound(id) => Self::NotFound(format!("destination {}", id.shown())),
            ChangeError::Store(error) => Self::Store(error),
            other => Self::Conflict(other.to_string()),
        }
    }
}
