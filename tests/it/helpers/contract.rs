//! A public linter of OpenAPI from npm and a schema-driven tester from PyPI, at the versions of `tests/contract/`.
//! Never judges an answer itself, and never installs anything outside the build's own folder.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::binary::{Finished, run_to_end};
use super::seconds;
use super::verifiers::{OFFLINE, install};

/// What a tester holds every answer against. That a call which no schema allows is refused is not among them: the API takes
/// what tools without a type system send.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,missing_required_header,allow_header_conformance,\
                      use_after_free";

/// Both programs, installed once for all runs with the same lock files. `None` where they are left out.
pub fn contract() -> Option<&'static Contract> {
    static INSTALLED: OnceLock<Option<Contract>> = OnceLock::new();
    INSTALLED.get_or_init(Contract::install).as_ref()
}

pub struct Contract {
    folder: PathBuf,
}

impl Contract {
    fn install() -> Option<Self> {
        if std::env::var_os(OFFLINE).is_some() {
            eprintln!("left out, since {OFFLINE} is set: a linter and a tester of /openapi.json, from npm and PyPI");
            return None;
        }
        let mut version = Command::new("python3");
        version.args(["-c", "import sys; raise SystemExit(sys.version_info < (3, 11))"]);
        if run_to_end(version, b"", seconds(30)).code != Some(0) {
            eprintln!(
                "left out, since python3 is older than 3.11: schemathesis, which holds a live server against /openapi.json"
            );
            return None;
        }
        let folder = install("contract", &["package.json", "package-lock.json", "requirements.txt"]);
        Some(Self { folder })
    }

    /// The linter's verdict on a document; `None` where Node.js is too old for it.
    pub fn lint(&self, document: &str) -> Option<Finished> {
        let mut version = Command::new("node");
        version
            .args(["-e", "const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || a == 20 && b >= 19 ? 0 : 1)"]);
        if run_to_end(version, b"", seconds(30)).code != Some(0) {
            eprintln!("left out, since Node.js is older than 20.19: @redocly/cli, which reads /openapi.json");
            return None;
        }
        let file = self.folder.join("openapi.json");
        std::fs::write(&file, document).unwrap();
        let mut command = Command::new(self.folder.join("node_modules").join(".bin").join("redocly"));
        command.args(["lint", "openapi.json", "--format", "stylish"]).current_dir(&self.folder);
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        Some(run_to_end(command, b"", seconds(120)))
    }

    /// The tester's verdict on a server that serves its document, with this many examples of each call.
    pub fn test(&self, url: &str, examples: u32) -> Finished {
        let mut command = Command::new(self.folder.join("python").join("bin").join("st"));
        command.args(["run", &format!("{url}/openapi.json"), "--checks", CHECKS, "--phases", "coverage,fuzzing", "--seed", "1"]);
        command.args(["--max-examples", &examples.to_string(), "--request-timeout", "60", "--workers", "1", "--no-color"]);
        command.args(["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]);
        command.current_dir(&self.folder);
        run_to_end(command, b"", seconds(500))
    }
}
