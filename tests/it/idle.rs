//! A node without load leaves its database alone.
//! Never counts by hand: the store counts every statement that it sends, transactions' begin and end included.

use std::time::Instant;

use serde_json::json;

use crate::helpers::{Moved, Store, both_stores, pause, seconds};

both_stores!(a_node_without_load_sends_at_most_sixty_statements_a_minute);

/// The clock moves with the real one, so the monitor and the retention come round as they do in production.
fn a_node_without_load_sends_at_most_sixty_statements_a_minute(store: Store) {
    let server = Moved::on(store).workflow("echo.json", json!([{"function": "return_response", "body": {}}])).start();
    server.post("/api/echo", &json!({})).expect(200);
    pause(seconds(3));
    let before = server.statements();
    let of_a_call = {
        server.post("/api/echo", &json!({})).expect(200);
        server.statements() - before
    };
    assert!(of_a_call >= 2, "the store counts: {of_a_call}");
    let (before, begun) = (server.statements(), Instant::now());
    for _ in 0..60 {
        pause(seconds(1));
        server.advance_ms(1000);
    }
    let sent = server.statements() - before;
    assert!(sent >= 20, "it looks now and then: {sent}");
    // On a machine that is busy with other things, sixty pauses take longer than a minute.
    let elapsed_s = begun.elapsed().as_secs().max(60);
    assert!(sent <= elapsed_s, "{sent} statements in {elapsed_s} s without load");
}
