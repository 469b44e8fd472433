//! The process of a sandbox: one task after the other from its input, the outcomes to its output, until its input ends.
//! Never outlives who started it, and never needs anything but these two pipes.

use std::io::{self, BufRead as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::guard::{self, Bound};
use super::pace::Pace;
use super::task::{Fault, Language, Outcome, Task, from_line, to_line};
use super::{script, template};

/// The argument that makes a process one of these.
pub const COMMAND: &str = "sandbox";
/// What it says, at most once a task, when its memory fills.
pub const FILLING: &[u8] = b"filling\n";
/// Stack of the thread that runs programs; the engines stop long before.
const STACK_BYTES: usize = 8 * 1024 * 1024;
/// How much more willingly the system lets others run.
const NICE: i32 = 19;
/// What a process may hold beside the program's own memory: the task, the answer, the allocator's slack.
const BESIDE_BYTES: u64 = 32 * 1024 * 1024;

/// Works until its input ends.
///
/// # Errors
/// What cannot be read or written: whoever started it is gone.
pub fn run() -> io::Result<()> {
    step_back();
    let speaks = Arc::new(Mutex::new(()));
    let (work, watched) = mpsc::channel();
    let silent = Arc::clone(&speaks);
    thread::Builder::new().spawn(move || {
        let filling = || {
            let _speaking = silent.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = write(FILLING);
        };
        guard::watch(&watched, filling, || {
            // Held until the end of the process: nothing else is said any more.
            let _speaking = silent.lock().unwrap_or_else(PoisonError::into_inner);
            drop(say(&Outcome::fault(Fault::Memory)));
            std::process::exit(0);
        });
    })?;
    let (tasks, inbox) = mpsc::channel::<Task>();
    thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        for task in inbox {
            // A panic ends this process, never this thread alone: whoever waits would wait for ever.
            let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| perform(&task, &work))) else { std::process::exit(1) };
            let _speaking = speaks.lock().unwrap_or_else(PoisonError::into_inner);
            if say(&outcome).is_err() {
                std::process::exit(1);
            }
        }
    })?;
    // This thread only reads, so that the end of the input is noticed whatever a program does.
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if tasks.send(from_line(&line)?).is_err() {
            break;
        }
        line = Vec::new();
    }
    Ok(())
}

fn perform(task: &Task, work: &Sender<Option<Bound>>) -> Outcome {
    let heaps = match task.language {
        // A script's engine counts its heap itself; its answer is copied out of it.
        Language::Script => 2,
        Language::Template { .. } => 1,
    };
    let (held, bytes) = (guard::resident_bytes(), u64::try_from(task.memory_bytes).unwrap_or(u64::MAX).min(u64::MAX / 8));
    let bound = Bound { filling: held + bytes / 4, most: held + BESIDE_BYTES + heaps * bytes };
    let _ = work.send(Some(bound));
    let (result, lines) = match task.language {
        Language::Script => {
            let mut pace = Pace::of(task.millicores, Instant::now());
            script::evaluate(task, move || {
                if let Some(rest) = pace.rest(Instant::now()) {
                    thread::park_timeout(rest);
                }
                true
            })
        }
        Language::Template { escape } => (template::render(task, escape), Vec::new()),
    };
    let _ = work.send(None);
    Outcome { result, lines, resident_bytes: guard::resident_bytes() }
}

fn say(outcome: &Outcome) -> io::Result<()> {
    write(&to_line(outcome))
}

fn write(line: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(line)?;
    output.flush()
}

/// Lets everybody else run first, and writes no file, whatever happens in here.
fn step_back() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, nice, setrlimit};
        let none = || Rlimit { current: Some(0), maximum: Some(0) };
        // Where the system refuses, the bounds above still hold.
        let _ = nice(NICE);
        let _ = setrlimit(Resource::Fsize, none());
        let _ = setrlimit(Resource::Core, none());
    }
}
