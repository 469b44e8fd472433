//! Which addresses the product can be talked into reaching, by every door and in every spelling.
//! Never takes a refusal's word for it: a listener on every address of this machine must stay silent.

use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::{Value, json};

use crate::helpers::{Answer, Receiver, Server, Store, both_stores, eventually, items, millis, pause, seconds};

both_stores!(
    no_spelling_of_a_closed_address_is_accepted_or_sent_to,
    no_redirect_leads_to_a_closed_address,
    our_own_listener_and_database_are_never_sent_to,
    a_refusal_names_the_setting_that_opens,
    a_proxy_carries_what_the_policy_allows_and_nothing_else,
);

/// Spellings of hosts, each of them closed while loopback is. Those that mean this machine would reach the silent listener.
const HOSTS: &[&str] = &[
    // This machine: short, decimal, octal, hexadecimal and mixed forms.
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "0177.0x0.0.1",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.1.",
    "127.1.",
    "0",
    "0.0.0.0",
    "0x0",
    "000.000.000.000",
    // Digits and dots that only look different.
    "１２７.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    "𝟏𝟐𝟕.0.0.1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.1%2e",
    // Names.
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "localhost.",
    "ⓛocalhost",
    // IPv6, and IPv4 within.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001::f5ff:fff8]",
    "[::1%25lo]",
    "[fe80::1%25eth0]",
    "[fe80::fc:ff:fe00:1%eth0]",
    // Who hides behind a name, a word or a path.
    "user@127.0.0.1",
    "user:word@127.0.0.1",
    "example.com@127.0.0.1",
    "127.0.0.1:80@127.0.0.1",
    // Private.
    "10.0.0.7",
    "10.7",
    "012.0.0.7",
    "0xa.7",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "3232235521",
    "100.64.0.1",
    "[fc00::1]",
    "[fd00::2]",
    "[fec0::1]",
    // Where clouds keep their credentials, and what leads nowhere good.
    "169.254.169.254",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.16689662",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "168.63.129.16",
    "100.100.100.200",
    "0.1.2.3",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.2",
    "198.18.0.1",
    "[2001:db8::1]",
];

/// Listens on every address of this machine, and must never hear anything.
struct Silence(TcpListener);

impl Silence {
    fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
        listener.set_nonblocking(true).unwrap();
        let silence = Self(listener);
        // It can be heard at all, by both kinds of address.
        for address in ["127.0.0.1", "::1"] {
            std::net::TcpStream::connect((address, silence.port())).unwrap();
            eventually("the listener to listen", seconds(5), || silence.0.accept().ok());
        }
        silence
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    #[track_caller]
    fn assert_silent(&self, after: &str) {
        if let Ok((_, from)) = self.0.accept() {
            panic!("somebody connected from {from}: {after}");
        }
    }
}

fn closed(store: Store) -> crate::helpers::ServerBuilder {
    Server::on(store).basics().env("RINGBACK_OUTBOUND_LOOPBACK", "closed")
}

/// `127.0.0.1:PORT` of a receiver, as a setting opens it.
fn place(receiver: &Receiver) -> String {
    receiver.url("").trim_start_matches("http://").to_owned()
}

/// As a header can carry it.
fn in_ascii(host: &str) -> String {
    host.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                percent_encoding::utf8_percent_encode(&c.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string()
            }
        })
        .collect()
}

fn deliveries_of(server: &Server, id: &str) -> Vec<Value> {
    items(&server.get(&format!("/v1/executions/{id}/deliveries")).expect(200).json())
}

fn no_spelling_of_a_closed_address_is_accepted_or_sent_to(store: Store) {
    assert!(HOSTS.len() >= 60, "{}", HOSTS.len());
    let silence = Silence::start();
    let server = closed(store).start();
    for host in HOSTS {
        for url in [format!("http://{host}:{}/x", silence.port()), format!("HTTPS://{host}:{}/x?token=1", silence.port())] {
            for callback in [
                json!({"callback_url": url}),
                json!({"callback": {"url": url}}),
                json!({"callback": {"url": "http://example.com/", "failure_url": url}}),
            ] {
                let mut body = callback.clone();
                body["async"] = json!(true);
                let refused = server.post("/api/echo", &body).expect(422).problem();
                assert!(!refused["message"].as_str().unwrap().contains("token=1"), "{refused}");
            }
        }
    }
    assert!(server.executions().is_empty(), "a refused call leaves nothing");
    for host in HOSTS {
        let reply = server.post("/api/fetch", &json!({"url": format!("http://{host}:{}/x", silence.port())}));
        assert_eq!((reply.status, reply.problem()["code"].as_str()), (422, Some("ERROR_CODE_ADDRESS_REFUSED")), "{host}");
        silence.assert_silent(host);
    }
    pause(millis(300));
    silence.assert_silent("the end");
}

