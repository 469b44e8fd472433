//! The process in which a server runs the programs of others; no command for people.
//! Never reads a setting or the environment.

use super::error::CommandError;
use crate::sandbox::worker;

pub fn run() -> Result<u8, CommandError> {
    worker::run()?;
    Ok(0)
}
