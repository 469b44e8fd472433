//! Signing in with a key and out again.
//! Never sends anybody to another site afterwards, and never says more of a wrong key than that it is wrong.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use minijinja::context;
use serde::Deserialize;

use super::Board;
use super::visitor::Visitor;
use super::{csrf, page, session};

const HOME: &str = "/ui";

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

#[derive(Deserialize)]
pub struct Entry {
    key: String,
    next: Option<String>,
}

/// `GET /ui/login`
pub async fn show(wanted: web::Query<Wanted>, board: web::Data<Board>) -> impl Responder {
    match session::is_open(&board.engine) {
        true => go(HOME),
        false => form(wanted.next.as_deref(), None),
    }
}

/// `POST /ui/login`
pub async fn enter(request: HttpRequest, entry: web::Form<Entry>, board: web::Data<Board>) -> impl Responder {
    if !csrf::is_own(&request) {
        return form(entry.next.as_deref(), Some("sign in on this page itself"));
    }
    let value = match session::begin(&board.engine, entry.key.trim()) {
        Ok(value) => value,
        Err(why) => return form(entry.next.as_deref(), Some(&why)),
    };
    let mut response = go(&inner(entry.next.as_deref()));
    add_cookie(&mut response, cookie(&board, value).max_age(Duration::milliseconds(session::SESSION_MS)).finish());
    response
}

/// `POST /ui/logout`
pub async fn leave(request: HttpRequest, _visitor: Visitor, board: web::Data<Board>) -> impl Responder {
    let mut response = go("/ui/login");
    if csrf::is_own(&request) {
        add_cookie(&mut response, cookie(&board, String::new()).max_age(Duration::ZERO).finish());
    }
    response
}

fn form(next: Option<&str>, wrong: Option<&str>) -> HttpResponse {
    let status = if wrong.is_some() { HttpResponse::Unauthorized() } else { HttpResponse::Ok() };
    page::bare(status, "login.html", context! { title => "Sign in", next => inner(next), wrong })
}

fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// A place of ours, whatever was asked for.
fn inner(next: Option<&str>) -> String {
    let fine = |next: &&str| {
        next.starts_with("/ui")
            && !next.starts_with("/ui/log")
            && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(fine).unwrap_or(HOME).to_owned()
}

fn cookie(board: &Board, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    let secure = board.engine.public_url.starts_with("https://");
    Cookie::build(session::COOKIE, value).path("/ui").http_only(true).same_site(SameSite::Strict).secure(secure)
}

fn add_cookie(response: &mut HttpResponse, cookie: Cookie<'_>) {
    if let Ok(value) = header::HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_a_page_of_ours_only() {
        assert_eq!(inner(Some("/ui/executions?state=failed")), "/ui/executions?state=failed");
        for odd in
            [None, Some("https://evil.example"), Some("//evil.example"), Some("/ui/login"), Some("/ui\r\nx"), Some("/ui\\x")]
        {
            assert_eq!(inner(odd), HOME, "{odd:?}");
        }
    }
}
