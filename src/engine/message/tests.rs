//! What a message says, for each end and each setting.
//! Never sends one.

use std::sync::Arc;

use super::*;
use crate::domain::execution::{Birth, Response};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const ENDED: Timestamp = Timestamp(1_700_000_000_500);
const CALLER: &str = "https://a.example/hook?token=1";

fn writer() -> Writer<'static> {
    Writer { now: NOW, public_url: "http://ringback:8080", inline_bytes_max: 100 }
}

fn ended(state: State, change: impl FnOnce(&mut CallbackSettings)) -> Execution {
    let mut callback = CallbackSettings::to(CALLER);
    change(&mut callback);
    Execution {
        birth: Arc::new(Birth {
            id: ExecutionId::random(NOW),
            function: FunctionName::parse("process_data").unwrap(),
            version: FunctionVersion("0123456789abcdef".into()),
            created_at: NOW,
            seed: 1,
            input: "{}".into(),
            request: None,
            callback: Some(Arc::new(callback)),
            config: Arc::new(ExecutionConfig::default()),
            priority: 0,
            tags: Vec::new(),
            metadata: Value::Null,
            parent: None,
            started_by: None,
            rerun_of: None,
            trace: None,
        }),
        state,
        attempt: 1,
        started_at: Some(NOW),
        completed_at: state.is_terminal().then_some(ENDED),
        deadline_at: None,
        waiting_for: None,
        progress: Value::Null,
        output: Value::object([("a", Value::Int(1))]),
        response: Response::default(),
        failure: (state != State::Completed).then(|| Failure::new(ErrorCode::Thrown, "no")),
        progressed_at: NOW,
    }
}

fn read(delivery: &Delivery) -> Value {
    Value::from_json_slice(&delivery.body).expect("a message is JSON")
}

#[test]
fn a_message_is_the_status_entry_between_its_type_and_its_address() {
    let execution = ended(State::Completed, |_| {});
    let delivery = writer().terminal(&execution).expect("it is owed");
    let id = execution.birth.id;
    let entry = status::entry(&execution).to_json_text();
    let expected = format!(
        r#"{{"type":"execution.completed","timestamp":"2023-11-14T22:13:20.500Z",{},"output_truncated":false,"status_url":"http://ringback:8080/api/async-status/{id}"}}"#,
        entry.trim_start_matches('{').trim_end_matches('}').to_owned()
    );
    assert_eq!(std::str::from_utf8(&delivery.body), Ok(expected.as_str()));
    assert_eq!((delivery.id, delivery.url.as_str()), (DeliveryId::terminal(id), CALLER));
}

#[test]
fn every_end_has_its_type_and_nothing_else_is_terminal() {
    for state in State::ALL {
        let told = writer().terminal(&ended(state, |_| {})).map(|delivery| delivery.event.as_str().to_owned());
        assert_eq!(told, state.is_terminal().then(|| format!("execution.{}", state.as_str())));
    }
}

#[test]
fn failures_go_to_their_own_url_if_there_is_one() {
    let to = |state| {
        let execution = ended(state, |callback| callback.failure_url = Some("https://b.example/".into()));
        writer().terminal(&execution).expect("it is owed").url
    };
    assert_eq!(to(State::Completed), CALLER);
    for state in [State::Failed, State::TimedOut, State::Cancelled] {
        assert_eq!(to(state), "https://b.example/");
    }
}

#[test]
fn a_timeout_is_not_told_where_the_settings_say_so() {
    let mut execution = ended(State::TimedOut, |_| {});
    let mut config = ExecutionConfig::default();
    config.timeout.notify_callback = false;
    Arc::make_mut(&mut execution.birth).config = Arc::new(config);
    assert_eq!(writer().terminal(&execution), None);
    execution.state = State::Failed;
    assert!(writer().terminal(&execution).is_some());
}

fn tell(execution: &Execution, event: EventType, label: &str, url: Option<&str>, data: Option<&Value>) -> Option<Delivery> {
    writer().interim(execution, &Interim { event, label, url, data })
}

