//! Why an execution or a step failed, in the one shape that stacks, answers and messages show.
//! Never holds a secret: what is masked elsewhere is masked before it gets here.

use serde::{Deserialize, Serialize};

use super::value::Value;

/// What a catch block sees as `error` and what every answer shows as `error_detail`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// A short name, such as `timeout`; a stack's own `throw_error` sets it freely.
    pub name: String,
    pub code: ErrorCode,
    pub message: String,
    /// The HTTP status that a synchronous caller gets, or that the remote side answered.
    pub status: Option<u16>,
    pub payload: Value,
    /// Where it happened, innermost first: `at process_data stack[2].true_branch[0] external_api_request`.
    pub stack: String,
    /// The position of the step that failed.
    pub step: Option<String>,
    pub attempt: u32,
}

impl Failure {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            name: code.as_str().trim_start_matches("ERROR_CODE_").to_lowercase(),
            status: None,
            code,
            message: message.into(),
            payload: Value::Null,
            stack: String::new(),
            step: None,
            attempt: 1,
        }
    }

    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn with_payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }

    /// The value that a catch block binds to `error`.
    pub fn to_value(&self) -> Value {
        Value::object([
            ("name", Value::text(self.name.as_str())),
            ("code", Value::text(self.code.as_str())),
            ("message", Value::text(self.message.as_str())),
            ("status", self.status.map_or(Value::Null, |status| Value::Int(status.into()))),
            ("payload", self.payload.clone()),
            ("stack", Value::text(self.stack.as_str())),
            ("step", self.step.as_deref().map_or(Value::Null, Value::text)),
            ("attempt", Value::Int(self.attempt.into())),
        ])
    }
}

/// The codes that Ringback raises, and those that stacks raise themselves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// An expression could not be evaluated: wrong types, division by zero.
    Expression,
    /// A bound of the language was hit: operations, depth, output.
    Limit,
    /// A step's parameter does not hold.
    Parameter,
    /// Inputs do not fit what the function declares.
    Input,
    /// `precondition` did not hold.
    Precondition,
    /// `throw_error` without a code of its own.
    Thrown,
    /// A called function does not exist.
    FunctionUnknown,
    /// A record that is not there.
    NotFound,
    /// A unique key is taken.
    Duplicate,
    /// A table that is not declared, or cannot be written.
    Table,
    /// A connection failed: DNS, connect, TLS, reset.
    Transport,
    /// An HTTP request took too long.
    RequestTimeout,
    /// The remote side answered with an error status and the step raises those.
    HttpStatus,
    /// The address policy refused a URL.
    AddressRefused,
    /// The execution ran longer than it may.
    Timeout,
    /// The execution was cancelled.
    Cancelled,
    /// More memory than the execution may hold.
    MemoryLimit,
    /// One value larger than a journal entry.
    ValueTooLarge,
    /// NUL characters, unpaired surrogates, numbers out of range.
    InvalidValue,
    /// An `at_most_once` step of which nobody knows whether it happened.
    UnknownOutcome,
    /// The execution crashed its process too often.
    Poison,
    /// A bug of ours: a panic inside a step.
    Internal,
    /// The JavaScript of a lambda threw, or waits for what never comes.
    Lambda,
    /// The stack answered with an error status.
    Response,
    /// A code that a stack chose.
    Custom(String),
}

/// The codes with a fixed spelling; the one place where they are spelled.
const SPELLED: &[(ErrorCode, &str)] = &[
    (ErrorCode::Expression, "ERROR_CODE_EXPRESSION"),
    (ErrorCode::Limit, "ERROR_CODE_LIMIT"),
    (ErrorCode::Parameter, "ERROR_CODE_PARAMETER"),
    (ErrorCode::Input, "ERROR_CODE_INPUT"),
    (ErrorCode::Precondition, "ERROR_CODE_PRECONDITION"),
    (ErrorCode::Thrown, "ERROR_CODE_THROWN"),
    (ErrorCode::FunctionUnknown, "ERROR_CODE_FUNCTION_UNKNOWN"),
    (ErrorCode::NotFound, "ERROR_CODE_NOT_FOUND"),
    (ErrorCode::Duplicate, "ERROR_CODE_DUPLICATE"),
    (ErrorCode::Table, "ERROR_CODE_TABLE"),
    (ErrorCode::Transport, "ERROR_CODE_TRANSPORT"),
    (ErrorCode::RequestTimeout, "ERROR_CODE_REQUEST_TIMEOUT"),
    (ErrorCode::HttpStatus, "ERROR_CODE_HTTP_STATUS"),
    (ErrorCode::AddressRefused, "ERROR_CODE_ADDRESS_REFUSED"),
    (ErrorCode::Timeout, "ERROR_CODE_TIMEOUT"),
    (ErrorCode::Cancelled, "ERROR_CODE_CANCELLED"),
    (ErrorCode::MemoryLimit, "ERROR_CODE_MEMORY_LIMIT"),
    (ErrorCode::ValueTooLarge, "ERROR_CODE_VALUE_TOO_LARGE"),
    (ErrorCode::InvalidValue, "ERROR_CODE_INVALID_VALUE"),
    (ErrorCode::UnknownOutcome, "ERROR_CODE_UNKNOWN_OUTCOME"),
    (ErrorCode::Poison, "ERROR_CODE_POISON"),
    (ErrorCode::Internal, "ERROR_CODE_INTERNAL"),
    (ErrorCode::Lambda, "ERROR_CODE_LAMBDA"),
    (ErrorCode::Response, "ERROR_CODE_RESPONSE"),
];

impl ErrorCode {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(code) => code,
            fixed => SPELLED
                .iter()
                .find(|(code, _)| code == fixed)
                .map(|(_, text)| *text)
                .expect("every code but Custom is spelled in SPELLED, which a test checks"),
        }
    }

    pub fn parse(text: &str) -> Self {
        let known = SPELLED.iter().find(|(_, spelled)| *spelled == text);
        known.map_or_else(|| Self::Custom(text.to_owned()), |(code, _)| code.clone())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}
