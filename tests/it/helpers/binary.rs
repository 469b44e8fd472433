//! Runs the real binary once, to its end, within a bound.
//! Never lets settings of the person who runs the tests leak into it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{guard, millis, pause, seconds};

/// The binary with a clean environment: nothing of `RINGBACK_*`, no database URL, no proxies, no colours.
pub fn clean_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_uppercase();
        if text.starts_with("RINGBACK_") || text.starts_with("OTEL_") || text.ends_with("_PROXY") || text == "DATABASE_URL" {
            command.env_remove(&name);
        }
    }
    command.env("NO_COLOR", "1");
    command
}

/// A run of the command line about to begin.
#[derive(Debug)]
#[must_use]
pub struct Run {
    command: Command,
    input: Vec<u8>,
    within: Duration,
}

/// How it ended.
#[derive(Debug)]
pub struct Finished {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub killed: bool,
}

impl Finished {
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in stdout:\n{}", self.stdout))
    }
}

/// `ringback` with these arguments, in a folder.
pub fn ringback<S: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Run {
    let mut command = clean_command();
    command.args(args).current_dir(folder);
    Run { command, input: Vec::new(), within: seconds(60) }
}

impl Run {
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn input(mut self, text: &str) -> Self {
        self.input = text.as_bytes().to_vec();
        self
    }

    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Kills it when its time is up, and that is no failure.
    #[track_caller]
    pub fn finish_or_kill(self) -> Finished {
        run_for(self.command, &self.input, self.within)
    }

    #[track_caller]
    pub fn finish(self) -> Finished {
        run_to_end(self.command, &self.input, self.within)
    }
}

#[track_caller]
pub fn run_to_end(command: Command, input: &[u8], within: Duration) -> Finished {
    let program = PathBuf::from(command.get_program());
    let finished = run_for(command, input, within);
    assert!(!finished.killed, "{} did not end within {within:?}: {finished:?}", program.display());
    finished
}

/// Kills it when the time is up.
#[track_caller]
fn run_for(mut command: Command, input: &[u8], within: Duration) -> Finished {
    let program = PathBuf::from(command.get_program());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    guard::watch(child.id());
    let (stdout, stderr) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
    // A program that does not read its input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let end = Instant::now() + within;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        pause(millis(10));
    };
    guard::forget(child.id());
    Finished {
        code: status.and_then(|status| status.code()),
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
        killed: status.is_none(),
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
