//! The style, the script and the icon of the pages.
//! Never anything from another site.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use sha2::{Digest as _, Sha256};

use super::trouble::{Shown, Trouble};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/app.js");
const ICON: &str = include_str!("assets/icon.svg");

/// `GET /ui/assets/{name}`
pub async fn one(name: web::Path<String>) -> Shown {
    let (kind, text) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        other => return Shown(Err(Trouble::NotFound(format!("file {other}")))),
    };
    let mut response = HttpResponse::Ok();
    // Every page names its files by their stamp, so that they may be kept for ever.
    response.content_type(kind).insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    Shown(Ok(response.body(text)))
}

/// Changes with the files.
pub fn stamp() -> &'static str {
    static STAMP: OnceLock<String> = OnceLock::new();
    STAMP.get_or_init(|| {
        let digest = Sha256::new().chain_update(STYLE).chain_update(SCRIPT).chain_update(ICON).finalize();
        hex::encode(&digest[..6])
    })
}
