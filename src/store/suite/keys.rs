//! Stories of keys and of what was managed with them.
//! Never looks behind the traits.

use super::*;
use crate::domain::access_key::{AccessKey, FunctionPattern, KeyRate, Scopes, digest};
use crate::domain::audit::AuditEntry;

on_postgres! {
    a_key_is_kept_whole_and_its_name_is_never_used_again,
    a_revoked_key_keeps_the_time_of_its_end,
    the_audit_is_read_in_pages_from_the_newest,
}

fn key(name: &str, secret: &str) -> AccessKey {
    AccessKey {
        name: name.to_owned(),
        hint: "rbk_abcd".to_owned(),
        digest: digest(secret),
        scopes: Scopes::parse("invoke,read").unwrap(),
        functions: vec![FunctionPattern::parse("orders/*").unwrap(), FunctionPattern::parse("pay").unwrap()],
        expires_at: Some(after(5000)),
        rate: Some(KeyRate { limit: 7, per_ms: 1000 }),
        created_at: NOW,
        created_by: Some("ops".to_owned()),
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_key_is_kept_whole_and_its_name_is_never_used_again() {
    let bench = Bench::open().await;
    let plain = AccessKey { functions: Vec::new(), expires_at: None, rate: None, created_by: None, ..key("b", "two") };
    assert!(bench.store.write.add_key(key("a", "one")).await.unwrap());
    assert!(bench.store.write.add_key(plain.clone()).await.unwrap());
    assert!(!bench.store.write.add_key(key("a", "three")).await.unwrap(), "the name is taken");
    assert_eq!(bench.store.read.keys().await.unwrap(), [key("a", "one"), plain]);
    bench.store.write.revoke_key("a", NOW).await.unwrap();
    assert!(!bench.store.write.add_key(key("a", "four")).await.unwrap(), "executions remember the name");
}

#[tokio::test]
async fn a_revoked_key_keeps_the_time_of_its_end() {
    let bench = Bench::open().await;
    bench.store.write.add_key(key("a", "one")).await.unwrap();
    for ms in [1, 2] {
        assert!(bench.store.write.revoke_key("a", after(ms)).await.unwrap());
    }
    assert_eq!(bench.store.read.keys().await.unwrap()[0].revoked_at, Some(after(1)));
    assert!(!bench.store.write.revoke_key("nobody", NOW).await.unwrap());
}

#[tokio::test]
async fn the_audit_is_read_in_pages_from_the_newest() {
    let bench = Bench::open().await;
    let entry = |path: &str| AuditEntry {
        at: NOW,
        caller: Some("ops".to_owned()).filter(|_| path != "/c"),
        method: "POST".to_owned(),
        path: path.to_owned(),
        status: 201,
        ip: Some("127.0.0.1".to_owned()),
    };
    for path in ["/a", "/b", "/c"] {
        bench.store.write.note_audit(entry(path)).await.unwrap();
    }
    let first = bench.store.read.audit(None, 2).await.unwrap();
    assert_eq!(first.iter().map(|line| line.entry.clone()).collect::<Vec<_>>(), [entry("/c"), entry("/b")]);
    let rest = bench.store.read.audit(Some(first[1].id), 2).await.unwrap();
    assert_eq!(rest.into_iter().map(|line| line.entry).collect::<Vec<_>>(), [entry("/a")]);
}
