//! Which addresses a request may go to: a pure decision.
//! Never resolves a name and never connects.

mod tier;

use std::cell::RefCell;
use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Position, Url};

use super::Refused;
use crate::config::{LoopbackMode, OutboundConfig};
use crate::domain::limits::URL_BYTES_MAX;

pub use tier::{Tier, inner, tier_of};

/// The policy of one installation.
#[derive(Debug, Clone)]
pub struct AddressPolicy {
    hosts: Vec<AllowedHost>,
    ranges: Vec<IpNet>,
    loopback_open: bool,
    allowlist_only: bool,
    /// Our own listener and our own database.
    forbidden: Vec<Forbidden>,
}

/// An entry of `outbound.allowed_hosts`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedHost {
    host: Host<String>,
    port: Option<u16>,
}

#[derive(Debug, Clone)]
struct Forbidden {
    host: Host<String>,
    port: u16,
}

/// Where a request wants to go, as its URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Names in lower case, without a trailing dot.
    pub host: Host<String>,
    pub port: u16,
}

impl Target {
    /// The address, if the URL names one.
    pub fn literal(&self) -> Option<IpAddr> {
        as_ip(&self.host)
    }
}

thread_local! {
    /// The URL that was read last on this thread: the same one, or one of the same receiver, comes again.
    static LAST: RefCell<Option<Url>> = const { RefCell::new(None) };
}

/// Reads a URL: whole, unless the last one was the same or differs in a plain path alone, as those of one receiver do.
fn read(text: &str) -> Result<Url, url::ParseError> {
    LAST.with_borrow_mut(|last| match last {
        Some(url) if url.as_str() == text => Ok(url.clone()),
        Some(url) if let Some(path) = plain_path(url, text) => {
            url.set_path(path);
            url.set_query(None);
            url.set_fragment(None);
            Ok(url.clone())
        }
        _ => {
            let url = Url::parse(text)?;
            *last = Some(url.clone());
            Ok(url)
        }
    })
}

/// What stands behind the origin of `url` in `text`, if it is a path that reading would leave as it is.
fn plain_path<'a>(url: &Url, text: &'a str) -> Option<&'a str> {
    let path = text.strip_prefix(&url[..Position::BeforePath])?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    // Segments of dots are taken as steps, and two slashes in front may begin a host.
    let is_kept = !path.contains("/.") && !path.contains("//");
    (url.has_host() && path.starts_with('/') && path.bytes().all(is_plain) && is_kept).then_some(path)
}

impl AddressPolicy {
    /// `loopback_open` is what `outbound.loopback = "auto"` means here.
    ///
    /// # Errors
    /// The entry that is no host, in words.
    pub fn new(config: &OutboundConfig, loopback_open: bool, forbidden: Vec<(String, u16)>) -> Result<Self, String> {
        let hosts = config.allowed_hosts.iter().map(|entry| AllowedHost::parse(entry)).collect::<Result<_, _>>()?;
        let forbidden = forbidden.into_iter().filter_map(|(host, port)| Some(Forbidden { host: parse_host(&host)?, port }));
        Ok(Self {
            hosts,
            ranges: config.allowed_ranges.clone(),
            loopback_open: match config.loopback {
                LoopbackMode::Auto => loopback_open,
                LoopbackMode::Open => true,
                LoopbackMode::Closed => false,
            },
            allowlist_only: config.allowlist_only,
            forbidden: forbidden.collect(),
        })
    }

