//! Who looks at the pages: somebody who has signed in with a key, or without any key whoever sits at this machine.
//! Never lets anybody see a page without one of the two.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};

use super::Board;
use super::{csrf, session};
use crate::domain::access_key::Scope;
use crate::http::Caller;

/// Somebody who may see the pages.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub caller: Caller,
    /// What his forms carry so that no other page can send them.
    pub csrf: String,
}

/// Somebody who has to sign in first.
#[derive(Debug)]
pub struct Stranger {
    /// Where he wanted to go.
    next: String,
}

impl Visitor {
    pub fn may(&self, scope: Scope) -> bool {
        self.caller.allows(scope)
    }

    fn of(request: &HttpRequest) -> Option<Self> {
        let board = request.app_data::<web::Data<Board>>()?;
        let engine = &board.engine;
        if session::is_open(engine) {
            return Some(Self { caller: Caller::Local, csrf: csrf::token(engine.resume_key.text(), "") });
        }
        let cookie = request.cookie(session::COOKIE)?;
        let key = session::read(engine, cookie.value())?;
        Some(Self { caller: Caller::Key(key), csrf: csrf::token(engine.resume_key.text(), cookie.value()) })
    }
}

impl FromRequest for Visitor {
    type Error = Stranger;
    type Future = Ready<Result<Self, Stranger>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let next = match request.uri().query() {
            Some(query) => format!("{}?{query}", request.path()),
            None => request.path().to_owned(),
        };
        ready(Self::of(request).ok_or(Stranger { next }))
    }
}

impl std::fmt::Display for Stranger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key is needed to see this page")
    }
}

impl ResponseError for Stranger {
    fn error_response(&self) -> HttpResponse {
        let next: String = url::form_urlencoded::byte_serialize(self.next.as_bytes()).collect();
        HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/ui/login?next={next}"))).finish()
    }
}
