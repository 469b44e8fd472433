//! `/docs`: the document of `/openapi.json` for people, and the schema of functions for editors.
//! Never loads anything from elsewhere, and shows text only as text.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::HttpState;
use super::answer::Answer;
use super::code;
use super::problem::Problem;
use crate::stack::schema;

const POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
const PAGE: &str = include_str!("docs/index.html");
const FILES: [(&str, &str, &str); 2] = [
    ("docs.js", "text/javascript; charset=utf-8", include_str!("docs/docs.js")),
    ("docs.css", "text/css; charset=utf-8", include_str!("docs/docs.css")),
];

/// `GET /docs`
pub async fn page() -> HttpResponse {
    answer("text/html; charset=utf-8", PAGE)
}

/// `GET /docs/{file}`
pub async fn file(name: web::Path<String>) -> Answer {
    let found = FILES.iter().find(|(file, ..)| *file == name.as_str());
    let found = found.ok_or_else(|| Problem::new(&code::ROUTE_UNKNOWN, format!("the page has no file \"{name}\"")));
    Answer(found.map(|(_, content_type, text)| answer(content_type, text)))
}

/// `GET /schema/function.json`
pub async fn function_schema(state: web::Data<HttpState>) -> HttpResponse {
    let schema = schema::function_schema(&format!("{}/schema/function.json", state.engine.public_url));
    let mut response = HttpResponse::Ok();
    response.content_type("application/schema+json").insert_header((header::CACHE_CONTROL, "no-cache"));
    response.body(schema.to_string())
}

fn answer(content_type: &'static str, text: &'static str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(content_type).insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    response.body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere_and_writes_no_markup() {
        let all = [PAGE, FILES[0].2, FILES[1].2].concat();
        for foreign in ["http://", "https://", "innerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!all.contains(foreign), "{foreign}");
        }
        assert!(FILES.iter().all(|(file, ..)| PAGE.contains(&format!("docs/{file}"))));
    }
}