fn no_redirect_leads_to_a_closed_address(store: Store) {
    let silence = Silence::start();
    let receiver = Receiver::start();
    let server = closed(store).env("RINGBACK_OUTBOUND_ALLOWED_HOSTS", place(&receiver)).start();
    let (mut owed, mut refused) = (Vec::new(), 0);
    for (n, host) in HOSTS.iter().enumerate() {
        // Locations are what the other side says: nobody has looked at them before.
        let location = format!("http://{}:{}/x", in_ascii(host), silence.port());
        let (followed, sent) = (format!("/followed/{n}"), format!("/sent/{n}"));
        receiver.answers(&followed, [Answer::status(302).header("location", &location)]);
        receiver.answers(&sent, [Answer::status(307).header("location", &location)]);
        let reply = server.post("/api/fetch", &json!({"url": receiver.url(&followed)}));
        // What is no URL at all is not followed: the redirect itself is the answer.
        let not_followed = reply.status == 200 && reply.json()["response"]["status"] == 302;
        assert!(not_followed || reply.status == 422, "{host}: {} {}", reply.status, reply.body);
        refused += usize::from(reply.status == 422);
        let callback = json!({"url": receiver.url(&sent), "follow_redirects": 3});
        owed.push((host, server.start("echo", &json!({"callback": callback}))));
    }
    for (host, id) in owed {
        let attempt = eventually(&format!("an attempt at {host}"), seconds(20), || {
            let attempt = deliveries_of(&server, &id).first()?["attempts"].get(0)?.clone();
            attempt["ended_at"].is_string().then_some(attempt)
        });
        assert_eq!(attempt["outcome"], "failure", "{host}: {attempt}");
        silence.assert_silent(host);
    }
    assert!(refused >= HOSTS.len() - 10, "only {refused} were refused by the policy");
    pause(Duration::from_millis(300));
    silence.assert_silent("the end");
}

fn our_own_listener_and_database_are_never_sent_to(store: Store) {
    // Loopback is open here, since the server listens on loopback only.
    let server = Server::on(store).basics().start();
    let own = url::Url::parse(&server.url("/")).unwrap().port().unwrap();
    let mut ports = vec![own];
    ports.extend(url::Url::parse(server.database()).ok().and_then(|database| database.port()));
    assert_eq!(ports.len(), if store == Store::Postgres { 2 } else { 1 });
    for port in ports {
        for host in
            ["127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "127.9.9.9", "0"]
        {
            let url = format!("http://{host}:{port}/api/echo");
            let refused = server.post("/api/echo", &json!({"async": true, "callback_url": url})).expect(422).problem();
            assert_eq!(refused["code"], "ERROR_CODE_ADDRESS_REFUSED", "{url}: {refused}");
            let refused = server.post("/api/fetch", &json!({"url": url})).expect(422).problem();
            assert_eq!(refused["code"], "ERROR_CODE_ADDRESS_REFUSED", "{url}: {refused}");
        }
    }
    assert_eq!(server.executions().len(), if store == Store::Postgres { 18 } else { 9 }, "only those that fetched");
}

fn a_refusal_names_the_setting_that_opens(store: Store) {
    let receiver = Receiver::start();
    let refusal = |server: &Server, url: &str| {
        let refused = server.post("/api/echo", &json!({"async": true, "callback_url": url})).expect(422).problem();
        refused["message"].as_str().unwrap().to_owned()
    };
    let port = place(&receiver).rsplit_once(':').unwrap().1.to_owned();
    let server = closed(store).start();
    for (url, words) in [
        (
            receiver.url("/hook"),
            format!("127.0.0.1 is a loopback address. To allow it, set outbound.allowed_hosts = [\"127.0.0.1:{port}\"]."),
        ),
        (format!("http://localhost:{port}/"), format!("To allow it, set outbound.allowed_hosts = [\"localhost:{port}\"].")),
        (
            "http://10.0.0.7:5678/x".to_owned(),
            "10.0.0.7 is a private address. To allow it, set outbound.allowed_hosts = [\"10.0.0.7:5678\"].".to_owned(),
        ),
        ("http://169.254.169.254/".to_owned(), "To allow it, set outbound.allowed_hosts = [\"169.254.169.254:80\"].".to_owned()),
    ] {
        let message = refusal(&server, &url);
        assert!(message.contains(&words), "{message}");
    }
    let opened = closed(store).env("RINGBACK_OUTBOUND_ALLOWED_HOSTS", format!("localhost:{port}")).start();
    opened.start("echo", &json!({"callback_url": format!("http://localhost:{port}/named")}));
    receiver.wait_for("/named", 1);
    let only = Server::on(store).basics().env("RINGBACK_OUTBOUND_MODE", "allowlist").start();
    let message = refusal(&only, "http://1.1.1.1/x");
    assert!(message.contains("outbound.mode = \"allowlist\"") && message.contains("[\"1.1.1.1:80\"]"), "{message}");
}

fn a_proxy_carries_what_the_policy_allows_and_nothing_else(store: Store) {
    let (proxy, not_asked) = (Receiver::start(), Receiver::start());
    let server = closed(store)
        .env("RINGBACK_OUTBOUND_PROXY", proxy.url(""))
        .env("HTTP_PROXY", not_asked.url(""))
        .env("http_proxy", not_asked.url(""))
        .env("ALL_PROXY", not_asked.url(""))
        .start();
    // Only the proxy can resolve this name.
    server.start("echo", &json!({"callback_url": "http://hooks.nowhere.invalid/hook"}));
    let carried = proxy.wait_for("http://hooks.nowhere.invalid/hook", 1).remove(0);
    carried.assert_signed_with(crate::helpers::SECRET);
    assert_eq!(carried.header("host"), Some("hooks.nowhere.invalid"));
    for host in HOSTS {
        server.post("/api/echo", &json!({"async": true, "callback_url": format!("http://{host}:9/x")})).expect(422);
        server.post("/api/fetch", &json!({"url": format!("http://{host}:9/x")})).expect(422);
    }
    assert_eq!((proxy.count(), not_asked.count()), (1, 0));
}
