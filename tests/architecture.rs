//! The house rules that a program can check: the import table of `src/ARCHITECTURE.md` and what stays in its place.
//! Never knows a module by heart: the table, the folders and the sources are read.

#![expect(clippy::unwrap_used, reason = "a check that cannot read the sources has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

const LINES_MAX: usize = 500;

/// One source file below `src/`.
struct Source {
    /// `http/routes.rs`
    path: String,
    /// The module at the top: `http`.
    module: String,
    text: String,
    /// The text without comments, string contents and test modules; lines stay where they are.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let files = files_below(&src).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let all: Vec<Source> = files
        .map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
            let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let code = production_code(&text);
            Source { path, module, text, code }
        })
        .collect();
    let tests = test_files(&all);
    all.into_iter().filter(|source| !tests.iter().any(|test| source.path.starts_with(test))).collect()
}

/// Files that `#[cfg(test)] mod name;` names, as `folder/name.rs` and `folder/name/`.
fn test_files(all: &[Source]) -> Vec<String> {
    let declared = Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod ([a-z_0-9]+);").unwrap();
    let mut files = Vec::new();
    for source in all {
        let folder = match source.path.rsplit_once('/') {
            Some((folder, "mod.rs")) => format!("{folder}/"),
            Some((folder, file)) => format!("{folder}/{}/", file.trim_end_matches(".rs")),
            None if ["lib.rs", "main.rs"].contains(&source.path.as_str()) => String::new(),
            None => format!("{}/", source.path.trim_end_matches(".rs")),
        };
        for found in declared.captures_iter(&source.text) {
            files.push(format!("{folder}{}.rs", &found[1]));
            files.push(format!("{folder}{}/", &found[1]));
        }
    }
    files
}

fn production_code(text: &str) -> String {
    without_test_modules(&without_comments_and_strings(text))
}

/// Replaces comments and what stands in strings and characters by spaces.
fn without_comments_and_strings(text: &str) -> String {
    let hidden = Regex::new(
        r##"(?s)//[^\n]*|/\*.*?\*/|b?r#".*?"#|b?r"[^"]*"|b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\\n]|\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|.))'"##,
    )
    .unwrap();
    let blank = |found: &regex::Captures| found[0].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect::<String>();
    hidden.replace_all(text, blank).into_owned()
}

/// Cuts `#[cfg(test)] mod tests { … }`, from the attribute to its closing brace.
fn without_test_modules(code: &str) -> String {
    let begins = Regex::new(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([a-z]+\))? )?mod [a-z_0-9]+ \{").unwrap();
    let mut rest = code;
    let mut kept = String::new();
    while let Some(found) = begins.find(rest) {
        kept += &rest[..found.start()];
        let mut depth = 0;
        let end = rest[found.end() - 1..].char_indices().find(|(_, c)| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth == 0
        });
        let cut = found.end() + end.map_or(0, |(at, _)| at);
        kept.extend(rest[found.start()..cut].matches('\n'));
        rest = &rest[cut..];
    }
    kept + rest
}

/// The rows of the table whose head is `| module | may import |`.
fn import_table() -> BTreeMap<String, Vec<String>> {
    let page = fs::read_to_string(root().join("src/ARCHITECTURE.md")).unwrap();
    let rows = page.split_once("| module | may import |").expect("the page has the import table").1;
    let row = Regex::new(r"^\| ([a-z]+) \| (.+) \|$").unwrap();
    let rows = rows.lines().skip(2).map_while(|line| row.captures(line));
    rows.map(|row| {
        let allowed = row[2].split(", ").filter(|name| *name != "nothing").map(str::to_owned).collect();
        (row[1].to_owned(), allowed)
    })
    .collect()
}

/// Every path that begins with `crate::` (or, in the binary, `ringback::`), groups unfolded: `store::read::Read`, with its line.
fn imports(code: &str) -> Vec<(usize, String)> {
    let begin = Regex::new(r"\b(?:crate|ringback)::").unwrap();
    let mut found = Vec::new();
    for start in begin.find_iter(code) {
        let line = code[..start.start()].matches('\n').count() + 1;
        found.extend(unfold(&code[start.end()..]).into_iter().map(|path| (line, path)));
    }
    found
}

