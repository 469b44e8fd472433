//! A root of a stack's expressions that is made when it is first read: most stacks read few of them.
//! Never made twice.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::domain::value::Value;

type Make = Box<dyn FnOnce() -> Value + Send>;

/// Cheap to clone; all clones share the value.
#[derive(Clone)]
pub struct Root(Arc<LazyLock<Value, Make>>);

impl Root {
    pub fn made_by(make: impl FnOnce() -> Value + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }

    pub fn value(&self) -> Value {
        Value::clone(&self.0)
    }
}

impl From<Value> for Root {
    fn from(value: Value) -> Self {
        Self::made_by(move || value)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn it_is_made_once_and_only_if_somebody_reads_it() {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let root = Root::made_by(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Value::Int(7)
        });
        assert_eq!(made.load(Ordering::Relaxed), 0);
        assert_eq!((root.clone().value(), root.value()), (Value::Int(7), Value::Int(7)));
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
