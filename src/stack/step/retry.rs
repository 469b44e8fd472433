//! A step's own `retry_policy`.
//! Never decides whether something is retried.

use super::StepReader;
use crate::domain::function::ConfigPatch;
use crate::stack::document::read_config_patch;

/// The step's `retry_policy`, if it has one.
pub fn read_retry(reader: &mut StepReader<'_>) -> Option<ConfigPatch> {
    let member = reader.find(&["retry_policy", "retry"])?;
    Some(read_config_patch(&member.value, reader.findings))
}
