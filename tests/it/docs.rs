//! The documentation, done as it is written: its files are served, its lines are run, its nodes and scripts are called.
//! Never a snippet of its own: what a reader copies is what is tried.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::helpers::{Folder, Receiver, Server, Store, clean_command, ringback, run_to_end, seconds};

/// Pages whose lines are run, from the first to the last.
const RUN: [&str; 4] = ["quick-start.md", "recipes.md", "from-xano.md", "callbacks.md"];

const README: &str = "../README.md";

/// A fenced block of a page.
struct Block {
    language: String,
    /// The file that it belongs into, if the line before names one.
    file: Option<String>,
    text: String,
    at: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(folder().join(page)).unwrap();
    let (mut blocks, mut open, mut before) = (Vec::new(), None::<Block>, String::new());
    for (number, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                let file = before.strip_prefix("`workflows/").and_then(|rest| rest.strip_suffix("`:")).map(str::to_owned);
                let at = format!("docs/{page}:{}", number + 1);
                open = Some(Block { language: language.to_owned(), file, text: String::new(), at });
            }
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
        if !line.trim().is_empty() {
            line.clone_into(&mut before);
        }
    }
    blocks
}

fn pages() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let pages = files.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    pages.chain([README.to_owned()]).collect()
}

#[test]
fn every_stack_of_the_documentation_holds() {
    let mut count = 0;
    for page in pages() {
        for block in blocks(&page) {
            let text = block.text.trim();
            match &*block.language {
                "jsonc" => {
                    let whole = text.starts_with(['{', '[']);
                    let stack =
                        if whole { text.to_owned() } else { format!("{{{}, \"stack\": []}}", text.trim_end_matches(',')) };
                    let folder = Folder::new("snippet");
                    folder.write("workflows/snippet.jsonc", stack);
                    let checked = ringback(folder.path(), ["check", "workflows"]).finish();
                    assert_eq!(checked.code, Some(0), "{}:\n{}{}", block.at, checked.stdout, checked.stderr);
                    count += 1;
                }
                "json" => {
                    serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{}: {error}", block.at));
                    count += 1;
                }
                "js" if page != "recipes.md" && page != README => {
                    let folder = Folder::new("script");
                    let mut command = Command::new("node");
                    command.arg("--check").arg(folder.write("snippet.mjs", text));
                    assert_eq!(run_to_end(command, b"", seconds(30)).code, Some(0), "{}", block.at);
                    count += 1;
                }
                _ => {}
            }
        }
    }
    assert!(count > 10, "only {count} snippets were found");
}

#[test]
fn every_line_of_the_documentation_does_what_it_says() {
    for page in RUN {
        let receiver = Receiver::start();
        let blocks = blocks(page);
        let at_receiver = receiver.url("");
        let files = blocks
            .iter()
            .filter_map(|block| Some((block.file.as_ref()?, block.text.replace("http://127.0.0.1:9000", &at_receiver))));
        let server = files.fold(Server::on(Store::Sqlite), |server, (name, text)| server.workflow(name, text)).start();
        let here = |text: &str| {
            let text = text.replace("http://127.0.0.1:8080", &server.url("")).replace("localhost:8080", &server.url(""));
            text.replace("http://127.0.0.1:9000", &at_receiver)
        };
        let lines: String = blocks.iter().filter(|block| block.language == "sh").map(|block| here(&block.text)).collect();
        run_lines(page, &server, &lines);
        for block in &blocks {
            match &*block.language {
                "json" if block.text.contains("\"nodes\"") => call_nodes(&block.at, &here(&block.text), &at_receiver),
                "js" if page == "recipes.md" => {
                    run_script(&block.at, &here(&block.text), "result.year === 2026 && result.pages === 12");
                }
                _ => {}
            }
        }
        let hears = blocks.iter().any(|block| block.language == "sh" && block.text.contains("127.0.0.1:9000/done"));
        if hears {
            assert_eq!(receiver.wait_for("/done", 1)[0].json()["type"], "execution.completed", "{page}");
        }
    }
}

