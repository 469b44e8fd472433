//! One call: what it takes and what it is answered with, on its way to OpenAPI.
//! Never an answer without the refusals that every call may get.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::code::{self, Code};
use super::kind::described;

/// What any call may be refused with.
const ALWAYS: &[&Code] = &[
    &code::INVALID_REQUEST,
    &code::UNAUTHORIZED,
    &code::FORBIDDEN,
    &code::FOREIGN_ORIGIN,
    &code::FOREIGN_HOST,
    &code::HTTPS_ONLY,
    &code::METHOD_NOT_ALLOWED,
    &code::RATE_LIMITED,
    &code::INTERNAL,
    &code::UNAVAILABLE,
];
/// And any call with a body.
const WITH_BODY: &[&Code] = &[&code::MALFORMED_BODY, &code::BODY_TIMEOUT, &code::BODY_TOO_LARGE, &code::UNSUPPORTED_MEDIA_TYPE];

#[derive(Debug, Clone)]
pub struct Operation {
    pub method: &'static str,
    pub path: String,
    id: String,
    tag: &'static str,
    summary: String,
    about: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<String, Value>,
    problems: Vec<(u16, &'static Code)>,
    open: bool,
    callback: bool,
}

/// Begins the description of a call.
pub fn call(method: &'static str, path: &str, id: &str, tag: &'static str, summary: &str) -> Operation {
    let problems = ALWAYS.iter().map(|code| (code.status, *code)).collect();
    let mut operation = Operation {
        method,
        path: path.to_owned(),
        id: id.to_owned(),
        tag,
        summary: summary.to_owned(),
        about: String::new(),
        parameters: Vec::new(),
        body: None,
        answers: BTreeMap::new(),
        problems,
        open: false,
        callback: false,
    };
    for name in path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
        operation
            .parameters
            .push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}));
    }
    operation
}

impl Operation {
    pub fn about(mut self, about: &str) -> Self {
        about.clone_into(&mut self.about);
        self
    }

    pub fn query(self, name: &str, kind: &str, about: &str) -> Self {
        self.query_schema(name, described(kind, ""), about)
    }

    pub fn query_schema(mut self, name: &str, schema: Value, about: &str) -> Self {
        self.parameters.push(json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema}));
        self
    }

    /// A query parameter without which the call is refused.
    pub fn needs_query(mut self, name: &str, about: &str) -> Self {
        let schema = json!({"type": "string", "minLength": 1});
        self.parameters.push(json!({"name": name, "in": "query", "required": true, "description": about, "schema": schema}));
        self
    }

    pub fn header(mut self, name: &str, about: &str) -> Self {
        let schema = json!({"type": "string"});
        self.parameters.push(json!({"name": name, "in": "header", "required": false, "description": about, "schema": schema}));
        self
    }

    /// `limit` and `cursor` of a list.
    pub fn paged(self) -> Self {
        self.query_schema("limit", json!({"type": "integer", "minimum": 1, "maximum": 200}), "How many at most.").query(
            "cursor",
            "text",
            "The `next` of the page before.",
        )
    }

    /// A body in JSON.
    pub fn body(mut self, schema: Value, required: bool) -> Self {
        self.body = Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}));
        self.problems.extend(WITH_BODY.iter().map(|code| (code.status, *code)));
        self
    }

    pub fn answer(self, status: u16, about: &str, schema: Value) -> Self {
        self.answer_as(status, about, "application/json", schema)
    }

    pub fn answer_as(mut self, status: u16, about: &str, content_type: &str, schema: Value) -> Self {
        let content = json!({content_type: {"schema": schema}});
        self.answers.insert(status.to_string(), json!({"description": about, "content": content}));
        self
    }

    /// A header that answers of this status carry.
    pub fn answer_header(mut self, status: u16, name: &str, about: &str) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["headers"][name] = json!({"description": about, "schema": {"type": "string"}});
        }
        self
    }

    /// What a function of somebody's own answers, whatever its status.
    pub fn own_answers(mut self) -> Self {
        for status in ["2XX", "3XX", "default"] {
            let about =
                "What the function itself answers: its own status, headers and body; or a refusal in the shape of `Problem`.";
            self.answers.insert(status.to_owned(), json!({"description": about, "content": {"*/*": {"schema": {}}}}));
        }
        self
    }

    pub fn empty(mut self, status: u16, about: &str) -> Self {
        self.answers.insert(status.to_string(), json!({"description": about}));
        self
    }

    /// Refused with this code, under the code's own status.
    pub fn problem(self, code: &'static Code) -> Self {
        self.problem_as(code.status, code)
    }

    pub fn problem_as(mut self, status: u16, code: &'static Code) -> Self {
        self.problems.push((status, code));
        self
    }

    /// Needs no key.
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// May lead to a message to `callback_url`.
    pub fn calls_back(mut self) -> Self {
        self.callback = true;
        self
    }

    pub fn to_json(&self) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": if self.about.is_empty() { format!("{}.", self.summary) } else { self.about.clone() },
            "responses": self.responses(),
        });
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if let Some(body) = &self.body {
            operation["requestBody"] = body.clone();
        }
        if self.open {
            operation["security"] = json!([]);
        }
        if self.callback {
            let item = super::callbacks::item(&format!("{}_message", self.id));
            operation["callbacks"] = json!({"message": {"{$request.body#/callback_url}": item}});
        }
        operation
    }

    fn responses(&self) -> Map<String, Value> {
        let mut responses: Map<String, Value> = self.answers.clone().into_iter().collect();
        let mut by_status: BTreeMap<u16, Vec<&Code>> = BTreeMap::new();
        for (status, code) in &self.problems {
            let codes = by_status.entry(*status).or_default();
            if !codes.contains(code) {
                codes.push(code);
            }
        }
        for (status, codes) in by_status {
            let words: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.text(), code.title.to_lowercase())).collect();
            let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
            let mut response = json!({
                "description": words.join("; "),
                "content": {"application/json": problem, "application/problem+json": problem},
            });
            if matches!(status, 429 | 503) {
                let about = "Seconds after which the call may be made again.";
                response["headers"] = json!({"Retry-After": {"description": about, "schema": {"type": "string"}}});
            }
            responses.entry(status.to_string()).or_insert(response);
        }
        responses
    }
}
