//! What processes and threads have cost, as the system counts it.
//! Never knows anything on systems without `/proc`: there it says nothing.

use std::fs;

/// The system counts processor time in hundredths of a second on every Linux that Rust knows.
const TICKS_PER_SECOND: f64 = 100.0;
/// Places in `/proc/PID/stat`, counted from behind the name.
const PARENT: usize = 1;
const OWN: [usize; 2] = [11, 12];
const OF_ENDED_CHILDREN: [usize; 2] = [13, 14];

/// Seconds of processor time that a process has used.
pub fn cpu_s(pid: u32) -> f64 {
    ticks(&stat(&pid.to_string()), &OWN) / TICKS_PER_SECOND
}

/// Seconds of processor time of this process' threads of one name.
pub fn threads_cpu_s(name: &str) -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ours = tasks.filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name));
    ours.map(|task| ticks(&stat(&format!("self/task/{}", task.file_name().to_string_lossy())), &OWN)).sum::<f64>()
        / TICKS_PER_SECOND
}

/// The first process of the PostgreSQL server whose process `backend` is, if it runs on this machine.
pub fn postmaster_of(backend: i32) -> Option<u32> {
    let is_postgres = |pid: &str| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "postgres");
    let backend = backend.to_string();
    let parent = stat(&backend).get(PARENT)?.clone();
    (is_postgres(&backend) && is_postgres(&parent)).then(|| parent.parse().ok())?
}

/// Seconds of processor time of a server of PostgreSQL: of all its processes, and of those that have ended.
pub fn postgres_cpu_s(postmaster: u32) -> f64 {
    let first = stat(&postmaster.to_string());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.map(|process| stat(&process.file_name().to_string_lossy()));
    let children = stats.filter(|stat| stat.get(PARENT).is_some_and(|parent| *parent == postmaster.to_string()));
    let children: f64 = children.map(|stat| ticks(&stat, &OWN)).sum();
    (ticks(&first, &OWN) + ticks(&first, &OF_ENDED_CHILDREN) + children) / TICKS_PER_SECOND
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
    let is_child = |child: &u32| stat(&child.to_string()).get(PARENT).is_some_and(|parent| *parent == pid.to_string());
    resident_bytes(pid) + pids.filter(is_child).map(resident_bytes).sum::<u64>()
}

/// The fields behind the name in `/proc/<process>/stat`; none where there is no such process.
fn stat(process: &str) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

fn ticks(stat: &[String], places: &[usize]) -> f64 {
    places.iter().filter_map(|place| stat.get(*place)?.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_of_postgres_has_a_postmaster() {
        assert_eq!(postmaster_of(i32::try_from(std::process::id()).unwrap()), None);
        assert_eq!(postmaster_of(-1), None);
    }

    #[test]
    fn a_process_that_is_not_there_has_cost_nothing() {
        assert!(cpu_s(u32::MAX).abs() < f64::EPSILON);
        assert!(postgres_cpu_s(u32::MAX).abs() < f64::EPSILON);
    }
}
