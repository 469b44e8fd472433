//! How files are read, and what is said about those that cannot be.

use super::*;
use crate::domain::value::Value;
use crate::stack::finding::Finding;

fn read(text: &str) -> (Option<Node>, Vec<Finding>) {
    let mut findings = Findings::of("test.jsonc", text);
    let node = parse_jsonc(&mut findings);
    (node, findings.into_sorted())
}

fn value(text: &str) -> Value {
    let (node, findings) = read(text);
    assert!(findings.is_empty(), "{findings:?}");
    node.unwrap().to_value()
}

/// `line:column message` of each error.
fn errors(text: &str) -> Vec<String> {
    read(text).1.iter().map(|error| format!("{}:{} {}", error.line, error.column, error.message)).collect()
}

#[test]
fn comments_and_trailing_commas_are_read_over() {
    let text = "\u{feff}// one\n{ /* two */ \"a\": [1, 2.5, /* three */], // four\n \"url\": \"https://x.test/*y*/\", }\n// five";
    let expected = r#"{"a":[1,2.5],"url":"https://x.test/*y*/"}"#;
    assert_eq!(value(text).to_json_text(), expected);
}

#[test]
fn numbers_keep_their_type() {
    assert_eq!(value("-7"), Value::Int(-7));
    assert_eq!(value("7.0"), Value::Decimal(7.0));
    assert_eq!(value("1e3"), Value::Decimal(1000.0));
    assert_eq!(value("9223372036854775808"), Value::Decimal(9_223_372_036_854_775_808.0));
    for wrong in ["01", "1.", ".5", "+1", "1e400", "0x10", "1_000", "--1", "-"] {
        assert_eq!(errors(wrong)[0], format!("1:1 `{wrong}` is not a number"));
    }
}

#[test]
fn escapes_are_undone_and_every_byte_knows_its_place() {
    let file = r#"["\n\u00e9 \ud83d\ude00\"x"]"#;
    let (node, _) = read(file);
    let node = node.unwrap();
    let Data::Text(text) = &node.as_array().unwrap()[0].data else { panic!("no text") };
    assert_eq!(text.value, "\né 😀\"x");
    let offset = text.value.find('x').unwrap();
    assert_eq!(text.file_offset(offset), file.find('x').unwrap());
    assert_eq!(text.file_offset(text.value.find(' ').unwrap()), file.find(' ').unwrap());
    assert_eq!(node.as_array().unwrap()[0].span.end, file.len() - 1);
}

#[test]
fn what_no_database_stores_is_refused_at_its_place() {
    assert_eq!(errors(r#"{"a": "b\u0000"}"#), ["1:9 a text holds a NUL character, which no database stores"]);
    assert_eq!(errors("[\"\0\"]"), ["1:3 a text holds a NUL character, which no database stores"]);
    assert_eq!(errors(r#"["\ud83d x"]"#), ["1:3 this is half of a pair of surrogates"]);
    assert_eq!(errors(r#"["\ude00"]"#), ["1:3 this is half of a pair of surrogates"]);
    assert_eq!(errors(r#"["\ud83d\n"]"#), ["1:3 this is half of a pair of surrogates"]);
}

#[test]
fn a_key_that_stands_twice_is_an_error_at_the_second() {
    let (node, findings) = read("{\n  \"a\": 1,\n  \"a\": 2\n}");
    assert_eq!((findings[0].line, findings[0].column), (3, 3));
    assert_eq!(findings[0].help.as_deref(), Some("the first one is at line 2, column 3; remove one of them"));
    assert_eq!(node.unwrap().to_value(), Value::object([("a", Value::Int(1))]));
}

#[test]
fn a_missing_comma_is_reported_where_it_belongs_and_the_rest_is_read() {
    let (node, findings) = read("[\n  {\"a\": 1 \"b\": 2}\n  {\"c\": 3}\n]");
    let places: Vec<_> = findings.iter().map(|f| (f.line, f.column, f.message.as_str())).collect();
    assert_eq!(places, [(2, 10, "a `,` is missing here"), (2, 18, "a `,` is missing here")]);
    assert_eq!(node.unwrap().to_value().to_json_text(), r#"[{"a":1,"b":2},{"c":3}]"#);
}

#[test]
fn several_errors_are_reported_at_once() {
    let text = "{\n  a: 1,\n  \"b\": foo(1, 2),\n  \"c\": 'd',\n  \"e\": ...\n  ,\n  \"f\": 5\n}";
    let expected = [
        "2:3 a key stands in double quotes: `\"a\"`",
        "3:8 expected a value, found `foo`",
        "4:8 a text stands in double quotes, not in `'`",
        "5:8 expected a value, found `...`",
    ];
    assert_eq!(errors(text), expected);
}

#[test]
fn brackets_that_do_not_match_are_reported_once() {
    assert_eq!(errors("{\"a\": [1, 2}"), ["1:12 expected `]`, found `}`"]);
    assert_eq!(errors("[\n  {\"a\": 1\n]"), ["3:1 expected `}`, found `]`"]);
    assert_eq!(errors("[\n  {\"a\": [1\n"), ["2:9 this `[` is never closed"]);
    assert_eq!(errors("[1]]"), ["1:4 a file holds one value, but `]` follows it"]);
}

#[test]
fn a_second_value_is_an_error_at_its_place() {
    let (node, findings) = read("// one\n[1]\n\n// two\n[2]\n");
    assert_eq!((findings[0].line, findings[0].column), (5, 1));
    assert_eq!(findings[0].message, "a file holds one value, and a second one begins here");
    assert_eq!(node.unwrap().to_value().to_json_text(), "[1]");
}

#[test]
fn a_text_ends_on_its_line() {
    assert_eq!(errors("[\"a\nb\"]")[0], "1:2 this text is never closed");
    assert_eq!(errors("[\"a\tb\"]"), ["1:4 a text holds a bare tab"]);
    assert_eq!(errors(r#"["\q"]"#), [r"1:3 `\q` is no escape of JSON"]);
    let quote = &read(r#"{"a": "say "hi" to"}"#).1[0];
    assert_eq!(quote.help.as_deref(), Some("a quote inside a text is written `\\\"`"));
}

#[test]
fn an_empty_file_and_an_open_comment_are_errors() {
    assert_eq!(errors(" // nothing\n"), ["2:1 the file is empty"]);
    assert_eq!(errors("[1, /* 2]"), ["1:5 this comment is never closed"]);
}

#[test]
fn depth_and_the_number_of_errors_are_bounded() {
    assert_eq!(
        errors(&"[".repeat(100_000)),
        [format!("1:{} values are nested deeper than {DEPTH_MAX} levels here", DEPTH_MAX + 1)]
    );
    assert_eq!(errors(&"x,".repeat(1000)).len(), 2);
    assert_eq!(errors(&format!("[{}]", "x,".repeat(1000))).len(), ERRORS_MAX);
}

#[test]
fn no_text_whatever_makes_the_parser_panic() {
    use proptest::prelude::*;
    proptest!(|(text in r#"([\[\]{},:"'`\\/*. 0-9a-z\n\u{0}é…-]|\\u[0-9a-fA-F]{2,4}|"a":|true){0,60}"#)| {
        let _ = read(&text);
    });
}
