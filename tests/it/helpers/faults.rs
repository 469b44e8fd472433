//! A disk without room, a file that may not be written, a clock that is wrong: for one real server, while it runs.
//! Never needs to be root: a small library of ours stands between the server and its C library (`LD_PRELOAD`).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ServerBuilder, workspace};

/// What the disk refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    Fine,
    /// No file of the database grows.
    Full,
    /// As on a file system that is mounted to be read only.
    ReadOnly,
}

/// What is wrong for one server.
#[derive(Debug)]
pub struct Faults {
    orders: PathBuf,
}

impl Faults {
    /// Nothing yet.
    pub fn none() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let orders = workspace::root().join(format!("faults-{}", NEXT.fetch_add(1, Ordering::SeqCst)));
        std::fs::write(&orders, [0; 16]).unwrap();
        Self { orders }
    }

    /// A server that this can go wrong for.
    pub fn of(&self, server: ServerBuilder) -> ServerBuilder {
        server.env("LD_PRELOAD", library().display().to_string()).env("STORY_FAULTS", self.orders.display().to_string())
    }

    /// Sets its clock wrong by so many hours, from now on.
    pub fn clock_off_by_hours(&self, hours: i64) {
        self.order(0, hours * 3_600_000);
    }

    pub fn disk(&self, disk: Disk) {
        self.order(8, disk as i64);
    }

    fn order(&self, at: u64, value: i64) {
        let file = File::options().write(true).open(&self.orders).unwrap();
        file.write_all_at(&value.to_ne_bytes(), at).unwrap();
    }
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let library = workspace::root().join("faults.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/helpers/faults.c");
        let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
        let made = made.expect("a C compiler is there: `./test` looks for one");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        library
    })
}
