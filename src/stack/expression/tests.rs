//! Expressions as their users write them: a context and what comes out.
//! Never tests a filter by itself; each family does that.

use proptest::prelude::*;

use super::*;
use crate::domain::failure::ErrorCode;

struct World(Value);

impl Scope for World {
    fn root(&self, name: &str) -> Option<Value> {
        self.0.as_object().and_then(|object| object.get(name)).cloned()
    }

    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }

    fn random(&self) -> u64 {
        7
    }

    fn related(&self, reference: &Reference) -> Related {
        if *reference.name == *"unread" { Related::Unread } else { Related::Read(Value::text("the row")) }
    }
}

fn world(context: &str) -> World {
    World(Value::from_json_text(context).unwrap())
}

pub(super) fn check(expression: &str, context: &str, expected: &str) {
    let parsed = parse(expression).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
    let shown = match parsed.evaluate(&world(context)) {
        Ok(value) => value.to_json_text(),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(shown, expected, "{expression} in {context}");
}

fn refused(expression: &str) -> (usize, &'static str, String) {
    let error = parse(expression).err().unwrap_or_else(|| panic!("{expression} was accepted"));
    (error.at, error.code, error.message)
}

#[test]
fn what_the_guide_writes_gives_typed_values() {
    let done = r#"{"a": {"status": "completed"}, "b": {"status": "completed"}}"#;
    check("a.status == 'completed' && b.status == 'completed'", done, "true");
    check("a.status == 'completed' && b.status == 'error'", done, "false");
    check("x|length > 0", r#"{"x": [1]}"#, "true");
    check("x|where('k', v)|first", r#"{"x": [{"k": 1}, {"k": 2}], "v": 2}"#, r#"{"k":2}"#);
    check("cond ? a : b", r#"{"cond": true, "a": 1, "b": 2}"#, "1");
    check("a ?? b", r#"{"b": 2}"#, "2");
    check("a || 'default'", r#"{"a": ""}"#, r#""default""#);
    check("list|map(attribute='x')|join(', ')", r#"{"list": [{"x": 1}, {"x": "b"}]}"#, r#""1, b""#);
    check("items[-1].name", r#"{"items": [{"name": "a"}, {"name": "z"}]}"#, r#""z""#);
    check("now - 300", "{}", r#""2023-11-14T22:08:20.000Z""#);
    check("!input.email || input.email|length == 0", r#"{"input": {}}"#, "true");
}

#[test]
fn operators_bind_as_documented() {
    check("1 + 2 * 3 - 4 / 2", "{}", "5");
    check("2 + 3 ~ 'x'", "{}", r#""5x""#);
    check("not a == b", r#"{"a": 1, "b": 2}"#, "true");
    check("a or b and c", r#"{"a": 0, "b": 1, "c": 2}"#, "2");
    check("a ?: 'none'", r#"{"a": []}"#, r#""none""#);
    check("'y' if a else 'n'", r#"{"a": 1}"#, r#""y""#);
    check("a ? b ? 1 : 2 : 3", r#"{"a": 1, "b": 0}"#, "2");
    check("c ? x|first : y", r#"{"c": 0, "x": [1], "y": 9}"#, "9");
    check("x|join:'-'", r#"{"x": [1, 2]}"#, r#""1-2""#);
    check("7 // 2", "{}", "3");
    check("-7 // 2", "{}", "-4");
    check("7 % 4", "{}", "3");
    check("2 in list && 'z' not in list", r#"{"list": [1, 2]}"#, "true");
    check("'b' in 'abc'", "{}", "true");
}

#[test]
fn numbers_stay_whole_while_they_fit() {
    check("100 / 4", "{}", "25");
    check("1 / 4", "{}", "0.25");
    check("a * 100", r#"{"a": 19.5}"#, "1950");
    check("9223372036854775807 + 1", "{}", "9223372036854776000");
    check("'5' + 1", "{}", "6");
    check("'5' + '1'", "{}", r#""51""#);
    check("'a' + 1", "{}", r#""a1""#);
    check("counter + 1", "{}", "1");
}

#[test]
fn comparison_is_loose_strict_or_in_order() {
    check("1 == '1'", "{}", "true");
    check("1 === '1'", "{}", "false");
    check("1 === 1.0", "{}", "true");
    check("null == 0", "{}", "false");
    check("x > 5", r#"{"x": null}"#, "false");
    check("x >= '5'", r#"{"x": 10}"#, "true");
    check("x !== null", r#"{"x": 0}"#, "true");
}

#[test]
fn times_are_counted_in_seconds() {
    check("now > (now - 1) && now >= now", "{}", "true");
    check("now - '2023-11-14T22:13:10.500Z'", "{}", "9.5");
    check("now > 1700000000 - 1", "{}", "true");
    check("now == 1700000000000", "{}", "true");
    check("now() - timestamp", "{}", "0");
    check("timestamp - (30 * 24 * 60 * 60 * 1000)", "{}", "1697408000000");
}

#[test]
fn a_missing_part_is_null_and_never_an_error() {
    check("a.b.c[0]['user-agent'][-1]", "{}", "null");
    check("headers['user-agent']", r#"{"headers": {"user-agent": "n8n"}}"#, r#""n8n""#);
    check("rows.0.id", r#"{"rows": [{"id": 4}]}"#, "4");
    check("rows.length", r#"{"rows": [1, 2]}"#, "2");
    check("{a: 1, 'b': [x]}", r#"{"x": null}"#, r#"{"a":1,"b":[null]}"#);
}

#[test]
fn a_row_reaches_the_row_that_it_refers_to() {
    let mut order = crate::domain::value::Object { table: Some("orders".into()), ..Default::default() };
    order.fields.insert("customer_id".into(), Value::Int(3));
    order.fields.insert("unread_id".into(), Value::Int(4));
    let scope = World(Value::object([("order", Value::Object(order.into()))]));
    assert_eq!(parse("order.customer").unwrap().evaluate(&scope), Ok(Value::text("the row")));
    assert_eq!(parse("order.supplier").unwrap().evaluate(&scope), Ok(Value::Null));
    let needed = Reference { name: "unread".into(), id: Value::Int(4) };
    assert_eq!(parse("order.unread.name").unwrap().evaluate(&scope), Err(EvalError::Needs(needed)));
}

#[test]
fn what_is_left_over_is_an_error_with_its_place() {
    assert_eq!(refused("a.b c"), (4, "syntax", "expected the end of the expression, found `c`".to_owned()));
    assert_eq!(refused("a &"), (2, "syntax", "unexpected character `&`".to_owned()));
    assert_eq!(refused("a ="), (2, "syntax", "`=` does not compare".to_owned()));
    assert_eq!(refused("x|frist").1, "unknown_filter");
    assert_eq!(parse("x|frist").err().and_then(|error| error.help), Some("did you mean `first`?".to_owned()));
    assert_eq!(refused("x|join(1, 2, 3, 4)").1, "wrong_arity");
    assert_eq!(refused("frobnicate(1)").1, "unknown_function");
    assert_eq!(refused("'open"), (0, "syntax", "the text is not closed".to_owned()));
}

#[test]
fn deep_long_and_endless_inputs_end_within_bounds() {
    assert_eq!(refused(&("(".repeat(5000) + "1")).1, "syntax");
    assert_eq!(refused(&("1".to_owned() + &"+1".repeat(5000))).1, "syntax");
    assert_eq!(refused(&"-".repeat(5000)).1, "syntax");
    assert_eq!(refused(&("a".to_owned() + &".a".repeat(5000))).1, "syntax");
    assert_eq!(refused(&"9".repeat(100_000)).1, "syntax");
    let growing = "range(100000)|map('x')".to_owned() + &"|reverse".repeat(50);
    let failed = parse(&growing).unwrap().evaluate(&world("{}"));
    assert!(matches!(failed, Err(EvalError::Raised(failure)) if failure.code == ErrorCode::Limit));
}

#[test]
fn what_would_grow_without_bounds_ends_before_it_is_made() {
    let long = "x".repeat(20_000);
    let list = format!("[{}]", vec!["1"; 20_000].join(","));
    let context = format!(r#"{{"s": "{long}", "l": {list}}}"#);
    let many = |name: &str| vec![name; 5000].join(",");
    for expression in [
        "range(100000)|join(s)".to_owned(),
        "s|regex_replace('x', s)".to_owned(),
        "s|replace('x', s)".to_owned(),
        "range(100000)|overlaps(range(100000)|map('x'))".to_owned(),
        format!("[{}]|flatten", many("l")),
        format!("[{}]|json_encode", many("l")),
        format!("[{}] ~ 'x'", many("l")),
        format!("[{}] == [{}]", many("l"), many("l")),
        format!("[{}]|unique", many("l")),
        format!("'' + [{}]", many("l")),
        format!("[{}]|where('0', [{}])", many("l"), many("l")),
        format!("{{a: [{}]}}|to_text", many("l")),
        format!("'%s'|sprintf([{}])", many("l")),
        "now|date(s)".to_owned(),
        "1000000|number_format(0, '.', s)".to_owned(),
    ] {
        let failed = parse(&expression).unwrap().evaluate(&world(&context));
        let shown: String = expression.chars().take(40).collect();
        assert!(matches!(failed, Err(EvalError::Raised(_))), "{shown}");
    }
    let text = format!("{{{{ s }}}} {{{{ [{}] }}}}", many("l"));
    assert!(ValueTemplate::parse_text(&text).unwrap().evaluate(&world(&context)).is_err());
    let path = vec!["a"; 10_000].join(".");
    assert!(parse(&format!("{{}}|set('{path}', 1)")).unwrap().evaluate(&world("{}")).is_err());
}

#[test]
fn a_text_is_written_with_any_character_but_nul() {
    check(r"'\u00e9 \ud83d\ude00'", "{}", "\"é 😀\"");
    assert_eq!(refused(r"'\ud83d'").1, "syntax");
    assert_eq!(refused(r"'\ude00\ud83d'").1, "syntax");
    assert_eq!(refused(r"'\u+123'").1, "syntax");
    assert_eq!(refused(r"'\u0000'").1, "syntax");
}

#[test]
fn wrong_kinds_raise_and_say_where() {
    let Err(EvalError::Raised(failure)) = parse("list * 2").unwrap().evaluate(&world(r#"{"list": [1]}"#)) else { panic!() };
    assert_eq!(failure.code, ErrorCode::Expression);
    assert_eq!(failure.message, "`*` does not work on array and int, in {{ list * 2 }}");
    assert!(matches!(parse("1 / 0").unwrap().evaluate(&world("{}")), Err(EvalError::Raised(_))));
}

#[test]
fn a_whole_text_keeps_its_type_and_a_part_becomes_text() {
    let scope = world(r#"{"n": 5, "o": {"a": 1}, "none": null}"#);
    let check = |text: &str, expected: &str| {
        let value = ValueTemplate::parse_text(text).unwrap().evaluate(&scope).unwrap();
        assert_eq!(value.to_json_text(), expected, "{text}");
    };
    check("{{ n }}", "5");
    check("n is {{ n }}{{ none }}, {{ o }}", r#""n is 5, {\"a\":1}""#);
    check("no expression }} here", r#""no expression }} here""#);
    check("{{ {'a': {'b': n}} }}", r#"{"a":{"b":5}}"#);
    check("{{ '}}' }}", r#""}}""#);
    assert_eq!(ValueTemplate::parse_text("x {{ n").unwrap_err().at, 2);
    assert_eq!(ValueTemplate::parse_text("xy {{ n + }}").unwrap_err().at, 10);
}

proptest! {
    #[test]
    fn any_bytes_end_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&bytes);
    }

    #[test]
    fn any_text_of_the_language_ends_without_a_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("x"), Just("1"), Just("'a'"), Just("+"), Just("-"), Just("*"), Just("/"), Just("%"), Just("("), Just(")"),
                Just("["), Just("]"), Just("{"), Just("}"), Just("|"), Just("length"), Just("first"), Just("map"), Just(":"), Just("?"),
                Just("??"), Just("&&"), Just("||"), Just("=="), Just("."), Just(","), Just("now"), Just("null"), Just("{{"), Just("}}"),
                Just("9223372036854775807"), Just("join"), Just("in"), Just("not"), Just("range"), Just("slice"),
            ],
            0..30,
        ),
    ) {
        fuzz(parts.join(" ").as_bytes());
    }

    #[test]
    fn where_the_languages_overlap_jinja_agrees(a in -100_i64..100, b in 1_i64..100, c in -100_i64..100, flag in any::<bool>()) {
        for text in [
            "a + b * c", "(a - c) * b", "a > c and b > a", "flag or a == c", "not flag", "a if flag else c", "(a ~ b) ~ c",
            "[a, b, c]|length", "[a, b, c]|first", "[a, b, c]|last", "[a, b, c]|sum", "[a, b, c]|max", "a <= c", "a in [b, c]", "a // b",
        ] {
            let context = format!(r#"{{"a": {a}, "b": {b}, "c": {c}, "flag": {flag}}}"#);
            let ours = parse(text).unwrap().evaluate(&world(&context)).unwrap().to_json();
            let environment = minijinja::Environment::new();
            let compiled = environment.compile_expression(text).unwrap();
            let context: serde_json::Value = serde_json::from_str(&context).unwrap();
            let theirs = compiled.eval(minijinja::Value::from(minijinja::value::Serde(&context))).unwrap();
            let theirs = serde_json::to_value(&theirs).unwrap();
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }
}
