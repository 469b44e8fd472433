//! The memory of a sandbox as the system counts it: the second line behind what the languages count themselves.
//! Never looks while nothing runs.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Between two looks; what can be filled meanwhile is a few ten megabytes.
const EVERY: Duration = Duration::from_millis(4);
const PAGE_BYTES: u64 = 4096;

/// The bytes that this process holds; nothing where the system does not tell.
pub fn resident_bytes() -> u64 {
    let [resident, _] = pages("/proc/self/statm");
    resident * PAGE_BYTES
}

/// The bytes that another process holds alone: not its program's, which is ours too.
pub fn own_bytes_of(id: u32) -> usize {
    let [resident, shared] = pages(&format!("/proc/{id}/statm"));
    usize::try_from(resident.saturating_sub(shared) * PAGE_BYTES).unwrap_or(usize::MAX)
}

/// What is resident, and what of it is shared.
fn pages(path: &str) -> [u64; 2] {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut numbers = text.split(' ').skip(1).map(|number| number.parse().unwrap_or(0));
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

/// How much the process may hold during one task.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// From here on a crash is most likely one of memory.
    pub filling: u64,
    pub most: u64,
}

/// Hears of each beginning (`Some`) and of each end (`None`) of a task; tells `filling` once a task when that much is held,
/// and calls `over` for more than the most.
pub fn watch(work: &Receiver<Option<Bound>>, filling: impl Fn(), over: impl Fn()) {
    let mut bound: Option<Bound> = None;
    loop {
        let told = match bound {
            None => work.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => work.recv_timeout(EVERY),
        };
        match (told, bound) {
            (Ok(told), _) => bound = told,
            (Err(RecvTimeoutError::Timeout), Some(now)) => {
                let held = resident_bytes();
                if held > now.filling {
                    bound = Some(Bound { filling: u64::MAX, ..now });
                    filling();
                }
                if held > now.most {
                    over();
                }
            }
            (Err(RecvTimeoutError::Timeout), _) => {}
            (Err(RecvTimeoutError::Disconnected), _) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn it_says_so_only_while_something_runs_and_holds_too_much() {
        let (begins, work) = mpsc::channel();
        let count = std::sync::Arc::new(AtomicU32::new(0));
        let (seen, heard) = (count.clone(), mpsc::channel());
        let (said, hears) = heard;
        let watching = std::thread::spawn(move || {
            let fills = || {
                seen.fetch_add(1, Ordering::Relaxed);
            };
            watch(&work, fills, || {
                let _ = said.send(());
            });
        });
        begins.send(Some(Bound { filling: u64::MAX, most: u64::MAX })).unwrap();
        assert!(hears.recv_timeout(EVERY * 5).is_err());
        begins.send(Some(Bound { filling: 1, most: 1 })).unwrap();
        if resident_bytes() > 0 {
            hears.recv_timeout(Duration::from_secs(10)).unwrap();
            hears.recv_timeout(Duration::from_secs(10)).unwrap();
            assert_eq!(count.load(Ordering::Relaxed), 1, "it is told once");
        }
        begins.send(None).unwrap();
        drop(begins);
        watching.join().unwrap();
    }
}
