//! The ladder's decisions, attempt by attempt.
//! Never sends anything.

use super::*;

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn standing() -> Standing<'static> {
    Standing {
        counted: 0,
        excused: 0,
        had_unknown: false,
        thin: false,
        can_thin: true,
        one_shot: false,
        accept_html: false,
        delays_ms: &DELAYS_MS,
    }
}

fn status(status: u16) -> AttemptResult<'static> {
    AttemptResult::Answered(Answered { status, ..Answered::default() })
}

/// The next step without jitter, as text: `+500`, `delivered`, `dead`.
fn after(standing: Standing<'_>, result: AttemptResult<'_>) -> String {
    match next_step(&standing, &result, NOW, 0.5).next {
        Next::Again { due_at } => format!("+{}", due_at.since_ms(NOW)),
        Next::Closed { state, .. } => state.as_str().to_owned(),
    }
}

/// Attempts until it is over, when every one ends like this, and how long that takes.
fn run(start: Standing<'static>, result: AttemptResult<'_>) -> (u32, i64, DeliveryState) {
    let (mut standing, mut now, mut attempts) = (start, NOW, 0);
    loop {
        attempts += 1;
        let decision = next_step(&standing, &result, now, 0.5);
        standing.counted = decision.counted;
        standing.excused = decision.excused;
        standing.had_unknown = decision.had_unknown;
        standing.thin = decision.thin;
        match decision.next {
            Next::Again { due_at } => now = due_at,
            Next::Closed { state, .. } => return (attempts, now.since_ms(NOW), state),
        }
    }
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[test]
fn the_full_ladder_is_twelve_attempts_over_68_hours_and_36_minutes() {
    for result in [status(500), status(408), status(425), status(502), AttemptResult::NotSent("x"), AttemptResult::Unknown("x")] {
        let (attempts, took, state) = run(standing(), result);
        assert_eq!((attempts, took / MINUTE, state), (12, 68 * 60 + 36, DeliveryState::Dead));
    }
}

#[test]
fn the_short_ladder_is_eight_attempts_over_2_hours_and_36_minutes() {
    for result in
        [status(404), status(409), status(400), status(401), status(403), status(302), AttemptResult::RedirectsSpent("x")]
    {
        let (attempts, took, state) = run(standing(), result);
        assert_eq!((attempts, took / MINUTE, state), (8, 2 * 60 + 36, DeliveryState::Dead), "{result:?}");
    }
}

#[test]
fn the_first_2xx_ends_it() {
    for code in [200, 201, 202, 204, 299] {
        let decision = next_step(&standing(), &status(code), NOW, 0.5);
        assert_eq!(decision.next, Next::Closed { state: DeliveryState::Delivered, reason: None });
        assert_eq!((decision.outcome, decision.detail), (AttemptOutcome::Success, None));
    }
}

#[test]
fn delays_are_spread_by_a_fifth() {
    let due = |random| match next_step(&standing(), &status(500), NOW, random).next {
        Next::Again { due_at } => due_at.since_ms(NOW),
        Next::Closed { .. } => -1,
    };
    assert_eq!((due(0.0), due(0.5), due(1.0)), (400, 500, 600));
}

#[test]
fn a_web_page_is_no_acknowledgement() {
    let page = |content_type, body: &'static str| {
        AttemptResult::Answered(Answered {
            status: 200,
            content_type: Some(content_type),
            body: body.as_bytes(),
            ..Answered::default()
        })
    };
    let pages = [
        page("text/html; charset=utf-8", "\u{feff}\n <!DOCTYPE html><html>"),
        page("Text/HTML", "<HTML lang=en>"),
        page("text/html", "n8n is starting up. Please wait"),
    ];
    for result in pages {
        assert_eq!(after(standing(), result), "+500");
        assert_eq!(after(Standing { accept_html: true, ..standing() }, result), "delivered");
        let (attempts, took, state) = run(standing(), result);
        assert_eq!((attempts, took / MINUTE, state), (8, 156, DeliveryState::DeliveredUnconfirmed));
    }
    for fine in [page("text/html", "ok"), page("application/json", "<html>"), page("text/html", "")] {
        assert_eq!(after(standing(), fine), "delivered");
    }
}

#[test]
fn a_redirect_is_told_without_its_query() {
    let moved = Answered { status: 302, location: Some("https://b.example/x?token=1"), ..Answered::default() };
    let decision = next_step(&standing(), &AttemptResult::Answered(moved), NOW, 0.5);
    assert_eq!(decision.detail.as_deref(), Some("HTTP 302 to https://b.example/x?…, not followed"));
}

#[test]
fn a_finished_receiver_stops_it() {
    let finished = AttemptResult::Answered(Answered {
        status: 409,
        body: br#"{"code":409,"message":"The execution \"12\" has finished already."}"#,
        ..Answered::default()
    });
    assert_eq!(after(standing(), finished), "dead");
    assert_eq!(after(Standing { had_unknown: true, ..standing() }, finished), "delivered_unconfirmed");
    let running =
        AttemptResult::Answered(Answered { status: 409, body: b"The execution is running already.", ..Answered::default() });
    assert_eq!(after(standing(), running), "+500");
}

