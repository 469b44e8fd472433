//! `/v1/functions`: what can be started, how it has gone, and new versions of it.
//! Never shows a secret that a definition holds, and never deploys what does not hold.

mod definition;
mod shown;

pub use definition::masked as masked_definition;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer, Handled};
use super::body;
use super::code;
use super::forms;
use super::problem::Problem;
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::status;
use crate::domain::value::Value;
use crate::engine::deploy;
use crate::engine::start::StartError;
use crate::stack::document::read_deployed;
use crate::stack::finding::Finding;

/// `GET /v1/functions`
pub async fn list(state: web::Data<HttpState>) -> Answer {
    let functions = state.engine.functions.all();
    let items = functions.iter().map(|function| shown::brief(function, &state.engine.public_url));
    Answer(Ok(answer::list(items.collect(), None)))
}

/// `GET /v1/functions/{name}`, also of an earlier `?version=`.
pub async fn one(name: web::Path<String>, request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    Answer(detail(&name, &request, &state).await)
}

async fn detail(name: &str, request: &HttpRequest, state: &HttpState) -> Handled {
    let engine = &state.engine;
    let name = parsed(state, name)?;
    let function = deploy::find(engine, &name).await.ok_or_else(|| unknown(state, name.as_str()))?;
    let query = forms::urlencoded(request.query_string().as_bytes());
    let canonical = match query.field("version").as_str() {
        None => function.to_canonical_json(),
        Some(version) => {
            let found = engine.read.function_version(&name, &FunctionVersion(version.into())).await?;
            found.ok_or_else(|| Problem::not_found(format!("the function {name} has no version \"{version}\"")))?
        }
    };
    let definition = Value::from_json_text(&canonical)
        .map_err(|error| Problem::new(&code::INTERNAL, format!("the stored definition of {name} cannot be read: {error}")))?;
    let versions = engine.read.versions(&name).await?;
    let versions = versions.iter().map(|version| {
        Value::object([
            ("version", Value::Text(version.version.0.clone())),
            ("created_at", Value::Timestamp(version.created_at)),
            ("current", Value::Bool(version.version == function.version)),
        ])
    });
    let more = [
        ("definition", definition::masked(&definition)),
        ("versions", Value::array(versions.collect())),
        ("statistics", engine.read.statistics(&name).await?.shown()),
    ];
    Ok(answer::ok(&status::with_fields([], &shown::whole(&function, &engine.public_url), more)))
}

/// `PUT /v1/functions/{name}`: the body is what a file would hold.
pub async fn put(name: web::Path<String>, request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let text = body::text(&request, payload, state.body_bytes_max()).await?;
        let name = parsed(&state, &name)?;
        if definition::is_masked(&text) {
            return Err(Problem::unacceptable(
                "this definition was shown with its secrets masked; put the secrets back, or {{ env.NAME }} in their places",
            ));
        }
        let (function, warnings) = read_deployed(&name, &text).map_err(|findings| refused(&name, &findings))?;
        let before = deploy::find(&state.engine, &name).await;
        let status = if before.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        let changed = before.is_none_or(|before| before.version != function.version);
        let function = deploy::deploy(&state.engine, function).await?;
        let more = [("changed", Value::Bool(changed)), ("findings", shown::findings(&warnings))];
        Ok(answer::json(status, &status::with_fields([], &shown::whole(&function, &state.engine.public_url), more)))
    };
    Answer(handled.await)
}

/// `POST /v1/functions/{name}/check`: what a deployment would say, without one.
pub async fn check(name: web::Path<String>, request: HttpRequest, payload: web::Payload, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let text = body::text(&request, payload, state.body_bytes_max()).await?;
        let name = parsed(&state, &name)?;
        let (valid, version, findings) = match read_deployed(&name, &text) {
            Ok((function, warnings)) => (true, Value::Text(function.version.0), warnings),
            Err(findings) => (false, Value::Null, findings),
        };
        Ok(answer::ok(&Value::object([
            ("valid", Value::Bool(valid)),
            ("version", version),
            ("findings", shown::findings(&findings)),
        ])))
    };
    Answer(handled.await)
}

/// `DELETE /v1/functions/{name}`: nothing starts it any more; what runs on it runs to its end.
pub async fn delete(name: web::Path<String>, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let name = parsed(&state, &name)?;
        let function = deploy::find(&state.engine, &name).await.ok_or_else(|| unknown(&state, name.as_str()))?;
        deploy::undeploy(&state.engine, &name).await?;
        Ok(answer::ok(&status::with_fields([], &shown::brief(&function, &state.engine.public_url), [])))
    };
    Answer(handled.await)
}

fn parsed(state: &HttpState, name: &str) -> Result<FunctionName, Problem> {
    FunctionName::parse(name).map_err(|error| match error {
        // What cannot be a name is the name of no function.
        _ if !name.is_empty() => Problem::not_found(format!("\"{name}\" is no function: {error}")),
        _ => unknown(state, name),
    })
}

fn unknown(state: &HttpState, name: &str) -> Problem {
    StartError::FunctionUnknown { name: name.to_owned(), near: state.engine.functions.near(name) }.into()
}

fn refused(name: &FunctionName, findings: &[Finding]) -> Problem {
    let first = findings.first().map_or("", |finding| finding.message.as_str());
    let detail = format!("the function {name} does not hold, so nothing was deployed: {first}");
    Problem::new(&code::FUNCTION_INVALID, detail).with_payload(Value::object([("findings", shown::findings(findings))]))
}
