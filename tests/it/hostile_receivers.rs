//! Receivers that mean harm, or are badly broken: each costs its own destination a bounded time, and nobody else anything.
//! Never waits for a timeout of the real length: the bound is set to two seconds, the rules stay the same.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, ServerBuilder, Store, both_stores, eventually, items, millis, seconds};

both_stores!(
    a_hostile_receiver_costs_its_lane_a_bounded_time,
    the_quick_are_as_quick_beside_hanging_ones,
    an_absurd_retry_after_is_capped_at_a_day,
);

const BOUND: Duration = Duration::from_secs(2);
/// Less than what opens a breaker, so that each is tried at once.
const EACH: usize = 6;

/// What a receiver does, and how its first attempt is to end: outcome, and words of its detail.
struct Trick {
    name: &'static str,
    answer: Answer,
    outcome: &'static str,
    words: &'static str,
}

fn trick(name: &'static str, answer: Answer, outcome: &'static str, words: &'static str) -> Trick {
    Trick { name, answer, outcome, words }
}

fn tricks() -> Vec<Trick> {
    let no_pause = Duration::ZERO;
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\n{more}\r\n\r\n");
    let mut bomb = head(&format!("content-encoding: gzip\r\ncontent-length: {}", bomb().len())).into_bytes();
    bomb.extend(self::bomb());
    let metadata = "http://169.254.169.254/latest/meta-data/";
    vec![
        trick("hangs", Answer::never(), "unknown", "within 2000 ms"),
        trick("drips a body", Answer::going_on(head("content-length: 9000"), "x", millis(50)), "unknown", "within 2000 ms"),
        trick("drips headers", Answer::going_on("HTTP/1.1 200 OK\r\n", "x-a: b\r\n", millis(50)), "unknown", "within 2000 ms"),
        trick(
            "drips chunks",
            Answer::going_on(head("transfer-encoding: chunked"), "1\r\nx\r\n", millis(50)),
            "unknown",
            "within 2000 ms",
        ),
        trick("says wait, for ever", Answer::going_on("", "HTTP/1.1 100 Continue\r\n\r\n", millis(20)), "unknown", "2000 ms"),
        trick("resets after reading", Answer::reset(), "unknown", "connection"),
        trick("hangs up", Answer::raw(""), "unknown", "connection"),
        trick("is no HTTP", Answer::raw("SSH-2.0-OpenSSH_9.6\r\n"), "unknown", "connection"),
        trick("has no status", Answer::raw("HTTP/1.1 99999 Odd\r\n\r\n"), "unknown", "connection"),
        trick(
            "has headers without end",
            Answer::going_on("HTTP/1.1 200 OK\r\n", format!("x-long: {}\r\n", "y".repeat(8000)), no_pause),
            "unknown",
            "connection",
        ),
        trick(
            "sends a gigabyte",
            Answer::going_on(head("content-length: 1073741824"), "x".repeat(65_536), no_pause),
            "success",
            "",
        ),
        trick("sends a gzip bomb", Answer::raw(bomb), "success", ""),
        trick(
            "sends chunks without end",
            Answer::going_on(head("transfer-encoding: chunked"), format!("100\r\n{}\r\n", "x".repeat(256)).repeat(100), no_pause),
            "success",
            "",
        ),
        trick(
            "sends to metadata",
            Answer::status(302).header("location", metadata),
            "failure",
            "HTTP 302 to http://169.254.169.254",
        ),
        trick("sends on to metadata", Answer::status(307).header("location", metadata), "failure", "outbound.allowed_hosts"),
    ]
}

/// 200 MB of zeros, as gzip makes them.
fn bomb() -> Vec<u8> {
    let mut gzip = Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    let writing = std::thread::spawn(move || (0..200).for_each(|_| input.write_all(&[0; 1_000_000]).unwrap()));
    let made = gzip.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(made.stdout.len() < 400_000);
    made.stdout
}

fn bounded(store: Store) -> ServerBuilder {
    Server::on(store).basics().env("RINGBACK_CALLBACKS_TIMEOUT_MS", BOUND.as_millis().to_string())
}

fn deliveries_of(server: &Server, id: &str) -> Vec<Value> {
    items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json())
}

/// The first attempt of an execution's message, once it has ended.
#[track_caller]
fn first_attempt(server: &Server, name: &str, id: &str) -> Value {
    eventually(&format!("the end of an attempt at a receiver that {name}"), seconds(40), || {
        let attempt = deliveries_of(server, id).first()?["attempts"].get(0)?.clone();
        attempt["ended_at"].is_string().then_some(attempt)
    })
}

fn took(attempt: &Value) -> Duration {
    let at = |field: &str| chrono::DateTime::parse_from_rfc3339(attempt[field].as_str().unwrap()).unwrap();
    (at("ended_at") - at("started_at")).to_std().unwrap()
}

/// Starts executions that call back to one receiver, and waits until all have arrived.
fn timed(server: &Server, receiver: &Receiver, path: &str, count: usize) -> Duration {
    let began = Instant::now();
    for n in 0..count {
        server.start("echo", &json!({"n": n, "callback_url": receiver.url(path)}));
    }
    receiver.wait_for(path, count);
    began.elapsed()
}