    /// Judges a URL by its text, and by its address if it names one.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check_url(&self, text: &str) -> Result<(Url, Target), Refused> {
        if text.len() > URL_BYTES_MAX {
            return Err(refused(format!("the URL is longer than {URL_BYTES_MAX} bytes")));
        }
        let url = read(text).map_err(|error| refused(format!("the URL cannot be read: {error}")))?;
        let target = self.check_target(&url)?;
        Ok((url, target))
    }

    /// Judges where a parsed URL leads: the first one, and that of every redirect.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check_target(&self, url: &Url) -> Result<Target, Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!("only http and https URLs are sent to, not {}", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "a URL with a user name or password in it is not sent to; use an authorization header".to_owned(),
            ));
        }
        let host = url.host().map(|host| host.to_owned()).ok_or_else(|| refused("the URL names no host".to_owned()))?;
        let host = without_dot(host).ok_or_else(|| refused("the URL names no host".to_owned()))?;
        let port = url.port_or_known_default().unwrap_or(0);
        let target = Target { host, port };
        match target.literal() {
            Some(ip) => self.judge(&target, ip)?,
            None => self.judge_name(&target)?,
        }
        Ok(target)
    }

    /// Judges one address that a target means.
    ///
    /// # Errors
    /// Why it is refused, naming the setting that would allow it.
    pub fn judge(&self, target: &Target, ip: IpAddr) -> Result<(), Refused> {
        let exact = self.hosts.iter().any(|entry| entry.port == Some(target.port) && entry.is_address(ip));
        if exact {
            return Ok(());
        }
        if self.is_ours(target, ip) {
            return Err(ours(target, ip));
        }
        let tier = tier_of(ip);
        if let Tier::Never(what) = tier {
            return Err(closed(target, ip, what, &bracketed(inner(ip), target.port)));
        }
        let listed = self.hosts.iter().any(|entry| entry.matches(target, ip));
        let in_range = self.ranges.iter().any(|range| range.contains(&ip) || range.contains(&inner(ip)));
        if listed || in_range {
            return Ok(());
        }
        match tier {
            _ if self.allowlist_only => Err(not_listed(target)),
            Tier::Loopback if self.loopback_open => Ok(()),
            Tier::Loopback => Err(closed(target, ip, "a loopback address", &shown(target))),
            Tier::Private(what) => Err(closed(target, ip, what, &shown(target))),
            Tier::Public | Tier::Never(_) => Ok(()),
        }
    }

    /// Names of our own listener and database that resolve to what is not known here; whoever resolves asks for them.
    pub fn forbidden_names(&self, port: u16) -> impl Iterator<Item = &str> {
        self.forbidden.iter().filter(move |forbidden| forbidden.port == port).filter_map(|forbidden| match &forbidden.host {
            Host::Domain(name) => Some(name.as_str()),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        })
    }

    /// Judges one address of a name, knowing where the forbidden names lead now.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn judge_resolved(&self, target: &Target, ip: IpAddr, forbidden_now: &[IpAddr]) -> Result<(), Refused> {
        let exact = || self.hosts.iter().any(|entry| entry.port == Some(target.port) && entry.is_address(ip));
        if forbidden_now.iter().any(|own| inner(*own) == inner(ip)) && !exact() {
            return Err(ours(target, ip));
        }
        self.judge(target, ip)
    }

    /// A name of our own is refused whatever it resolves to.
    fn judge_name(&self, target: &Target) -> Result<(), Refused> {
        let ours = self.forbidden.iter().any(|forbidden| forbidden.port == target.port && forbidden.host == target.host);
        let is_loopback_name = matches!(&target.host, Host::Domain(name) if name == "localhost");
        if ours && !is_loopback_name {
            let place = shown(target);
            return Err(refused(format!("{place} is Ringback's own listener or database, which no request may reach")));
        }
        Ok(())
    }

    fn is_ours(&self, target: &Target, ip: IpAddr) -> bool {
        let ip = inner(ip);
        self.forbidden.iter().filter(|forbidden| forbidden.port == target.port).any(|forbidden| match as_ip(&forbidden.host) {
            // Who listens on every address, or on loopback, is reached through any loopback address.
            Some(own) if own.is_unspecified() || own.is_loopback() => ip.is_loopback() || ip.is_unspecified() || ip == own,
            Some(own) => inner(own) == ip,
            None => matches!(&forbidden.host, Host::Domain(name) if name == "localhost") && ip.is_loopback(),
        })
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> Result<Self, String> {
        let error = || format!("outbound.allowed_hosts: \"{entry}\" is neither a host nor host:port");
        let text = entry.trim();
        // An address of version 6 without brackets has colons of its own.
        if let Ok(ip) = text.parse::<std::net::Ipv6Addr>() {
            return Ok(Self { host: Host::Ipv6(ip), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().map_err(|_| error())?)),
            _ => (text, None),
        };
        Ok(Self { host: parse_host(host).ok_or_else(error)?, port })
    }

    fn matches(&self, target: &Target, ip: IpAddr) -> bool {
        self.port.is_none_or(|port| port == target.port) && (self.host == target.host || self.is_address(ip))
    }

    fn is_address(&self, ip: IpAddr) -> bool {
        as_ip(&self.host).is_some_and(|own| own == ip || inner(own) == inner(ip))
    }
}

fn parse_host(text: &str) -> Option<Host<String>> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    let host = match bare.parse() {
        Ok(ip) => Host::Ipv6(ip),
        Err(_) => Host::parse(bare).ok()?,
    };
    without_dot(host)
}

fn without_dot(host: Host<String>) -> Option<Host<String>> {
    let Host::Domain(name) = host else { return Some(host) };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then_some(Host::Domain(name))
}

fn as_ip(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(*ip)),
    }
}

fn refused(message: String) -> Refused {
    Refused { message }
}

fn shown(target: &Target) -> String {
    format!("{}:{}", target.host, target.port)
}

fn bracketed(ip: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(ip, port).to_string()
}

/// What the target is, as the beginning of a sentence.
fn subject(target: &Target, ip: IpAddr) -> String {
    match &target.host {
        Host::Domain(name) => format!("{name} resolves to {ip},"),
        Host::Ipv4(_) | Host::Ipv6(_) => format!("{ip} is"),
    }
}

fn closed(target: &Target, ip: IpAddr, what: &str, entry: &str) -> Refused {
    let subject = subject(target, ip);
    refused(format!("{subject} {what}. To allow it, set outbound.allowed_hosts = [\"{entry}\"]."))
}

fn not_listed(target: &Target) -> Refused {
    let (host, entry) = (&target.host, shown(target));
    refused(format!(
        "{host} is not on the list that outbound.mode = \"allowlist\" asks for. To allow it, set outbound.allowed_hosts = [\"{entry}\"]."
    ))
}

fn ours(target: &Target, ip: IpAddr) -> Refused {
    closed(
        target,
        ip,
        &format!("an address whose port {} is Ringback's own listener or database", target.port),
        &bracketed(inner(ip), target.port),
    )
}

#[cfg(test)]
mod tests;
