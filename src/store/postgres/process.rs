//! This process as another one of the same machine can recognise it, so that a restart need not wait for leases.
//! Never says that a process is gone unless the machine itself says so.

use std::fs;

/// Which process this is: the machine's boot, the namespace of process numbers, the number, and when it began. Empty where the
/// machine does not tell.
pub fn own() -> String {
    identity(std::process::id()).unwrap_or_default()
}

/// Whether the process of this identity ran on this machine, since its boot, and runs no more.
pub fn is_gone(identity_then: &str) -> bool {
    let (Some((place, number)), Some((here, _))) = (split(identity_then), own_place()) else { return false };
    place == here && sees_others() && identity(number).as_deref() != Some(identity_then)
}

/// Where the processes of other users are hidden (`hidepid`, `ProtectProc`), the first one is, too.
fn sees_others() -> bool {
    fs::read_to_string("/proc/1/stat").is_ok()
}

fn own_place() -> Option<(String, u32)> {
    split(&own()).map(|(place, number)| (place.to_owned(), number))
}

/// The place (boot and namespace) and the number.
fn split(identity: &str) -> Option<(&str, u32)> {
    let (rest, _began) = identity.rsplit_once(' ')?;
    let (place, number) = rest.rsplit_once(' ')?;
    Some((place, number.parse().ok()?))
}

fn identity(number: u32) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name in parentheses may hold spaces; what follows it does not: the state first, and when it began as the 20th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let began = fields.nth(18)?;
    let ended = matches!(state, "Z" | "X");
    (!ended).then(|| format!("{} {} {number} {began}", boot.trim(), namespace.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_process_is_not_gone_and_one_that_was_killed_is() {
        assert!(!is_gone(&own()));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let then = identity(child.id()).unwrap();
        assert!(!is_gone(&then));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&then));
    }

    #[test]
    fn what_ran_elsewhere_or_does_not_say_is_never_gone() {
        for other in ["", "nonsense", "another-boot pid:[1] 1 5", "a b c d"] {
            assert!(!is_gone(other), "{other}");
        }
    }
}