#[test]
fn without_a_callback_nobody_is_told_but_who_a_stack_names() {
    let mut execution = ended(State::Completed, |_| {});
    Arc::make_mut(&mut execution.birth).callback = None;
    assert_eq!(writer().terminal(&execution), None);
    assert_eq!(tell(&execution, EventType::Message, "l", None, None), None);
    let named = tell(&execution, EventType::Message, "l", Some("https://b.example/"), Some(&Value::Int(1)));
    assert_eq!(named.map(|delivery| delivery.url).as_deref(), Some("https://b.example/"));
}

#[test]
fn a_large_output_stays_at_its_status_url() {
    let text = |bytes: usize| Value::text("x".repeat(bytes - 2));
    let mut execution = ended(State::Completed, |_| {});
    for (bytes, truncated) in [(100, false), (101, true)] {
        execution.output = text(bytes);
        let message = read(&writer().terminal(&execution).expect("it is owed"));
        assert_eq!(message.field("output_truncated"), Value::Bool(truncated));
        assert_eq!(message.field("output"), if truncated { Value::Null } else { text(bytes) });
    }
}

#[test]
fn interim_messages_are_for_who_asked() {
    let silent = ended(State::Running, |_| {});
    let asked = ended(State::Running, |callback| callback.events = Some(vec![EventType::Progress]));
    let told = |execution: &Execution, event| tell(execution, event, "l", None, None).is_some();
    assert!(!told(&silent, EventType::Progress) && told(&asked, EventType::Progress));
    assert!(!told(&asked, EventType::Overdue) && !told(&asked, EventType::Completed));
    assert!(told(&silent, EventType::Message), "a stack decides that itself");
}

#[test]
fn a_receiver_of_one_message_gets_the_terminal_one_only() {
    let by_setting = ended(State::Completed, |callback| callback.one_shot = true);
    let by_path = ended(State::Completed, |callback| callback.url = "http://n8n:5678/webhook-waiting/1".into());
    for execution in [by_setting, by_path] {
        assert_eq!(tell(&execution, EventType::Message, "l", None, None), None);
        assert!(writer().terminal(&execution).is_some());
    }
}

#[test]
fn what_a_stack_says_travels_as_data_and_each_label_is_a_message_of_its_own() {
    let execution = ended(State::Running, |_| {});
    let said = Value::object([("percent", Value::Int(50))]);
    let message = |label| tell(&execution, EventType::Message, label, None, Some(&said)).expect("it is owed");
    assert_eq!(read(&message("a")).field("data"), said);
    assert_eq!(read(&message("a")).field("type"), Value::text("function.message"));
    assert_eq!(message("a").id, message("a").id);
    assert_ne!(message("a").id, message("b").id);
}

#[test]
fn a_callers_secret_and_headers_stay_with_his_own_address() {
    let execution = ended(State::Running, |callback| {
        callback.secret = Some("whsec_hidden".into());
        callback.headers = vec![("authorization".into(), "Bearer hidden".into())];
    });
    let to = |url| tell(&execution, EventType::Message, "l", url, None).expect("it is owed").callback;
    assert!(to(Some("https://b.example/")).secret.is_none() && to(Some("https://b.example/")).headers.is_empty());
    assert!(to(None).secret.is_some() && to(Some(CALLER)).secret.is_some());
}

#[test]
fn the_thin_form_leaves_out_the_output_and_nothing_else() {
    let mut execution = ended(State::Completed, |_| {});
    let whole = writer().terminal(&execution).expect("it is owed").body;
    let thin = thin_form(&whole).expect("there is an output to leave out");
    execution.output = Value::Null;
    let without = writer().terminal(&execution).expect("it is owed").body;
    let expected =
        std::str::from_utf8(&without).map(|text| text.replace("\"output_truncated\":false", "\"output_truncated\":true"));
    assert_eq!(std::str::from_utf8(&thin).map(str::to_owned), expected);
    assert_eq!(thin_form(&thin), None, "it is thin already");
    assert_eq!(thin_form(b"no json"), None);
}
