//! The stories' own tools, tried on themselves.
//! Never needs the product.

use serde_json::json;

use crate::helpers::{Answer, Call, Folder, Guide, Receiver, eventually, fill, millis, node, objects_under, seconds};

#[test]
fn a_receiver_answers_in_turn_and_keeps_what_it_heard() {
    let receiver = Receiver::start();
    receiver.answers("/hook", [Answer::status(500), Answer::json(&json!({"fine": true}))]);
    let call = || Call::new("POST", receiver.url("/hook?token=a")).json(&json!({"n": 1}));
    call().send().expect(500);
    assert_eq!(call().send().expect(200).json(), json!({"fine": true}));
    assert_eq!(call().send().expect(200).json(), json!({"fine": true}));
    let heard = receiver.wait_for("/hook", 3);
    assert_eq!((heard[0].method.as_str(), heard[0].query.as_str()), ("POST", "token=a"));
    assert_eq!(heard[2].json(), json!({"n": 1}));
}

#[test]
fn a_receiver_sees_when_its_caller_leaves() {
    let receiver = Receiver::start();
    receiver.answers("/slow", [Answer::never()]);
    Call::new("GET", receiver.url("/slow")).within(millis(200)).try_send().unwrap_err();
    let heard = receiver.wait_for("/slow", 1).remove(0);
    let left = eventually("the caller's leaving", seconds(2), || heard.left_at());
    assert!(left - heard.at < millis(1500));
}

#[test]
fn a_signature_is_checked_against_the_published_vector() {
    let receiver = Receiver::start();
    Call::new("POST", receiver.url("/hook"))
        .header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
        .header("webhook-timestamp", "1614265330")
        .header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        .bytes(r#"{"test": 2432232314}"#)
        .send();
    let heard = receiver.wait_for("/hook", 1).remove(0);
    assert!(heard.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assert!(!heard.is_signed_with(crate::helpers::SECRET));
}

#[test]
fn a_private_cluster_hands_out_fresh_databases() {
    let first = crate::helpers::fresh_database();
    let second = crate::helpers::fresh_database();
    assert_ne!(first, second);
}

#[test]
fn javascript_runs_in_node() {
    let folder = Folder::new("node");
    assert_eq!(node(&folder, "console.log(process.argv[2] + typeof fetch)", &["a "]).trim(), "a function");
}

#[test]
fn a_tools_request_is_read_out_of_its_template() {
    let text = r#"x "body": {"a": "{{ $json.id }}", "b": ["{{ $json.id }}"], "c": true} y "body": {"d": 1}"#;
    let bodies = objects_under(text, "body");
    assert_eq!(bodies.len(), 2);
    assert_eq!(fill(&bodies[0], &json!({"id": 7})), json!({"a": 7, "b": [7], "c": true}));
}

#[test]
fn every_block_that_a_story_needs_is_found() {
    let guide = Guide::open();
    for title in [
        "**Fire-and-Forget Pattern:**",
        "**Poll-and-Wait Pattern:**",
        "**Async Operation Component:**",
        "**Custom Function with Async Execution:**",
        "**API Endpoint with Async Custom Function:**",
        "**Retrieving Async Function Results:**",
        "**Execution Patterns:**",
        "**Memory and CPU Optimization:**",
        "**Async Function Error Management:**",
        "**Async Operation Monitoring:**",
    ] {
        let block = guide.block(title, "{\n\"own\": true\n}\n");
        assert!(block.lines().count() > 2 && !block.contains("```"), "{title}: {block}");
    }
}
