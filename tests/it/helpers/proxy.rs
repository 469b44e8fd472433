//! A network between a node and its PostgreSQL that counts commits, and cuts, stalls or holds them as a story says.
//! Never changes a byte that it lets through.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::runtime;

/// What becomes of a commit on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Passes,
    /// The connection breaks before the server hears of it.
    CutBefore,
    /// The server commits, and the connection breaks before anybody hears of that.
    CutAfter,
    /// It takes its time.
    Stalls(Duration),
    /// The server never hears of it, and its client waits.
    HeldBefore,
    /// The server commits, and its client waits for the answer.
    HeldAfter,
}

type Judge = Box<dyn Fn(u64) -> Deed + Send>;

struct Inner {
    judge: Mutex<Judge>,
    /// Commits since the judge was set.
    commits: AtomicU64,
    /// Something is held.
    held: AtomicBool,
    /// Ends every connection when it changes.
    cut: watch::Sender<u64>,
}

pub struct Proxy {
    inner: Arc<Inner>,
    url: String,
}

impl Proxy {
    /// A network of its own to the database of this URL.
    pub fn before(database: &str) -> Self {
        let mut url = url::Url::parse(database).unwrap();
        let upstream = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (cut, _) = watch::channel(0);
        let judge: Judge = Box::new(|_| Deed::Passes);
        let inner = Inner { judge: Mutex::new(judge), commits: AtomicU64::new(0), held: AtomicBool::new(false), cut };
        let inner = Arc::new(inner);
        let shared = Arc::clone(&inner);
        runtime().spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(upstream).await {
                        carry(&shared, client, server).await;
                    }
                });
            }
        });
        Self { inner, url: url.into() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on commits are counted from 1, and judged by their number.
    pub fn judges(&self, judge: impl Fn(u64) -> Deed + Send + 'static) {
        *self.inner.judge.lock().unwrap() = Box::new(judge);
        self.inner.commits.store(0, Ordering::SeqCst);
        self.inner.held.store(false, Ordering::SeqCst);
    }

    /// Whether a commit is being held.
    pub fn holds(&self) -> bool {
        self.inner.held.load(Ordering::SeqCst)
    }

    /// Breaks every connection.
    pub fn cut(&self) {
        self.inner.cut.send_modify(|times| *times += 1);
    }
}

async fn carry(inner: &Inner, client: TcpStream, server: TcpStream) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    // Whether answers pass; while they do not, they wait unread.
    let (passes, answers_pass) = watch::channel(true);
    let mut cut = inner.cut.subscribe();
    tokio::select! {
        () = asks(inner, client_reads, server_writes, &passes) => {}
        () = answers(server_reads, client_writes, answers_pass) => {}
        _ = cut.changed() => {}
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut pass: watch::Receiver<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        if pass.wait_for(|pass| *pass).await.is_err() {
            return;
        }
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        // What was read before the gate closed may pass: it answers what came before.
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn asks(inner: &Inner, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, answers_pass: &watch::Sender<bool>) {
    let Some(opening) = frame(&mut from, false).await else { return };
    if to.write_all(&opening).await.is_err() {
        return;
    }
    while let Some(message) = frame(&mut from, true).await {
        let deed = if is_commit(&message) {
            let number = inner.commits.fetch_add(1, Ordering::SeqCst) + 1;
            (inner.judge.lock().unwrap())(number)
        } else {
            Deed::Passes
        };
        match deed {
            Deed::CutBefore => return,
            Deed::Stalls(time) => tokio::time::sleep(time).await,
            Deed::HeldBefore => hold(inner).await,
            Deed::CutAfter | Deed::HeldAfter => {
                answers_pass.send_replace(false);
                // An answer that is already being waited for is let through; the one to this message is not.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Deed::Passes => {}
        }
        if to.write_all(&message).await.is_err() {
            return;
        }
        match deed {
            // Time for the server to commit; nobody hears when it has.
            Deed::CutAfter => return tokio::time::sleep(Duration::from_millis(50)).await,
            Deed::HeldAfter => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                hold(inner).await;
            }
            _ => {}
        }
    }
}

async fn hold(inner: &Inner) {
    inner.held.store(true, Ordering::SeqCst);
    std::future::pending::<()>().await;
}

/// One message of PostgreSQL's protocol: a type (but for the first message of a connection), its length, and the rest.
async fn frame(from: &mut OwnedReadHalf, typed: bool) -> Option<Vec<u8>> {
    let head = if typed { 5 } else { 4 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap()) as usize;
    message.resize(head - 4 + length, 0);
    from.read_exact(&mut message[head..]).await.ok()?;
    Some(message)
}

/// A simple query that ends in a commit.
fn is_commit(message: &[u8]) -> bool {
    message[0] == b'Q' && message.ends_with(b"COMMIT\0")
}
