//! Attempts against receivers on sockets: what is sent, and what an answer means.
//! Never goes through a lane or a store.

use std::io::{Read, Write};
use std::sync::mpsc;

use super::*;
use crate::config::OutboundConfig;
use crate::config::{EncryptionKey, EncryptionKeys};
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::clock::ManualClock;
use crate::domain::delivery::{AttemptOutcome, DeliveryState};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::ladder::DELAYS_MS;
use crate::engine::signing::SigningSecret;
use crate::outbound::signature::{fresh_secret, verify};

const NOW: Timestamp = Timestamp(1_700_000_000_123);

/// A server that answers one request and tells what it heard.
fn receiver(answer: &str) -> (String, mpsc::Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?token=1", listener.local_addr().unwrap());
    let (tell, heard) = mpsc::channel();
    let answer = answer.to_owned();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        while !text.ends_with('}') {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        stream.write_all(answer.as_bytes()).unwrap();
        tell.send(text).unwrap();
    });
    (url, heard)
}

fn delivery(url: &str) -> Delivery {
    let execution_id = ExecutionId::random(NOW);
    Delivery {
        id: DeliveryId::terminal(execution_id),
        execution_id,
        event: EventType::Completed,
        url: url.to_owned(),
        callback: CallbackSettings::to(url),
        body: Bytes::from_static(br#"{"type":"execution.completed","output":{"a":1},"output_truncated":false}"#),
        created_at: NOW,
        attempts: 3,
        counted: 2,
        excused: 0,
        had_unknown: false,
        thin: false,
    }
}

async fn attempted(delivery: &Delivery, secrets: &[String]) -> Attempted {
    let outbound = Outbound::new(&OutboundConfig::default(), true, Vec::new()).unwrap();
    let clock = ManualClock::at(NOW);
    let settings = CallbacksConfig {
        delays_ms: DELAYS_MS.to_vec(),
        timeout_ms: 5000,
        connect_timeout_ms: 1000,
        per_destination_min: 10,
        per_destination_max: 64,
        in_flight_max: 256,
        inline_bytes_max: 1024,
        secret: None,
        previous_secret: None,
        sign_v1a: false,
    };
    let secret = |secret: &String| SigningSecret { secret: secret.clone(), created_at: NOW, signs_until: None };
    let keys = SigningKeys::of(secrets.iter().map(secret).collect());
    let vault = vault();
    let traces = Traces::default();
    let sender = Sender { outbound: &outbound, clock: &clock, settings: &settings, vault: &vault, keys: &keys, traces: &traces };
    attempt_with(&sender, delivery, NOW).await
}

fn vault() -> Vault {
    let key = EncryptionKey::parse(&"07".repeat(32)).unwrap();
    Vault::new(&EncryptionKeys { sealing: key, also_open: Vec::new(), made: None })
}

fn header<'a>(heard: &'a str, name: &str) -> Vec<&'a str> {
    let lines = heard.split("\r\n\r\n").next().unwrap_or_default().lines();
    lines.filter_map(|line| line.split_once(": ")).filter(|(header, _)| *header == name).map(|(_, value)| value).collect()
}

