//! Why a command did not do what was asked, and the exit code that says so.
//! Never an error of a verb in new words: what the server said is passed on.

pub const FAILED: u8 = 1;
pub const MISUSE: u8 = 2;

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It was tried and did not work.
    #[error("{0}")]
    Failed(String),
    /// It could not be tried as it was asked.
    #[error("{0}")]
    Misuse(String),
    /// No server answers at that address.
    #[error("{0}")]
    NobodyThere(String),
    #[error("the output could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl CommandError {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::NobodyThere(_) => FAILED,
            Self::Misuse(_) => MISUSE,
            Self::Output(_) if self.text().is_none() => 0,
            Self::Output(_) => FAILED,
        }
    }

    /// What a person is told; nothing when whoever reads us has read enough (`ringback list | head`).
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => None,
            other => Some(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_read_enough_is_no_failure() {
        let closed = CommandError::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!((closed.exit_code(), closed.text()), (0, None));
        let full = CommandError::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(full.exit_code(), FAILED);
        assert!(full.text().is_some());
    }

    #[test]
    fn misuse_and_failure_have_different_codes() {
        assert_eq!(CommandError::Misuse(String::new()).exit_code(), 2);
        assert_eq!(CommandError::Failed(String::new()).exit_code(), 1);
    }
}
