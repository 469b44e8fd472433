//! Real local servers that misbehave, and what the client makes of them.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

/// What a server heard, one entry a connection that sent something.
type Heard = mpsc::UnboundedReceiver<String>;

/// A server that reads one request a connection, tells it, and then does what `answer` says with the stream.
async fn server<F, Fut>(answer: F) -> (SocketAddr, Heard)
where
    F: Fn(TcpStream, String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = mpsc::unbounded_channel();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (tell, answer) = (tell.clone(), Arc::clone(&answer));
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                let _ = tell.send(request.clone());
                answer(stream, request).await;
            });
        }
    });
    (address, heard)
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut held = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&held).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse::<usize>().unwrap() {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => held.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A server that always answers these bytes and closes.
async fn answering(answer: impl Into<Vec<u8>>) -> (SocketAddr, Heard) {
    let answer = answer.into();
    server(move |mut stream, _| {
        let answer = answer.clone();
        async move {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn outbound() -> Outbound {
    Outbound::new(&OutboundConfig::default(), true, Vec::new()).unwrap()
}

fn post(url: impl Into<String>) -> OutboundRequest {
    OutboundRequest {
        method: "POST".into(),
        url: url.into(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Bytes::from_static(b"{\"a\":1}"),
        connect_timeout_ms: 1000,
        timeout_ms: 400,
        redirects_max: 0,
        strict_redirects: true,
        verify_peer: true,
        read_bytes_max: 1000,
        room: None,
        truncate: true,
    }
}

fn get(url: impl Into<String>) -> OutboundRequest {
    OutboundRequest { method: "GET".into(), body: Bytes::new(), strict_redirects: false, redirects_max: 3, ..post(url) }
}

async fn send_to(address: SocketAddr) -> Result<Answer, SendError> {
    outbound().send(post(format!("http://{address}/hook?token=1"))).await
}

#[tokio::test]
async fn a_request_arrives_as_it_was_given() {
    let (address, mut heard) = answering("HTTP/1.1 201 Created\r\nX-Odd: 1\r\ncontent-length: 2\r\n\r\nok").await;
    let answer = send_to(address).await.unwrap();
    assert_eq!((answer.status, answer.header("x-odd"), &answer.body[..]), (201, Some("1"), &b"ok"[..]));
    assert!(!answer.truncated);
    let request = heard.recv().await.unwrap();
    assert!(request.starts_with("POST /hook?token=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/json\r\n") && request.contains("content-length: 7\r\n"), "{request}");
    assert!(!request.contains("transfer-encoding") && request.ends_with("{\"a\":1}"), "{request}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout_of_unknown_outcome() {
    let (address, _heard) = server(|stream, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let began = Instant::now();
    let error = send_to(address).await.unwrap_err();
    assert_eq!(error, SendError::Timeout { after_ms: 400, sent: true });
    assert!(error.outcome_unknown() && began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_dripping_body_ends_with_the_time_of_the_whole_exchange() {
    let (address, _heard) = server(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(send_to(address).await.unwrap_err(), SendError::Timeout { after_ms: 400, sent: true });
}

#[tokio::test]
async fn a_dripping_head_ends_too() {
    let (address, _heard) = server(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(send_to(address).await.unwrap_err().outcome_unknown());
}

#[tokio::test]
async fn a_reset_after_the_request_is_of_unknown_outcome() {
    let (address, _heard) = server(|stream, _| async move {
        #[expect(deprecated, reason = "a reset instead of an orderly end is what is wanted here")]
        stream.set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    let error = send_to(address).await.unwrap_err();
    assert!(matches!(error, SendError::Broken(_)) && error.outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn an_orderly_end_without_an_answer_is_of_unknown_outcome() {
    let (address, _heard) = answering("").await;
    assert!(matches!(send_to(address).await.unwrap_err(), SendError::Broken(_)));
}

#[tokio::test]
async fn what_is_no_http_breaks() {
    for odd in
        ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 999999 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "\0\0\0\0\0\0\0\0"]
    {
        let (address, _heard) = answering(odd).await;
        let error = send_to(address).await.unwrap_err();
        assert!(matches!(error, SendError::Broken(_)), "{odd:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_that_ends_early_breaks() {
    let (address, _heard) = answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc").await;
    assert!(matches!(send_to(address).await.unwrap_err(), SendError::Broken(_)));
}

#[tokio::test]
async fn a_refused_connection_was_certainly_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send_to(address).await.unwrap_err();
    assert!(matches!(&error, SendError::Connect(why) if why.contains("refused")), "{error:?}");
    assert!(!error.outcome_unknown() && !error.to_string().contains("token"));
}

#[tokio::test]
async fn a_huge_answer_is_cut_or_an_error_and_the_connection_ends() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let (address, _heard) = server(move |mut stream, _| {
        let count = Arc::clone(&count);
        async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await;
            while stream.write_all(&[b'x'; 10_000]).await.is_ok() {
                count.fetch_add(10_000, Ordering::SeqCst);
            }
        }
    })
    .await;
    let answer = send_to(address).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.truncated), (200, 1000, true));
    let error = outbound().send(OutboundRequest { truncate: false, ..post(format!("http://{address}/")) }).await.unwrap_err();
    assert_eq!(error, SendError::TooLarge { bytes_max: 1000 });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(written.load(Ordering::SeqCst) < 50_000_000, "it went on reading");
}

#[tokio::test]
async fn an_answer_of_just_the_bound_is_whole() {
    let (address, _heard) = answering(format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(1000))).await;
    let answer = outbound().send(OutboundRequest { truncate: false, ..post(format!("http://{address}/")) }).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (1000, false));
}

#[tokio::test]
async fn chunks_without_end_are_cut() {
    let (address, _heard) = server(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"4\r\nabcd\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let answer = send_to(address).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (1000, true));
}

/// 100 MB of zeros, as gzip makes them: about 100 kB.
fn bomb() -> Vec<u8> {
    let made = std::process::Command::new("sh").arg("-c").arg("head -c 100000000 /dev/zero | gzip -9").output().unwrap();
    assert!(made.status.success() && made.stdout.len() < 200_000);
    made.stdout
}

#[tokio::test]
async fn a_gzip_bomb_is_read_up_to_the_bound_only() {
    let bomb = bomb();
    let mut bytes = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len()).into_bytes();
    bytes.extend(bomb);
    let (address, _heard) = answering(bytes).await;
    let began = Instant::now();
    let answer = outbound().send(OutboundRequest { timeout_ms: 10_000, ..post(format!("http://{address}/")) }).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (1000, true));
    assert!(answer.body.iter().all(|byte| *byte == 0), "decoded");
    assert!(began.elapsed() < Duration::from_secs(3), "it was decoded whole");
}

#[tokio::test]
async fn what_only_says_that_it_is_gzip_breaks() {
    let (address, _heard) = answering("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain").await;
    assert!(matches!(send_to(address).await.unwrap_err(), SendError::Broken(_)));
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection_at_once() {
    let (ended, mut when) = mpsc::unbounded_channel();
    let (address, mut heard) = server(move |mut stream, _| {
        let ended = ended.clone();
        async move {
            let _ = stream.read(&mut [0; 10]).await;
            let _ = ended.send(());
        }
    })
    .await;
    let outbound = outbound();
    let request = OutboundRequest { timeout_ms: 60_000, ..post(format!("http://{address}/")) };
    let sending = tokio::spawn(async move { outbound.send(request).await });
    heard.recv().await.unwrap();
    sending.abort();
    tokio::time::timeout(Duration::from_secs(2), when.recv()).await.expect("the server saw the end").unwrap();
}

#[tokio::test]
async fn connections_are_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let (address, _heard) = server(move |mut stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.is_ok() {
                if read_request(&mut stream).await.is_empty() {
                    break;
                }
            }
        }
    })
    .await;
    let outbound = outbound();
    for _ in 0..5 {
        assert_eq!(outbound.send(post(format!("http://{address}/"))).await.unwrap().status, 204);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_unless_it_may_be_followed() {
    let (address, _heard) = answering("HTTP/1.1 302 Found\r\nlocation: /next\r\ncontent-length: 0\r\n\r\n").await;
    let answer = send_to(address).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/next")));
    let strict = OutboundRequest { redirects_max: 3, ..post(format!("http://{address}/")) };
    assert_eq!(outbound().send(strict).await.unwrap().status, 302, "a delivery stays a POST");
    let endless = outbound().send(get(format!("http://{address}/"))).await.unwrap_err();
    assert_eq!(endless, SendError::TooManyRedirects(3));
}

#[tokio::test]
async fn a_post_is_kept_on_307_and_becomes_a_get_on_302_without_its_credentials_elsewhere() {
    let (last, mut heard) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for (status, strict, expected) in [(307, true, "POST"), (308, false, "POST"), (302, false, "GET"), (303, false, "GET")] {
        let (first, _) =
            answering(format!("HTTP/1.1 {status} X\r\nlocation: http://{last}/next\r\ncontent-length: 0\r\n\r\n")).await;
        let mut request = OutboundRequest { redirects_max: 1, strict_redirects: strict, ..post(format!("http://{first}/")) };
        request.headers.push(("authorization".into(), "Bearer hidden".into()));
        let answer = outbound().send(request).await.unwrap();
        assert_eq!(answer.url.as_str(), format!("http://{last}/next"));
        let arrived = heard.recv().await.unwrap();
        assert!(arrived.starts_with(expected), "{status}: {arrived}");
        assert_eq!(arrived.contains("{\"a\":1}"), expected == "POST");
        assert!(!arrived.contains("hidden"), "{arrived}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_closed_address_is_refused() {
    for place in
        ["http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://0251.0376.0251.0376/", "ftp://a/"]
    {
        let (address, _heard) = answering(format!("HTTP/1.1 307 X\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n")).await;
        let error = outbound().send(get(format!("http://{address}/"))).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)), "{place}: {error:?}");
    }
}

#[tokio::test]
async fn a_closed_listener_stays_silent_whatever_the_spelling() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let lookup: Lookup = Arc::new(|_, _| Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }));
    let closed = Outbound::with_lookup(&OutboundConfig::default(), false, Vec::new(), lookup).unwrap();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "evil.example",
        "１２７.0.0.1",
        "127.0.0.1.",
        "[64:ff9b::7f00:1]",
        "0",
        "[::]",
    ];
    for host in hosts {
        let url = format!("http://{host}:{port}/");
        assert!(closed.check(&url).await.is_err(), "{host} was accepted");
        let error = closed.send(post(&url)).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)), "{host}: {error:?}");
    }
    let silent = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(silent.is_err(), "somebody connected");
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_refused_at_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answers = Mutex::new(vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([93, 184, 216, 34])]);
    let lookup: Lookup = Arc::new(move |_, _| {
        let next = answers.lock().unwrap().pop();
        Box::pin(async move { Ok(next.into_iter().collect()) })
    });
    let outbound = Outbound::with_lookup(&OutboundConfig::default(), false, Vec::new(), lookup).unwrap();
    let url = format!("http://rebind.example:{port}/");
    assert!(outbound.check(&url).await.is_ok());
    let error = outbound.send(post(&url)).await.unwrap_err();
    let SendError::Refused(refused) = error else { panic!("{error:?}") };
    assert!(refused.message.contains(&format!("outbound.allowed_hosts = [\"rebind.example:{port}\"]")), "{refused}");
    assert!(tokio::time::timeout(Duration::from_millis(100), listener.accept()).await.is_err(), "somebody connected");
}

