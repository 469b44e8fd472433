//! Tells the program which commit it was built from; `ringback bench` names it beside its figures.
//! Never fails a build: without git the commit is unknown, and a debug build, whose figures mean little, is not made anew for one.

use std::process::Command;

/// What release builds are told of how often their code runs.
const PROFILE: &str = ".cargo/ringback.profdata";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=GIT_COMMIT");
    let given = std::env::var("GIT_COMMIT").ok().filter(|commit| !commit.is_empty());
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if release && std::path::Path::new(PROFILE).exists() {
        println!("cargo:rerun-if-changed={PROFILE}");
    }
    let commit = given.or_else(|| if release { from_git() } else { None });
    println!("cargo:rustc-env=BUILT_FROM_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

fn from_git() -> Option<String> {
    for name in ["HEAD", "logs/HEAD"] {
        println!("cargo:rerun-if-changed={}", git(&["rev-parse", "--git-path", name])?);
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    Some(if changed { format!("{commit} with changes") } else { commit })
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
