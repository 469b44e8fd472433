//! Whether programs read, without running a line of them.
//! Never needs a process of its own: nothing but a parser looks at the text.

use super::task::Raised;
use super::{script, template};

/// What of a script is to be said when its file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// Its value is null, since it neither is an expression nor returns one.
    pub returns_nothing: bool,
}

/// # Errors
/// The first thing that does not read, with its line.
pub fn script(code: &str) -> Result<Script, Box<Raised>> {
    script::check(code)
}

/// The names that a template sees.
///
/// # Errors
/// The first thing that does not read, with its line.
pub fn template(text: &str) -> Result<Vec<String>, Box<Raised>> {
    template::check(text)
}