#[tokio::test]
async fn of_several_addresses_the_allowed_ones_are_used() {
    let (address, _heard) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let lookup: Lookup = Arc::new(|_, _| Box::pin(async { Ok(vec!["10.0.0.1".parse().unwrap(), "127.0.0.1".parse().unwrap()]) }));
    let outbound = Outbound::with_lookup(&OutboundConfig::default(), true, Vec::new(), lookup).unwrap();
    let answer = outbound.send(post(format!("http://both.example:{}/", address.port()))).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_name_without_an_address_was_certainly_not_sent() {
    let lookup: Lookup = Arc::new(|_, _| Box::pin(async { Err(std::io::Error::other("no such host")) }));
    let outbound = Outbound::with_lookup(&OutboundConfig::default(), true, Vec::new(), lookup).unwrap();
    assert!(outbound.check("http://gone.example/").await.is_ok(), "it may be there later");
    let error = outbound.send(post("http://gone.example/")).await.unwrap_err();
    assert_eq!(error, SendError::Dns("no such host".into()));
}

#[tokio::test]
async fn our_own_listener_is_closed_by_any_name() {
    let lookup: Lookup = Arc::new(|_, _| Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }));
    let ours = vec![("127.0.0.1".to_owned(), 8080), ("db.lan".to_owned(), 5432)];
    let outbound = Outbound::with_lookup(&OutboundConfig::default(), true, ours, lookup).unwrap();
    for url in ["http://alias.example:8080/", "http://127.0.0.1:8080/", "http://alias.example:5432/", "http://db.lan:5432/"] {
        assert!(outbound.check(url).await.is_err(), "{url}");
    }
    assert!(outbound.check("http://alias.example:8081/").await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_without_its_value() {
    let request = |change: fn(&mut OutboundRequest)| {
        let mut request = post("http://127.0.0.1:9/");
        change(&mut request);
        async move { outbound().send(request).await.unwrap_err() }
    };
    let name = request(|request| request.headers.push(("bad name".to_owned().into(), "x".into()))).await;
    let value = request(|request| request.headers.push(("x".into(), "hid\nden".into()))).await;
    let method = request(|request| request.method = "CONNECT".into()).await;
    for error in [name, value, method] {
        assert!(matches!(&error, SendError::InvalidRequest(why) if !why.contains("hid")), "{error:?}");
    }
}

/// One TLS connection, answered with 204.
fn tls_server() -> SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("testdata/leaf.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("testdata/leaf.key")).unwrap();
    tls::install_provider();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let mut connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut connection, &mut socket);
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            }
        }
    });
    address
}