#[tokio::test]
async fn a_message_goes_out_signed_and_named() {
    let (url, heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let mut owed = delivery(&url);
    owed.callback.headers = vec![
        ("X-Mine".into(), "1".into()),
        ("Content-Type".into(), "text/plain".into()),
        ("Ringback-Attempt".into(), "9".into()),
    ];
    let secrets = [fresh_secret(), fresh_secret()];
    let Attempted { closed, health } = attempted(&owed, &secrets).await;
    assert_eq!(closed.next, AfterAttempt::Closed { state: DeliveryState::Delivered, reason: None });
    assert_eq!(
        (closed.outcome, closed.status, closed.number, health),
        (AttemptOutcome::Success, Some(200), 3, Some(Health::Good))
    );
    assert_eq!(closed.answer.as_deref(), Some("ok"));

    let heard = heard.recv().unwrap();
    assert!(heard.starts_with("POST /hook?token=1 HTTP/1.1\r\n"));
    assert_eq!(header(&heard, "content-type"), ["application/json"]);
    assert_eq!(header(&heard, "user-agent"), [format!("Ringback/{} (webhooks)", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(header(&heard, "x-mine"), ["1"]);
    assert_eq!(header(&heard, "ringback-attempt"), ["3"]);
    assert_eq!(header(&heard, "ringback-event"), ["execution.completed"]);
    assert_eq!(header(&heard, "ringback-execution-id"), [owed.execution_id.to_string()]);
    assert_eq!(header(&heard, "webhook-id"), [owed.id.webhook_id()]);
    assert_eq!(header(&heard, "webhook-timestamp"), ["1700000000"]);
    let signature = header(&heard, "webhook-signature")[0];
    for secret in &secrets {
        assert!(verify(secret, &owed.id.webhook_id(), 1_700_000_000, &owed.body, signature));
    }
}

#[tokio::test]
async fn a_callbacks_own_secret_signs_alone() {
    let (url, heard) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    let own = fresh_secret();
    let mut owed = delivery(&url);
    owed.callback.secret = Some(own.clone());
    attempted(&owed, &[fresh_secret()]).await;
    let heard = heard.recv().unwrap();
    let signature = header(&heard, "webhook-signature")[0];
    assert!(!signature.contains(' ') && verify(&own, &owed.id.webhook_id(), 1_700_000_000, &owed.body, signature));
}

#[tokio::test]
async fn after_413_the_thin_form_follows_at_once() {
    let (url, _heard) = receiver("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    let secrets = [fresh_secret()];
    let mut owed = delivery(&url);
    let closed = attempted(&owed, &secrets).await.closed;
    assert_eq!((closed.thin, closed.counted), (true, 2));
    assert_eq!(closed.next, AfterAttempt::Again { due_at: NOW, held: true });
    let (url, heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    apply(&mut owed, &closed);
    owed.url = url;
    attempted(&owed, &secrets).await;
    assert!(heard.recv().unwrap().ends_with(r#"{"type":"execution.completed","output":null,"output_truncated":true}"#));
}

#[tokio::test]
async fn a_failure_is_told_with_the_beginning_of_its_answer() {
    let body = "x".repeat(DELIVERY_ANSWER_KEEP_BYTES_MAX + 1);
    let (url, _heard) = receiver(&format!("HTTP/1.1 500 Oops\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let Attempted { closed, health } = attempted(&delivery(&url), &[fresh_secret()]).await;
    assert_eq!((closed.detail.as_deref(), health, closed.counted), (Some("HTTP 500"), Some(Health::Bad), 3));
    assert_eq!(closed.answer.map(|answer| answer.len()), Some(DELIVERY_ANSWER_KEEP_BYTES_MAX));
    let AfterAttempt::Again { due_at, held } = closed.next else { panic!("it goes on") };
    assert!(held && (8000..=12_000).contains(&due_at.since_ms(NOW)));
}

#[tokio::test]
async fn a_refused_address_is_dead_at_once_and_says_nothing_of_the_destination() {
    let Attempted { closed, health } = attempted(&delivery("http://169.254.169.254/x"), &[fresh_secret()]).await;
    assert!(matches!(closed.next, AfterAttempt::Closed { state: DeliveryState::Dead, .. }));
    assert!(closed.detail.is_some_and(|detail| detail.contains("outbound.allowed_hosts")) && health.is_none());
}

#[tokio::test]
async fn a_late_retry_is_for_the_store() {
    let (url, _heard) = receiver("HTTP/1.1 503 Busy\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n");
    let closed = attempted(&delivery(&url), &[fresh_secret()]).await.closed;
    assert_eq!(closed.next, AfterAttempt::Again { due_at: NOW.plus_ms(120_000), held: false });
    assert_eq!(closed.excused, 1);
}

#[tokio::test]
async fn what_is_sealed_is_opened_for_the_attempt_and_kept_out_of_what_is_kept() {
    let echo = "Bearer hidden-token whsec_hidden";
    let (url, heard) = receiver(&format!("HTTP/1.1 500 Oops\r\ncontent-length: {}\r\n\r\n{echo}", echo.len()));
    let mut owed = delivery(&url);
    let own = fresh_secret();
    owed.callback.secret = Some(own.clone());
    owed.callback.headers = vec![("Authorization".into(), "Bearer hidden-token".into())];
    vault().seal_callback(&mut owed.callback);
    assert!(owed.callback.headers.is_empty() && owed.callback.secret.is_none());
    let closed = attempted(&owed, &[fresh_secret()]).await.closed;
    let heard = heard.recv().unwrap();
    assert_eq!(header(&heard, "authorization"), ["Bearer hidden-token"]);
    let signature = header(&heard, "webhook-signature")[0];
    assert!(verify(&own, &owed.id.webhook_id(), 1_700_000_000, &owed.body, signature));
    assert_eq!(closed.answer.as_deref(), Some("******** whsec_hidden"));
}

#[tokio::test]
async fn a_secret_of_another_key_is_no_end_of_the_delivery() {
    let mut owed = delivery("http://127.0.0.1:9/");
    owed.callback.secret = Some(fresh_secret());
    let other = EncryptionKeys { sealing: EncryptionKey::fresh(), also_open: Vec::new(), made: None };
    Vault::new(&other).seal_callback(&mut owed.callback);
    let Attempted { closed, health } = attempted(&owed, &[fresh_secret()]).await;
    assert!(matches!(closed.next, AfterAttempt::Again { .. }) && health.is_none(), "{closed:?}");
    assert!(closed.detail.is_some_and(|detail| detail.contains("store.decryption_keys")));
}

#[tokio::test]
async fn a_receiver_that_checks_tokens_gets_one_made_for_this_attempt() {
    let (url, heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut owed = delivery(&url);
    owed.callback.auth = Some(CallbackAuth::Jwt { secret: "phrase".into() });
    owed.callback.headers = vec![("authorization".into(), "other".into())];
    attempted(&owed, &[fresh_secret()]).await;
    let heard = heard.recv().unwrap();
    let expected = attempt_token("phrase", &url, &owed.id.webhook_id(), 1_700_000_000, &owed.body);
    assert_eq!(header(&heard, "authorization"), [format!("Bearer {expected}")]);
}
