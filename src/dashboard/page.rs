//! From a template and what it shows to an answer, with the headers that every page has.
//! Never runs a script that is not one of our files, and never lets another site frame a page.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use serde::Serialize;

use super::visitor::Visitor;
use super::{assets, format};
use crate::domain::access_key::Scope;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates![
    "alerts.html",
    "bare.html",
    "base.html",
    "deliveries.html",
    "destinations.html",
    "execution.html",
    "executions.html",
    "function.html",
    "functions.html",
    "keys.html",
    "login.html",
    "overview.html",
    "parts.html",
    "schedules.html",
    "table.html",
    "tables.html",
    "trouble.html",
    "versions.html",
];

/// Where a page stands among the others.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub title: &'a str,
    /// The entry of the navigation that it belongs to.
    pub nav: &'a str,
}

/// What a template is shown.
pub fn value(value: &impl Serialize) -> Value {
    Value::from(Serde(value))
}

/// A page with its navigation.
pub fn show(visitor: &Visitor, place: Place<'_>, template: &str, context: Value) -> HttpResponse {
    show_as(HttpResponse::Ok(), visitor, place, template, context)
}

pub fn show_as(
    response: HttpResponseBuilder,
    visitor: &Visitor,
    place: Place<'_>,
    template: &str,
    context: Value,
) -> HttpResponse {
    let around = context! {
        title => place.title,
        nav => place.nav,
        csrf => visitor.csrf.clone(),
        key => visitor.caller.name(),
        may_manage => visitor.may(Scope::Manage),
        ..context
    };
    bare(response, template, around)
}

/// A page without anything around it.
pub fn bare(mut response: HttpResponseBuilder, template: &str, context: Value) -> HttpResponse {
    let rendered = environment().get_template(template).and_then(|template| template.render(context));
    let body = match rendered {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(template, %error, "a page could not be rendered");
            return HttpResponse::InternalServerError().body("this page could not be rendered; the log says why");
        }
    };
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .body(body)
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // Otherwise an error would carry what the page was to show.
        environment.set_debug(false);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_global("program_version", env!("CARGO_PKG_VERSION"));
        environment.add_global("assets", assets::stamp());
        format::register(&mut environment);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text).expect("the templates are part of the program, and a test renders each");
        }
        environment
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_reads() {
        for (name, _) in TEMPLATES {
            assert!(environment().get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn no_template_has_a_script_or_a_style_of_its_own() {
        for (name, text) in TEMPLATES {
            for odd in ["<style", " style=", "onclick", "onload", "javascript:", "|safe", "| safe"] {
                assert!(!text.contains(odd), "{name}: {odd}");
            }
            assert!(!text.contains("<script>"), "{name}");
        }
    }
}
