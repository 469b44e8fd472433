//! Runs JavaScript in Node.js, for clients that are written in it.
//! Never changes the code that a story hands over.

use std::process::Command;

use super::binary::run_to_end;
use super::{Folder, seconds};

/// Runs a module with arguments and returns what it printed; it must end well.
#[track_caller]
pub fn node(folder: &Folder, module: &str, args: &[&str]) -> String {
    let path = folder.write("main.mjs", module);
    let mut command = Command::new("node");
    command.arg(path).args(args).current_dir(folder.path());
    let finished = run_to_end(command, b"", seconds(90)).expect(0);
    finished.stdout
}
