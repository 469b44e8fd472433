//! The sandboxes of a node: a bounded number of processes, some kept warm, each with one task at a time.
//! Never lets one go on whose task nobody waits for any more: dropping a run ends its process.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;

use super::task::{Fault, Outcome, Task, from_line, to_line};
use super::{guard, worker};

/// Processes that wait for their next task.
const IDLE_MAX: usize = 4;
/// A process that holds more after its task is not kept.
const KEPT_BYTES_MAX: u64 = 24 * 1024 * 1024;
/// Between two looks at what a process holds.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Bytes of an answer beside what the task may hold; escapes in JSON are up to six for one.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Cheap to clone.
#[derive(Clone)]
pub struct Sandboxes(Arc<Inner>);

struct Inner {
    program: PathBuf,
    seats: Semaphore,
    idle: Mutex<Vec<Process>>,
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Its memory was filling when it was last heard of.
    filling: bool,
}

impl Sandboxes {
    /// `program` becomes a sandbox with the argument [`worker::COMMAND`]; at most `at_once` of them work.
    pub fn new(program: PathBuf, at_once: usize) -> Self {
        Self(Arc::new(Inner { program, seats: Semaphore::new(at_once), idle: Mutex::default() }))
    }

    /// Runs a task in a process of its own, once a seat is free; `holds` hears what the process holds meanwhile, in bytes.
    pub async fn run(&self, task: &Task, holds: impl Fn(usize)) -> Outcome {
        // Nobody closes the seats.
        let _seat = self.0.seats.acquire().await;
        let line = to_line(task);
        let answer_bytes_max = task.memory_bytes.saturating_mul(6).saturating_add(ANSWER_BYTES);
        let warm = self.idle().pop();
        if let Some(mut process) = warm
            && let Ok(outcome) = process.ask_watched(&line, answer_bytes_max, &holds).await
        {
            self.keep(process, &outcome);
            return outcome;
        }
        // One that had died while it was idle, or dies of this task: a fresh one tells them apart.
        let mut process = match Process::start(&self.0.program) {
            Ok(process) => process,
            Err(error) => return Outcome::fault(Fault::Crashed(format!("no process could be started for it: {error}"))),
        };
        match process.ask_watched(&line, answer_bytes_max, &holds).await {
            Ok(outcome) => {
                self.keep(process, &outcome);
                outcome
            }
            Err(error) => Outcome::fault(process.autopsy(&error).await),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, process: Process, outcome: &Outcome) {
        let spent = matches!(outcome.result, Err(Fault::Memory | Fault::Interrupted));
        let mut idle = self.idle();
        if !spent && outcome.resident_bytes <= KEPT_BYTES_MAX && idle.len() < IDLE_MAX {
            idle.push(process);
        }
    }
}

impl Process {
    fn start(program: &PathBuf) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(worker::COMMAND).env_clear().current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A Ctrl-C at the terminal is for the server; it ends its sandboxes itself.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no pipes"));
        };
        Ok(Self { child, input, output: BufReader::new(output), filling: false })
    }

    async fn ask_watched(&mut self, line: &[u8], answer_bytes_max: usize, holds: &impl Fn(usize)) -> io::Result<Outcome> {
        let id = self.child.id();
        let asking = self.ask(line, answer_bytes_max);
        tokio::pin!(asking);
        loop {
            match tokio::time::timeout(LOOK_EVERY, &mut asking).await {
                Ok(answer) => return answer,
                Err(_) => holds(id.map_or(0, guard::own_bytes_of)),
            }
        }
    }

    async fn ask(&mut self, line: &[u8], answer_bytes_max: usize) -> io::Result<Outcome> {
        self.input.write_all(line).await?;
        self.input.flush().await?;
        self.filling = false;
        let mut answer = Vec::new();
        let mut bounded = (&mut self.output).take(u64::try_from(answer_bytes_max).unwrap_or(u64::MAX));
        bounded.read_until(b'\n', &mut answer).await?;
        if answer == worker::FILLING {
            self.filling = true;
            answer.clear();
            bounded.read_until(b'\n', &mut answer).await?;
        }
        if !answer.ends_with(b"\n") {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut outcome: Outcome = from_line(&answer)?;
        if self.filling && outcome.result == Err(Fault::Null) {
            outcome.result = Err(Fault::Memory);
        }
        Ok(outcome)
    }

    /// Why it gave no answer.
    async fn autopsy(&mut self, error: &io::Error) -> Fault {
        // One that still lives said something that nobody understands.
        if error.kind() != io::ErrorKind::UnexpectedEof {
            drop(self.child.start_kill());
        }
        match self.child.wait().await {
            Ok(status) if (self.filling || ended_for_memory(status)) && error.kind() == io::ErrorKind::UnexpectedEof => {
                Fault::Memory
            }
            Ok(status) => Fault::Crashed(format!("its process ended without an answer: {status}")),
            Err(error) => Fault::Crashed(format!("its process ended without an answer: {error}")),
        }
    }
}

/// An allocation that fails aborts a process, and so does the system where memory is short.
#[cfg(unix)]
fn ended_for_memory(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const SIGABRT: i32 = 6;
    const SIGKILL: i32 = 9;
    matches!(status.signal(), Some(SIGABRT | SIGKILL))
}

#[cfg(not(unix))]
fn ended_for_memory(_: ExitStatus) -> bool {
    false
}
