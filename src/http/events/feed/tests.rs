//! Stories of what a reader is told, without a store.
//! Never how long he waits for it.

use super::*;
use crate::domain::callback::EventType;
use crate::domain::delivery::{AttemptOutcome, DeliveryAttempt};
use crate::domain::execution::{Birth, Response, State};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};

fn execution(state: State) -> Execution {
    let birth = Birth {
        id: ExecutionId::parse("019a0000-0000-7000-8000-000000000001").unwrap(),
        function: FunctionName::parse("echo").unwrap(),
        version: FunctionVersion("0123456789abcdef".into()),
        created_at: Timestamp(0),
        seed: 1,
        input: "{}".into(),
        request: None,
        callback: None,
        config: std::sync::Arc::new(ExecutionConfig::default()),
        priority: 0,
        tags: Vec::new(),
        metadata: Value::Null,
        parent: None,
        started_by: None,
        rerun_of: None,
        trace: None,
    };
    Execution {
        birth: std::sync::Arc::new(birth),
        state,
        attempt: 1,
        started_at: None,
        completed_at: None,
        deadline_at: None,
        waiting_for: None,
        progress: Value::Null,
        output: Value::Null,
        response: Response::default(),
        failure: None,
        progressed_at: Timestamp(0),
    }
}

fn step(seq: i64, kind: &str) -> (i64, StepRecord) {
    let result = r#"{"level": "warn", "message": "over\nthere", "data": null}"#;
    let record = StepRecord {
        position: format!("stack[{seq}]"),
        kind: kind.into(),
        name: None,
        attempt: 1,
        started_at: Timestamp(0),
        ended_at: Timestamp(5),
        result: Value::from_json_text(result).unwrap(),
        failed: false,
    };
    (seq, record)
}

fn delivery(state: DeliveryState, attempts: u32) -> DeliveryView {
    let execution_id = execution(State::Completed).birth.id;
    let attempt = |number| DeliveryAttempt {
        number,
        started_at: Timestamp(0),
        ended_at: None,
        outcome: AttemptOutcome::Unknown,
        status: None,
        detail: None,
        answer: None,
    };
    DeliveryView {
        id: DeliveryId::terminal(execution_id),
        execution_id,
        event: EventType::Completed,
        state,
        url: "http://a.example/".into(),
        created_at: Timestamp(0),
        due_at: None,
        closed_at: None,
        reason: None,
        attempts: (1..=attempts).map(attempt).collect(),
    }
}

fn names(look: &Look) -> Vec<&str> {
    look.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect()
}

fn last_mark(look: &Look) -> Option<Cursor> {
    look.text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().and_then(Cursor::parse)
}

fn feed(seen: Option<Cursor>) -> Feed {
    Feed::of(execution(State::Running).birth.id, seen)
}

#[test]
fn a_reader_hears_everything_once_and_the_end_last() {
    let mut feed = feed(None);
    let running = execution(State::Running);
    let look = feed.write(&running, &[step(1, "sleep"), step(2, "log")], &[]);
    assert_eq!(names(&look), ["state", "step", "log"]);
    assert!(look.text.contains(r#""level":"warn","message":"over\nthere""#), "{}", look.text);
    assert!(feed.write(&running, &[], &[]).text.is_empty());
    let ahead = Execution { progress: Value::Int(50), ..execution(State::Running) };
    assert_eq!(names(&feed.write(&ahead, &[], &[])), ["progress"]);
    let ended = Execution { state: State::Completed, ..ahead };
    let look = feed.write(&ended, &[step(3, "sleep")], &[delivery(DeliveryState::Pending, 0)]);
    assert_eq!((names(&look), look.over), (vec!["step", "state", "delivery"], false));
    let look = feed.write(&ended, &[], &[delivery(DeliveryState::Pending, 1)]);
    assert_eq!((names(&look), look.over), (vec!["delivery"], false));
    let look = feed.write(&ended, &[], &[delivery(DeliveryState::Delivered, 1)]);
    assert_eq!((names(&look), look.over), (vec!["delivery"], true));
}

#[test]
fn a_reader_who_comes_again_hears_only_what_he_missed() {
    let running = execution(State::Running);
    let look = feed(None).write(&running, &[step(1, "sleep")], &[]);
    let mut again = feed(last_mark(&look));
    assert_eq!(again.told.step, 1, "the store is asked for what follows");
    let look = again.write(&execution(State::Completed), &[step(2, "sleep")], &[delivery(DeliveryState::Delivered, 1)]);
    assert_eq!(names(&look), ["step", "state", "delivery"]);
    let mut at_the_end = feed(last_mark(&look));
    let look = at_the_end.write(&execution(State::Completed), &[], &[delivery(DeliveryState::Delivered, 1)]);
    assert!(look.over && look.text.is_empty(), "{}", look.text);
}

#[test]
fn the_end_waits_until_all_steps_are_told() {
    let mut feed = feed(None);
    let many: Vec<_> = (1..=STEPS_PER_LOOK).map(|seq| step(seq, "sleep")).collect();
    let look = feed.write(&execution(State::Completed), &many, &[]);
    assert!(look.more && !look.over && !names(&look).contains(&"state"));
    let look = feed.write(&execution(State::Completed), &[step(STEPS_PER_LOOK + 1, "sleep")], &[]);
    assert_eq!((names(&look), look.over), (vec!["step", "state"], true));
}
