//! From a name to the addresses that may be connected to: the policy at the moment of connecting.
//! Never hands out an address that was not judged.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use super::Refused;
use super::address_policy::{AddressPolicy, Target};

/// How names become addresses; tests give their own.
pub(super) type Lookup = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The system's own way.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name, port| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.map(|address| address.ip()).collect()) })
    })
}

#[derive(Debug, thiserror::Error)]
pub(super) enum NoAddress {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{0}")]
    Dns(#[from] io::Error),
}

/// The policy with a way to resolve names.
#[derive(Clone)]
pub(super) struct Guard {
    pub policy: Arc<AddressPolicy>,
    pub lookup: Lookup,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Guard {
    /// The addresses of a target that may be connected to; never empty.
    pub async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, NoAddress> {
        if let Some(ip) = target.literal() {
            self.policy.judge(target, ip)?;
            return Ok(vec![ip]);
        }
        let found = (self.lookup)(target.host.to_string(), target.port).await?;
        let ours = self.forbidden_now(target.port).await;
        let mut first_refusal = None;
        let mut allowed = Vec::with_capacity(found.len());
        for ip in found {
            match self.policy.judge_resolved(target, ip, &ours) {
                Ok(()) => allowed.push(ip),
                Err(refused) => first_refusal = first_refusal.or(Some(refused)),
            }
        }
        match first_refusal {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(refused) => Err(refused.into()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into()),
        }
    }

    /// Where our own listener and database are, if they were given by name and the port is theirs.
    async fn forbidden_now(&self, port: u16) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for name in self.policy.forbidden_names(port) {
            addresses.extend((self.lookup)(name.to_owned(), port).await.unwrap_or_default());
        }
        addresses
    }
}

/// What a client with this port resolves names with: the client itself does not tell a resolver for which port it asks.
pub(super) struct GuardedResolver {
    pub guard: Guard,
    pub port: u16,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, port) = (self.guard.clone(), self.port);
        Box::pin(async move {
            let host = Host::Domain(name.as_str().trim_end_matches('.').to_ascii_lowercase());
            let addresses = guard.addresses(&Target { host, port }).await?;
            let sockets: Addrs = Box::new(addresses.into_iter().map(move |ip| SocketAddr::new(ip, port)));
            Ok(sockets)
        })
    }
}
