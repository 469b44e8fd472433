//! What each release has written to its file must go on under every later one: `tests/it/journals/VERSION.sql`.
//! Never changes what a release wrote: a journal that does not go on any more is a fault of the product.
//!
//! At each release, its journal is added: `cargo test --test it -- --ignored write_the_journal_of_this_version`, and the file is
//! committed with the release. The journal of a version that is not released yet may be written anew in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use crate::helpers::{Answer, Faults, Folder, Receiver, Server, ServerBuilder, Store, eventually, ringback, seconds, text_of};

/// Opens what the journals hold sealed.
const KEY: &str = "cmluZ2JhY2stc3RvcmVkLWpvdXJuYWxzLWtleS0zMiE=";
/// Behind it come the rows; before it the schema that the release had.
const ROWS: &str = "-- rows";
const NOW: &str = "-- written at ";
const WORLD: &str = "127.0.0.1:<world>";
const HOME: &str = "127.0.0.1:<home>";
/// Seconds that sleepers sleep; the journal is opened later than that.
const SLEEP_S: u64 = 3600;

fn note(what: &str) -> Value {
    json!({"function": "add_record", "table": "notes", "data": {"who": "{{ input.who }}", "what": what}})
}

fn ask(path: &str) -> Value {
    json!({"function": "external_api_request", "url": format!("{{{{ input.world }}}}{path}"), "method": "POST",
        "body": {"who": "{{ input.who }}"}, "timeout": 600, "raise_on_error": true, "return_as": "answer"})
}

/// Functions that stand in the middle of something while `/hold` does not answer, and what each returns in the end.
fn functions() -> Vec<(&'static str, Value, Value)> {
    let add = json!({"function": "update_variable", "name": "sum", "value": "{{ sum + answer.v * i }}"});
    let tour = json!([
        {"function": "create_variable", "name": "sum", "value": 0},
        {"function": "loop", "array": [1, 2, 3], "as": "i", "operations": [
            note("turn {{ i }}"),
            {"function": "try_catch",
             "try_block": [ask("/ext"), {"function": "throw_error", "message": "on purpose"}],
             "catch_block": [note("caught {{ i }}")], "finally_block": [note("at last {{ i }}")]},
            {"function": "loop", "array": [1, 2], "as": "j", "operations": [
                {"function": "conditional", "condition": "{{ i == 2 && j == 2 }}", "true_branch": [ask("/hold")], "false_branch": [ask("/ext")]},
                add
            ]}
        ]},
        {"function": "return", "value": "{{ sum }}"}
    ]);
    let nap = json!([note("before"), {"function": "sleep", "duration": SLEEP_S}, note("after"), {"function": "return", "value": "{{ input.who }}"}]);
    let listen = json!([{"function": "wait_for_event", "name": "approved", "timeout": 100 * SLEEP_S, "return_as": "said"},
        {"function": "return", "value": "{{ said.n }}"}]);
    let both = json!([
        {"function": "parallel", "return_as": "both", "branches": {
            "quick": [note("quick"), {"function": "create_variable", "name": "q", "value": 1}],
            "held": [ask("/hold"), note("held")]
        }},
        {"function": "return", "value": "{{ q + answer.v }}"}
    ]);
    let crowd = json!([
        {"function": "loop", "array": [1, 2, 3], "as": "i", "concurrency": 3, "operations": [
            {"function": "conditional", "condition": "{{ i == 2 }}", "true_branch": [ask("/hold")], "false_branch": [ask("/ext")]},
            note("turn {{ i }}")
        ]},
        {"function": "return", "value": "done"}
    ]);
    let child = |n: u32| {
        json!({"function": "custom_function", "name": "nap", "execution_mode": "async",
        "inputs": {"who": format!("child {n}")}, "return_as": format!("c{n}")})
    };
    let family = json!([child(1), child(2),
        {"function": "async_function_await", "execution_ids": ["{{ c1 }}", "{{ c2 }}"], "timeout": 100 * SLEEP_S, "return_as": "ends"},
        {"function": "return", "value": "{{ ends|pluck('output') }}"}]);
    let rescue = json!([
        {"function": "try_catch", "try_block": [{"function": "throw_error", "message": "on purpose"}],
         "catch_block": [ask("/hold"), {"function": "create_variable", "name": "told", "value": "{{ error.message }}"}],
         "finally_block": [note("at last")]},
        {"function": "return", "value": "{{ told }}"}
    ]);
    let within = json!([
        {"function": "custom_function", "name": "part", "inputs": {"who": "{{ input.who }}", "world": "{{ input.world }}"}, "return_as": "part"},
        note("after"), {"function": "return", "value": "{{ part }}"}
    ]);
    let part = json!([note("in part"), ask("/hold"), {"function": "return", "value": "{{ answer.v + 1 }}"}]);
    let retry = json!({
        "async_function_config": {"retry_policy": {"max_retries": 3, "initial_delay": SLEEP_S * 1000, "max_delay": SLEEP_S * 1000, "jitter": 0}},
        "stack": [note("before"), ask("/busy"), {"function": "return", "value": "{{ answer.v }}"}]
    });
    let echo = json!([{"function": "return", "value": "{{ input.who }}"}]);
    vec![
        ("tour", tour, json!(84)),
        ("nap", nap, json!("nap")),
        ("listen", listen, json!(7)),
        ("both", both, json!(8)),
        ("crowd", crowd, json!("done")),
        ("family", family, json!(["child 1", "child 2"])),
        ("rescue", rescue, json!("on purpose")),
        ("within", within, json!(8)),
        ("part", part, json!(8)),
        ("retry", retry, json!(7)),
        ("delayed", echo.clone(), json!("delayed")),
        ("owed", echo, json!("owed")),
    ]
}

