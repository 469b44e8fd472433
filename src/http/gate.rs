//! What every request passes on its way in and every answer on its way out: path, access, CORS, a line in the log.
//! Never looks at a body.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri, uri::PathAndQuery};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};

use super::HttpState;
use super::access::Facts;
use super::cors::Cors;
use super::events;
use super::path::normalised;
use crate::domain::function::FunctionName;

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

    let opened = events::is_opened(&state.engine, method.as_str(), &path, request.query_string());
    let refused = match opened {
        true => None,
        false => state.access.check(&Facts::of(&path, method.as_str(), request.headers())).err(),
    };
    let mut response = if let Some(problem) = refused {
        let answer = problem.respond(request.request(), &state.engine.public_url);
        request.into_response(answer).map_into_right_body()
    } else if method == Method::OPTIONS {
        let mut answer = HttpResponse::NoContent().finish();
        Cors::preflight(request.headers(), answer.headers_mut());
        request.into_response(answer).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };

    let (nosniff, value) = NOSNIFF;
    response.headers_mut().insert(nosniff, value);
    state.cors.apply(origin.as_ref(), response.headers_mut());
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    let path = shown(&path);
    tracing::debug!(%method, path, status = response.status().as_u16(), duration_ms, "answered");
    Ok(response)
}

/// A path as the log shows it: without the token of a resume URL.
fn shown(path: &str) -> &str {
    if path.starts_with("/resume/") { "/resume/…" } else { path }
}

/// Makes the router see the path that was meant.
fn normalise(state: &HttpState, request: &mut ServiceRequest) {
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
