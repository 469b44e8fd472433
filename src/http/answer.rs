//! What handlers return: an answer, or a problem that becomes one.
//! Never lets an error reach a caller in another shape.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, web};

use super::HttpState;
use super::problem::Problem;
use crate::domain::value::Value;

pub type Handled = Result<HttpResponse, Problem>;

/// A handler's result on its way out.
pub struct Answer(pub Handled);

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let public_url = request.app_data::<web::Data<HttpState>>().map_or("", |state| &*state.engine.public_url);
        self.0.unwrap_or_else(|problem| problem.respond(request, public_url))
    }
}

/// An answer in JSON.
pub fn json(status: StatusCode, value: &Value) -> HttpResponse {
    with_json(HttpResponse::build(status), value)
}

/// An answer that is written already.
pub fn json_text(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status).content_type("application/json").body(text)
}

pub fn with_json(mut response: HttpResponseBuilder, value: &Value) -> HttpResponse {
    response.content_type("application/json").body(value.to_json_text())
}

pub fn ok(value: &Value) -> HttpResponse {
    json(StatusCode::OK, value)
}

/// A list that comes in one piece, in the shape of those that come in pages.
pub fn list(items: Vec<Value>, next: Option<String>) -> HttpResponse {
    ok(&Value::object([("items", Value::array(items)), ("next", next.map_or(Value::Null, Value::text))]))
}