/// `a::{b, c::d}` at the beginning of a text → `a::b`, `a::c::d`.
fn unfold(text: &str) -> Vec<String> {
    let plain = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let head = &text[..plain];
    if !(head.is_empty() || head.ends_with("::")) || !text[plain..].starts_with('{') {
        return vec![head.trim_end_matches(':').to_owned()];
    }
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in text[plain..].chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            (_, 0) => break,
            ('{', 1) => {}
            (',', 1) => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(unfold).map(|path| format!("{head}{path}")).collect()
}

fn allows(allowed: &[String], path: &str) -> bool {
    allowed.iter().any(|open| path == open || path.strip_prefix(open.as_str()).is_some_and(|rest| rest.starts_with("::")))
}

#[track_caller]
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// `file:line: text` wherever a pattern stands in production code of files that `counts` picks.
fn places(pattern: &str, counts: impl Fn(&Source) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let sources = sources();
    let lines = sources
        .iter()
        .filter(|source| counts(source))
        .flat_map(|source| source.code.lines().enumerate().map(move |(n, line)| (source.path.as_str(), n + 1, line)));
    lines
        .filter(|(_, _, line)| pattern.is_match(line))
        .map(|(path, n, line)| format!("src/{path}:{n}: {}", line.trim()))
        .collect()
}

#[test]
fn every_import_is_in_the_table() {
    let table = import_table();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.module != "lib") {
        let allowed = table.get(&source.module).unwrap_or_else(|| panic!("the table has no row for `{}`", source.module));
        for (line, path) in imports(&source.code) {
            let own = path == source.module || path.starts_with(&format!("{}::", source.module));
            // A macro or a constant at the crate's root belongs to nobody.
            let rooted = !path.contains("::") && !table.contains_key(&path);
            if !own && !rooted && !allows(allowed, &path) {
                wrong.push(format!("src/{}:{line}: {} may not import {path}", source.path, source.module));
            }
        }
    }
    assert_none("imports that src/ARCHITECTURE.md does not allow", &wrong);
}

#[test]
fn the_table_names_every_module_and_no_other() {
    let modules: BTreeSet<String> = sources().into_iter().map(|source| source.module).filter(|module| module != "lib").collect();
    assert_eq!(import_table().into_keys().collect::<BTreeSet<_>>(), modules);
}

#[test]
fn nobody_climbs_out_of_his_module() {
    // `super::super::…` up to the crate's root would go around the table.
    let climbing = Regex::new(r"(?:super::)+").unwrap();
    let mut wrong = Vec::new();
    for source in sources() {
        let is_root_of_folder = source.path.ends_with("/mod.rs");
        let depth = source.path.matches('/').count() + 1 - usize::from(is_root_of_folder);
        for found in climbing.find_iter(&source.code) {
            if found.as_str().matches("super::").count() >= depth {
                wrong.push(format!("src/{}: {} leaves the module", source.path, found.as_str()));
            }
        }
    }
    assert_none("paths out of a module", &wrong);
}

#[test]
fn every_file_says_what_it_owns_and_what_it_must_never_do() {
    let opens_well = |source: &Source| {
        let doc: Vec<&str> = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        doc.len() >= 2 && doc.iter().skip(1).any(|line| Regex::new(r"\b(?:[Nn]ever|[Nn]othing)\b").unwrap().is_match(line))
    };
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| source.path != "lib.rs" && !opens_well(source))
        .map(|source| source.path.clone())
        .collect();
    assert_none("files that do not open with `//! what it owns` and `//! what it must never do`", &wrong);
}

#[test]
fn no_file_grows_beyond_reading() {
    let long = |source: &Source| source.text.lines().count() > LINES_MAX;
    let wrong: Vec<String> = sources().iter().filter(|source| long(source)).map(|source| source.path.clone()).collect();
    assert_none(&format!("files of more than {LINES_MAX} lines"), &wrong);
}

#[test]
fn the_nouns_and_the_language_know_no_async() {
    let wrong = places(r"\basync\b|\.await\b|\btokio\b|\bactix", |source| ["domain", "stack"].contains(&source.module.as_str()));
    assert_none("async in domain or stack", &wrong);
}

