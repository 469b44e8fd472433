//! The mark that every event carries: what its reader has been told, so that any node can go on from there.
//! Never holds anything that a reader may not see; it travels through his hands.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// How far a reader has come. Nought stands for nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The journal entry of the last step.
    pub step: i64,
    /// Digests of the last state, progress and deliveries.
    pub state: u32,
    pub progress: u32,
    pub deliveries: u32,
}

impl Cursor {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let step = parts.next()?.parse().ok().filter(|step| *step >= 0)?;
        let mut digest = || u32::from_str_radix(parts.next()?, 16).ok();
        let read = Self { step, state: digest()?, progress: digest()?, deliveries: digest()? };
        parts.next().is_none().then_some(read)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}-{:x}-{:x}", self.step, self.state, self.progress, self.deliveries)
    }
}

/// A short digest that is the same on every node and in every version; never nought.
pub fn digest(text: &str) -> u32 {
    let bytes: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_as_it_was_written() {
        let cursor = Cursor { step: 12, state: digest("a"), progress: 0, deliveries: u32::MAX };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for odd in ["", "x", "1", "1-2-3", "1-2-3-4-5", "-1-2-3-4", "1-2-3-g", "1-2-3-fffffffff"] {
            assert_eq!(Cursor::parse(odd), None, "{odd}");
        }
    }
}
