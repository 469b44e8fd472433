//! What the stories are told with: the real server, private databases, receivers, a plain HTTP client.
//! Never reaches into the product's memory or its tables; what a story needs to know it asks over HTTP.

mod binary;
mod browser;
mod client;
mod clocked;
mod contract;
mod faults;
mod guard;
mod guide;
mod hold_up;
mod inside;
mod moved;
mod node;
mod postgres;
mod proxy;
mod receiver;
mod server;
pub mod stacks;
mod stream;
mod verifiers;
mod workspace;

pub use binary::{Finished, clean_command, ringback, run_to_end};
pub use browser::Browser;
pub use client::{Call, Reply};
pub use clocked::Moved;
pub use contract::contract;
pub use faults::{Disk, Faults};
pub use guide::{Guide, fill, objects_under};
pub use hold_up::hold_up;
pub use inside::{Inside, Node};
pub use moved::MovedServer;
pub use node::node;
pub use postgres::{Cluster, deadlocks, fresh_database};
pub use proxy::{Deed, Proxy};
pub use receiver::{Answer, Receiver, Request};
pub use server::{SECRET, Server, ServerBuilder, Store};
pub use stream::{Event, EventStream};
pub use verifiers::verifiers;
pub use workspace::{Folder, state_folder};

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The runtime on which receivers and clients live; stories themselves are plain blocking code.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

/// Lets time pass; for silence that is to be shown, not for waiting until something happens.
pub fn pause(duration: Duration) {
    runtime().block_on(async { tokio::time::sleep(duration).await });
}

pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Looks until there is something to see; a story that waits longer than `within` fails and says for what.
#[track_caller]
pub fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + within;
    let mut gap = millis(5);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "this did not come about within {within:?}: {what}");
        pause(gap);
        gap = (gap * 2).min(millis(150));
    }
}

/// The names of an object's fields, in order.
#[track_caller]
pub fn field_names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("not an object: {value}")).keys().map(String::as_str).collect()
}

/// The items of a list, whether it stands bare or on a page.
#[track_caller]
pub fn items(list: &Value) -> Vec<Value> {
    list.as_array().or_else(|| list["items"].as_array()).unwrap_or_else(|| panic!("not a list: {list}")).clone()
}

/// An id as the product writes it.
#[track_caller]
pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// Makes two tests of each story: one on SQLite, one on a private PostgreSQL.
macro_rules! both_stores {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[test]
            fn on_sqlite() {
                super::$story(crate::helpers::Store::Sqlite);
            }

            #[test]
            fn on_postgres() {
                super::$story(crate::helpers::Store::Postgres);
            }
        }
    )+};
}
pub(crate) use both_stores;
