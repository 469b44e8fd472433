//! The names of fields in log lines, so that one thing has one name everywhere.
//! Never a name for what may not be logged.

pub const EXECUTION_ID: &str = "execution_id";
pub const FUNCTION: &str = "function";
pub const DELIVERY_ID: &str = "delivery_id";
pub const DESTINATION: &str = "destination";
pub const ATTEMPT: &str = "attempt";
pub const STATE: &str = "state";
pub const NODE: &str = "node";
pub const METHOD: &str = "method";
pub const PATH: &str = "path";
pub const STATUS: &str = "status";
pub const DURATION_MS: &str = "duration_ms";
pub const ERROR: &str = "error";