#[test]
fn what_the_readme_shows_works_with_the_shipped_functions() {
    let receiver = Receiver::start();
    let server = Server::on(Store::Sqlite).workflows(Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows")).start();
    let here = |text: &str| {
        let text = ["http://ringback:8080", "https://ringback.example.com"]
            .iter()
            .fold(text.to_owned(), |text, there| text.replace(there, &server.url("")));
        text.replace("localhost:8080", &server.url("")).replace("http://127.0.0.1:9000", &receiver.url(""))
    };
    let (mut lines, mut called) = (String::new(), 0);
    for block in blocks(README) {
        match &*block.language {
            "sh" if block.text.starts_with("curl") => {
                let text = here(&block.text).replace("<id>", "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
                lines.extend(text.lines().filter(|line| !line.starts_with("cargo")).map(|line| format!("{line}\n")));
            }
            "json" if block.text.contains("\"nodes\"") => call_nodes(&block.at, &here(&block.text), &receiver.url("")),
            "js" => run_script(&block.at, &here(&block.text), "result.report_id > 0"),
            _ => continue,
        }
        called += 1;
    }
    assert_eq!(called, 4, "two blocks of lines, a workflow of n8n, a script of WeWeb");
    run_lines(README, &server, &lines);
    for path in ["/done", "/resume"] {
        assert_eq!(receiver.wait_for(path, 1)[0].json()["type"], "execution.completed", "{path}");
    }
}

/// The lines in one shell, and behind each what it is said to print: `#=> …` is in what was printed since the `#=>` before.
fn run_lines(page: &str, server: &Server, lines: &str) {
    let binary = PathBuf::from(clean_command().get_program());
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let script =
        format!("set -euo pipefail\ncurl() {{ command curl --fail-with-body --silent --show-error \"$@\"; }}\n{}", marked(lines));
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(server.folder().path()).env("PATH", path).env("NO_COLOR", "1");
    command.env("RINGBACK_URL", server.url("")).env_remove("RINGBACK_API_KEY");
    let finished = run_to_end(command, b"", seconds(120));
    assert_eq!(finished.code, Some(0), "docs/{page} stopped after:\n{}\n{}", finished.stdout, finished.stderr);
    let mut count = 0;
    for part in finished.stdout.split('\u{1}').skip(1).step_by(2).zip(finished.stdout.split('\u{1}').step_by(2)) {
        let (expected, printed) = part;
        assert!(printed.contains(expected), "docs/{page}: \"{expected}\" is not in what was printed:\n{printed}");
        count += 1;
    }
    assert_eq!(count, lines.matches("#=> ").count(), "docs/{page}: {}", finished.stdout);
}

/// Each `#=> text` becomes that text between marks.
fn marked(lines: &str) -> String {
    let mark = |line: &str| match line.strip_prefix("#=> ") {
        Some(expected) => format!("printf '\\001%s\\001' '{}'\n", expected.replace('\'', "'\\''")),
        None => format!("{line}\n"),
    };
    lines.lines().map(mark).collect()
}

/// What n8n would send from each *HTTP Request* node.
fn call_nodes(at: &str, workflow: &str, receiver: &str) {
    let script = format!(
        "const $json = {{year: 2026, webhook_url: '{receiver}/n8n', async_execution_id: 'nobody'}};\n\
         const $execution = {{resumeUrl: '{receiver}/resume'}};\n\
         for (const node of {workflow}.nodes) {{\n\
           if (!node.parameters.jsonBody) continue;\n\
           const expression = node.parameters.jsonBody.replace(/^=\\{{\\{{/, '').replace(/\\}}\\}}$/, '');\n\
           const body = new Function('$json', '$execution', 'return ' + expression)($json, $execution);\n\
           const headers = {{'content-type': 'application/json'}};\n\
           const answer = await fetch(node.parameters.url, {{method: node.parameters.method, headers, body}});\n\
           if (!answer.ok) throw new Error(await answer.text());\n\
         }}"
    );
    node(at, &script);
}

/// A script as WeWeb runs it: inside of a function.
fn run_script(at: &str, script: &str, holds: &str) {
    let whole = format!(
        "const variables = {{}};\nconst result = await (async () => {{\n{script}\n}})();\n\
         if (!({holds})) throw new Error(JSON.stringify(result));"
    );
    node(at, &whole);
}

fn node(at: &str, script: &str) {
    let mut command = Command::new("node");
    command.args(["--input-type=module", "-"]);
    let finished = run_to_end(command, script.as_bytes(), seconds(60));
    assert_eq!(finished.code, Some(0), "{at}: {}", finished.stderr);
}