#[tokio::test]
async fn a_certificate_must_be_trusted_unless_a_step_says_otherwise() {
    let address = tls_server();
    let url = format!("https://localhost:{}/", address.port());
    let request = || OutboundRequest { timeout_ms: 5000, ..post(&url) };
    let error = outbound().send(request()).await.unwrap_err();
    assert!(matches!(error, SendError::Tls(_)) && !error.outcome_unknown(), "{error:?}");
    let unverified = OutboundRequest { verify_peer: false, ..request() };
    assert_eq!(outbound().send(unverified).await.unwrap().status, 204);
    let ca_file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/outbound/client/testdata/ca.pem");
    let config = OutboundConfig { ca_file: Some(ca_file.into()), ..OutboundConfig::default() };
    let trusting = Outbound::new(&config, true, Vec::new()).unwrap();
    assert_eq!(trusting.send(request()).await.unwrap().status, 204);
}

#[test]
fn settings_that_do_not_hold_are_told() {
    let config = |change: fn(&mut OutboundConfig)| {
        let mut config = OutboundConfig::default();
        change(&mut config);
        Outbound::new(&config, true, Vec::new()).unwrap_err()
    };
    assert!(config(|config| config.ca_file = Some("/nowhere.pem".into())).contains("outbound.ca_file /nowhere.pem"));
    assert!(config(|config| config.proxy = Some("::".into())).contains("outbound.proxy"));
    assert!(config(|config| config.allowed_hosts = vec!["a b".into()]).contains("outbound.allowed_hosts"));
}
