//! Why a request did not get an answer.
//! Never shows a URL's query string or credentials.

/// The address policy said no; the message names the setting that would allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{0}")]
    InvalidRequest(String),
    /// It could not be made now, and perhaps can be made later.
    #[error("{0}")]
    NotReady(String),
    #[error("the name could not be resolved: {0}")]
    Dns(String),
    #[error("no connection: {0}")]
    Connect(String),
    #[error("TLS failed: {0}")]
    Tls(String),
    /// `sent` says that the whole request may have reached the other side.
    #[error("no complete answer within {after_ms} ms")]
    Timeout { after_ms: i64, sent: bool },
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer's body is longer than asked to be read in full.
    #[error("the answer is larger than {bytes_max} bytes")]
    TooLarge { bytes_max: usize },
    /// Whoever asked may not hold what is left of the answer.
    #[error("there is no memory left for the answer")]
    NoRoom,
    #[error("more than {0} redirects")]
    TooManyRedirects(usize),
}

impl SendError {
    /// Whether the other side may have acted on the request although no answer came.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Timeout { sent: true, .. } | Self::Broken(_) | Self::TooLarge { .. } | Self::NoRoom)
    }
}