#[test]
fn gone_and_abort_stop_at_once() {
    let abort =
        |status| AttemptResult::Answered(Answered { status, webhook_delivery: Some("Abort-Message"), ..Answered::default() });
    for result in [status(410), abort(500), abort(404), abort(429)] {
        assert_eq!(after(standing(), result), "dead");
    }
    assert_eq!(after(standing(), abort(200)), "delivered");
}

#[test]
fn too_large_turns_thin_once_and_at_once() {
    let decision = next_step(&standing(), &status(413), NOW, 0.5);
    assert_eq!((decision.thin, decision.counted), (true, 0));
    assert_eq!(decision.next, Next::Again { due_at: NOW });
    assert_eq!(after(Standing { thin: true, ..standing() }, status(413)), "+500");
    assert_eq!(after(Standing { can_thin: false, ..standing() }, status(413)), "+500");
    assert_eq!(run(standing(), status(413)).0, 9);
}

#[test]
fn what_the_policy_refuses_is_dead_at_once_and_says_why() {
    let why = "n8n.lan resolves to 10.0.0.7, a private address";
    let decision = next_step(&standing(), &AttemptResult::Refused(why), NOW, 0.5);
    assert_eq!(decision.next, Next::Closed { state: DeliveryState::Dead, reason: Some(why.to_owned()) });
    assert_eq!(after(standing(), AttemptResult::Impossible("no URL")), "dead");
}

fn asking(status: u16, retry_after: &str) -> AttemptResult<'_> {
    AttemptResult::Answered(Answered { status, retry_after: Some(retry_after), ..Answered::default() })
}

#[test]
fn retry_after_is_a_floor_within_24_hours() {
    assert_eq!(after(standing(), asking(500, "7")), "+7000");
    assert_eq!(after(standing(), asking(500, "0")), "+500");
    assert_eq!(after(standing(), asking(404, "7")), "+7000");
    assert_eq!(after(standing(), asking(503, "99999999999999999999")), "+500", "no number that anybody can mean");
    assert_eq!(after(standing(), asking(503, "999999999")), format!("+{}", 24 * HOUR));
    assert_eq!(after(standing(), asking(503, "Tue, 14 Nov 2023 22:14:20 GMT")), "+60000");
    assert_eq!(after(standing(), asking(503, "Tue, 14 Nov 2000 22:14:20 GMT")), "+500");
    assert_eq!(after(standing(), asking(503, "soon")), "+500");
    assert_eq!(after(Standing { counted: 4, ..standing() }, asking(500, "7")), "+300000");
}

#[test]
fn busy_answers_that_say_when_are_excused_twenty_times() {
    for code in [429, 503] {
        let decision = next_step(&standing(), &asking(code, "1"), NOW, 0.5);
        assert_eq!((decision.counted, decision.excused), (0, 1));
        let spent = Standing { excused: EXCUSED_MAX, ..standing() };
        assert_eq!(next_step(&spent, &asking(code, "1"), NOW, 0.5).counted, 1);
        assert_eq!(run(standing(), asking(code, "1")).0, 12 + EXCUSED_MAX);
        assert_eq!(next_step(&standing(), &status(code), NOW, 0.5).excused, 0);
    }
    assert_eq!(next_step(&standing(), &asking(500, "1"), NOW, 0.5).counted, 1);
}

#[test]
fn the_last_step_may_still_be_excused() {
    let last = Standing { counted: 11, ..standing() };
    assert_eq!(after(last, asking(503, "30")), "+86400000");
    assert_eq!(after(last, status(503)), "dead");
}

#[test]
fn a_receiver_of_one_message_that_is_gone_after_an_unknown_attempt_probably_heard_it() {
    let one_shot = Standing { one_shot: true, had_unknown: true, ..standing() };
    for code in [404, 409, 410] {
        assert_eq!(after(one_shot, status(code)), "delivered_unconfirmed");
        assert_ne!(after(Standing { had_unknown: false, ..one_shot }, status(code)), "delivered_unconfirmed");
    }
    assert_eq!(after(Standing { one_shot: false, ..one_shot }, status(404)), "+500");
    assert_eq!(after(one_shot, status(500)), "+500");
}

#[test]
fn an_unknown_end_is_remembered() {
    let decision = next_step(&standing(), &AttemptResult::Unknown("no complete answer"), NOW, 0.5);
    assert_eq!((decision.outcome, decision.had_unknown), (AttemptOutcome::Unknown, true));
    let later = next_step(&Standing { had_unknown: true, ..standing() }, &status(500), NOW, 0.5);
    assert!(later.had_unknown);
    let unsent = next_step(&standing(), &AttemptResult::NotSent("refused"), NOW, 0.5);
    assert_eq!((unsent.outcome, unsent.had_unknown), (AttemptOutcome::Failure, false));
}

#[test]
fn a_callers_own_ladder_holds_and_an_empty_one_retries_nothing() {
    let own = Standing { delays_ms: &[100, 200], ..standing() };
    assert_eq!(run(own, status(500)), (3, 300, DeliveryState::Dead));
    let none = Standing { delays_ms: &[], ..standing() };
    assert_eq!(run(none, asking(503, "1")).0, 1);
}

#[test]
fn who_gives_up_says_after_how_many_attempts_and_why() {
    let last = Standing { counted: 11, ..standing() };
    let Next::Closed { reason, .. } = next_step(&last, &status(500), NOW, 0.5).next else { panic!("it goes on") };
    assert_eq!(reason.as_deref(), Some("gave up after 12 counted delivery attempts, the last: HTTP 500"));
}