fn a_hostile_receiver_costs_its_lane_a_bounded_time(store: Store) {
    let server = bounded(store).start();
    let healthy = Receiver::start();
    let hostile: Vec<(Trick, Receiver, Vec<String>)> = tricks()
        .into_iter()
        .map(|trick| {
            let receiver = Receiver::start();
            receiver.answers("/hook", [trick.answer.clone()]);
            let follow = if trick.name == "sends on to metadata" { 3 } else { 0 };
            let callback = json!({"url": receiver.url("/hook"), "follow_redirects": follow, "retry": {"delays": [60]}});
            let ids = (0..EACH).map(|n| server.start("echo", &json!({"n": n, "callback": callback}))).collect();
            (trick, receiver, ids)
        })
        .collect();
    let began = Instant::now();
    timed(&server, &healthy, "/hook", 30);
    assert!(began.elapsed() < BOUND + seconds(3), "a healthy receiver waited {:?}", began.elapsed());

    for (trick, receiver, ids) in &hostile {
        for id in ids {
            let attempt = first_attempt(&server, trick.name, id);
            assert_eq!(attempt["outcome"], trick.outcome, "{}: {attempt}", trick.name);
            let detail = attempt["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(trick.words), "{}: {attempt}", trick.name);
            assert!(took(&attempt) < BOUND + millis(1500), "{}: {attempt}", trick.name);
            assert!(attempt["answer"].as_str().map_or(0, str::len) <= 3 * 16 * 1024, "{}: it is kept whole", trick.name);
        }
        assert!(receiver.count() >= EACH, "{}", trick.name);
    }
    for (trick, _, ids) in hostile.iter().filter(|(trick, ..)| trick.name == "sends on to metadata") {
        let delivery = &deliveries_of(&server, &ids[0])[0];
        assert_eq!(delivery["state"], "dead", "{}: {delivery}", trick.name);
    }
    let peak_mb = server.memory_peak_mb();
    assert!(peak_mb < 400, "the server took {peak_mb} MB");
}

fn the_quick_are_as_quick_beside_hanging_ones(store: Store) {
    const QUICK: usize = 300;
    let server = bounded(store).env("RINGBACK_CALLBACKS_TIMEOUT_MS", "20000").start();
    // What this machine has to do besides changes: another server, without those that hang, says what is quick at the moment.
    let quiet = bounded(store).start();
    let healthy = Receiver::start();
    timed(&server, &healthy, "/warm-up", 50);
    timed(&quiet, &healthy, "/quiet-warm-up", 50);
    let hanging: Vec<Receiver> = (0..50).map(|_| Receiver::start()).collect();
    for receiver in &hanging {
        receiver.answers("/hook", [Answer::never()]);
        for n in 0..20 {
            server.start("echo", &json!({"n": n, "callback_url": receiver.url("/hook")}));
        }
    }
    for receiver in &hanging {
        receiver.wait_for("/hook", 1);
    }
    let pairs: Vec<(Duration, Duration)> = ["one", "two", "three", "four"]
        .into_iter()
        .map(|name| {
            let alone = timed(&quiet, &healthy, &format!("/alone/{name}"), QUICK);
            (alone, timed(&server, &healthy, &format!("/beside/{name}"), QUICK))
        })
        .collect();
    println!("{QUICK} messages took, alone and beside 50 receivers that hang: {pairs:?}");
    assert!(pairs.iter().any(|(alone, beside)| *beside < alone.mul_f64(1.5) + millis(300)), "{pairs:?}");
    // One that nobody has sent to before is not made to wait for the hanging ones either.
    let newcomer = Receiver::start();
    let took = timed(&server, &newcomer, "/hook", 1);
    assert!(took < seconds(2), "{took:?}");
}

fn an_absurd_retry_after_is_capped_at_a_day(store: Store) {
    let server = bounded(store).start();
    let receiver = Receiver::start();
    let asked = |path: &str, retry_after: &str| {
        receiver.answers(path, [Answer::status(429).header("retry-after", retry_after)]);
        server.start("echo", &json!({"callback_url": receiver.url(path)}))
    };
    let capped = [asked("/seconds", "99999999"), asked("/date", "Fri, 31 Dec 9999 23:59:59 GMT")];
    asked("/nonsense", "99999999999999999999999");
    asked("/past", "Fri, 31 Dec 1999 23:59:59 GMT");
    for id in capped {
        let attempt = first_attempt(&server, "asks for patience", &id);
        let due_at = eventually("when it is due again", seconds(10), || {
            Some(deliveries_of(&server, &id)[0]["due_at"].as_str()?.to_owned())
        });
        let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
        let wait = at(&due_at) - at(attempt["ended_at"].as_str().unwrap());
        assert_eq!(wait.num_hours(), 24, "{wait}");
    }
    // What is no number of seconds and no date to come is as good as nothing.
    receiver.wait_for("/nonsense", 2);
    receiver.wait_for("/past", 2);
}
