//! The `Prefer` header (RFC 7240): how long a caller waits, and whether he would rather not.
//! Never refuses: a preference that cannot be understood is none.

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const WAIT_S_DEFAULT: u64 = 30;
const WAIT_S_MAX: u64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefer {
    pub respond_async: bool,
    wait_s: Option<u64>,
}

impl Prefer {
    pub fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(&PREFER).filter_map(|value| value.to_str().ok());
        texts.fold(Self::default(), Self::with)
    }

    /// How long a synchronous caller waits before it is answered 202.
    pub fn wait(self) -> Duration {
        Duration::from_secs(self.wait_s.unwrap_or(WAIT_S_DEFAULT).min(WAIT_S_MAX))
    }

    /// The first of several counts.
    fn with(mut self, text: &str) -> Self {
        for preference in text.split(',') {
            let token = preference.split(';').next().unwrap_or_default();
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => self.respond_async = true,
                "wait" => self.wait_s = self.wait_s.or_else(|| value.trim().trim_matches('"').parse().ok()),
                _ => {}
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_as_the_standard_writes_them() {
        let read = |text| Prefer::default().with(text);
        assert!(read("respond-async").respond_async);
        assert!(read("Respond-Async, wait=10; foo=\"bar\"").respond_async);
        assert_eq!(read("return=minimal, wait = 10").wait(), Duration::from_secs(10));
        assert_eq!(read("wait=\"7\"").wait(), Duration::from_secs(7));
        assert_eq!(read("wait=5, wait=9").wait(), Duration::from_secs(5));
        assert_eq!(read("wait=9999").wait(), Duration::from_secs(300));
        assert_eq!(read("wait=soon").wait(), Duration::from_secs(30));
        assert_eq!(read("wait=0").wait(), Duration::ZERO);
        assert_eq!(read("waiting=5, respond-asynchronously"), Prefer::default());
    }
}
