//! Secrets at rest: where they must not stand, under which key they are kept, and how they change.
//! Looks into the database only for what must not be there.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::helpers::{
    Answer, Call, Receiver, Request, Server, ServerBuilder, Store, both_stores, eventually, items, ringback, runtime, seconds,
};

both_stores!(
    planted_secrets_stand_nowhere_in_the_open,
    the_servers_secret_rotates_and_both_sign,
    a_node_without_the_key_does_not_start_and_a_changed_key_opens_what_was_sealed_before,
    public_keys_prove_messages_without_a_secret,
    receivers_that_know_no_signatures_get_what_they_check,
);

/// In a URL's query: kept as it is, and shown nowhere.
const QUERY: &str = "t0ken-in-a-query";
/// Whatever is planted holds this, so that no other text is mistaken for it.
const PLANTED: &str = "pl4nted";

fn planted(what: &str) -> String {
    format!("{PLANTED}-{what}-value")
}

/// A secret whose key is `PLANTED`.
fn planted_secret(what: &str) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(format!("{:-<32}", planted(what))))
}

fn own_secret(server: ServerBuilder) -> ServerBuilder {
    server.env("RINGBACK_WEBHOOK_SECRET", "").env("RINGBACK_LOG", "debug")
}

fn planted_secrets_stand_nowhere_in_the_open(store: Store) {
    let function = json!({
        "execution_mode": "async",
        "callback": {"secret": planted_secret("function"), "headers": {"X-Function": planted("function-header")},
                     "auth": {"type": "bearer", "token": planted("function-token")}},
        "stack": [{"function": "return_response", "body": {"request": "{{ request.body }}", "input": "{{ input }}"}}]
    });
    let server = own_secret(Server::on(store)).basics().workflow("keeper.json", function).start();
    let receiver = Receiver::start();
    let registered = server.post(
        "/v1/destinations",
        &json!({"url": receiver.url(&format!("/registered?token={QUERY}")), "secret": planted_secret("registered"),
                "functions": ["keeper"], "headers": {"X-Registered": planted("registered-header")}}),
    );
    let registered = registered.expect(201).json()["id"].as_str().unwrap().to_owned();
    // A receiver that repeats what it heard, as echo services do.
    let echo = |request: &Request, tries: usize| {
        let body: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        Answer::status(if tries == 0 { 500 } else { 200 }).body(body)
    };
    receiver.answers_with("/hook", echo);
    receiver.answers_with("/function", echo);
    let callback = json!({"url": receiver.url("/hook"), "secret": planted_secret("call"),
                          "headers": {"X-Call": planted("call-header")},
                          "auth": {"type": "basic", "username": "ada", "password": planted("call-password")}});
    let ids = [
        server.start("keeper", &json!({"n": 1, "callback": callback, "callback_headers": {"X-Beside": planted("beside")}})),
        server.start("keeper", &json!({"n": 2, "callback_url": receiver.url("/function")})),
        server.start(
            "echo",
            &json!({"callback": {"url": receiver.url("/jwt"), "auth": {"type": "jwt", "secret": planted("jwt")}}}),
        ),
    ];
    let call = receiver.wait_for("/hook", 2).remove(0);
    assert!(call.is_signed_with(&planted_secret("call")));
    assert_eq!((call.header("x-call"), call.header("x-beside")), (Some(&*planted("call-header")), Some(&*planted("beside"))));
    let function = receiver.wait_for("/function", 2).remove(0);
    assert!(function.is_signed_with(&planted_secret("function")));
    assert_eq!(function.header("authorization"), Some(&*format!("Bearer {}", planted("function-token"))));
    receiver.wait_for("/jwt", 1);

    let mut seen = String::new();
    for id in &ids {
        let delivered = eventually("the end of the delivery", seconds(20), || {
            let answer = server.get(&format!("/v1/executions/{id}/deliveries")).expect(200);
            (items(&answer.json())[0]["state"] == "delivered").then_some(answer.body)
        });
        seen += &delivered;
        for part in ["", "/steps"] {
            seen += &server.get(&format!("/v1/executions/{id}{part}")).expect(200).body;
        }
        seen += &server.get(&format!("/api/async-status/{id}")).expect(200).body;
    }
    receiver.wait_for("/registered", 2);
    seen += &every_answer_and_page(&server, &ids, &registered);
    let refused = json!({"async": true, "callback": {"url": "http://169.254.169.254/", "secret": planted_secret("refused"),
                         "headers": {"host": planted("refused")}}});
    seen += &server.post("/api/echo", &refused).expect(422).body;
    let config = ringback(server.folder().path(), ["config"]).env("RINGBACK_ENCRYPTION_KEY", &"07".repeat(32)).finish().expect(0);
    assert!(!(config.stdout.clone() + &config.stderr).contains("0707"), "{}", config.stdout);
    seen += &server.stderr();
    assert!(!seen.contains(QUERY), "a query is shown");
    assert_hidden("an answer or the log", seen.as_bytes(), &call);
    assert_hidden("the database", &stored(&server), &call);
}

