//! Puts everything together from a `Config`, starts it and stops it in order.
//! Never holds a rule of its own.

mod certificate;
mod listen;
pub mod reference;
mod reload;
mod secrets;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::ServiceConfig;
use tokio::sync::{mpsc, watch};

use crate::actors::traces::Exporter;
use crate::actors::{Actors, Ends, OnFatal};
use crate::config::{Config, KeyError};
use crate::dashboard::{self, Board};
use crate::domain::clock::{NodeClock, SharedClock, SystemClock};
use crate::engine::deploy::{install, sync};
use crate::engine::functions::Functions;
use crate::engine::keys::Keyring;
use crate::engine::live::launches;
use crate::engine::prune::{Removed, preview_store, prune_store};
use crate::engine::resume_key::ResumeKey;
use crate::engine::signing::{Signing, SigningError};
use crate::engine::traces::Traces;
use crate::engine::{Engine, Parts, journal, schedule};
use crate::http::{self, Door};
use crate::outbound::Outbound;
use crate::sandbox::Sandboxes;
use crate::stack::document::{self, Folder};
use crate::stack::finding::{Finding, Severity};
use crate::store::read::ExpiredCount;
use crate::store::{self, Store, StoreError};

pub use certificate::{Certificate, CertificateError, CertificateKeeper, Validity};
pub use listen::listen;
pub use reload::Reloader;
pub use secrets::{rotate_webhook_secret, webhook_secret};

/// How long a clean stop may take before what still runs is left to the next start.
const STOP_WITHIN: Duration = Duration::from_secs(8);

/// How long the collector of traces may take for what is left then.
const LAST_SPANS_WITHIN: Duration = Duration::from_millis(1500);

/// Why a server does not start; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("the workflows in {folder} cannot be read: {error}; set server.workflows (--workflows)")]
    Workflows { folder: String, error: std::io::Error },
    #[error("{0}")]
    Refused(String),
    #[error(
        "{address} can be reached from other machines, and without a key anybody could call; set access.api_key \
         (RINGBACK_API_KEY), make a key with `ringback keys create NAME --scope manage`, or listen on 127.0.0.1"
    )]
    NoKey { address: SocketAddr },
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("this program does not find itself, to run others in: {0}")]
    Program(std::io::Error),
    #[error("outbound: {0}")]
    Outbound(String),
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("{0}")]
    Signing(#[from] SigningError),
}

/// A server that accepts calls.
pub struct App {
    engine: Engine,
    /// None where nothing is run.
    actors: Option<Actors>,
    exporter: Option<Exporter>,
    server: Server,
    address: SocketAddr,
    certificate: Option<CertificateKeeper>,
    function_count: usize,
    stop: watch::Sender<bool>,
}

/// What a server is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Takes calls and does the work.
    Serve,
    /// Works for one command: only who knows this key is heard.
    Work { key: String },
    /// Answers what one command asks, and neither takes up work nor changes what is deployed.
    Look { key: String },
}

impl Role {
    fn key(&self) -> Option<&str> {
        match self {
            Self::Serve => None,
            Self::Work { key } | Self::Look { key } => Some(key),
        }
    }
}

/// Stops a server from elsewhere.
#[derive(Clone)]
pub struct StopHandle(watch::Sender<bool>);

impl StopHandle {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Builds and starts a server with the system's clock, or that of a database which others use too.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn build(config: Config) -> Result<App, StartError> {
    build_with(config, Arc::new(NodeClock::default())).await
}

/// Builds and starts a server for one command, on a free port of this machine.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn build_for(role: Role, mut config: Config) -> Result<App, StartError> {
    // Whatever is sent meanwhile leads to where the server will be.
    config.server.public_url = Some(config.server.public_url_at(config.server.listen));
    config.server.listen = (Ipv4Addr::LOCALHOST, 0).into();
    config.server.tls = None;
    build_as(role, config, Arc::new(NodeClock::default())).await
}

/// Builds and starts a server that takes the time from `clock`.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn build_with(config: Config, clock: SharedClock) -> Result<App, StartError> {
    build_as(Role::Serve, config, clock).await
}