#[test]
fn each_library_stays_in_its_place() {
    for (library, at_home) in [
        // The command line speaks through a client that `outbound::trusted` made.
        (r"\breqwest::", &["outbound", "cli"][..]),
        (r"\breqwest::Client::(?:new|builder)\b|\bClientBuilder\b", &["outbound"]),
        (r"\bdiesel(?:_async|_migrations)?::", &["store"]),
        // The benchmark makes and drops databases of its own.
        (r"\btokio_postgres::", &["store", "cli"]),
        // The demo plays other people's servers.
        (r"\bactix_web::http\b|\bHttpResponse\b", &["http", "dashboard", "cli"]),
        (r"\bStatusCode\b", &["http", "dashboard", "outbound", "cli"]),
        (r"\bactix_cors::|\bactix_multipart::", &["http", "app"]),
        (r"\bminijinja::", &["dashboard", "sandbox"]),
        (r"\brquickjs::", &["sandbox"]),
        // What the standard library has no call for: who runs after whom, how many may wait to be accepted.
        (r"\brustix::", &["sandbox", "app"]),
        (r"\bclap::", &["cli"]),
        (r"\bcomfy_table::|\bindicatif::", &["cli"]),
    ] {
        let elsewhere = places(library, |source| !at_home.contains(&source.module.as_str()));
        assert_none(&format!("{library} outside {at_home:?}"), &elsewhere);
    }
}

#[test]
fn only_the_engine_changes_state() {
    let wrong = places(r"\bdyn Write\b|\bwrite::Write\b|\bstore\.write\b", |source| {
        !["store", "engine", "app", "cli"].contains(&source.module.as_str())
    });
    assert_none("uses of the store's writing half", &wrong);
}

#[test]
fn exceptions_to_lints_have_reasons() {
    assert_none("`#[allow]`; write `#[expect(…, reason = \"…\")]`", &places(r"#!?\[allow\(", |_| true));
    let reasonless = places(r"#!?\[expect\([^\]]*\)\]", |_| true);
    let reasonless: Vec<String> = reasonless.into_iter().filter(|line| !line.contains("reason")).collect();
    assert_none("`#[expect]` without a reason", &reasonless);
}

#[test]
fn every_error_code_has_its_page() {
    let spelled = Regex::new(r#""ERROR_CODE_([A-Z_]+)""#).unwrap();
    let pages = root().join("src/http/problems");
    let mut wrong = Vec::new();
    // `failure.rs` is the one place where the codes are spelled.
    let text = fs::read_to_string(root().join("src/domain/failure.rs")).unwrap();
    let codes: BTreeSet<String> = spelled.captures_iter(&text).map(|found| found[1].to_lowercase()).collect();
    assert!(codes.len() > 20, "the codes were not found: {codes:?}");
    for code in codes {
        let page = pages.join(format!("{code}.md"));
        match fs::read_to_string(&page) {
            Ok(text) if text.lines().filter(|line| !line.trim().is_empty()).count() >= 3 => {}
            Ok(_) => wrong.push(format!("{}: says too little", page.display())),
            Err(error) => wrong.push(format!("{}: {error}", page.display())),
        }
    }
    assert_none("error codes without a page that says what, why and what to do", &wrong);
}

#[test]
fn both_stores_have_the_same_migrations() {
    let names = |store: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(store);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let postgres = names("postgres");
    assert!(!postgres.is_empty());
    assert_eq!(postgres, names("sqlite"));
}

#[test]
fn an_image_is_built_from_all_that_a_build_reads() {
    let text = fs::read_to_string(root().join("docs/deploy/Dockerfile.dockerignore")).unwrap();
    let allowed: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let read = ["Cargo.toml", "Cargo.lock", ".cargo", "build.rs", "src", "migrations", "workflows", "docs", "tests"];
    let missing: Vec<String> =
        read.into_iter().filter(|name| root().join(name).exists() && !allowed.contains(name)).map(str::to_owned).collect();
    assert_none("left out of the image's context", &missing);
}

#[test]
fn the_checks_see_what_they_look_for() {
    let code = production_code(
        "use crate::{domain::ids, store::{read::Read, write}};\nfn f() { crate::engine::start(\"crate::http\") }\n// crate::app\n",
    );
    let found: Vec<String> = imports(&code).into_iter().map(|(line, path)| format!("{line} {path}")).collect();
    assert_eq!(found, ["1 domain::ids", "1 store::read::Read", "1 store::write", "2 engine::start"]);
    let cut = production_code("a\n#[cfg(test)]\nmod tests {\n  use crate::http; fn x() { '{' }\n}\nuse crate::app;\n");
    assert_eq!(imports(&cut), [(6, "app".to_owned())]);
    let allowed = ["store::read".to_owned(), "domain".to_owned()];
    assert!(allows(&allowed, "store::read::Read") && allows(&allowed, "domain") && !allows(&allowed, "store::ready"));
    assert!(!allows(&allowed, "store"));
}
