//! What processes and threads have cost, as the system counts it.
//! Never knows anything on systems without `/proc`: there it says nothing.

use std::fs;

/// The system counts processor time in hundredths of a second on every Linux that Rust knows.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time that a process has used.
pub fn cpu_s(pid: u32) -> f64 {
    ticks(&format!("/proc/{pid}/stat")) / TICKS_PER_SECOND
}

/// Seconds of processor time of this process' threads of one name.
pub fn threads_cpu_s(name: &str) -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ours = tasks.filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name));
    ours.map(|task| ticks(&task.path().join("stat").to_string_lossy())).sum::<f64>() / TICKS_PER_SECOND
}

/// Seconds of processor time of all processes of PostgreSQL on this machine.
pub fn postgres_cpu_s() -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let theirs =
        processes.filter(|process| fs::read_to_string(process.path().join("comm")).is_ok_and(|comm| comm.trim() == "postgres"));
    theirs.map(|process| ticks(&process.path().join("stat").to_string_lossy())).sum::<f64>() / TICKS_PER_SECOND
}

/// Memory that a process has in use, in bytes.
pub fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Memory that a process and its children have in use, in bytes.
pub fn resident_bytes_with_children(pid: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |child: &u32| {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)).and_then(|parent| parent.parse().ok());
        parent == Some(pid)
    };
    resident_bytes(pid) + pids.filter(is_child).map(resident_bytes).sum::<u64>()
}

fn ticks(path: &str) -> f64 {
    let stat = fs::read_to_string(path).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    field(11) + field(12)
}
