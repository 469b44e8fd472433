//! The trace that an execution belongs to, as W3C's Trace Context writes it, and the ids of the spans in it.
//! Never random after birth: a span's id is made from what it is about, so it is the same on every node and after every crash.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::{DeliveryId, ExecutionId};

/// Where in which trace something happens: what happens is a child of `parent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trace {
    id: [u8; 16],
    /// Zeros where the trace begins here.
    parent: SpanId,
    sampled: bool,
}

/// Names one span within its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanId([u8; 8]);

impl Trace {
    /// A trace that begins with what it is given to.
    pub fn fresh(id: [u8; 16]) -> Self {
        Self { id, parent: SpanId([0; 8]), sampled: true }
    }

    /// The header `traceparent`; `None` where it does not hold, which the standard says is to be ignored.
    pub fn parse(header: &str) -> Option<Self> {
        Self::read(header.trim()).filter(|trace| trace.parent.0 != [0; 8])
    }

    /// Also reads what begins here and has no parent.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = field::<1>(parts.next()?)?[0];
        let (id, parent, flags) = (field::<16>(parts.next()?)?, field::<8>(parts.next()?)?, field::<1>(parts.next()?)?[0]);
        // A later version may say more behind these, this one may not.
        let holds = version != 0xff && id != [0; 16] && (version > 0 || parts.next().is_none());
        holds.then_some(Self { id, parent: SpanId(parent), sampled: flags & 1 == 1 })
    }

    /// The same trace, further down.
    #[must_use]
    pub fn below(self, parent: SpanId) -> Self {
        Self { parent, ..self }
    }

    pub fn parent(&self) -> Option<SpanId> {
        Some(self.parent).filter(|parent| parent.0 != [0; 8])
    }

    pub fn id(&self) -> String {
        hex::encode(self.id)
    }

    /// Whether whoever began it wants to see it.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }
}

fn field<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

/// The value of a header `traceparent`.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", hex::encode(self.id), self.parent, u8::from(self.sampled))
    }
}

impl From<Trace> for String {
    fn from(trace: Trace) -> Self {
        trace.to_string()
    }
}

impl TryFrom<String> for Trace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).ok_or_else(|| format!("\"{text}\" is no trace context"))
    }
}

impl SpanId {
    /// One for each time that somebody lets it go on by hand.
    pub fn of_execution(id: ExecutionId, resumes: i32) -> Self {
        Self::of(&[b"execution", id.0.as_bytes(), &resumes.to_be_bytes()])
    }

    /// One for each try at a step.
    pub fn of_step(execution: SpanId, position: &str, attempts: [u32; 2]) -> Self {
        let [whole, step] = attempts.map(u32::to_be_bytes);
        Self::of(&[b"step", &execution.0, &whole, &step, position.as_bytes()])
    }

    pub fn of_delivery_attempt(id: DeliveryId, number: u32) -> Self {
        Self::of(&[b"delivery", id.0.as_bytes(), &number.to_be_bytes()])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        let digest = hasher.finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        // All zeros would be no id.
        id[7] |= 1;
        Self(id)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written_the_same() {
        assert_eq!(Trace::parse(HEADER).unwrap().to_string(), HEADER);
        let fresh = Trace::fresh([7; 16]);
        assert_eq!((fresh.parent(), Trace::try_from(fresh.to_string())), (None, Ok(fresh)));
    }

    #[test]
    fn what_does_not_hold_is_ignored() {
        for odd in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            assert_eq!(Trace::parse(odd), None, "{odd}");
        }
        assert!(Trace::parse(&format!("{}-more", HEADER.replacen("00", "01", 1))).is_some(), "a later version may say more");
        assert!(!Trace::parse(&HEADER.replace("-01", "-00")).unwrap().is_sampled());
    }

    #[test]
    fn every_try_has_a_span_of_its_own_and_always_the_same() {
        let id = ExecutionId::random(crate::domain::timestamp::Timestamp(0));
        let of = |position, attempts| SpanId::of_step(SpanId::of_execution(id, 0), position, attempts);
        assert_eq!(of("1", [1, 1]), of("1", [1, 1]));
        let all = [of("1", [1, 1]), of("1", [1, 2]), of("1", [2, 1]), of("2", [1, 1]), SpanId::of_execution(id, 0)];
        for (at, span) in all.iter().enumerate() {
            assert!(!all[..at].contains(span));
        }
    }
}
