//! What drives the connections of a thread: tokio-postgres is asynchronous, and the store's threads are not.
//! Never drives what belongs to another thread.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use diesel_async::async_connection_wrapper::BlockOn;
use tokio::runtime::{Builder, Handle, Runtime};

/// What drives connections: the runtime that their thread belongs to, or one that all connections of the thread share.
pub enum Driver {
    Around(Handle),
    Own(Arc<Runtime>),
}

thread_local! {
    static OWN: RefCell<Weak<Runtime>> = const { RefCell::new(Weak::new()) };
}

impl BlockOn for Driver {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Around(handle) => handle.block_on(future),
            Self::Own(runtime) => runtime.block_on(future),
        }
    }

    fn get_runtime() -> Self {
        if let Ok(handle) = Handle::try_current() {
            return Self::Around(handle);
        }
        OWN.with_borrow_mut(|own| {
            Self::Own(own.upgrade().unwrap_or_else(|| {
                let runtime = Builder::new_current_thread().enable_io().build().expect("a thread can have a runtime");
                let runtime = Arc::new(runtime);
                *own = Arc::downgrade(&runtime);
                runtime
            }))
        })
    }
}
