//! What every request passes on its way in and every answer on its way out: path, access, CORS, a line in the log and the audit.
//! Never looks at a body.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri, uri::PathAndQuery};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse, web};

use super::HttpState;
use super::access::Facts;
use super::caller::Caller;
use super::cors::Cors;
use super::events;
use super::need::{self, Need};
use super::path::normalised;
use crate::domain::audit::AuditEntry;
use crate::domain::function::FunctionName;
use crate::domain::limits::AUDIT_PATH_BYTES_MAX;
use crate::engine::keys;

const NOSNIFF: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// Lets a request through, or answers it here.
///
/// # Errors
/// Only what the framework itself raises; handlers answer in every case.
pub async fn pass<B: MessageBody + 'static>(
    state: web::Data<HttpState>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let began = Instant::now();
    normalise(&state, &mut request);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let (method, path) = (request.method().clone(), request.path().to_owned());

    keys::refresh(&state.engine).await;
    let facts = Facts::of(&path, method.as_str(), request.headers());
    let need = need::of(facts.method, facts.path);
    let admitted = match events::opened(&state.engine, method.as_str(), &path, request.query_string()) {
        Some(id) => Ok(Caller::Token(id)),
        None => state.access.admit(&state.engine.keys, &facts, state.engine.clock.now()),
    };
    let caller = admitted.as_ref().ok().cloned();
    let ip = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string());
    let allowed = admitted.and_then(|caller| if method == Method::OPTIONS { Ok(()) } else { need.check(&caller) });
    let mut response = if let Err(problem) = allowed {
        let answer = problem.respond(request.request(), &state.engine.public_url);
        request.into_response(answer).map_into_right_body()
    } else if method == Method::OPTIONS {
        let mut answer = HttpResponse::NoContent().finish();
        Cors::preflight(request.headers(), answer.headers_mut());
        request.into_response(answer).map_into_right_body()
    } else {
        request.extensions_mut().insert(caller.clone().unwrap_or(Caller::Nobody));
        next.call(request).await?.map_into_left_body()
    };
    if let (Need::Manage, Some(caller), false) = (need, caller, method == Method::OPTIONS) {
        let status = response.status().as_u16();
        keys::note(&state.engine, audited(&state, &caller, &method, &path, (status, ip))).await;
    }

    let (nosniff, value) = NOSNIFF;
    response.headers_mut().insert(nosniff, value);
    // The pages are for nobody's scripts but their own.
    if !is_page(&path) {
        let keyless = state.access.is_open(&state.engine.keys);
        state.cors.apply(origin.as_ref(), keyless, response.headers_mut());
    }
    let took = began.elapsed().as_secs_f64();
    state.engine.metrics().answered(method.as_str(), response.status().as_u16(), took);
    let duration_ms = took * 1000.0;
    let path = shown(&path);
    tracing::debug!(%method, path, status = response.status().as_u16(), duration_ms, "answered");
    Ok(response)
}

/// A path as the log shows it: without the token of a resume URL.
fn shown(path: &str) -> &str {
    if path.starts_with("/resume/") { "/resume/…" } else { path }
}

/// What the audit keeps of a call that manages.
fn audited(state: &HttpState, caller: &Caller, method: &Method, path: &str, (status, ip): (u16, Option<String>)) -> AuditEntry {
    let end = path.floor_char_boundary(AUDIT_PATH_BYTES_MAX);
    AuditEntry {
        at: state.engine.clock.now(),
        caller: caller.name().map(str::to_owned),
        method: method.to_string(),
        path: path[..end].to_owned(),
        status,
        ip,
    }
}

fn is_page(path: &str) -> bool {
    path == "/ui" || path.starts_with("/ui/")
}

/// Makes the router see the path that was meant, and a look at the headers alone as the look that it is: the framework leaves
/// the body out. A stream of events has no end that one could wait for.
fn normalise(state: &HttpState, request: &mut ServiceRequest) {
    if request.method() == Method::HEAD && !request.path().ends_with("/events") {
        request.head_mut().method = Method::GET;
    }
    let is_function = |name: &str| FunctionName::parse(name).is_ok_and(|name| state.engine.functions.current(&name).is_some());
    let Some(path) = normalised(request.path(), is_function) else { return };
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = request.uri().clone().into_parts();
    let Ok(path_and_query) = PathAndQuery::try_from(path_and_query) else { return };
    parts.path_and_query = Some(path_and_query);
    let Ok(uri) = Uri::from_parts(parts) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}
