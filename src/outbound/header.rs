//! Whether a header could be sent at all.
//! Never shows a value.

use std::borrow::Cow;

use reqwest::header::{HeaderName, HeaderValue};

/// The name of a header: one of ours, in lower case, or one that somebody gave.
pub type Name = Cow<'static, str>;

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
    read_header(&Cow::Owned(name.to_owned()), value).map(|_| ())
}

pub(super) fn read_header(name: &Name, value: &str) -> Result<(HeaderName, HeaderValue), HeaderFault> {
    let name = match name {
        Cow::Borrowed(ours) => HeaderName::from_static(ours),
        Cow::Owned(given) => HeaderName::from_bytes(given.as_bytes()).map_err(|_| HeaderFault::Name)?,
    };
    Ok((name, HeaderValue::from_str(value).map_err(|_| HeaderFault::Value)?))
}
