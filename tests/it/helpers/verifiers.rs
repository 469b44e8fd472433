//! The published verifiers of Standard Webhooks, from npm and PyPI, at the versions of `tests/verifiers/`.
//! Never judges a signature itself, and never installs anything outside the build's own folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::json;

use super::binary::run_to_end;
use super::{Request, seconds};

/// Set, it leaves these verifiers out where no registry can be reached.
pub const OFFLINE: &str = "RINGBACK_TEST_OFFLINE";
/// A registry may be away for a moment.
const TRIES: usize = 3;

/// Where both are installed; made once for all runs with the same lock files. `None` without a network.
pub fn verifiers() -> Option<&'static Verifiers> {
    static INSTALLED: OnceLock<Option<Verifiers>> = OnceLock::new();
    INSTALLED.get_or_init(|| if std::env::var_os(OFFLINE).is_some() { None } else { Some(Verifiers::install()) }).as_ref()
}

pub struct Verifiers {
    folder: PathBuf,
}

impl Verifiers {
    #[track_caller]
    fn install() -> Self {
        let files = ["package.json", "package-lock.json", "requirements.txt", "verify.mjs", "verify.py"];
        Self { folder: install("verifiers", &files) }
    }

    /// Whether each of these is taken by the verifier in JavaScript and by the one in Python.
    #[track_caller]
    pub fn verdicts(&self, messages: &[(String, Request)]) -> Vec<(bool, bool)> {
        let lines: String = messages.iter().map(|(secret, request)| line(secret, request)).collect();
        let python = self.folder.join("python").join("bin").join("python");
        let by_node = self.ask("node", "verify.mjs", &lines);
        let by_python = self.ask(python.to_str().unwrap(), "verify.py", &lines);
        assert_eq!((by_node.len(), by_python.len()), (messages.len(), messages.len()));
        by_node.into_iter().zip(by_python).collect()
    }

    fn ask(&self, program: &str, script: &str, lines: &str) -> Vec<bool> {
        let mut command = Command::new(program);
        command.arg(self.folder.join(script)).current_dir(&self.folder);
        let said = run_to_end(command, lines.as_bytes(), seconds(60)).expect(0).stdout;
        said.lines().map(|line| line == "accepted").collect()
    }
}

fn line(secret: &str, request: &Request) -> String {
    let headers: serde_json::Map<_, _> = request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    format!("{}\n", json!({"secret": secret, "headers": headers, "body": request.text()}))
}

/// Installs what the lock files of a folder in `tests/` name; returns where.
#[track_caller]
pub fn install(name: &str, files: &[&str]) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    // Two runs at once install one after the other.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let mut wanted = String::new();
    for name in files {
        let text = fs::read_to_string(sources.join(name)).unwrap();
        fs::write(folder.join(name), &text).unwrap();
        wanted += &text;
    }
    let done = folder.join("installed");
    if fs::read_to_string(&done).unwrap_or_default() != wanted {
        let python = folder.join("python");
        run(&folder, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run(&folder, "python3", &["-m", "venv", "--clear", python.to_str().unwrap()]);
        let pip = python.join("bin").join("pip");
        let packages = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"];
        run(&folder, pip.to_str().unwrap(), &packages);
        fs::write(&done, &wanted).unwrap();
    }
    folder
}

#[track_caller]
fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let mut last = String::new();
    for _ in 0..TRIES {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        let finished = run_to_end(command, b"", seconds(240));
        if finished.code == Some(0) {
            return;
        }
        last = finished.stdout + &finished.stderr;
    }
    panic!("{program} {} failed (no network? set {OFFLINE}=1 to leave these verifiers out):\n{last}", arguments.join(" "));
}
