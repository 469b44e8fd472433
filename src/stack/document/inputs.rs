//! Declared inputs, and the fields of tables, which are declared in the same words.
//! Never checks a caller's values.

use super::node::{Data, Member, Node};
use super::settings::{Settings, present};
use super::units::shown;
use crate::domain::value::Value;
use crate::stack::finding::{Findings, did_you_mean};
use crate::stack::program::{InputField, InputKind};

pub const FIELD_KEYS: [&str; 14] = [
    "name",
    "type",
    "required",
    "default",
    "description",
    "values",
    "choices",
    "enum",
    "options",
    "label",
    "example",
    "examples",
    "nullable",
    "unique",
];
const CHOICE_KEYS: [&str; 4] = ["values", "choices", "enum", "options"];

/// The types as they are best written.
pub const INPUT_TYPES: [&str; 11] =
    ["text", "int", "decimal", "bool", "timestamp", "email", "uuid", "object", "array", "json", "enum"];

/// The types, each with the other words that people use for it.
const KINDS: [(&str, InputKind, &[&str]); 11] = [
    ("text", InputKind::Text, &["string", "str", "password", "url"]),
    ("int", InputKind::Int, &["integer"]),
    ("decimal", InputKind::Decimal, &["number", "float", "double"]),
    ("bool", InputKind::Bool, &["boolean"]),
    ("timestamp", InputKind::Timestamp, &["datetime", "date"]),
    ("email", InputKind::Email, &[]),
    ("uuid", InputKind::Uuid, &[]),
    ("object", InputKind::Object, &["file", "image", "attachment", "map"]),
    ("array", InputKind::Array, &["list"]),
    ("json", InputKind::Json, &["any"]),
    ("enum", InputKind::Enum, &[]),
];

/// Reads `{field: {type, …}}`, `{field: "text"}`, or a list of `{name, type, …}` or of names.
pub fn read_fields(node: &Node, findings: &mut Findings) -> Vec<InputField> {
    let mut fields: Vec<InputField> = Vec::new();
    let mut add = |field: Option<InputField>, at: usize, findings: &mut Findings| {
        let Some(field) = field else { return };
        if fields.iter().any(|other| other.name == field.name) {
            let message = format!("`{}` is declared twice", field.name);
            findings.error(at, "duplicate_field", message, Some("remove one of them".into()));
        } else {
            fields.push(field);
        }
    };
    match &node.data {
        Data::Null => {}
        Data::Object(members) => {
            for member in members {
                add(read_field(&member.key, member.key_span.start, &member.value, findings), member.key_span.start, findings);
            }
        }
        Data::Array(items) => {
            for item in items {
                add(read_item(item, findings), item.span.start, findings);
            }
        }
        _ => {
            let help = "write `{\"email\": {\"type\": \"email\", \"required\": true}}`";
            let message = format!("declared fields are an object or a list, not {}", node.kind());
            findings.error(node.span.start, "bad_setting", message, Some(help.into()));
        }
    }
    fields
}

fn read_item(item: &Node, findings: &mut Findings) -> Option<InputField> {
    if let Some(name) = item.as_text() {
        return read_field(name, item.span.start, &Node::placed(Data::Null, item.span), findings);
    }
    let name = item.get("name").and_then(Node::as_text);
    let Some(name) = name else {
        let help = "write `{\"name\": \"email\", \"type\": \"text\"}`, or the name alone";
        findings.error(item.span.start, "missing_setting", "this field has no `name`", Some(help.into()));
        return None;
    };
    read_field(name, item.span.start, item, findings)
}

fn read_field(name: &str, at: usize, node: &Node, findings: &mut Findings) -> Option<InputField> {
    if name.trim().is_empty() {
        findings.error(at, "bad_name", "a field has no empty name", None);
        return None;
    }
    let mut field = InputField {
        name: name.into(),
        kind: InputKind::Json,
        list: false,
        required: false,
        default: None,
        choices: Vec::new(),
        description: None,
    };
    match &node.data {
        Data::Null => {}
        Data::Text(_) => {
            (field.kind, field.list) = read_type(node, findings)?;
            read_choices(&mut field, node, false, findings);
        }
        _ => {
            let settings = Settings::of(node, "a declared field", &FIELD_KEYS, findings)?;
            let written = settings.get("type");
            if let Some(written) = written {
                (field.kind, field.list) = read_type(written, findings)?;
            }
            read_choices(&mut field, node, written.is_none(), findings);
            field.required = settings.flag("required", findings).unwrap_or(false);
            field.description = settings.text("description", findings).map(str::to_owned);
            field.default = settings.get("default").and_then(|default| read_default(&field, default, findings));
        }
    }
    Some(field)
}

fn read_type(node: &Node, findings: &mut Findings) -> Option<(InputKind, bool)> {
    let written = node.as_text().unwrap_or_default().trim().to_ascii_lowercase();
    let (word, list) = written.strip_suffix("[]").map_or((written.as_str(), false), |word| (word.trim_end(), true));
    let found = KINDS.iter().find(|(name, _, aliases)| *name == word || aliases.contains(&word));
    if let Some((_, kind, _)) = found {
        return Some((*kind, list));
    }
    let names = KINDS.iter().map(|(name, ..)| *name);
    let all = || format!("types are {}, each with `[]` behind it for a list", KINDS.map(|(name, ..)| name).join(", "));
    let help = did_you_mean(word, names).unwrap_or_else(all);
    findings.error(node.span.start, "unknown_type", format!("unknown type {}", shown(&node.to_value())), Some(help));
    None
}

