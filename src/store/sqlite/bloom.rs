//! A Bloom filter over digests: which of them it cannot have.
//! Never says of one that was added that it has it not, and never grows: with too many it says of all that it may have them.

/// Bytes of a digest that say where it lies, so that digests in order lie in order; those behind them say which bits are its own.
const PLACE_BYTES: usize = 4;
const WORDS: usize = 1 << 19;
/// Bits of each digest, all of them in one word, so that a look is one access to memory (a "blocked" Bloom filter: Putze, Sanders
/// and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
const BITS: usize = 4;

/// Four megabytes, which the system gives page by page as they are needed.
#[derive(Debug)]
pub struct Bloom(Box<[u64]>);

impl Bloom {
    /// So many make it wrong about one in fifty that it does not have; three times as many, about one in four.
    pub const CAPACITY: usize = WORDS * u64::BITS as usize / 10;

    pub fn new() -> Self {
        Self(vec![0; WORDS].into_boxed_slice())
    }

    pub fn add(&mut self, digest: &[u8; 32]) {
        let (at, bits) = place(digest);
        self.0[at] |= bits;
    }

    pub fn may_have(&self, digest: &[u8; 32]) -> bool {
        let (at, bits) = place(digest);
        self.0[at] & bits == bits
    }
}

fn place(digest: &[u8; 32]) -> (usize, u64) {
    let (place, rest) = digest.split_at(PLACE_BYTES);
    let place = place.iter().fold(0, |place, byte| (place << 8) | usize::from(*byte));
    let bits = rest[..BITS].iter().fold(0, |bits, byte| bits | (1 << (byte % 64)));
    ((place * WORDS) >> (8 * PLACE_BYTES), bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_what_was_added_and_little_else() {
        let mut random = rand::rng();
        let mut filter = Bloom::new();
        let mut fresh = || rand::RngExt::random::<[u8; 32]>(&mut random);
        let added: Vec<[u8; 32]> = (0..20_000).map(|_| fresh()).collect();
        assert!(!added.iter().any(|digest| filter.may_have(digest)), "it is empty");
        added.iter().for_each(|digest| filter.add(digest));
        assert!(added.iter().all(|digest| filter.may_have(digest)));
        for _ in 20_000..Bloom::CAPACITY {
            filter.add(&fresh());
        }
        let wrong = (0..20_000).filter(|_| filter.may_have(&fresh())).count();
        assert!((1..800).contains(&wrong), "wrong about {wrong} of 20,000");
    }

    #[test]
    fn the_first_and_the_last_digest_have_their_places() {
        let mut filter = Bloom::new();
        for digest in [[0; 32], [255; 32]] {
            filter.add(&digest);
            assert!(filter.may_have(&digest));
        }
        assert_eq!((place(&[0; 32]), place(&[255; 32])), ((0, 1), (WORDS - 1, 1 << 63)));
    }
}
