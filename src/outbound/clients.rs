//! The HTTP clients, one for each port and way of securing, each with its pool of connections.
//! Never lets a client resolve a name for another port than its own.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, Proxy};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use tokio::sync::OnceCell;

use super::guard::{Guard, GuardedResolver};
use super::{SendError, tls};
use crate::domain::map::HashMap;

/// Clients kept; beyond, the one that was used longest ago is dropped with its idle connections.
const CLIENTS_MAX: usize = 64;
/// How long a connection stays open unused. Shorter than the 5 s after which Node.js closes its side, so that a request
/// seldom meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(4);
const IDLE_PER_HOST_MAX: usize = 64;

/// What distinguishes clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub port: u16,
    pub security: Security,
    pub connect_timeout_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Security {
    Plain,
    Verified,
    /// A step said `verify_peer: false`.
    Unverified,
}

#[derive(Debug)]
pub(super) struct Clients {
    guard: Guard,
    proxy: Option<Proxy>,
    extra_roots: Vec<CertificateDer<'static>>,
    /// Loaded with the first https request.
    verified: OnceCell<ClientConfig>,
    cached: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    clients: HashMap<Kind, (Client, u64)>,
    uses: u64,
}

impl Clients {
    pub fn new(guard: Guard, proxy: Option<Proxy>, extra_roots: Vec<CertificateDer<'static>>) -> Self {
        Self { guard, proxy, extra_roots, verified: OnceCell::new(), cached: Mutex::default() }
    }

    /// The proxy decides where names lead; nothing here can bind what was checked to what is connected to.
    pub fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    pub async fn get(&self, kind: Kind) -> Result<Client, SendError> {
        if let Some(client) = self.cached.lock().unwrap_or_else(PoisonError::into_inner).find(kind) {
            return Ok(client);
        }
        let client = self.build(kind).await?;
        self.cached.lock().unwrap_or_else(PoisonError::into_inner).keep(kind, client.clone());
        Ok(client)
    }

    async fn build(&self, kind: Kind) -> Result<Client, SendError> {
        #[expect(clippy::disallowed_methods, reason = "this is outbound")]
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(milliseconds(kind.connect_timeout_ms))
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .retry(reqwest::retry::never());
        builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder.dns_resolver(GuardedResolver { guard: self.guard.clone(), port: kind.port }),
        };
        builder = match kind.security {
            Security::Plain if self.proxy.is_none() => builder.tls_backend_preconfigured(tls::trusting_nobody()),
            Security::Plain | Security::Verified => builder.tls_backend_preconfigured(self.verified_config().await?),
            Security::Unverified => builder.tls_danger_accept_invalid_certs(true),
        };
        builder.build().map_err(|error| SendError::InvalidRequest(format!("no HTTP client can be made: {}", error.without_url())))
    }

    async fn verified_config(&self) -> Result<ClientConfig, SendError> {
        let load = || async {
            let extra = self.extra_roots.clone();
            tokio::task::spawn_blocking(move || tls::verified(&extra)).await
        };
        let config = self.verified.get_or_try_init(load).await;
        config.cloned().map_err(|error| SendError::Tls(format!("the root certificates could not be loaded: {error}")))
    }
}

impl Cached {
    fn find(&mut self, kind: Kind) -> Option<Client> {
        self.uses += 1;
        let (client, used) = self.clients.get_mut(&kind)?;
        *used = self.uses;
        Some(client.clone())
    }

    fn keep(&mut self, kind: Kind, client: Client) {
        if self.clients.len() >= CLIENTS_MAX
            && let Some(oldest) = self.clients.iter().min_by_key(|(_, (_, used))| *used).map(|(kind, _)| *kind)
        {
            self.clients.remove(&oldest);
        }
        self.clients.insert(kind, (client, self.uses));
    }
}

pub(super) fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1))
}
