//! A real HTTP server that hears what the product sends: callbacks, and requests of stacks to the outside world.
//! Never answers but as its story says, and keeps every request with its bytes, its time and the moment its caller left.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{eventually, runtime, seconds};

/// How one request is answered.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    conduct: Conduct,
    /// What happens when it leaves.
    afterwards: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// What a receiver does beyond answering, or instead of it.
#[derive(Debug, Clone)]
enum Conduct {
    Answers,
    /// Says nothing until the caller leaves.
    Hangs,
    /// Says exactly these bytes and closes the connection.
    Says(Vec<u8>),
    /// Says the first bytes, then the others again and again with a pause between, until the caller leaves.
    GoesOn {
        first: Vec<u8>,
        then: Vec<u8>,
        every: Duration,
    },
    /// Breaks the connection.
    Resets,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, conduct: Conduct::Answers, afterwards: None }
    }

    pub fn ok() -> Self {
        Self::status(200)
    }

    pub fn json(body: &Value) -> Self {
        Self::ok().header("content-type", "application/json").body(body.to_string())
    }

    /// No answer, until the caller leaves.
    pub fn never() -> Self {
        Self { conduct: Conduct::Hangs, ..Self::ok() }
    }

    /// Exactly these bytes, and the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { conduct: Conduct::Says(bytes.into()), ..Self::ok() }
    }

    /// These bytes, then others again and again until the caller leaves.
    pub fn going_on(first: impl Into<Vec<u8>>, then: impl Into<Vec<u8>>, every: Duration) -> Self {
        Self { conduct: Conduct::GoesOn { first: first.into(), then: then.into(), every }, ..Self::ok() }
    }

    /// A reset in place of an answer.
    pub fn reset() -> Self {
        Self { conduct: Conduct::Resets, ..Self::ok() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub at: Instant,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    left_at: Arc<Mutex<Option<Instant>>>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn webhook_id(&self) -> String {
        self.header("webhook-id").unwrap_or_default().to_owned()
    }

    /// When the caller closed its connection without having been answered.
    pub fn left_at(&self) -> Option<Instant> {
        *self.left_at.lock().unwrap()
    }

    /// Standard Webhooks, computed here and not by the product: HMAC-SHA256 over `id.timestamp.body`, and a fresh timestamp.
    #[track_caller]
    pub fn assert_signed_with(&self, secret: &str) {
        let timestamp = self.header("webhook-timestamp").expect("a message has a webhook-timestamp");
        #[expect(clippy::disallowed_methods, reason = "a receiver has a clock of its own")]
        let now = chrono::Utc::now().timestamp();
        let age = now - timestamp.parse::<i64>().unwrap();
        assert!((-5..300).contains(&age), "a message signed {age} s ago");
        assert!(self.is_signed_with(secret), "the signature does not hold: {:?}", self.headers);
    }

    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", self.webhook_id(), self.header("webhook-timestamp").unwrap_or_default()).as_bytes());
        mac.update(&self.body);
        let expected = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").unwrap_or_default().split(' ').any(|signature| signature == expected)
    }
}

type Script = Box<dyn Fn(&Request, usize) -> Answer + Send + Sync>;

#[derive(Default)]
struct Desk {
    requests: Mutex<Vec<Request>>,
    count: AtomicUsize,
    scripts: Mutex<HashMap<String, Script>>,
    turns: Mutex<HashMap<String, usize>>,
}

/// The server. It ends with its story.
pub struct Receiver {
    port: u16,
    desk: Arc<Desk>,
    listening: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Answers 200 with an empty body until told otherwise.
    pub fn start() -> Self {
        Self::start_on(0)
    }

    /// On a port that was another's before.
    pub fn start_on(port: u16) -> Self {
        let desk = Arc::new(Desk::default());
        let listener = runtime().block_on(TcpListener::bind(("127.0.0.1", port))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk_of_task = Arc::clone(&desk);
        let listening = runtime().spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&desk_of_task)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { port, desk, listening }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The answers of one path in turn; the last one stays.
    pub fn answers(&self, path: &str, answers: impl Into<Vec<Answer>>) {
        let answers = answers.into();
        self.answers_with(path, move |_, turn| answers[turn.min(answers.len() - 1)].clone());
    }

    /// Every answer of one path, from the request and its turn (from 0).
    pub fn answers_with(&self, path: &str, script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) {
        self.desk.scripts.lock().unwrap().insert(path.to_owned(), Box::new(script));
    }

    /// Every answer of one path; the script hears of each request twice: when it comes, and when its answer leaves.
    pub fn answers_held(&self, path: &str, script: impl Fn(bool) -> Answer + Send + Sync + 'static) {
        let script = Arc::new(script);
        self.answers_with(path, move |_, _| {
            let mut answer = script(true);
            let script = Arc::clone(&script);
            answer.afterwards = Some(Arc::new(move || drop(script(false))));
            answer
        });
    }

    pub fn count(&self) -> usize {
        self.desk.count.load(Ordering::SeqCst)
    }

    /// Everything that arrived, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.desk.requests.lock().unwrap().clone()
    }

