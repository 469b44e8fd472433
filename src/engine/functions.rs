//! The functions that can be started, and every version that an execution may still run on.
//! Never changes a version once an execution may hold it.

use std::sync::Arc;

use crate::domain::function::FunctionName;
use crate::stack::program::FunctionDefinition;

/// The current functions of this node. Cheap to clone; replaced as a whole.
#[derive(Clone, Default)]
pub struct Functions(());

impl Functions {
    pub fn current(&self, name: &FunctionName) -> Option<Arc<FunctionDefinition>> {
        let _ = name;
        unimplemented!("owned by the engine")
    }

    /// Names near to what was asked for.
    pub fn near(&self, asked: &str) -> Vec<FunctionName> {
        let _ = asked;
        unimplemented!("owned by the engine")
    }

    pub fn all(&self) -> Vec<Arc<FunctionDefinition>> {
        unimplemented!("owned by the engine")
    }
}
