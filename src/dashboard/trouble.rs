//! Pages that could not be shown as asked for, and why.
//! Never another shape: what goes wrong is a page too.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use minijinja::context;

use super::page;
use super::visitor::Visitor;
use crate::store::StoreError;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("there is no {0}")]
    NotFound(String),
    #[error("this form is not from a page that was shown to you; go back, load it again and send it once more")]
    ForeignForm,
    #[error("your key does not allow this; sign in with one that has the scope manage")]
    NotAllowed,
    #[error("{0}")]
    Conflict(String),
    #[error("the database cannot be read at the moment: {0}")]
    Store(#[from] StoreError),
}

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::ForeignForm | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A page, or why there is none.
pub struct Shown(pub Result<HttpResponse, Trouble>);

impl Responder for Shown {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0.unwrap_or_else(|trouble| {
            let status = trouble.status();
            let title = status.canonical_reason().unwrap_or("Trouble");
            page::bare(HttpResponseBuilder::new(status), "trouble.html", context! { title, message => trouble.to_string() })
        })
    }
}

/// Every address below `/ui` where there is nothing.
pub async fn nothing(_visitor: Visitor, request: HttpRequest) -> Shown {
    Shown(Err(Trouble::NotFound(format!("page {}", request.path()))))
}