/// What the lists and the pages for people say.
fn every_answer_and_page(server: &Server, ids: &[String], registered: &str) -> String {
    let mut seen = String::new();
    for path in [
        "/v1/functions/keeper",
        "/v1/functions",
        "/v1/executions",
        "/v1/deliveries",
        "/v1/destinations",
        "/v1/alerts",
        "/v1/audit",
        "/v1/keys",
        "/metrics",
        &format!("/v1/destinations/{registered}"),
    ] {
        seen += &server.get(path).expect(200).body;
    }
    seen += &server.post(&format!("/v1/destinations/{registered}/test"), &json!({})).expect(200).body;
    // Every page for people.
    for path in [
        "",
        "/executions",
        "/functions",
        "/functions/keeper",
        "/functions/keeper/versions",
        "/deliveries",
        "/deliveries?state=delivered",
        "/destinations",
        "/schedules",
        "/alerts",
        "/tables",
        "/keys",
        &format!("/executions/{}", ids[0]),
        &format!("/executions/{}", ids[1]),
    ] {
        let page = server.get(&format!("/ui{path}")).expect(200).body;
        assert!(page.contains("<html"), "{path}: {page}");
        seen += &page;
    }
    seen
}

#[track_caller]
fn assert_hidden(place: &str, bytes: &[u8], call: &Request) {
    let basic = call.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
    let mut hidden = vec![PLANTED.to_owned(), hex::encode(PLANTED), basic.to_owned(), hex::encode(basic)];
    for what in ["call", "function", "refused", "registered"] {
        let key = planted_secret(what);
        let key = key.strip_prefix("whsec_").unwrap();
        hidden.extend([key.to_owned(), hex::encode(key)]);
    }
    for text in hidden {
        let found = bytes.windows(text.len()).position(|window| window == text.as_bytes());
        let around = found.map(|at| String::from_utf8_lossy(&bytes[at.saturating_sub(200)..bytes.len().min(at + 200)]));
        assert!(found.is_none(), "{text} stands in {place}: …{}…", around.unwrap_or_default());
    }
}

/// Every byte of the files, or every row of every table.
fn stored(server: &Server) -> Vec<u8> {
    let Some(path) = server.database().strip_prefix("sqlite://") else { return rows_of(server.database()) };
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        bytes.extend(std::fs::read(format!("{path}{suffix}")).unwrap_or_default());
    }
    assert!(bytes.windows(6).any(|window| window == b"keeper"), "the files hold what they should");
    bytes
}

fn rows_of(url: &str) -> Vec<u8> {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let tables = "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public'";
        let mut text = String::new();
        for table in client.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            for row in client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.unwrap() {
                text += &row.get::<_, String>(0);
            }
        }
        assert!(text.contains("keeper"), "the tables hold what they should");
        text.into_bytes()
    })
}

/// A command that opens the server's own store beside it.
fn keys(server: &Server, command: &str) -> crate::helpers::Finished {
    let url = server.url("");
    let arguments = ["--database", server.database(), "--url", &url, "keys", command, "--json"];
    let state = crate::helpers::state_folder();
    ringback(server.folder().path(), arguments).env("XDG_STATE_HOME", &state).finish()
}

fn shown_secret(server: &Server) -> String {
    keys(server, "show-secret").expect(0).json()["secret"].as_str().unwrap().to_owned()
}

