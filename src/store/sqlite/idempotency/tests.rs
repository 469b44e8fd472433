//! Stories of keys on their way from memory into their table, against a model that forgets nothing.
//! Never asks where a key lies where it only matters whose it is.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::store::StoreError;
use crate::store::sqlite::connection;
use crate::store::sqlite::fault::store_error;
use crate::store::sqlite::rows::Number;
use crate::store::sqlite::writer::Writer;

const GATHERED: usize = 5;
const DIGESTS: u8 = 40;

/// A file, and what its keys must be.
struct World {
    path: PathBuf,
    writer: Writer,
    held: HashMap<Digest, Holder>,
    now: Timestamp,
    random: StdRng,
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = std::env::temp_dir().join(format!("ringback-keys-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("test.db");
        let writer = open(&path);
        Self { path, writer, held: HashMap::new(), now: Timestamp(1000), random: StdRng::seed_from_u64(seed) }
    }

    /// As a process finds it that comes after one that was killed.
    fn starts_again(&mut self) {
        self.writer = open(&self.path);
    }

    fn count(&mut self, table: &str) -> i64 {
        let count = sql(format!("SELECT count(*) AS n FROM {table}")).first(&mut self.writer.conn).unwrap();
        count.map_or(0, |Number(n)| n)
    }

    /// A few calls in one transaction, each under a key that may be somebody's. What they take is kept if it is committed.
    fn calls(&mut self, end: &End) {
        let Self { writer, held, now, random, .. } = self;
        let mut after = held.clone();
        let done = catch_unwind(AssertUnwindSafe(|| {
            writer.transaction(|writer| {
                for _ in 0..random.random_range(1..6) {
                    call(writer, &mut after, *now, random)?;
                }
                if random.random_bool(0.3) {
                    writer.conn.batch_execute("SAVEPOINT entry").map_err(store_error)?;
                    let kept = writer.keys.taken();
                    call(writer, &mut after.clone(), *now, random)?;
                    writer.conn.batch_execute("ROLLBACK TO entry; RELEASE entry").map_err(store_error)?;
                    writer.keys.give_back(kept);
                }
                match end {
                    End::Commit => Ok(()),
                    End::Refusal => Err(StoreError::Unavailable("a test wants it so".to_owned())),
                    End::Panic => std::panic::resume_unwind(Box::new(())),
                }
            })
        }));
        match (done, end) {
            (Ok(Ok(())), End::Commit) => *held = after,
            (Ok(Err(_)), End::Refusal) => {}
            // As the thread of the writer does.
            (Err(_), End::Panic) => writer.conn.batch_execute("ROLLBACK").unwrap(),
            (done, _) => panic!("{done:?}"),
        }
    }

    /// A call under a key that is nobody's.
    fn takes(&mut self, n: u8) {
        let holder = Holder { fingerprint: [n; 32], execution_id: ExecutionId(Uuid::new_v4()), expires_at: Timestamp(5000) };
        self.held.insert(digest(n), holder);
        let taken = self.writer.transaction(|writer| {
            writer.keys.take(digest(n), holder);
            Ok::<_, StoreError>(())
        });
        taken.unwrap();
    }

    fn prunes(&mut self, limit: i64) -> usize {
        let now = self.now;
        self.writer.transaction(|writer| writer.keys.prune(&mut writer.conn, now, limit).map_err(store_error)).unwrap()
    }

    fn check(&mut self) {
        let Self { writer, held, now, .. } = self;
        // Before anything else begins, which would tidy up.
        writer.keys.rolled_back();
        for n in 0..DIGESTS {
            let expected = held.get(&digest(n)).copied().filter(|holder| holder.expires_at > *now);
            assert_eq!(writer.keys.holder(&mut writer.conn, &digest(n), *now).unwrap(), expected, "key {n}");
        }
    }
}

#[derive(Debug)]
enum End {
    Commit,
    Refusal,
    Panic,
}

fn open(path: &std::path::Path) -> Writer {
    let mut conn = connection::open_writer(path, true).unwrap();
    connection::migrate(&mut conn, true).unwrap();
    let mut writer = Writer::new(conn).unwrap();
    writer.keys = Idempotency::bounded(&mut writer.conn, GATHERED, 30).unwrap();
    writer
}

/// Far from each other, as digests are.
fn digest(n: u8) -> Digest {
    [n.wrapping_mul(101); 32]
}

fn call(writer: &mut Writer, held: &mut HashMap<Digest, Holder>, now: Timestamp, random: &mut StdRng) -> Result<(), StoreError> {
    let digest = digest(random.random_range(0..DIGESTS));
    let holder = writer.keys.holder(&mut writer.conn, &digest, now).map_err(store_error)?;
    assert_eq!(holder, held.get(&digest).copied().filter(|holder| holder.expires_at > now));
    if holder.is_none() {
        let expires_at = now.plus_ms(random.random_range(1..200));
        let holder = Holder { fingerprint: random.random(), execution_id: ExecutionId(Uuid::new_v4()), expires_at };
        writer.keys.take(digest, holder);
        held.insert(digest, holder);
    }
    Ok(())
}

#[test]
fn a_key_is_whose_it_was_first_whatever_happens_meanwhile() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut world = World::new(seed);
    for _ in 0..1500 {
        match world.random.random_range(0..20) {
            0 => world.starts_again(),
            1 => {
                let limit = world.random.random_range(1..20);
                world.prunes(limit);
            }
            2 => world.writer.settle_keys_at_rest().unwrap(),
            3 => world.calls(&End::Refusal),
            4 => world.calls(&End::Panic),
            _ => world.calls(&End::Commit),
        }
        if world.random.random_bool(0.5) {
            world.now = world.now.plus_ms(world.random.random_range(0..20));
        }
        world.check();
    }
    std::fs::remove_dir_all(world.path.parent().unwrap()).unwrap();
}

