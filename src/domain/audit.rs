//! What was done to this installation, by whom: one line per call that manages something.
//! Never holds a body: what was sent may be secret.

use super::timestamp::Timestamp;

/// A call that managed something, or tried to.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// The name of the key; `None` where there are no keys, and for the command line beside a stopped server.
    pub caller: Option<String>,
    /// `POST`, or `cli`.
    pub method: String,
    /// The address without its query, or the command.
    pub path: String,
    /// What was answered.
    pub status: u16,
    /// From where.
    pub ip: Option<String>,
}

/// An entry and its number; numbers rise.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    pub id: i64,
    pub entry: AuditEntry,
}
