//! Every address that we answer, and with what.
//! Never an answer without a shape: what is not here is a problem too.

use actix_web::{HttpRequest, Resource, guard, web};

use super::answer::Answer;
use super::code;
use super::problem::Problem;
use super::{
    HttpState, again, alerts, cancel, deliveries, destinations, docs, events, executions, functions, health, incoming, keys,
    lanes, metrics, openapi, pages, prune, schedules, signing, start, status, tables,
};

pub fn configure(cfg: &mut web::ServiceConfig, state: web::Data<HttpState>) {
    cfg.app_data(state);
    api(cfg);
    v1(cfg);
    v1_schedules(cfg);
    v1_destinations(cfg);
    cfg.service(only("/healthz", "GET").route(web::get().to(health::alive)))
        .service(only("/readyz", "GET").route(web::get().to(health::ready)))
        .service(only("/resume/{id}/{token}", "POST").route(web::post().to(incoming::resume)))
        .service(only("/resume/{id}/{token}/{name:.+}", "POST").route(web::post().to(incoming::resume_named)))
        .service(only("/.well-known/ringback/webhook-keys.json", "GET").route(web::get().to(signing::public_keys)))
        .service(only("/metrics", "GET").route(web::get().to(metrics::handle)))
        .service(only("/openapi.json", "GET").route(web::get().to(openapi::serve)))
        .service(only("/docs", "GET").route(web::get().to(docs::page)))
        .service(only("/docs/{file}", "GET").route(web::get().to(docs::file)))
        .service(only("/schema/function.json", "GET").route(web::get().to(docs::function_schema)))
        .service(only("/problems/{code}", "GET").route(web::get().to(pages::one)))
        .default_service(web::to(nothing));
}

/// Most calls come here, so whether it is a function's name or a word of ours is seen without a pattern.
fn api(cfg: &mut web::ServiceConfig) {
    cfg.service(
        only("/api/async-status", "GET, POST").route(web::post().to(status::of_body)).route(web::get().to(status::of_query)),
    )
    .service(
        only("/api/async-await", "GET, POST").route(web::post().to(status::await_body)).route(web::get().to(status::await_query)),
    )
    .service(only("/api/async-cancel", "POST").route(web::post().to(cancel::of_body)))
    .service(web::scope("/api/async-status").service(only("/{id}", "GET").route(web::get().to(status::of_one))))
    .service(web::scope("/api/async-await").service(only("/{id}", "GET").route(web::get().to(status::await_one))))
    .service(web::scope("/api").default_service(web::to(start::handle)));
}

