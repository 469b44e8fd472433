//! The idempotency keys taken of late, in memory: those that are gathered, and those before them that go into their table.
//! Never touches the database, and never keeps what a transaction took that was rolled back.

use std::collections::BTreeMap;

use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// SHA-256 over scope, function and key.
pub type Digest = [u8; 32];

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// SHA-256 over what the call said.
    pub fingerprint: [u8; 32],
    pub execution_id: ExecutionId,
    pub expires_at: Timestamp,
}

/// Keys are gathered until there are many; then they are settled, in the order of their digests, while others are gathered. What
/// lies near each other in the table is written together, which for keys as they come it never would be.
#[derive(Debug)]
pub struct RecentKeys {
    gathered: BTreeMap<Digest, Holder>,
    gathered_max: usize,
    settling: Vec<(Digest, Holder)>,
    /// How many of `settling` are in the table, and how many of the next the open transaction puts there.
    settled: usize,
    being_settled: usize,
    /// What the open transaction took, and whose it was before.
    taken: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    digest: Digest,
    holder: Holder,
    before: Option<Holder>,
}

impl RecentKeys {
    /// `left` are those that a process before this one had not settled; a later one of the same digest holds.
    pub fn new(gathered_max: usize, left: impl IntoIterator<Item = (Digest, Holder)>) -> Self {
        let left: BTreeMap<Digest, Holder> = left.into_iter().collect();
        Self {
            gathered: BTreeMap::new(),
            gathered_max,
            settling: left.into_iter().collect(),
            settled: 0,
            being_settled: 0,
            taken: Vec::new(),
        }
    }

    /// Whose a key is, if it was taken of late. What is said here is newer than what the table says.
    pub fn holder(&self, digest: &Digest) -> Option<Holder> {
        self.gathered.get(digest).copied().or_else(|| {
            let found = self.settling.binary_search_by(|(settling, _)| settling.cmp(digest));
            found.ok().map(|at| self.settling[at].1)
        })
    }

    /// Gives a key to somebody, within the open transaction.
    pub fn take(&mut self, digest: Digest, holder: Holder) {
        let before = self.gathered.insert(digest, holder);
        self.taken.push(Taken { digest, holder, before });
    }

    /// What the open transaction took.
    pub fn taken(&self) -> impl ExactSizeIterator<Item = (&Digest, &Holder)> {
        self.taken.iter().map(|taken| (&taken.digest, &taken.holder))
    }

    /// Undoes what the open transaction took, but for the first `kept`.
    pub fn give_back(&mut self, kept: usize) {
        while self.taken.len() > kept
            && let Some(Taken { digest, before, .. }) = self.taken.pop()
        {
            match before {
                Some(holder) => self.gathered.insert(digest, holder),
                None => self.gathered.remove(&digest),
            };
        }
    }

    /// How many are on their way into the table, those included that have arrived.
    pub fn settling(&self) -> usize {
        self.settling.len()
    }

    /// Whether so many were gathered that they are to be settled.
    pub fn is_full(&self) -> bool {
        self.gathered.len() >= self.gathered_max
    }

    pub fn has_gathered(&self) -> bool {
        !self.gathered.is_empty()
    }

    /// Begins to settle what was gathered. Only while the open transaction, if there is one, has taken none, and once
    /// nothing is settling any more.
    pub fn begin_to_settle(&mut self) {
        debug_assert!(self.taken.is_empty() && self.settling.is_empty(), "what may be undone is not settled");
        self.settling = std::mem::take(&mut self.gathered).into_iter().collect();
    }

    /// The next keys that are to be put into the table by the open transaction, at most so many.
    pub fn settle(&mut self, count_max: usize) -> &[(Digest, Holder)] {
        let from = self.settled + self.being_settled;
        let to = self.settling.len().min(from.saturating_add(count_max));
        self.being_settled = to - self.settled;
        &self.settling[from..to]
    }

    /// Whether with the open transaction all that are settling are in the table.
    pub fn settles_the_last(&self) -> bool {
        self.being_settled > 0 && self.settled + self.being_settled == self.settling.len()
    }

    /// The open transaction was committed.
    pub fn committed(&mut self) {
        self.taken.clear();
        self.settled += std::mem::take(&mut self.being_settled);
        if self.settled == self.settling.len() {
            self.settling = Vec::new();
            self.settled = 0;
        }
    }

    /// The open transaction was rolled back.
    pub fn rolled_back(&mut self) {
        self.give_back(0);
        self.being_settled = 0;
    }
}