#[test]
fn keys_leave_the_log_once_they_are_in_their_table() {
    let mut world = World::new(7);
    (0..5).for_each(|n| world.takes(n));
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (5, 0), "so many are gathered");
    (5..9).for_each(|n| world.takes(n));
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (9, 4), "one goes for one that comes");
    world.takes(9);
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (5, 5), "those behind them wait");
    world.writer.settle_keys_at_rest().unwrap();
    assert_eq!(world.count("idempotency"), 5, "some came since");
    world.writer.settle_keys_at_rest().unwrap();
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (0, 10), "none came since");
    world.check();
    world.now = Timestamp(5000);
    assert_eq!(world.prunes(9), 9, "so many at once");
    assert_eq!((world.prunes(9), world.count("idempotency")), (1, 0));
    world.check();
    std::fs::remove_dir_all(world.path.parent().unwrap()).unwrap();
}

#[test]
fn what_a_kill_left_half_done_is_done_at_the_next_start() {
    let mut world = World::new(8);
    (0..8).for_each(|n| world.takes(n));
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (8, 3));
    world.starts_again();
    world.check();
    (8..16).for_each(|n| world.takes(n));
    world.check();
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (8, 8), "all that were left have gone");
    settle_all(&mut world.writer.conn).unwrap();
    assert_eq!((world.count("recent_keys"), world.count("idempotency")), (0, 16));
    std::fs::remove_dir_all(world.path.parent().unwrap()).unwrap();
}

#[test]
fn a_log_that_does_not_read_is_no_reason_to_forget_a_key() {
    let mut world = World::new(9);
    world.writer.conn.batch_execute("INSERT INTO recent_keys (id, keys) VALUES (3, x'0102')").unwrap();
    let error = Idempotency::open(&mut world.writer.conn).unwrap_err().to_string();
    assert!(error.contains("the row 3 of recent_keys ends within a key"), "{error}");
    std::fs::remove_dir_all(world.path.parent().unwrap()).unwrap();
}
