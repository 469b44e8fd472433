//! Pages for people at `/ui`: rendered here, with a little script of our own, nothing from elsewhere.
//! Never changes state but through `engine`, and never puts a text into a page that was not escaped.

mod actions;
mod again;
mod alerts;
mod assets;
mod csrf;
mod deliveries;
mod destinations;
mod diff;
mod execution;
mod executions;
mod form;
mod format;
mod function;
mod functions;
mod keys;
mod login;
mod outline;
mod overview;
mod page;
mod plot;
mod pulse;
mod schedules;
mod session;
mod snippets;
mod statistics;
mod tables;
mod timeline;
mod trouble;
mod visitor;

use actix_web::web;

use crate::engine::Engine;
use pulse::Pulse;

/// What every page needs: one for all threads.
pub struct Board {
    engine: Engine,
    pulse: Pulse,
}

impl Board {
    pub fn new(engine: Engine) -> web::Data<Self> {
        web::Data::new(Self { engine, pulse: Pulse::default() })
    }
}

/// Every page, and what it takes.
pub fn configure(cfg: &mut web::ServiceConfig, board: web::Data<Board>) {
    cfg.app_data(board)
        .route("/ui", web::get().to(overview::show))
        .route("/ui/login", web::get().to(login::show))
        .route("/ui/login", web::post().to(login::enter))
        .route("/ui/logout", web::post().to(login::leave))
        .route("/ui/assets/{name}", web::get().to(assets::one))
        .route("/ui/executions", web::get().to(executions::show))
        .route("/ui/executions/{id}", web::get().to(execution::show))
        .route("/ui/executions/{id}/cancel", web::post().to(actions::cancel))
        .route("/ui/executions/{id}/rerun", web::post().to(again::rerun))
        .route("/ui/executions/{id}/resume", web::post().to(again::resume))
        .route("/ui/functions", web::get().to(functions::show))
        .route("/ui/functions/{name:.+}/run", web::post().to(function::run))
        .route("/ui/functions/{name:.+}/versions", web::get().to(function::versions))
        .route("/ui/functions/{name:.+}", web::get().to(function::show))
        .route("/ui/deliveries", web::get().to(deliveries::show))
        .route("/ui/deliveries/redeliver", web::post().to(deliveries::redeliver_dead))
        .route("/ui/deliveries/{id}/redeliver", web::post().to(deliveries::redeliver_one))
        .route("/ui/destinations", web::get().to(destinations::show))
        .route("/ui/destinations/{id}/{verb}", web::post().to(destinations::act))
        .route("/ui/alerts", web::get().to(alerts::show))
        .route("/ui/alerts/{id}/acknowledge", web::post().to(alerts::acknowledge))
        .route("/ui/schedules", web::get().to(schedules::show))
        .route("/ui/schedules/{id}/{verb}", web::post().to(schedules::act))
        .route("/ui/keys", web::get().to(keys::show))
        .route("/ui/tables", web::get().to(tables::list))
        .route("/ui/tables/{name}", web::get().to(tables::browse))
        .route("/ui/{rest:.*}", web::route().to(trouble::nothing));
}