async fn build_as(role: Role, config: Config, clock: SharedClock) -> Result<App, StartError> {
    let looks = matches!(role, Role::Look { .. });
    let folder = if looks { Folder::default() } else { read_workflows(&config)? };
    let certificate = config.server.tls.as_ref().map(Certificate::read).transpose()?.map(Arc::new);
    let at = config.server.listen;
    let (listener, address) = listen(at).map_err(|error| StartError::Listen { address: at, error })?;
    let outbound = outbound(&config, address)?;
    let store = store::open(&config.store, Arc::clone(&clock)).await?;
    let keys = match role.key() {
        Some(key) => Keyring::new(Some(key), Vec::new(), clock.now()),
        None => Keyring::load(config.access.api_key.as_deref(), &*store.read, clock.now()).await?,
    };
    if keys.is_empty() && !config.server.is_loopback() {
        return Err(StartError::NoKey { address: config.server.listen });
    }
    if !looks {
        start_node(&store, &clock).await?;
    }
    let functions = Functions::default();
    let vault = secrets::vault(&config, &store).await?;
    if !looks {
        let installed = install(&functions, folder, &*store.read, &*store.write, &*clock, &vault).await?;
        for name in &installed.removed {
            tracing::info!(function = %name, "a function is gone, since its file is");
        }
    }
    let resume_key = ResumeKey::of(&secrets::kept(&store, &vault, ResumeKey::SETTING, ResumeKey::fresh()).await?);
    let signing = Signing::open(&config.callbacks, &*store.read, &*store.write, &vault, clock.now()).await?;
    let (journal, journal_ends) = journal::queue(&store);
    let sandboxes = Sandboxes::new(own_program()?, config.executions.sandboxes_max);
    let public_url = config.server.public_url_at(address);
    let (launches, launched) = launches(config.server.worker_threads);
    let (traces, spans) = match &config.telemetry.traces_url {
        Some(_) => Traces::collected(config.telemetry.sample_ratio, journal.metrics().clone()),
        None => (Traces::default(), mpsc::channel(1).1),
    };
    let engine = Engine::new(Parts {
        clock,
        config: Arc::new(config),
        store,
        outbound,
        sandboxes,
        functions,
        keys,
        journal,
        launches,
        public_url: public_url.into(),
        resume_key,
        vault,
        signing,
        traces,
    });
    let exporter = Exporter::start(&engine.config.telemetry, spans, engine.metrics().clone()).map_err(StartError::Outbound)?;
    engine.destinations.reload(&engine).await?;
    let actors = if looks {
        sync(&engine).await?;
        None
    } else {
        schedule::sync_with_files(&engine).await?;
        Some(Actors::start(&engine, Ends { journal: journal_ends, launched, on_fatal: end_process() }))
    };
    let function_count = engine.functions.all().len();
    let board = Board::new(engine.clone());
    let pages = move |cfg: &mut ServiceConfig| dashboard::configure(cfg, board.clone());
    let door = Door { listener, tls: certificate.as_ref().map(Certificate::server_config) };
    let http_threads = engine.config.server.http_threads();
    let server = http::serve(engine.clone(), door, http_threads, pages).map_err(|error| StartError::Listen { address, error })?;
    let certificate = certificate.map(|certificate| CertificateKeeper::new(certificate, Arc::clone(&engine.clock)));
    Ok(App { engine, actors, exporter, server, address, certificate, function_count, stop: watch::channel(false).0 })
}

async fn start_node(store: &Store, clock: &SharedClock) -> Result<(), StartError> {
    let started = store.write.start_node(clock.now()).await?;
    if started.executions_released + started.deliveries_released > 0 {
        let (executions, deliveries) = (started.executions_released, started.deliveries_released);
        tracing::info!(executions, deliveries, "taking up what an earlier process left");
    }
    Ok(())
}

/// This program, also after its file was replaced by a newer one.
fn own_program() -> Result<PathBuf, StartError> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe().map_err(StartError::Program) }
}

/// What pruning a store did, or would do.
pub struct PrunedStore {
    pub expired: Vec<ExpiredCount>,
    /// `None` after a dry run.
    pub removed: Option<Removed>,
}

/// Prunes a store that no server has opened.
///
/// # Errors
/// The store's.
pub async fn prune(config: &Config, dry_run: bool) -> Result<PrunedStore, StartError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let store = store::open(&config.store, Arc::clone(&clock)).await?;
    let (settings, now) = (&config.retention, clock.now());
    let expired = preview_store(&store, settings, now).await?;
    let removed = if dry_run { None } else { Some(prune_store(&store, settings, now).await?) };
    Ok(PrunedStore { expired, removed })
}

impl App {
    /// Where it really listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn function_count(&self) -> usize {
        self.function_count
    }

    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.stop.clone())
    }

    pub fn reloader(&self) -> Reloader {
        Reloader(self.engine.clone())
    }

    /// Reads the certificate again, if there is one.
    pub fn certificate_keeper(&self) -> Option<CertificateKeeper> {
        self.certificate.clone()
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Serves until a stop handle says stop, then hands over what runs.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn run_until_stopped(self) -> std::io::Result<()> {
        let Self { actors, exporter, server, stop, .. } = self;
        let handle: ServerHandle = server.handle();
        let mut asked = stop.subscribe();
        let stopping = async move {
            // The sender lives in `stop`, so this only ends when somebody asks.
            let _ = asked.wait_for(|stop| *stop).await;
            actix_web::rt::spawn(handle.stop(true));
            if let Some(actors) = actors {
                actors.stop(STOP_WITHIN).await;
            }
            if let Some(exporter) = exporter {
                exporter.stop(LAST_SPANS_WITHIN).await;
            }
        };
        tokio::select! {
            result = async { let (served, ()) = tokio::join!(server, stopping); served } => result,
        }
    }
}

fn read_workflows(config: &Config) -> Result<Folder, StartError> {
    let path = &config.server.workflows;
    let read = document::read_path(path);
    let folder = read.map_err(|error| StartError::Workflows { folder: path.display().to_string(), error })?;
    let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
        folder.findings.iter().partition(|finding| finding.severity == Severity::Error);
    if !errors.is_empty() {
        let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
        return Err(StartError::Refused(format!("the workflows do not hold:\n{}", list.join("\n"))));
    }
    for warning in warnings {
        tracing::warn!("{}:{}:{}: {}", warning.path, warning.line, warning.column, warning.message);
    }
    Ok(folder)
}

fn outbound(config: &Config, own: SocketAddr) -> Result<Outbound, StartError> {
    let mut forbidden = vec![(own.ip().to_string(), own.port())];
    if let Ok(database) = url::Url::parse(&config.store.database) {
        let default_port = database.scheme().starts_with("postgres").then_some(5432);
        if let (Some(host), Some(port)) = (database.host_str(), database.port().or(default_port)) {
            forbidden.push((host.to_owned(), port));
        }
    }
    Outbound::new(&config.outbound, config.server.is_loopback(), forbidden).map_err(StartError::Outbound)
}

/// Ends the process when going on is impossible: the next start, or another node, goes on from the store.
fn end_process() -> OnFatal {
    Arc::new(|reason: &str| {
        tracing::error!(reason, "ringback cannot go on and ends");
        std::process::exit(1);
    })
}