/// What `notes` holds in the end: who, what.
fn notes() -> BTreeMap<&'static str, Vec<String>> {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let turns = |what: &str| (1..=3).map(|i| format!("{what} {i}")).collect::<Vec<_>>();
    BTreeMap::from([
        ("tour", [turns("at last"), turns("caught"), turns("turn")].concat()),
        ("nap", words(&["after", "before"])),
        ("child 1", words(&["after", "before"])),
        ("child 2", words(&["after", "before"])),
        ("both", words(&["held", "quick"])),
        ("crowd", turns("turn")),
        ("rescue", words(&["at last"])),
        ("within", words(&["after", "in part"])),
        ("part", words(&["in part"])),
        ("retry", words(&["before"])),
    ])
}

fn server(database: &Path) -> ServerBuilder {
    let server = Server::on(Store::Sqlite).database(&format!("sqlite://{}", database.display())).basics();
    let server = functions().into_iter().fold(server, |server, (name, stack, _)| server.workflow(&format!("{name}.json"), stack));
    server.env("RINGBACK_ENCRYPTION_KEY", KEY)
}

fn journals() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/journals")
}

#[test]
fn every_releases_journal_goes_on() {
    let files: Vec<PathBuf> = std::fs::read_dir(journals()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<PathBuf> = files.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "sql")).collect();
    let own = journals().join(format!("{}.sql", env!("CARGO_PKG_VERSION")));
    assert!(files.contains(&own), "{} is missing; the head of this file says how it is made", own.display());
    files.iter().for_each(|file| goes_on(file));
}

fn goes_on(journal: &Path) {
    let version = journal.file_stem().unwrap().to_str().unwrap();
    println!("the journal of {version}");
    let (world, home, folder) = (Receiver::start(), Receiver::start(), Folder::new("journal"));
    for path in ["/ext", "/hold", "/busy"] {
        world.answers(path, [Answer::json(&json!({"v": 7}))]);
    }
    let text = std::fs::read_to_string(journal).unwrap();
    let database = folder.path().join("ringback.db");
    restore(&text, &database, version, world.port(), home.port());
    // It is read long after it was written, whatever the day is.
    let faults = Faults::none();
    let written = text.lines().find_map(|line| line.strip_prefix(NOW)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "how far the server's clock is set on is counted from this machine's")]
    let ago = chrono::Utc::now() - chrono::DateTime::parse_from_rfc3339(written).unwrap().to_utc();
    faults.clock_off_by_hours(10 - ago.num_hours());
    let server = faults.of(server(&database)).start();

    let executions = server.executions();
    let id_of = |function: &str| {
        let found = executions.iter().find(|one| one["function_name"] == function && one["parent_execution_id"].is_null());
        text_of(&found.unwrap_or_else(|| panic!("{version} has no {function}"))["execution_id"])
    };
    server.post(&format!("/v1/executions/{}/events/approved", id_of("listen")), &json!({"n": 7})).expect(202);
    for (function, _, output) in functions() {
        let id = id_of(function);
        let entry = server.wait_done(&id);
        assert_eq!((&entry["state"], &entry["output"]), (&json!("completed"), &output), "{version}, {function}: {entry}");
        let heard = eventually(&format!("{version}: the callback of {function}"), seconds(30), || {
            let heard: Vec<_> =
                home.requests_at("/home").into_iter().filter(|one| one.json()["execution_id"] == json!(id)).collect();
            (!heard.is_empty()).then_some(heard)
        });
        let ids: BTreeSet<String> = heard.iter().map(crate::helpers::Request::webhook_id).collect();
        assert_eq!((ids.len(), &heard[0].json()["output"]), (1, &output), "{version}, {function}");
    }
    let rows = server.run("list", &json!({"table": "notes"}));
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        seen.entry(text_of(&row["who"])).or_default().push(text_of(&row["what"]));
    }
    seen.values_mut().for_each(|whats| whats.sort());
    let expected: BTreeMap<String, Vec<String>> = notes().into_iter().map(|(who, whats)| (who.to_owned(), whats)).collect();
    assert_eq!(seen, expected, "{version}");
    // The key of a request under way is that of then.
    let keys: BTreeSet<&str> = text.split("-- hold ").skip(1).map(|rest| rest.lines().next().unwrap()).collect();
    let asked: BTreeSet<String> =
        world.requests_at("/hold").iter().map(|request| request.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!(asked.iter().map(String::as_str).collect::<BTreeSet<_>>(), keys, "{version}");
}

