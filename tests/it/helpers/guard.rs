//! A small shell that outlives this process and tidies up: ends what was started, stops clusters, removes folders.
//! Never acts before this process is gone, however it went: panic, interrupt, kill.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};

// Reads orders until the pipe closes, which happens when this process ends in whatever way.
const SCRIPT: &str = r#"
pids=" "
folders=""
while IFS= read -r order; do
  what=${order%% *}
  rest=${order#* }
  case "$what" in
    watch) pids="$pids$rest " ;;
    forget) pids=$(printf '%s' "$pids" | sed "s/ $rest / /") ;;
    stop) eval "stop_$((stops=${stops:-0}+1))=\$rest" ;;
    remove) folders="$folders $rest" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
n=1
while [ "$n" -le "${stops:-0}" ]; do eval "order=\$stop_$n"; sh -c "$order" >/dev/null 2>&1; n=$((n+1)); done
for folder in $folders; do rm -rf "$folder"; done
"#;

/// A process of ours that must not outlive us.
pub fn watch(pid: u32) {
    order(&format!("watch {pid}"));
}

pub fn forget(pid: u32) {
    order(&format!("forget {pid}"));
}

/// A shell command to be run when we are gone.
pub fn run_at_end(command: &str) {
    order(&format!("stop {command}"));
}

pub fn remove_at_end(folder: &Path) {
    order(&format!("remove {}", folder.display()));
}

fn order(line: &str) {
    static GUARD: OnceLock<Mutex<ChildStdin>> = OnceLock::new();
    let guard = GUARD.get_or_init(|| {
        #[expect(clippy::zombie_processes, reason = "the guard outlives this process; nobody is left to wait for it")]
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Its own group, so that an interrupt at the terminal ends us and not the guard.
            .process_group(0)
            .spawn()
            .expect("a POSIX shell is there");
        Mutex::new(shell.stdin.take().unwrap())
    });
    writeln!(guard.lock().unwrap(), "{line}").unwrap();
}
