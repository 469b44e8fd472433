//! The kinds of step, one file each: how it is read from a file and what it asks of the world.
//! Never performs anything itself.

use std::fmt::Debug;

/// A kind of step with its parameters.
pub trait StepKind: Debug + Send + Sync {
    /// The canonical name, `external_api_request`.
    fn name(&self) -> &'static str;
}