fn message_to(server: &Server, receiver: &Receiver, path: &str) -> Request {
    server.start("echo", &json!({"callback_url": receiver.url(path)}));
    receiver.wait_for(path, 1).remove(0)
}

fn the_servers_secret_rotates_and_both_sign(store: Store) {
    let mut server = own_secret(Server::on(store)).basics().start();
    let receiver = Receiver::start();
    let first = shown_secret(&server);
    message_to(&server, &receiver, "/before").assert_signed_with(&first);

    let rotated = keys(&server, "rotate-secret").expect(0).json();
    let second = shown_secret(&server);
    assert_eq!(rotated["secret"], second);
    assert_ne!(first, second);
    let both = message_to(&server, &receiver, "/after");
    both.assert_signed_with(&first);
    both.assert_signed_with(&second);
    assert_eq!(both.header("webhook-signature").unwrap().split(' ').count(), 2);
    assert!(!server.stderr().contains(&first) && !server.stderr().contains(&second));

    server.kill9();
    server.restart();
    let both = message_to(&server, &receiver, "/restarted");
    both.assert_signed_with(&first);
    both.assert_signed_with(&second);
    // A caller's own secret has nothing to do with it.
    let own = planted_secret("own");
    server.start("echo", &json!({"callback": {"url": receiver.url("/own"), "secret": own}}));
    let alone = receiver.wait_for("/own", 1).remove(0);
    assert!(alone.is_signed_with(&own) && !alone.is_signed_with(&second));

    let configured = Server::on(store).basics().start();
    let refused = configured.post("/v1/webhook-secret/rotate", &json!({})).expect(409).problem();
    assert!(refused["detail"].as_str().unwrap().contains("callbacks.previous_secret"), "{refused}");
    assert_eq!(keys(&configured, "rotate-secret").code, Some(1));
}

fn a_node_without_the_key_does_not_start_and_a_changed_key_opens_what_was_sealed_before(store: Store) {
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(503).header("retry-after", "2"), Answer::ok()]);
    let builder = || own_secret(Server::on(store)).basics();
    let mut server = builder().start();
    let secret = shown_secret(&server);
    let key_file = key_file(&server);
    assert_eq!(std::fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    let own = planted_secret("own");
    server.start("echo", &json!({"callback": {"url": receiver.url("/hook"), "secret": own}}));
    receiver.wait_for("/hook", 1);
    server.kill9();

    let database = server.database().to_owned();
    let with_key = |key: &str| builder().database(&database).env("RINGBACK_ENCRYPTION_KEY", key);
    let said = with_key(&"07".repeat(32)).refuses_to_start();
    assert!(said.contains("RINGBACK_ENCRYPTION_KEY") && said.contains(key_file.to_str().unwrap()), "{said}");

    let text = std::fs::read_to_string(&key_file).unwrap();
    let former = text.lines().find(|line| !line.starts_with('#')).unwrap();
    let changed = with_key(&"08".repeat(32)).env("RINGBACK_STORE_DECRYPTION_KEYS", former).start();
    assert!(receiver.wait_for("/hook", 2)[1].is_signed_with(&own), "what was sealed before is opened");
    message_to(&changed, &receiver, "/later").assert_signed_with(&secret);
    drop(changed);
    // The server's own keys moved under the new key at that start.
    message_to(&with_key(&"08".repeat(32)).start(), &receiver, "/latest").assert_signed_with(&secret);
}

fn key_file(server: &Server) -> std::path::PathBuf {
    match server.database().strip_prefix("sqlite://") {
        Some(path) => format!("{path}.key").into(),
        None => {
            let (authority, name) = server.database().rsplit_once('/').unwrap();
            let place = authority.rsplit_once('@').unwrap().1.replace(':', "-");
            std::path::Path::new(&crate::helpers::state_folder()).join("ringback").join(format!("{place}-{name}.key"))
        }
    }
}

