//! `ringback schema`: the JSON Schema of a function's file, to point an editor at.
//! Never needs a server.

use super::error::CommandError;
use super::output::Output;
use crate::stack::schema::function_schema;

/// A name of its own; a server serves it under its own address.
const ID: &str = "urn:ringback:function";

pub fn run(output: &mut Output) -> Result<u8, CommandError> {
    output.value(&function_schema(ID))?;
    Ok(0)
}
