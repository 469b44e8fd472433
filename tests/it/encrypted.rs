//! Stories about the server behind TLS: https only, certificates that change under open connections, files that do not hold.
//! Never trusts a certificate that the story did not make.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Certificate, Client};
use serde_json::{Value, json};

use crate::helpers::{Call, Server, ServerBuilder, Store, both_stores, eventually, ringback, runtime, seconds};

both_stores!(everything_is_said_over_https_and_plain_http_is_told_so);

/// Makes a certificate for 127.0.0.1 and its key, and writes both into the server's folder.
fn certify(folder: &crate::helpers::Folder, days: u64) -> String {
    let mut parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = parameters.not_before + Duration::from_secs(days * 86_400);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap().pem();
    folder.write("tls/key.pem", key.serialize_pem());
    folder.write("tls/certificate.pem", &certificate);
    certificate
}

/// Two decades or so.
const LONG: u64 = 10_000;

fn behind_tls(builder: ServerBuilder) -> ServerBuilder {
    let path = |name: &str| builder.folder().path().join("tls").join(name).display().to_string();
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    builder.env("RINGBACK_SERVER_TLS_CERTIFICATE_FILE", certificate).env("RINGBACK_SERVER_TLS_KEY_FILE", key)
}

/// A caller who trusts this certificate and nothing else.
fn caller(certificate: &str) -> Client {
    #[expect(clippy::disallowed_methods, reason = "stories are callers from outside, not the product")]
    let builder = Client::builder();
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder.no_proxy().tls_certs_only([Certificate::from_pem(certificate.as_bytes()).unwrap()]).build().unwrap()
}

fn get(caller: &Client, url: String) -> Result<Value, reqwest::Error> {
    runtime().block_on(async { caller.get(url).timeout(seconds(20)).send().await?.json().await })
}

fn everything_is_said_over_https_and_plain_http_is_told_so(store: Store) {
    let builder = Server::on(store).basics();
    let certificate = certify(builder.folder(), LONG);
    let server = behind_tls(builder).start();
    assert!(server.url("").starts_with("https://127.0.0.1:"), "{}", server.first_line());

    let caller = caller(&certificate);
    let started = runtime().block_on(async {
        let call = caller.post(server.url("/api/echo")).json(&json!({"name": "Ann", "async": true}));
        call.send().await.unwrap().json::<Value>().await.unwrap()
    });
    assert!(started["status_url"].as_str().unwrap().starts_with(&server.url("/api/async-status/")), "{started}");

    let plain = server.url("").replace("https://", "http://");
    let refused = Call::new("POST", format!("{plain}/api/echo")).json(&json!({"name": "Ann"})).send().expect(400);
    let problem = refused.problem();
    assert_eq!(problem["code"], "ERROR_CODE_HTTPS_ONLY");
    assert!(problem["detail"].as_str().unwrap().contains(&server.url("")), "{problem}");

    // Who says nothing, or nonsense, keeps nobody from being served.
    let address = plain.trim_start_matches("http://").to_owned();
    let _silent = std::net::TcpStream::connect(&address).unwrap();
    std::io::Write::write_all(&mut std::net::TcpStream::connect(&address).unwrap(), &[0, 1, 2, 3]).unwrap();
    assert_eq!(get(&caller, server.url("/healthz")).unwrap()["status"], "ok");

    let doctor = |word: &str| {
        let files =
            ["certificate.pem", "key.pem"].map(|name| server.folder().path().join("tls").join(name).display().to_string());
        ringback(server.folder().path(), ["doctor", word])
            .env("RINGBACK_SERVER_TLS_CERTIFICATE_FILE", &files[0])
            .env("RINGBACK_SERVER_TLS_KEY_FILE", &files[1])
            .env("RINGBACK_LISTEN", &address)
            .env("RINGBACK_DATABASE", server.database())
            .finish()
    };
    doctor("--healthy").expect(0);
    let looks = doctor("--json").expect(0).json();
    let found = |what: &str| looks.as_array().unwrap().iter().find(|look| look["what"] == what).cloned().unwrap();
    assert_eq!((&found("certificate")["grade"], &found("server")["grade"]), (&json!("good"), &json!("good")), "{looks}");
}

#[test]
fn a_certificate_is_read_again_while_connections_stay_open() {
    let builder = Server::on(Store::Sqlite).basics();
    let first = certify(builder.folder(), LONG);
    let server = behind_tls(builder).start();
    let healthz = || server.url("/healthz");
    let early = caller(&first);
    get(&early, healthz()).unwrap();

    let second = certify(server.folder(), LONG - 1);
    server.signal("-HUP");
    let late = eventually("the second certificate", seconds(10), || {
        let late = caller(&second);
        get(&late, healthz()).ok().map(|_| late)
    });
    get(&early, healthz()).expect("the connection that was open still is: a new one would meet the other certificate");
    get(&caller(&first), healthz()).expect_err("who trusts the first one only is refused by now");

    // Without a signal, too; and files that do not hold change nothing.
    server.folder().write("tls/key.pem", "no key");
    eventually("word of the broken key", seconds(20), || server.stderr().contains("the one of before stays").then_some(()));
    get(&caller(&second), healthz()).unwrap();
    let third = certify(server.folder(), LONG - 2);
    eventually("the third certificate", seconds(20), || get(&caller(&third), healthz()).ok());
    get(&early, healthz()).unwrap();
    get(&late, healthz()).unwrap();
}

#[test]
fn files_that_do_not_hold_are_refused_by_name_and_an_ended_certificate_is_warned_of() {
    let missing = behind_tls(Server::on(Store::Sqlite)).refuses_to_start();
    assert!(missing.contains("server.tls_certificate_file") && missing.contains("certificate.pem"), "{missing}");

    let builder = Server::on(Store::Sqlite);
    certify(builder.folder(), LONG);
    let stranger = rcgen::KeyPair::generate().unwrap().serialize_pem();
    builder.folder().write("tls/key.pem", stranger);
    let mismatch = behind_tls(builder).refuses_to_start();
    assert!(mismatch.contains("does not belong to the certificate"), "{mismatch}");

    let alone = Server::on(Store::Sqlite).env("RINGBACK_SERVER_TLS_KEY_FILE", "key.pem").refuses_to_start();
    assert!(alone.contains("server.tls_certificate_file") && alone.contains("set both"), "{alone}");

    let builder = Server::on(Store::Sqlite);
    certify(builder.folder(), 1);
    let server = behind_tls(builder).start();
    eventually("the warning", seconds(5), || server.stderr().contains("the certificate has ended").then_some(()));
    let path = |name: &str| PathBuf::from(server.folder().path()).join("tls").join(name).display().to_string();
    let looks = ringback(server.folder().path(), ["doctor", "--json"])
        .env("RINGBACK_SERVER_TLS_CERTIFICATE_FILE", &path("certificate.pem"))
        .env("RINGBACK_SERVER_TLS_KEY_FILE", &path("key.pem"))
        .finish()
        .expect(1)
        .json();
    let bad = looks.as_array().unwrap().iter().find(|look| look["what"] == "certificate").unwrap();
    assert!(bad["grade"] == "bad" && bad["found"].as_str().unwrap().contains("ended at 2020-01-02"), "{bad}");
}
