//! Our messages, held against the verifiers that the standard's authors publish.
//! Never computes a signature: what counts is what others make of it.

use serde_json::json;

use crate::helpers::{Receiver, Request, SECRET, Server, Store, both_stores, verifiers};

both_stores!(the_published_verifiers_take_what_arrives_and_refuse_it_with_one_byte_changed);

fn the_published_verifiers_take_what_arrives_and_refuse_it_with_one_byte_changed(store: Store) {
    let Some(verifiers) = verifiers() else { return };
    let previous = "whsec_cHJldmlvdXMtc2VjcmV0LW9mLXRoZS1zdG9yaWVzLTEy";
    let own = "whsec_b3duLXNlY3JldC1vZi10aGUtY2FsbGVyLTEyMw==";
    let server = Server::on(store)
        .basics()
        .env("RINGBACK_CALLBACKS_PREVIOUS_SECRET", previous)
        .env("RINGBACK_CALLBACKS_SIGN_V1A", "true")
        .start();
    let receiver = Receiver::start();
    server.start("echo", &json!({"text": "zażółć \u{1F600} \"quoted\" \\ \n", "callback_url": receiver.url("/completed")}));
    server.start("fail", &json!({"callback_url": receiver.url("/failed")}));
    server.start("echo", &json!({"text": "y".repeat(200_000), "callback": {"url": receiver.url("/own"), "secret": own}}));
    let heard = |path: &str| receiver.wait_for(path, 1).remove(0);
    let (completed, failed, with_own) = (heard("/completed"), heard("/failed"), heard("/own"));

    let taken = [
        (SECRET.to_owned(), completed.clone()),
        (previous.to_owned(), completed.clone()),
        (SECRET.to_owned(), failed),
        (own.to_owned(), with_own.clone()),
    ];
    assert_eq!(verifiers.verdicts(&taken), vec![(true, true); taken.len()]);

    let mut refused = vec![(own.to_owned(), completed.clone()), (SECRET.to_owned(), with_own)];
    let last = completed.body.len() - 1;
    for at in [0, 1, last / 3, last / 2, last] {
        let mut changed = completed.clone();
        changed.body[at] = if changed.body[at] == b'x' { b'z' } else { b'x' };
        refused.push((SECRET.to_owned(), changed));
    }
    for header in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        refused.push((SECRET.to_owned(), with_one_byte_changed(&completed, header)));
    }
    for (n, verdict) in verifiers.verdicts(&refused).into_iter().enumerate() {
        assert_eq!(verdict, (false, false), "number {n} of what was changed is taken");
    }
}

/// The last byte of the header; of signatures, one in the midst of each.
fn with_one_byte_changed(request: &Request, header: &str) -> Request {
    let mut changed = request.clone();
    let (_, value) = changed.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(header)).unwrap();
    let other = |c: char| if c == '1' { '2' } else { '1' };
    let change =
        |text: &str, at: usize| -> String { text.chars().enumerate().map(|(n, c)| if n == at { other(c) } else { c }).collect() };
    *value = match header {
        "webhook-signature" => value.split(' ').map(|one| change(one, 20)).collect::<Vec<_>>().join(" "),
        _ => change(value, value.len() - 1),
    };
    changed
}
