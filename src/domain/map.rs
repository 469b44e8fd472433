//! The maps and sets of the hot path: a quick hash with a seed of its own for each process.
//! Never for names that strangers may choose without bound: it makes collisions hard to find, not impossible.

use foldhash::quality::RandomState;

pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub type HashSet<K> = std::collections::HashSet<K, RandomState>;