fn read_choices(field: &mut InputField, node: &Node, untyped: bool, findings: &mut Findings) {
    let members = node.as_object().unwrap_or_default();
    let written = CHOICE_KEYS.iter().find_map(|key| present(members, key));
    if let Some(items) = written.and_then(Node::as_array) {
        field.choices = items.iter().map(Node::to_value).collect();
        if untyped {
            field.kind = InputKind::Enum;
        }
    }
    if field.kind == InputKind::Enum && field.choices.is_empty() {
        let at = written.unwrap_or(node).span.start;
        let message = format!("the enum `{}` has no values", field.name);
        findings.error(at, "missing_setting", message, Some("add `\"values\": [\"small\", \"large\"]`".into()));
    }
}

fn read_default(field: &InputField, node: &Node, findings: &mut Findings) -> Option<Value> {
    let value = node.to_value();
    if value.as_str().is_some_and(|text| text.contains("{{")) {
        let help = "write the value itself, or set a variable in the first step";
        let message = format!("the default of `{}` is an expression, which is not evaluated here", field.name);
        findings.error(node.span.start, "bad_default", message, Some(help.into()));
        return None;
    }
    let holds = if field.list {
        value.as_array().is_some_and(|items| items.iter().all(|item| fits(field, item)))
    } else {
        fits(field, &value)
    };
    if !holds {
        let list = if field.list { "a list of " } else { "" };
        let message = format!("the default of `{}` is no {list}{}: {}", field.name, kind_name(field.kind), shown(&value));
        findings.error(node.span.start, "bad_default", message, None);
    }
    holds.then_some(value)
}

fn fits(field: &InputField, value: &Value) -> bool {
    match field.kind {
        InputKind::Text | InputKind::Email | InputKind::Uuid => {
            matches!(value, Value::Text(_) | Value::Int(_) | Value::Decimal(_))
        }
        InputKind::Int => value.as_integer().is_some(),
        InputKind::Decimal => value.as_number().is_some(),
        InputKind::Bool => matches!(value, Value::Bool(_)) || matches!(value.as_str(), Some("true" | "false")),
        InputKind::Timestamp => matches!(value, Value::Text(_) | Value::Int(_) | Value::Decimal(_)),
        InputKind::Object => value.as_object().is_some(),
        InputKind::Array => value.as_array().is_some(),
        InputKind::Json => true,
        InputKind::Enum => field.choices.contains(value),
    }
}

fn kind_name(kind: InputKind) -> &'static str {
    KINDS.iter().find(|(_, other, _)| *other == kind).map_or("value", |(name, ..)| name)
}

/// The fields of an object or a list that say `unique: true` of themselves, and where.
pub fn unique_fields(node: &Node) -> Vec<&str> {
    let says_so = |node: &Node| node.get("unique").is_some_and(|unique| unique.data == Data::Bool(true));
    match &node.data {
        Data::Object(members) => {
            members.iter().filter(|member: &&Member| says_so(&member.value)).map(|member| member.key.as_str()).collect()
        }
        Data::Array(items) => {
            items.iter().filter(|item| says_so(item)).filter_map(|item| item.get("name")).filter_map(Node::as_text).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::document::parse_jsonc;

    fn read(text: &str) -> (Vec<InputField>, Vec<String>) {
        let mut findings = Findings::of("test.json", text);
        let node = parse_jsonc(&mut findings).unwrap();
        let fields = read_fields(&node, &mut findings);
        (fields, findings.into_sorted().into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn an_object_and_a_list_declare_the_same() {
        let object =
            read(r#"{"email": {"type": "email", "required": true}, "tags": {"type": "text[]", "default": ["a"]}, "x": "int"}"#);
        let list = read(
            r#"[{"name": "email", "type": "email", "required": true}, {"name": "tags", "type": "text[]", "default": ["a"]},
                {"name": "x", "type": "integer"}]"#,
        );
        assert_eq!(object.1, Vec::<String>::new());
        assert_eq!(object, list);
        assert!(object.0[0].required && object.0[1].list);
        assert_eq!(object.0[2].kind, InputKind::Int);
    }

    #[test]
    fn names_alone_accept_anything() {
        let (fields, messages) = read(r#"["user_data", "rules"]"#);
        assert!(messages.is_empty());
        assert_eq!(
            fields.iter().map(|field| (&*field.name, field.kind)).collect::<Vec<_>>(),
            [("user_data", InputKind::Json), ("rules", InputKind::Json)]
        );
    }

    #[test]
    fn an_enum_knows_its_values_and_its_default_is_one_of_them() {
        let (fields, messages) = read(r#"{"size": {"values": ["s", "m"], "default": "m"}}"#);
        assert_eq!((fields[0].kind, fields[0].choices.len(), messages.len()), (InputKind::Enum, 2, 0));
        assert_eq!(
            read(r#"{"size": {"type": "enum", "values": ["s"], "default": "m"}}"#).1,
            ["the default of `size` is no enum: `\"m\"`"]
        );
        for bare in [r#"{"size": "enum"}"#, r#"{"size": {"type": "enum"}}"#] {
            assert_eq!(read(bare).1, ["the enum `size` has no values"]);
        }
    }

    #[test]
    fn each_mistake_is_noted() {
        let text = r#"{"a": "strng", "b": {"type": "int", "default": "x"}, "c": {"type": "int", "default": "{{ now }}"}, "d": 5, "": "int"}"#;
        let expected = [
            "unknown type `\"strng\"`",
            "the default of `b` is no int: `\"x\"`",
            "the default of `c` is an expression, which is not evaluated here",
            "a declared field is an object, not a number",
            "a field has no empty name",
        ];
        assert_eq!(read(text).1, expected);
        assert_eq!(read(r#"["a", "a", 7]"#).1, ["`a` is declared twice", "this field has no `name`"]);
    }
}
