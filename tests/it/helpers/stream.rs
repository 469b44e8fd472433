//! A reader of server-sent events, as a browser reads them.
//! Never comes again by itself: a story says when, and with which mark.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;

use super::{client::client, eventually, runtime, seconds};

/// One event as it arrived.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

#[derive(Debug, Default)]
struct Heard {
    events: Vec<Event>,
    ended: bool,
}

/// An open stream; it is closed by being dropped.
pub struct EventStream {
    heard: Arc<Mutex<Heard>>,
    reading: JoinHandle<()>,
    pub status: u16,
}

impl EventStream {
    #[track_caller]
    pub fn open(url: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = client().get(url).timeout(seconds(120));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = runtime().block_on(async { request.send().await }).unwrap();
        let (heard, status) = (Arc::new(Mutex::new(Heard::default())), response.status().as_u16());
        let told = Arc::clone(&heard);
        let reading = runtime().spawn(async move {
            let mut rest = String::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                rest.push_str(std::str::from_utf8(&chunk).unwrap());
                while let Some((block, after)) = rest.split_once("\n\n") {
                    told.lock().unwrap().events.extend(event(block));
                    rest = after.to_owned();
                }
            }
            told.lock().unwrap().ended = true;
        });
        Self { heard, reading, status }
    }

    pub fn events(&self) -> Vec<Event> {
        self.heard.lock().unwrap().events.clone()
    }

    /// The first event of this name for which `holds`.
    #[track_caller]
    pub fn wait_for(&self, name: &str, within: Duration, holds: impl Fn(&Value) -> bool) -> Event {
        eventually(&format!("an event \"{name}\""), within, || {
            self.events().into_iter().find(|event| event.name == name && holds(&event.data))
        })
    }

    /// All events, once the server has closed the stream.
    #[track_caller]
    pub fn to_end(&self) -> Vec<Event> {
        eventually("the end of the stream", seconds(60), || self.heard.lock().unwrap().ended.then_some(()));
        self.events()
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let data = field("data: ")?;
    Some(Event { id: field("id: ")?, name: field("event: ")?, data: serde_json::from_str(&data).unwrap() })
}
