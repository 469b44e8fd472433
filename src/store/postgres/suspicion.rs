//! Who among the other nodes is dead: one pure decision after every look.
//! Never trusts one look, nor a look made right after an outage: then everybody seems dead.

use std::collections::HashMap;

/// Two looks at a free lock that are this far apart mean that its node is gone.
const LOOKS_APART_MS: i64 = 800;
/// A lease that ends within the usual rest between two looks is looked at when it does.
const LEASE_LEFT_MS: i64 = 2000;
/// Beyond its end.
const LEASE_OVER_MS: i64 = 20;
/// How soon to look again while somebody is suspected.
const LOOK_AGAIN_MS: i64 = LOOKS_APART_MS + 50;

/// Another node as one look found it. All times are the database's.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub node: i32,
    /// Declared dead before, but its work was not taken over to the end.
    pub declared_dead: bool,
    pub renewed_at: i64,
    pub lease_until: i64,
    /// Its session still holds its lock.
    pub lock_held: bool,
    /// It ran on this machine, and its process is no more.
    pub process_gone: bool,
}

/// When a look was made.
#[derive(Debug, Clone, Copy)]
pub struct Instants {
    pub now: i64,
    /// Since when the database's server is up.
    pub server_up_since: i64,
    pub lease_ms: i64,
}

/// What is to be done about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub node: i32,
    /// It may be declared dead only as long as it was not renewed since then.
    pub renewed_at: i64,
    pub declared_dead: bool,
    /// Its process is no more, and with it all that it had in flight.
    pub process_gone: bool,
}

/// What is remembered between looks.
#[derive(Debug, Default)]
pub struct Suspicion {
    /// Nodes whose lock was found free: when first, and when they had renewed their lease then.
    free: HashMap<i32, (i64, i64)>,
    /// Since when this node's own renewals have followed each other within a lease.
    unbroken_since: Option<i64>,
    last_look: i64,
    /// How soon the first lease of another ends, if that is soon.
    lease_left_ms: Option<i64>,
}

impl Suspicion {
    /// Takes in one look, which was made with this node's own renewal.
    pub fn look(&mut self, at: Instants, others: &[Seen]) -> Vec<Verdict> {
        if self.unbroken_since.is_none() || at.now - self.last_look > at.lease_ms {
            self.unbroken_since = Some(at.now);
        }
        self.last_look = at.now;
        let steady_ms = at.now - self.unbroken_since.unwrap_or(at.now).max(at.server_up_since);
        let steady = steady_ms >= at.lease_ms;
        let left = others.iter().map(|seen| seen.lease_until - at.now);
        self.lease_left_ms = left.filter(|left_ms| (0..LEASE_LEFT_MS).contains(left_ms)).min();
        self.free.retain(|node, _| others.iter().any(|seen| seen.node == *node && !seen.lock_held));
        let dead = others.iter().filter(|seen| {
            let freed = self.freed(seen, at.now);
            seen.declared_dead || seen.process_gone || (steady && (freed || seen.lease_until < at.now))
        });
        let verdict = |seen: &Seen| Verdict {
            node: seen.node,
            renewed_at: seen.renewed_at,
            declared_dead: seen.declared_dead,
            process_gone: seen.process_gone,
        };
        dead.map(verdict).collect()
    }

    /// Whether a node's lock has been free for long enough, without a renewal since.
    fn freed(&mut self, seen: &Seen, now: i64) -> bool {
        if seen.lock_held {
            return false;
        }
        let first = self.free.entry(seen.node).or_insert((now, seen.renewed_at));
        if first.1 != seen.renewed_at {
            *first = (now, seen.renewed_at);
        }
        now - first.0 >= LOOKS_APART_MS
    }

