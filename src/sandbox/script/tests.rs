//! Programs of the `lambda` step: what they compute, and where they are stopped.
//! Never a process of its own; those are the pool's tests and the stories.

use std::time::{Duration, Instant};

use super::*;
use crate::sandbox::task::Language;

fn task(code: &str, globals: &str) -> Task {
    Task {
        language: Language::Script,
        text: code.into(),
        globals: Value::from_json_text(globals).unwrap(),
        memory_bytes: 16_000_000,
        millicores: 1000,
        now_ms: 1_700_000_000_123,
        seed: 0x0123_4567_89ab_cdef,
    }
}

fn evaluated(code: &str, globals: &str) -> Result<Value, Fault> {
    let until = Instant::now() + Duration::from_secs(5);
    evaluate(&task(code, globals), move || Instant::now() < until).0
}

fn json(code: &str) -> String {
    evaluated(code, "{}").unwrap_or_else(|fault| panic!("{code}: {fault:?}")).to_json_text()
}

fn thrown(code: &str) -> Raised {
    match evaluated(code, "{}") {
        Err(Fault::Raised(raised)) => *raised,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn a_script_is_an_expression_or_the_body_of_a_function() {
    assert_eq!(json("1 + 1"), "2");
    assert_eq!(json("1 + 1 // two\n") + &json("1 + 1;\n"), "22");
    assert_eq!(json("const a = 2;\nreturn a * 3;"), "6");
    assert_eq!(json("return await Promise.resolve([1, 2])"), "[1,2]");
    assert_eq!(json("const a = 1;"), "null");
    assert_eq!(json(""), "null");
    assert_eq!(json("({a: [1, {b: 'é'}]})"), r#"{"a":[1,{"b":"é"}]}"#);
}

#[test]
fn its_names_are_there_and_whole_numbers_stay_exact() {
    let globals = r#"{"$input": {"n": 3, "big": 9007199254740993, "half": 0.5}, "$var": {"list": [1, null, true, "x"]}}"#;
    assert_eq!(evaluated("$input.n + $input.half", globals), Ok(Value::Decimal(3.5)));
    assert_eq!(evaluated("$input.big", globals), Ok(Value::Int(9_007_199_254_740_993)));
    assert_eq!(evaluated("$input.big + 1n", globals), Ok(Value::Int(9_007_199_254_740_994)));
    assert_eq!(evaluated("$var.list", globals).unwrap().to_json_text(), r#"[1,null,true,"x"]"#);
    assert_eq!(evaluated("2 ** 53 - 1", globals), Ok(Value::Int(9_007_199_254_740_991)));
    assert_eq!(json("6 / 2"), "3");
}

#[test]
fn what_json_does_not_know_is_left_out_as_json_does() {
    assert_eq!(json("({a: undefined, b: () => 1, c: NaN, d: new Date(0), e: [undefined, Symbol()]})"), {
        r#"{"c":null,"d":"1970-01-01T00:00:00.000Z","e":[null,null]}"#
    });
    assert!(matches!(evaluated("() => 1", "{}"), Err(Fault::Value(_))));
    assert!(matches!(evaluated("10n ** 30n", "{}"), Err(Fault::Value(_))));
    assert!(matches!(evaluated("'a\\0b'", "{}"), Err(Fault::Value(_))));
    assert!(matches!(evaluated("const a = {}; a.a = a; return a", "{}"), Err(Fault::Value(_))));
}

#[test]
fn what_it_throws_is_told_with_its_line() {
    let error = thrown("const a = 1;\n\nreturn a.b.c;");
    assert_eq!((error.name.as_str(), error.line), ("TypeError", Some(3)), "{error:?}");
    let error = thrown("throw Object.assign(new Error('no stock'), {code: 'NO_STOCK', status: 409, payload: {left: 0}})");
    assert_eq!((error.message.as_str(), error.code.as_deref(), error.status), ("no stock", Some("NO_STOCK"), Some(409)));
    assert_eq!(error.payload.to_json_text(), r#"{"left":0}"#);
    assert_eq!(thrown("throw 'plain'").message, "plain");
    assert_eq!(thrown("throw {a: 1}").message, r#"{"a":1}"#);
    assert_eq!(thrown("throw undefined").message, "it threw undefined");
    assert_eq!(thrown("throw new RangeError()").message, "it threw RangeError");
    assert_eq!(evaluated("throw null", "{}"), Err(Fault::Null));
    assert!(thrown("await fetch('http://a')").message.contains("external_api_request"));
    assert!(thrown("function f() { return f() + 1 } return f()").message.contains("call stack"));
}

#[test]
fn it_reaches_nothing_outside() {
    for name in ["require", "process", "fetch", "setTimeout", "std", "os", "Deno", "XMLHttpRequest", "navigator"] {
        assert_eq!(json(&format!("typeof {name}")), "\"undefined\"", "{name}");
    }
    let error = thrown("return await import('os')");
    assert!(!error.message.is_empty(), "{error:?}");
}

#[test]
fn a_promise_that_nothing_settles_is_an_error() {
    assert_eq!(evaluated("await new Promise(() => {})", "{}"), Err(Fault::Pending));
    assert_eq!(thrown("await Promise.reject(new RangeError('far'))").name, "RangeError");
}

#[test]
fn a_loop_without_an_end_is_stopped_and_so_is_a_regex() {
    let stopped = |code: &str| {
        let until = Instant::now() + Duration::from_millis(100);
        evaluate(&task(code, "{}"), move || Instant::now() < until).0
    };
    assert_eq!(stopped("while (true) {}"), Err(Fault::Interrupted));
    assert_eq!(stopped("for (;;) { try { while (true) {} } catch {} }"), Err(Fault::Interrupted));
    assert!(stopped("/^(a+)+$/.test('a'.repeat(40) + 'b')").is_err());
    assert_eq!(stopped("while (true) await null"), Err(Fault::Interrupted));
}

#[test]
fn its_heap_is_bounded_before_it_is_filled() {
    for code in [
        "let list = [1]; for (;;) list = list.concat(list)",
        "let text = 'x'; for (;;) text += text",
        "const all = []; for (;;) all.push(new ArrayBuffer(1 << 20))",
        "const o = {}; for (let i = 0; ; i += 1) o['k' + i] = i",
        "return 'x'.repeat(2 ** 29)",
        "return new Array(2 ** 32 - 1)",
    ] {
        let result = evaluated(code, "{}");
        let refused = matches!(&result, Err(Fault::Raised(raised)) if raised.message.contains("string length"));
        assert!(matches!(result, Err(Fault::Memory | Fault::Null)) || refused, "{code}: {result:?}");
    }
    assert_eq!(evaluated("try { const a = []; for (;;) a.push(a.slice(), 'x'.repeat(1e6)) } catch { return 'caught' }", "{}"), {
        Ok(Value::text("caught"))
    });
}

#[test]
fn the_same_task_has_the_same_answer() {
    let code = "[Date.now(), new Date().getTime(), Math.random(), Math.random(), new Date(5).getTime()]";
    let first = json(code);
    assert_eq!(first, json(code));
    assert!(first.starts_with("[1700000000123,1700000000123,0."), "{first}");
    assert!(first.ends_with(",5]"), "{first}");
    assert_eq!(json("new Date(2020, 0) instanceof Date"), "true");
    assert_eq!(json("typeof Date()"), "\"string\"");
    let other = Task { seed: 77 << 32, ..task(code, "{}") };
    assert_ne!(first, evaluate(&other, || true).0.unwrap().to_json_text());
}

#[test]
fn the_console_is_kept_also_of_one_that_throws_and_it_is_bounded() {
    let code = "console.log('a', {b: 1}, [2]); console.warn(new Error('c')); throw new Error('d')";
    let (result, lines) = evaluate(&task(code, "{}"), || true);
    assert!(result.is_err());
    let line = |level, message: &str| Line { level, message: message.to_owned() };
    assert_eq!(lines, [line(Level::Info, r#"a {"b":1} [2]"#), line(Level::Warn, "Error: c")]);
    let (_, lines) = evaluate(&task("for (let i = 0; i < 1e4; i += 1) console.log('x'.repeat(9999))", "{}"), || true);
    assert!(lines.len() <= LINES_MAX && lines.iter().map(|line| line.message.len()).sum::<usize>() <= LINES_BYTES_MAX);
}

#[test]
fn reading_runs_nothing_and_tells_the_line() {
    let error = check("const a = 1;\nreturn a +* 2;").unwrap_err();
    assert_eq!((error.name.as_str(), error.line), ("SyntaxError", Some(2)), "{error:?}");
    assert!(check("}; for (;;) {} async () => {").is_ok(), "odd, but nothing of it ran");
    assert_eq!(check("$var.a + 1").map(|script| script.returns_nothing), Ok(false));
    assert_eq!(check("const a = $var.a").map(|script| script.returns_nothing), Ok(true));
    assert_eq!(check("return $input.n").map(|script| script.returns_nothing), Ok(false));
}
