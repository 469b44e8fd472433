//! The language: from a file's text to functions, from expressions to values, and the machine that runs a stack.
//! Never does I/O beyond reading a folder of files, never asks a clock, never awaits.

pub mod document;
pub mod expression;
pub mod finding;
pub mod machine;
pub mod program;
pub mod reference;
pub mod schema;
pub mod step;
