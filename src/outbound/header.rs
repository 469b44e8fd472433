//! Whether a header could be sent at all.
//! Never shows a value.

use reqwest::header::{HeaderName, HeaderValue};

/// What of a header cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderFault {
    Name,
    Value,
}

/// Whether this name and value make a header.
///
/// # Errors
/// Which of both does not.
pub fn check_header(name: &str, value: &str) -> Result<(), HeaderFault> {
    read_header(name, value).map(|_| ())
}

pub(super) fn read_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HeaderFault> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderFault::Name)?;
    Ok((name, HeaderValue::from_str(value).map_err(|_| HeaderFault::Value)?))
}