    pub fn requests_at(&self, path: &str) -> Vec<Request> {
        self.desk.requests.lock().unwrap().iter().filter(|request| request.path == path).cloned().collect()
    }

    /// Waits until `count` requests have arrived at a path, and returns all that have.
    #[track_caller]
    pub fn wait_for(&self, path: &str, count: usize) -> Vec<Request> {
        eventually(&format!("{count} requests at {path}"), seconds(60), || {
            let seen = self.desk.requests.lock().unwrap().iter().filter(|request| request.path == path).count();
            (seen >= count).then(|| self.requests_at(path))
        })
    }

    /// The one message that arrives at a path, its signature checked.
    #[track_caller]
    pub fn message(&self, path: &str) -> Value {
        let request = self.wait_for(path, 1).remove(0);
        request.assert_signed_with(super::SECRET);
        request.json()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(mut stream: TcpStream, desk: Arc<Desk>) {
    let mut pending = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut pending).await {
        let answer = desk.take(request.clone());
        let wait = async {
            match answer.conduct {
                Conduct::Hangs => std::future::pending::<()>().await,
                _ => tokio::time::sleep(answer.delay).await,
            }
        };
        let left = tokio::select! {
            () = wait => false,
            () = gone(&stream) => true,
        };
        // Before the answer leaves: whoever gets it may come again at once.
        if let Some(afterwards) = &answer.afterwards {
            afterwards();
        }
        if left || !conduct(&mut stream, &answer, &request.method).await {
            *request.left_at.lock().unwrap() = Some(Instant::now());
            return;
        }
    }
}

/// Whether the connection is good for another request.
async fn conduct(stream: &mut TcpStream, answer: &Answer, method: &str) -> bool {
    match &answer.conduct {
        Conduct::Answers | Conduct::Hangs => stream.write_all(&wire_form(answer, method)).await.is_ok(),
        Conduct::Says(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Conduct::GoesOn { first, then, every } => {
            let mut said = stream.write_all(first).await;
            while said.is_ok() {
                tokio::time::sleep(*every).await;
                said = stream.write_all(then).await;
            }
            false
        }
        Conduct::Resets => {
            // Without a linger the close is a reset.
            let _ = stream.set_zero_linger();
            false
        }
    }
}

impl Desk {
    fn take(&self, request: Request) -> Answer {
        let turn = {
            let mut turns = self.turns.lock().unwrap();
            let turn = turns.entry(request.path.clone()).or_insert(0);
            *turn += 1;
            *turn - 1
        };
        let answer = self.scripts.lock().unwrap().get(&request.path).map_or_else(Answer::ok, |script| script(&request, turn));
        self.requests.lock().unwrap().push(request);
        self.count.fetch_add(1, Ordering::SeqCst);
        answer
    }
}

/// Ends when the other side has closed its connection. No caller of ours sends a second request before its answer.
async fn gone(stream: &TcpStream) {
    let mut byte = [0];
    // More bytes would be a second request on the line: not a reason to think that the caller has left.
    if let Ok(1..) = stream.peek(&mut byte).await {
        std::future::pending::<()>().await;
    }
}

fn wire_form(answer: &Answer, method: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if answer.status != 204 && answer.status != 304 {
        head += &format!("content-length: {}\r\n", answer.body.len());
    }
    let mut bytes = (head + "\r\n").into_bytes();
    if method != "HEAD" {
        bytes.extend_from_slice(&answer.body);
    }
    bytes
}

async fn read_request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(end) = find(pending, b"\r\n\r\n") {
            break end;
        }
        more(stream, pending).await?;
    };
    let head = String::from_utf8_lossy(&pending[..head_end]).into_owned();
    pending.drain(..head_end + 4);
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())))
        .collect();
    let header = |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
    let body = if header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        read_chunks(stream, pending).await?
    } else {
        read_exactly(stream, pending, header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)).await?
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Request { at: Instant::now(), method, path, query, headers, body, left_at: Arc::default() })
}

async fn read_chunks(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = find(pending, b"\r\n") {
                break end;
            }
            more(stream, pending).await?;
        };
        let size = usize::from_str_radix(String::from_utf8_lossy(&pending[..end]).split(';').next()?.trim(), 16).ok()?;
        pending.drain(..end + 2);
        body.extend(read_exactly(stream, pending, size).await?);
        read_exactly(stream, pending, 2).await?;
        if size == 0 {
            return Some(body);
        }
    }
}

async fn read_exactly(stream: &mut TcpStream, pending: &mut Vec<u8>, count: usize) -> Option<Vec<u8>> {
    while pending.len() < count {
        more(stream, pending).await?;
    }
    Some(pending.drain(..count).collect())
}

async fn more(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 16 * 1024];
    let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
    pending.extend_from_slice(&buffer[..count]);
    Some(())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
