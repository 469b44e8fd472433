//! Files with mistakes, each beside exactly what `check` prints of it. A folder is checked as one.

use std::fs;
use std::path::{Path, PathBuf};

use ringback::cli::check::{HOLDS, REFUSED, run};

use crate::support::{difference, files, tests_folder};

#[test]
fn each_mistake_is_said_with_its_place_and_its_mend() {
    let folder = tests_folder().join("stacks/errors");
    let mut cases = files(&folder, "jsonc");
    cases.extend(fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
    assert!(cases.len() > 10);
    let different: Vec<String> = cases.iter().filter_map(|case| compare(&folder, case)).collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

fn compare(folder: &Path, case: &Path) -> Option<String> {
    let mut out = Vec::new();
    let code = run(&[PathBuf::from(case)], false, &["ALLOWED".to_owned()], &mut out);
    let printed = String::from_utf8(out).expect("what is printed is text").replace(&format!("{}/", folder.display()), "");
    let holds = printed.lines().last().is_some_and(|summary| summary.starts_with("0 errors"));
    assert_eq!(code, if holds { HOLDS } else { REFUSED }, "{}:\n{printed}", case.display());
    difference(&case.with_extension("expected"), &printed)
}