fn v1(cfg: &mut web::ServiceConfig) {
    cfg.service(only("/v1/executions", "GET").route(web::get().to(executions::list)))
        .service(only("/v1/executions/rerun", "POST").route(web::post().to(again::rerun_many)))
        .service(only("/v1/executions/resume", "POST").route(web::post().to(again::resume_many)))
        .service(only("/v1/executions/{id}/rerun", "POST").route(web::post().to(again::rerun_one)))
        .service(only("/v1/executions/{id}/resume", "POST").route(web::post().to(again::resume_one)))
        .service(only("/v1/executions/{id}", "GET").route(web::get().to(executions::one)))
        .service(only("/v1/executions/{id}/steps", "GET").route(web::get().to(executions::steps)))
        .service(only("/v1/executions/{id}/logs", "GET").route(web::get().to(executions::logs)))
        .service(only("/v1/executions/{id}/deliveries", "GET").route(web::get().to(executions::deliveries)))
        .service(only("/v1/executions/{id}/events", "GET").route(web::get().to(events::handle)))
        .service(only("/v1/executions/{id}/events/{name:.+}", "POST").route(web::post().to(incoming::named)))
        .service(only("/v1/executions/{id}/cancel", "POST").route(web::post().to(cancel::of_path)))
        .service(only("/v1/webhook-secret/rotate", "POST").route(web::post().to(signing::rotate_secret)))
        .service(only("/v1/deliveries", "GET").route(web::get().to(deliveries::list)))
        .service(only("/v1/deliveries/redeliver", "POST").route(web::post().to(deliveries::again_all)))
        .service(only("/v1/deliveries/{id}", "GET").route(web::get().to(deliveries::one)))
        .service(only("/v1/deliveries/{id}/redeliver", "POST").route(web::post().to(deliveries::again)))
        .service(only("/v1/destinations/{id}/pause", "POST").route(web::post().to(lanes::pause)))
        .service(only("/v1/destinations/{id}/resume", "POST").route(web::post().to(lanes::resume)))
        .service(only("/v1/functions", "GET").route(web::get().to(functions::list)))
        // A function may itself be called `check`.
        .service(web::resource("/v1/functions/{name:.+}/check").guard(guard::Post()).route(web::post().to(functions::check)))
        .service(
            only("/v1/functions/{name:.+}", "GET, PUT, DELETE")
                .route(web::get().to(functions::one))
                .route(web::put().to(functions::put))
                .route(web::delete().to(functions::delete)),
        )
        .service(only("/v1/tables", "GET").route(web::get().to(tables::list)))
        .service(only("/v1/tables/{table}/records", "GET").route(web::get().to(tables::records)))
        .service(only("/v1/alerts", "GET").route(web::get().to(alerts::list)))
        .service(only("/v1/keys", "GET, POST").route(web::get().to(keys::list)).route(web::post().to(keys::create)))
        .service(only("/v1/keys/{name}", "DELETE").route(web::delete().to(keys::revoke)))
        .service(only("/v1/keys/{name}/webhook-secret", "POST").route(web::post().to(signing::rotate_of_key)))
        .service(only("/v1/audit", "GET").route(web::get().to(keys::audit)))
        .service(only("/v1/prune", "POST").route(web::post().to(prune::handle)))
        .service(only("/v1/alerts/{id}/acknowledge", "POST").route(web::post().to(alerts::acknowledge_one)));
}

fn v1_destinations(cfg: &mut web::ServiceConfig) {
    cfg.service(
        only("/v1/destinations", "GET, POST")
            .route(web::get().to(destinations::list))
            .route(web::post().to(destinations::register)),
    )
    .service(
        only("/v1/destinations/{id}", "GET, PATCH, DELETE")
            .route(web::get().to(destinations::one))
            .route(web::patch().to(destinations::patch))
            .route(web::delete().to(destinations::delete)),
    )
    .service(only("/v1/destinations/{id}/test", "POST").route(web::post().to(destinations::send_test)));
}

fn v1_schedules(cfg: &mut web::ServiceConfig) {
    cfg.service(
        only("/v1/schedules", "GET, POST").route(web::get().to(schedules::list)).route(web::post().to(schedules::create)),
    )
    .service(
        only("/v1/schedules/{id}", "GET, PATCH, DELETE")
            .route(web::get().to(schedules::one))
            .route(web::patch().to(schedules::change))
            .route(web::delete().to(schedules::remove)),
    )
    .service(only("/v1/schedules/{id}/run", "POST").route(web::post().to(schedules::run)))
    .service(only("/v1/schedules/{id}/pause", "POST").route(web::post().to(schedules::pause)))
    .service(only("/v1/schedules/{id}/resume", "POST").route(web::post().to(schedules::resume)));
}

/// An address that takes these methods and says so to others.
fn only(path: &str, methods: &'static str) -> Resource {
    let refuse = move || std::future::ready(Answer(Err(Problem::method_not_allowed(methods))));
    web::resource(path).default_service(web::to(refuse))
}

async fn nothing(request: HttpRequest) -> Answer {
    let detail = format!("there is nothing at {}; functions are at /api/NAME", request.path());
    Answer(Err(Problem::new(&code::ROUTE_UNKNOWN, detail)))
}
