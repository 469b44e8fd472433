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
                    let kept = writer.idempotency.taken_count();
                    call(writer, &mut after.clone(), *now, random)?;
                    writer.conn.batch_execute("ROLLBACK TO entry; RELEASE entry").map_err(store_error)?;
                    writer.idempotency.give_back(kept);
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
            writer.idempotency.take(digest(n), holder);
            Ok::<_, StoreError>(())
        });
        taken.unwrap();
    }

    /// As long as it takes until keys are settled although none come in.
    fn rests(&mut self) {
        (0..QUIET_LOOKS).for_each(|_| self.writer.see_to_keys().unwrap());
    }

    /// How many are in the log, in rows of one each, and how many in their table.
    fn places(&mut self) -> (i64, i64) {
        (self.count("recent_keys"), self.count("idempotency"))
    }

    fn prunes(&mut self, limit: i64) -> usize {
        let now = self.now;
        self.writer.transaction(|writer| writer.idempotency.prune(&mut writer.conn, now, limit).map_err(store_error)).unwrap()
    }

    fn check(&mut self) {
        let Self { writer, held, now, .. } = self;
        // Before anything else begins, which would tidy up.
        writer.idempotency.rolled_back();
        for n in 0..DIGESTS {
            let expected = held.get(&digest(n)).copied().filter(|holder| holder.expires_at > *now);
            assert_eq!(writer.idempotency.holder(&mut writer.conn, &digest(n), *now).unwrap(), expected, "key {n}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What stays lies in a folder for temporary files.
        let _ = self.path.parent().map(std::fs::remove_dir_all);
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
    writer.idempotency = Idempotency::bounded(&mut writer.conn, GATHERED, 30).unwrap();
    writer
}

/// Far from each other, as digests are.
fn digest(n: u8) -> Digest {
    [n.wrapping_mul(101); 32]
}

fn call(writer: &mut Writer, held: &mut HashMap<Digest, Holder>, now: Timestamp, random: &mut StdRng) -> Result<(), StoreError> {
    let digest = digest(random.random_range(0..DIGESTS));
    let holder = writer.idempotency.holder(&mut writer.conn, &digest, now).map_err(store_error)?;
    assert_eq!(holder, held.get(&digest).copied().filter(|holder| holder.expires_at > now));
    if holder.is_none() {
        let expires_at = now.plus_ms(random.random_range(1..200));
        let holder = Holder { fingerprint: random.random(), execution_id: ExecutionId(Uuid::new_v4()), expires_at };
        writer.idempotency.take(digest, holder);
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
            2 => world.rests(),
            3 => world.calls(&End::Refusal),
            4 => world.calls(&End::Panic),
            _ => world.calls(&End::Commit),
        }
        if world.random.random_bool(0.5) {
            world.now = world.now.plus_ms(world.random.random_range(0..20));
        }
        world.check();
    }
}

#[test]
fn keys_leave_the_log_once_they_are_in_their_table() {
    let mut world = World::new(7);
    (0..5).for_each(|n| world.takes(n));
    assert_eq!(world.places(), (5, 0), "so many are gathered");
    (5..7).for_each(|n| world.takes(n));
    assert_eq!(world.places(), (7, 4), "two go for one that comes");
    world.takes(7);
    assert_eq!(world.places(), (3, 5), "those behind them wait");
    (1..QUIET_LOOKS).for_each(|_| world.writer.see_to_keys().unwrap());
    assert_eq!(world.places(), (3, 5), "others may come yet");
    world.takes(8);
    (1..QUIET_LOOKS).for_each(|_| world.writer.see_to_keys().unwrap());
    assert_eq!(world.places(), (4, 5), "one has come");
    world.writer.see_to_keys().unwrap();
    assert_eq!(world.places(), (0, 9));
    world.takes(9);
    world.check();
    world.now = Timestamp(5000);
    assert_eq!(world.prunes(4), 4, "so many at once");
    assert_eq!(world.prunes(4), 4);
    assert_eq!(world.prunes(4), 2);
    assert_eq!((world.places(), world.prunes(4)), ((0, 0), 0));
    world.check();
}

#[test]
fn what_a_kill_left_half_done_is_done_at_the_next_start() {
    let mut world = World::new(8);
    (0..7).for_each(|n| world.takes(n));
    assert_eq!(world.places(), (7, 4));
    world.starts_again();
    world.check();
    (7..10).for_each(|n| world.takes(n));
    world.check();
    assert_eq!(world.places(), (10, 6));
    world.takes(10);
    assert_eq!(world.places(), (4, 7), "all that were left have gone");
    settle_all(&mut world.writer.conn).unwrap();
    assert_eq!(world.places(), (0, 11));
}

#[test]
fn a_log_that_does_not_read_is_no_reason_to_forget_a_key() {
    let mut world = World::new(9);
    world.writer.conn.batch_execute("INSERT INTO recent_keys (id, keys) VALUES (3, x'0102')").unwrap();
    let error = Idempotency::open(&mut world.writer.conn).unwrap_err().to_string();
    assert!(error.contains("the row 3 of recent_keys ends within a key"), "{error}");
}

#[test]
fn kills_behind_each_other_do_not_leave_ever_more() {
    let mut world = World::new(10);
    let mut fresh = 0..;
    fresh.by_ref().take(GATHERED).for_each(|n| world.takes(n));
    for _ in 0..12 {
        world.starts_again();
        let (logged, _) = world.places();
        // One more, and the last of those that were left would be in the table.
        let count = usize::try_from(logged - 1).unwrap_or(0) / 2;
        fresh.by_ref().take(count).for_each(|n| world.takes(n));
        let (logged, _) = world.places();
        assert!(logged <= 3 * i64::try_from(GATHERED).unwrap(), "{logged}");
        world.check();
    }
}

#[test]
fn a_few_that_have_expired_are_found_wherever_the_last_look_ended() {
    let mut world = World::new(11);
    (0..DIGESTS).for_each(|n| world.takes(n));
    world.rests();
    assert_eq!(world.prunes(3), 0, "it ends within the table");
    // As multiples of 101 lie in a byte, 0 is the first and 38 the last but one.
    for n in [0, 38] {
        let digest = digest(n);
        let expires = sql("UPDATE idempotency SET expires_at = 1000 WHERE key_hash = ?").bind(&digest[..]);
        assert_eq!(expires.run(&mut world.writer.conn).unwrap(), 1);
        assert_eq!(world.prunes(3), 1, "{n}");
    }
}

#[test]
fn a_database_that_goes_back_has_all_keys_in_their_table() {
    let mut world = World::new(12);
    for _ in 0..40 {
        world.calls(&End::Commit);
        world.now = world.now.plus_ms(3);
    }
    let (logged, _) = world.places();
    assert!(logged > 0, "some are not in their table yet");
    world
        .writer
        .conn
        .batch_execute(include_str!("../../../../migrations/sqlite/2026-11-30-000000_recent_keys/down.sql"))
        .unwrap();
    for n in 0..DIGESTS {
        let found: Option<Holder> = sql("SELECT fingerprint, execution_id, expires_at FROM idempotency WHERE key_hash = ?")
            .bind(&digest(n)[..])
            .first(&mut world.writer.conn)
            .unwrap();
        assert_eq!(found, world.held.get(&digest(n)).copied(), "key {n}");
    }
}
