//! Section `outbound`: which addresses requests and callbacks may reach.
//! Never opens what the address policy never opens by a range alone.

use ipnet::IpNet;

use super::settings::Settings;

#[derive(Debug, Clone, Default)]
pub struct OutboundConfig {
    /// `host:port`, or `host` for any port.
    pub allowed_hosts: Vec<String>,
    /// CIDR.
    pub allowed_ranges: Vec<IpNet>,
    pub loopback: LoopbackMode,
    /// Only `allowed_hosts` and `allowed_ranges` are open.
    pub allowlist_only: bool,
    pub ca_file: Option<std::path::PathBuf>,
    pub proxy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoopbackMode {
    #[default]
    Auto,
    Open,
    Closed,
}

impl OutboundConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        let modes = [("auto", LoopbackMode::Auto), ("open", LoopbackMode::Open), ("closed", LoopbackMode::Closed)];
        Self {
            allowed_hosts: settings.parsed_list("outbound.allowed_hosts", parse_host),
            allowed_ranges: settings.parsed_list("outbound.allowed_ranges", parse_range),
            loopback: settings.choice("outbound.loopback", &modes),
            allowlist_only: settings.choice("outbound.mode", &[("open", false), ("allowlist", true)]),
            ca_file: settings.optional("outbound.ca_file").map(Into::into),
            proxy: settings.parsed("outbound.proxy", None, parse_proxy),
        }
    }
}

fn parse_host(text: &str) -> Result<String, String> {
    let wrong = || format!("\"{text}\" is no host, such as \"n8n:5678\", \"10.0.0.7:80\" or \"[fd00::1]:80\"");
    if text.contains(['/', '@', '?', '#', '*', ' ']) {
        return Err(wrong());
    }
    let url = url::Url::parse(&format!("http://{text}/")).map_err(|_| wrong())?;
    if url.host().is_none() { Err(wrong()) } else { Ok(text.to_ascii_lowercase()) }
}

fn parse_range(text: &str) -> Result<IpNet, String> {
    let single = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(single).ok_or_else(|| format!("\"{text}\" is no range of addresses, such as \"10.1.0.0/16\""))
}

fn parse_proxy(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text.to_owned())),
        _ => Err("a proxy is a URL that begins with http:// or https://".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ranges_are_read_strictly() {
        assert_eq!(parse_host("N8N:5678"), Ok("n8n:5678".to_owned()));
        assert!(parse_host("[fd00::1]:80").is_ok());
        for odd in ["http://n8n:5678", "n8n:port", "*.lan", ""] {
            assert!(parse_host(odd).is_err(), "{odd}");
        }
        assert_eq!(parse_range("10.0.0.7").unwrap().to_string(), "10.0.0.7/32");
        assert!(parse_range("10.0.0.0/40").is_err());
    }
}
