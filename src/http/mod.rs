//! JSON in and out over HTTP: routes, access, problems.
//! Never changes state but through `engine`.

mod accepted;
mod access;
mod again;
mod alert_query;
mod alerts;
mod answer;
mod body;
mod callback_words;
mod caller;
mod cancel;
mod code;
mod config_words;
mod control_words;
mod cors;
mod deliveries;
mod delivery_query;
mod destinations;
mod docs;
mod events;
pub mod execution_query;
mod executions;
mod forms;
mod functions;
mod gate;
mod health;
mod ids;
mod incoming;
mod keys;
mod lanes;
mod metrics;
mod multipart;
mod need;
mod openapi;
mod options_words;
mod outcome;
mod pages;
mod path;
mod prefer;
mod problem;
mod prune;
mod reference;
mod routes;
mod schedule_words;
mod schedules;
mod secure;
mod signing;
mod start;
mod status;
mod tables;
#[cfg(test)]
mod tests;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

pub use accepted::events_path;
use access::Access;
pub use caller::Caller;
use cors::Cors;
use events::Seats;
pub use executions::logged;
pub use forms::urlencoded;
pub use functions::masked_definition;
pub use reference::error_codes;
use rustls::ServerConfig;

use crate::domain::status::unknown_entry;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::engine::prune::oldest_kept;

/// How long a caller may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: longer than the proxies in front of us, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Seconds that answers under way get when the server stops.
const STOP_WITHIN_S: u64 = 5;

/// What every handler needs.
struct HttpState {
    engine: Engine,
    access: Access,
    cors: Cors,
    seats: Seats,
}

impl HttpState {
    fn new(engine: Engine) -> Self {
        let (access, cors) = (Access::new(&engine.config), Cors::new(&engine.config));
        Self { engine, access, cors, seats: Seats::default() }
    }

    fn body_bytes_max(&self) -> usize {
        self.engine.config.server.body_bytes_max
    }

    /// The entry of an id that is not known (any more).
    fn unknown(&self, asked: &Value) -> Value {
        unknown_entry(asked, oldest_kept(&self.engine))
    }
}

/// Where callers come in: a listener that is bound already, and how their connections are secured, if they are.
pub struct Door {
    pub listener: TcpListener,
    pub tls: Option<ServerConfig>,
}

/// Serves behind a door, the pages of others too; the caller drives the server, stops it by its handle, and owns the signals.
///
/// # Errors
/// The listener cannot be used.
pub fn serve<P>(engine: Engine, door: Door, workers: usize, pages: P) -> std::io::Result<Server>
where
    P: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let public_url = Arc::clone(&engine.public_url);
    let state = web::Data::new(HttpState::new(engine));
    let app = move || {
        let (routed, gated) = (state.clone(), state.clone());
        App::new()
            // Calls go first, so that they are held against no pattern of the pages.
            .configure(|cfg| routes::configure(cfg, routed))
            .configure(&pages)
            .wrap(from_fn(move |request, next| gate::pass(gated.clone(), request, next)))
    };
    if let Some(tls) = door.tls {
        return secure::serve(secure::Door { listener: door.listener, tls }, workers, &public_url, app);
    }
    let server = HttpServer::new(app)
        .workers(workers)
        .disable_signals()
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_WITHIN)
        .shutdown_timeout(STOP_WITHIN_S)
        .listen(door.listener)?;
    Ok(server.run())
}
