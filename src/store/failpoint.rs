//! Lets this process die at a chosen commit, so that a test sees what is left behind: `store.failpoint`.
//! Never there unless that setting is: without it a commit looks at an empty `Option`, and that is all.

use std::io::Write as _;

use super::write::Entry;
use crate::config::Failpoint as Wanted;

/// A writer's count of its commits.
#[derive(Debug, Clone)]
pub struct Failpoint {
    wanted: Wanted,
    /// Commits since the first call of the function; `None` before it.
    seen: Option<u64>,
    /// What the database had counted at the last look.
    changes: i64,
}

impl Failpoint {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, seen: None, changes: 0 }
    }

    /// Looks for the first call.
    pub fn watch(&mut self, batch: &[Entry]) {
        let is_call =
            |entry: &Entry| matches!(entry, Entry::Submit(submit) if submit.birth.function.as_str() == self.wanted.function);
        if self.seen.is_none() && batch.iter().any(is_call) {
            self.seen = Some(0);
        }
    }

    /// Whether commits are counted yet.
    pub fn counts(&self) -> bool {
        self.seen.is_some()
    }

    /// Whether anything was changed since the last look, by a counter that only grows.
    pub fn has_grown(&mut self, changes: i64) -> bool {
        std::mem::replace(&mut self.changes, changes) != changes
    }

    /// A transaction that has changed something is about to be committed.
    pub fn committing(&mut self) {
        let seen = self.seen.map_or(0, |seen| seen + 1);
        self.seen = Some(seen);
        if self.wanted.before && seen == self.wanted.commit {
            self.die();
        }
    }

    /// What was about to be committed was broken off, and will be written again.
    pub fn refused(&mut self) {
        self.seen = self.seen.map(|seen| seen.saturating_sub(1));
    }

    /// A transaction was committed.
    pub fn committed(&self) {
        if !self.wanted.before && self.seen == Some(self.wanted.commit) {
            self.die();
        }
    }

    /// Not even destructors run: that is what a kill leaves.
    fn die(&self) -> ! {
        let Wanted { before, commit, function } = &self.wanted;
        let moment = if *before { "before" } else { "after" };
        // There is nobody to tell that this could not be told.
        let _ = writeln!(std::io::stderr(), "failpoint: dies {moment} commit {commit} of {function}");
        std::process::abort()
    }
}
