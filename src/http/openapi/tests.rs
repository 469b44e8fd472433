//! The document against the routes, the codes and itself.
//! Never a live answer; that is told by the stories.

use std::collections::BTreeSet;

use regex::Regex;

use super::*;
use crate::domain::function::{ConfigPatch, FunctionName};
use crate::stack::document::read_deployed;

/// What `routes.rs` serves: `GET /v1/executions/{id}`. A `HEAD` is its `GET`, and pages for people are none of ours.
fn served() -> BTreeSet<String> {
    let routes = include_str!("../routes.rs");
    let flat = Regex::new(r"\s+").unwrap().replace_all(routes, " ").into_owned();
    let scoped = Regex::new(r#"web::scope\("([^"]+)"\)\.service\(only\("([^"]+)""#).unwrap();
    let flat = scoped
        .replace_all(&flat, r#"only("$1$2""#)
        .replace(r#"web::scope("/api").default_service("#, r#"only("/api/{function}", "POST")"#);
    let only = Regex::new(r#"only\( ?"([^"]+)", "([^"]+)""#).unwrap();
    let pairs = only.captures_iter(&flat).map(|found| (found[1].to_owned(), found[2].to_owned()));
    let guarded = Regex::new(r#"web::resource\("([^"]+)"\)\.guard\(guard::Post\(\)\)"#).unwrap();
    let posts = guarded.captures_iter(&flat).map(|found| (found[1].to_owned(), "POST".to_owned()));
    let tail = Regex::new(r":[^}]*\}").unwrap();
    pairs
        .chain(posts)
        .filter(|(path, _)| !path.starts_with("/ui"))
        .flat_map(|(path, methods)| {
            let path = tail.replace_all(&path, "}").into_owned();
            let methods: Vec<String> = methods.split(", ").filter(|method| *method != "HEAD").map(str::to_owned).collect();
            methods.into_iter().map(move |method| format!("{method} {path}"))
        })
        .collect()
}

fn described() -> BTreeSet<String> {
    operations().iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect()
}

#[test]
fn every_route_is_described_and_every_description_is_served() {
    let (served, described) = (served(), described());
    assert!(served.len() > 30, "the routes were not found: {served:?}");
    let missing: Vec<_> = served.difference(&described).collect();
    assert!(missing.is_empty(), "routes without a description in src/http/openapi/: {missing:?}");
    let idle: Vec<_> = described.difference(&served).collect();
    assert!(idle.is_empty(), "descriptions of routes that are not served: {idle:?}");
}

fn whole() -> Value {
    let text = r#"{"description": "Prices", "inputs": {"sku": {"type": "text", "required": true}, "n": {"type": "int", "default": 1},
        "colours": {"type": "enum[]", "values": ["red", "blue"]}}, "stack": []}"#;
    let name = FunctionName::parse("orders/price").unwrap();
    let (function, _) = read_deployed(&name, text).unwrap_or_else(|findings| panic!("{}", findings[0]));
    document("http://r.example", &[std::sync::Arc::new(function)])
}

#[test]
fn a_function_appears_with_its_own_inputs() {
    let _ = ConfigPatch::default();
    let whole = whole();
    let call = &whole["paths"]["/api/orders/price"]["post"];
    let inputs = &call["requestBody"]["content"]["application/json"]["schema"]["allOf"][1];
    assert_eq!((&call["description"], &inputs["required"]), (&json!("Prices"), &json!(["sku"])));
    assert_eq!((&inputs["properties"]["sku"]["type"], &inputs["properties"]["n"]["default"]), (&json!("string"), &json!(1)));
    assert_eq!(inputs["properties"]["colours"]["items"]["enum"], json!(["red", "blue"]));
    assert!(call["callbacks"]["message"]["{$request.body#/callback_url}"]["post"].is_object());
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let whole = whole();
    let text = whole.to_string();
    let reference = Regex::new("\"#/components/schemas/([A-Za-z]+)\"").unwrap();
    let used: BTreeSet<String> = reference.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    let there: BTreeSet<String> = whole["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(used, there);
}

#[test]
fn ids_of_calls_are_unique_and_every_code_is_in_some_answer() {
    let ids: Vec<Value> = operations().iter().map(|operation| operation.to_json()["operationId"].clone()).collect();
    let unique: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), ids.len());
    let text = whole().to_string();
    for code in super::super::code::ALL {
        // What only a failing function answers is in the answers of functions in general.
        let raised_by_stacks =
            crate::domain::failure::ErrorCode::parse(&code.text()).as_str() == code.text() && code.status >= 500;
        assert!(
            raised_by_stacks || text.contains(&code.text()) || code.slug == "cancelled" || code.slug == "precondition",
            "{} is in no answer",
            code.text()
        );
    }
}

#[test]
fn the_entry_is_described_field_by_field() {
    let entry = crate::domain::status::unknown_entry(&crate::domain::value::Value::Null, crate::domain::timestamp::Timestamp(0));
    let sent: Vec<String> = entry.as_object().unwrap().fields.keys().map(ToString::to_string).collect();
    let described = schemas::all()["Entry"]["required"].clone();
    assert_eq!(json!(sent), described);
}