    /// How soon to look again, if that is sooner than usual.
    pub fn look_again_ms(&self) -> Option<i64> {
        let suspected = (!self.free.is_empty()).then_some(LOOK_AGAIN_MS);
        let lapsing = self.lease_left_ms.map(|left_ms| left_ms + LEASE_OVER_MS);
        suspected.into_iter().chain(lapsing).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: i64 = 10_000;

    fn at(now: i64) -> Instants {
        Instants { now, server_up_since: 0, lease_ms: LEASE }
    }

    fn seen(renewed_at: i64) -> Seen {
        let lease_until = renewed_at + LEASE;
        Seen { node: 7, declared_dead: false, renewed_at, lease_until, lock_held: true, process_gone: false }
    }

    /// One that has looked for a lease already.
    fn steady() -> Suspicion {
        let mut suspicion = Suspicion::default();
        for now in (100_000..=110_000).step_by(2000) {
            assert_eq!(suspicion.look(at(now), &[seen(now)]), []);
        }
        suspicion
    }

    #[test]
    fn a_free_lock_is_believed_at_the_second_look() {
        let mut suspicion = steady();
        let killed = Seen { lock_held: false, ..seen(110_000) };
        assert_eq!(suspicion.look(at(111_000), &[killed]), []);
        assert_eq!(suspicion.look_again_ms(), Some(850));
        assert_eq!(suspicion.look(at(111_700), &[killed]), []);
        assert_eq!(suspicion.look(at(111_850), &[killed]).len(), 1);
    }

    #[test]
    fn a_node_that_lost_its_session_but_renews_lives() {
        let mut suspicion = steady();
        for now in (111_000..140_000).step_by(900) {
            let renewing = Seen { lock_held: false, ..seen(now - 100) };
            assert_eq!(suspicion.look(at(now), &[renewing]), []);
        }
    }

    #[test]
    fn a_lease_that_is_about_to_end_is_looked_at_when_it_does() {
        let mut suspicion = steady();
        suspicion.look(at(112_000), &[seen(110_000)]);
        assert_eq!(suspicion.look_again_ms(), None, "eight seconds are left");
        suspicion.look(at(118_500), &[seen(110_000)]);
        assert_eq!(suspicion.look_again_ms(), Some(1520));
        assert_eq!(suspicion.look(at(120_020), &[seen(110_000)]).len(), 1);
    }

    #[test]
    fn a_frozen_node_is_dead_when_its_lease_has_lapsed() {
        let mut suspicion = steady();
        let frozen = seen(110_000);
        for now in (112_000..=120_000).step_by(2000) {
            assert_eq!(suspicion.look(at(now), &[frozen]), []);
        }
        assert_eq!(suspicion.look(at(120_001), &[frozen]).len(), 1);
    }

    #[test]
    fn after_an_outage_everybody_has_a_lease_to_come_back() {
        let mut suspicion = steady();
        let away = Seen { lock_held: false, ..seen(110_000) };
        for now in (150_000..160_000).step_by(900) {
            assert_eq!(suspicion.look(at(now), &[away]), [], "{now}");
        }
        assert_eq!(suspicion.look(at(160_100), &[away]).len(), 1);
    }

    #[test]
    fn a_server_that_has_just_started_proves_nothing() {
        let mut suspicion = steady();
        let restarted = |now| Instants { server_up_since: 111_000, ..at(now) };
        let away = Seen { lock_held: false, ..seen(110_000) };
        assert_eq!(suspicion.look(restarted(112_000), &[away]), []);
        assert_eq!(suspicion.look(restarted(120_500), &[away]), []);
        assert_eq!(suspicion.look(restarted(121_100), &[away]).len(), 1);
    }

    #[test]
    fn what_is_certain_needs_no_second_look() {
        let mut fresh = Suspicion::default();
        assert_eq!(fresh.look(at(5), &[Seen { process_gone: true, ..seen(4) }]).len(), 1);
        assert_eq!(fresh.look(at(6), &[Seen { declared_dead: true, ..seen(4) }]).len(), 1);
    }
}
