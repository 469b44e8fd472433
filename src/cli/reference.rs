//! `ringback reference`: the tables of steps, filters, settings and error codes of this build.
//! Never needs a server.

use super::error::CommandError;
use super::output::Output;
use crate::app::reference::markdown;

pub fn run(output: &mut Output) -> Result<u8, CommandError> {
    // The page ends with a line break of its own.
    output.line(markdown().trim_end())?;
    Ok(0)
}