fn restore(text: &str, database: &Path, version: &str, world: u16, home: u16) {
    let text = text.replace(WORLD, &format!("127.0.0.1:{world}")).replace(HOME, &format!("127.0.0.1:{home}"));
    let (schema, rows) = text.split_once(ROWS).unwrap();
    if version == env!("CARGO_PKG_VERSION") {
        // Until its release a version's schema may still change; its rows have to fit.
        let url = format!("sqlite://{}", database.display());
        ringback(database.parent().unwrap(), ["migrate", "--database", &url]).finish().expect(0);
    }
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    if version != env!("CARGO_PKG_VERSION") {
        conn.batch_execute(&format!("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; {schema}")).unwrap();
    }
    conn.batch_execute(&format!("BEGIN; {rows} COMMIT;")).unwrap();
}

/// One text.
struct Line(String);

impl QueryableByName<diesel::sqlite::Sqlite> for Line {
    fn build<'a>(row: &impl diesel::row::NamedRow<'a, diesel::sqlite::Sqlite>) -> diesel::deserialize::Result<Self> {
        diesel::row::NamedRow::get::<Text, String>(row, "t").map(Self)
    }
}

fn lines(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|Line(text)| text).collect()
}

#[test]
#[ignore = "writes the journal of this version: at its release"]
fn write_the_journal_of_this_version() {
    let (world, home, folder) = (Receiver::start(), Receiver::start(), Folder::new("journal"));
    world.answers("/ext", [Answer::json(&json!({"v": 7}))]);
    world.answers("/hold", [Answer::never()]);
    world.answers("/busy", [Answer::status(503)]);
    home.answers("/home", [Answer::status(503)]);
    let database = folder.path().join("ringback.db");
    let mut server = server(&database).start();
    for (function, _, _) in functions() {
        let mut body = json!({"who": function, "world": world.url(""), "callback_url": home.url("/home")});
        if function == "delayed" {
            body["options"] = json!({"delay": SLEEP_S});
        }
        server.start(function, &body);
    }
    // tour, both, crowd, rescue, within, part.
    let held = world.wait_for("/hold", 6);
    world.wait_for("/busy", 1);
    home.wait_for("/home", 1);
    eventually("that all the others lie down", seconds(20), || {
        let lying = server.executions().iter().filter(|one| one["state"] == "waiting" || one["state"] == "retrying").count();
        // nap, listen, family and its two children, retry.
        (lying == 6).then_some(())
    });
    crate::helpers::pause(seconds(1));
    server.kill9();

    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the journal says when it was written")]
    let mut text = format!("{NOW}{}\n", chrono::Utc::now().to_rfc3339());
    for request in held {
        text += &format!("-- hold {}\n", request.header("idempotency-key").unwrap());
    }
    let schema = "SELECT sql || ';' AS t FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index', rowid";
    text += &lines(&mut conn, schema).join("\n");
    text += &format!("\n{}\n", rows_of(&mut conn, "__diesel_schema_migrations"));
    text += &format!("{ROWS}\n");
    let tables =
        "SELECT name AS t FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '__diesel%'";
    for table in lines(&mut conn, tables) {
        text += &rows_of(&mut conn, &table);
    }
    let text = text.replace(&format!("127.0.0.1:{}", world.port()), WORLD).replace(&format!("127.0.0.1:{}", home.port()), HOME);
    std::fs::write(journals().join(format!("{}.sql", env!("CARGO_PKG_VERSION"))), text).unwrap();
}

fn rows_of(conn: &mut SqliteConnection, table: &str) -> String {
    let columns = lines(conn, &format!("SELECT name AS t FROM pragma_table_info('{table}') ORDER BY cid"));
    let values: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    let names = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    let query = format!("SELECT {} AS t FROM \"{table}\"", values.join(" || ', ' || "));
    lines(conn, &query).iter().map(|row| format!("INSERT OR REPLACE INTO \"{table}\" ({names}) VALUES ({row});\n")).collect()
}
