//! A receiver that is away for an hour, and what becomes of the messages that it is owed.
//! Never waits for the hour: the clock is moved.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::helpers::{Answer, MovedServer, Receiver, Store, both_stores, eventually, items, millis, pause, seconds};

both_stores!(a_receiver_that_is_away_for_an_hour_gets_everything_when_it_is_back);

const FREE: usize = 40;
const ORDERED: usize = 6;
const KEYS: [&str; 3] = ["a", "b", "c"];

fn a_receiver_that_is_away_for_an_hour_gets_everything_when_it_is_back(store: Store) {
    let server = MovedServer::start(store);
    let away = Receiver::start();
    let (hook, port) = (away.url("/hook"), away.port());
    drop(away);
    for n in 0..FREE {
        server.start_function("echo", &json!({"n": n, "callback_url": hook}));
    }
    for n in 0..ORDERED {
        for key in KEYS {
            server.clock.advance_ms(2);
            let callback = json!({"url": hook, "order_key": key});
            let id = server.start_function("echo", &json!({"n": n, "key": key, "callback": callback}));
            eventually("its end", seconds(20), || {
                (server.get(&format!("/api/async-status/{id}")).json()["status"] == "completed").then_some(())
            });
        }
    }
    let total = FREE + ORDERED * KEYS.len();
    // An hour passes, a minute at a time.
    for _ in 0..60 {
        server.clock.advance_ms(60_000);
        pause(millis(150));
    }
    let lanes = items(&server.get("/v1/destinations").expect(200).json());
    assert_ne!(lanes[0]["breaker"], "closed", "{lanes:?}");
    assert_eq!(lanes[0]["waiting"].as_u64().unwrap() + lanes[0]["in_flight"].as_u64().unwrap(), total as u64, "{lanes:?}");

    let back = Receiver::start_on(port);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let seen = (Arc::clone(&now), Arc::clone(&most));
    back.answers_held("/hook", move |entering| {
        if entering {
            let together = seen.0.fetch_add(1, Ordering::SeqCst) + 1;
            seen.1.lock().unwrap().push(together);
        } else {
            seen.0.fetch_sub(1, Ordering::SeqCst);
        }
        Answer::ok().after(millis(60))
    });
    for _ in 0..400 {
        if back.count() >= total {
            break;
        }
        server.clock.advance_ms(30_000);
        pause(millis(120));
    }
    let heard = back.wait_for("/hook", total);

    let mut ids: Vec<String> = heard.iter().map(crate::helpers::Request::webhook_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((heard.len(), ids.len()), (total, total), "every message arrives, once");
    let mut of_key: HashMap<String, Vec<u64>> = HashMap::new();
    for request in &heard {
        let echo = request.json()["output"]["echo"].clone();
        if let Some(key) = echo["key"].as_str() {
            of_key.entry(key.to_owned()).or_default().push(echo["n"].as_u64().unwrap());
        }
    }
    for key in KEYS {
        assert_eq!(of_key[key], (0..ORDERED as u64).collect::<Vec<_>>(), "in order within {key}");
    }
    // One at a time while it is tried, then one, two, five, ten.
    let together = most.lock().unwrap().clone();
    assert!(together[..4].iter().all(|count| *count == 1), "{together:?}");
    assert!(together[4..6].iter().all(|count| *count <= 2) && together[..11].iter().all(|count| *count <= 5), "{together:?}");
    assert!(together[..21].iter().all(|count| *count <= 10), "{together:?}");
    eventually("that nothing is owed any more", seconds(20), || {
        let lanes = items(&server.get("/v1/destinations").expect(200).json());
        (lanes[0]["waiting"] == 0 && lanes[0]["in_flight"] == 0).then_some(())
    });
}