fn public_keys_prove_messages_without_a_secret(store: Store) {
    let server =
        own_secret(Server::on(store)).basics().env("RINGBACK_CALLBACKS_SIGN_V1A", "true").env("RINGBACK_API_KEY", "k").start();
    let receiver = Receiver::start();
    let authorised = |method: &str, path: &str| server.call(method, path).header("authorization", "Bearer k");
    let document = || Call::new("GET", server.url("/.well-known/ringback/webhook-keys.json")).send().expect(200).json();
    let message = |path: &str| {
        let body = json!({"async": true, "callback_url": receiver.url(path)});
        authorised("POST", "/api/echo").json(&body).send().expect(202);
        receiver.wait_for(path, 1).remove(0)
    };
    let before = document()["keys"].as_array().unwrap().clone();
    assert_eq!(before.len(), 1);
    assert!(proved_by(&message("/before"), &before[0]));

    authorised("POST", "/v1/webhook-secret/rotate").json(&json!({})).send().expect(200);
    let after = document()["keys"].as_array().unwrap().clone();
    assert_eq!((after.len(), &after[1]["public_key"]), (2, &before[0]["public_key"]));
    assert!(after[0]["signs_until"].is_null() && after[1]["signs_until"].is_string());
    let both = message("/after");
    assert!(proved_by(&both, &after[0]) && proved_by(&both, &after[1]));
    assert_eq!(both.header("webhook-signature").unwrap().split(' ').count(), 4);

    let off = Server::on(store).basics().start();
    assert_eq!(off.get("/.well-known/ringback/webhook-keys.json").expect(200).json(), json!({"keys": []}));
}

fn proved_by(message: &Request, key: &Value) -> bool {
    let public = BASE64_STANDARD.decode(key["public_key"].as_str().unwrap().strip_prefix("whpk_").unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, public);
    let content =
        [format!("{}.{}.", message.webhook_id(), message.header("webhook-timestamp").unwrap()).as_bytes(), &message.body]
            .concat();
    let mut signatures = message.header("webhook-signature").unwrap().split(' ').filter_map(|one| one.strip_prefix("v1a,"));
    signatures.any(|signature| key.verify(&content, &BASE64_STANDARD.decode(signature).unwrap()).is_ok())
}

fn receivers_that_know_no_signatures_get_what_they_check(store: Store) {
    let server = Server::on(store).basics().start();
    let receiver = Receiver::start();
    let heard = |path: &str, auth: Value| {
        server.start("echo", &json!({"callback": {"url": receiver.url(path), "auth": auth}}));
        receiver.wait_for(path, 1).remove(0)
    };
    let header = heard("/header", json!({"type": "header", "name": "X-Key", "value": "v"}));
    assert_eq!(header.header("x-key"), Some("v"));
    let basic = heard("/basic", json!({"type": "basic", "username": "ada", "password": "p:w"}));
    assert_eq!(basic.header("authorization"), Some(&*format!("Basic {}", BASE64_STANDARD.encode("ada:p:w"))));
    assert_eq!(heard("/bearer", json!({"type": "bearer", "token": "t"})).header("authorization"), Some("Bearer t"));

    let url = "/jwt?token=a%20b";
    server.start("echo", &json!({"callback": {"url": receiver.url(url), "auth": {"type": "jwt", "secret": "phrase"}}}));
    let message = receiver.wait_for("/jwt", 1).remove(0);
    let token = message.header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
    let claims = verified_token(token, b"phrase");
    let (timestamp, digest) = (message.header("webhook-timestamp").unwrap().parse::<i64>().unwrap(), sha256(&message.body));
    assert_eq!((&claims["sub"], &claims["jti"]), (&json!(receiver.url(url)), &json!(message.webhook_id())));
    assert_eq!((&claims["exp"], &claims["body_sha256"]), (&json!(timestamp + 300), &json!(digest)));

    for auth in [json!({"type": "magic"}), json!({"type": "jwt"}), json!({"type": "jwt", "secret": "s".repeat(2000)}), json!("t")]
    {
        let body = json!({"async": true, "callback": {"url": receiver.url("/odd"), "auth": auth}});
        server.post("/api/echo", &body).expect(422).problem();
    }
}

/// The claims of a token, computed here and not by the product.
fn verified_token(token: &str, phrase: &[u8]) -> Value {
    use hmac::{Hmac, KeyInit, Mac};
    let (content, signature) = token.rsplit_once('.').unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(phrase).unwrap();
    mac.update(content.as_bytes());
    mac.verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let (head, claims) = content.split_once('.').unwrap();
    let read = |part: &str| serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(head), json!({"alg": "HS256", "typ": "JWT"}));
    read(claims)
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}
