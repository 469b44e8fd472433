//! Settings: from flags, environment, file and defaults to checked sections.
//! Never read by a global; whoever needs a section is given it.

use std::collections::BTreeMap;

/// Every section. Each becomes a file of its own in this folder.
#[derive(Debug, Clone)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub executions: ExecutionsConfig,
    pub callbacks: CallbacksConfig,
    pub outbound: OutboundConfig,
    pub monitor: MonitorConfig,
    pub tables: TablesConfig,
    pub env: EnvConfig,
    pub access: AccessConfig,
    pub cors: CorsConfig,
    pub log: LogConfig,
}

#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `127.0.0.1:8080`
    pub listen: std::net::SocketAddr,
    /// Where callers reach us; from `listen` unless given. No trailing slash.
    pub public_url: Option<String>,
    pub workflows: std::path::PathBuf,
    pub body_bytes_max: usize,
    pub worker_threads: usize,
}

#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `sqlite://ringback.db` or `postgres://…`
    pub database: String,
    /// Relaxes durability: `full` or `relaxed`.
    pub relaxed: bool,
    pub migrate: bool,
}

#[derive(Debug, Clone)]
pub struct ExecutionsConfig {
    pub max_running: usize,
    /// Queued executions above which new calls get 429.
    pub max_queued: usize,
    pub defaults: crate::domain::function::ExecutionConfig,
    /// Finished executions older than this answer `expired`, in milliseconds.
    pub retention_ms: i64,
}

#[derive(Debug, Clone)]
pub struct CallbacksConfig {
    pub delays_ms: Vec<i64>,
    pub timeout_ms: i64,
    pub connect_timeout_ms: i64,
    pub per_destination_min: usize,
    pub per_destination_max: usize,
    pub in_flight_max: usize,
    pub inline_bytes_max: usize,
    /// `whsec_…`; else made on first start and kept in the store.
    pub secret: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct OutboundConfig {
    /// `host:port`, or `host` for any port.
    pub allowed_hosts: Vec<String>,
    /// CIDR.
    pub allowed_ranges: Vec<ipnet::IpNet>,
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

#[derive(Debug, Clone)]
pub struct MonitorConfig {
    /// Cron expression, five or six fields.
    pub cron: String,
    pub stuck_after_s: i64,
}

#[derive(Debug, Clone, Copy)]
pub struct TablesConfig {
    /// Any table may be written; else only declared ones.
    pub open: bool,
}

#[derive(Debug, Clone, Default)]
pub struct EnvConfig {
    pub allow: Vec<String>,
    /// What `{{ env.NAME }}` sees: `RINGBACK_ENV_<NAME>`, and the process's own for names in `allow`.
    pub values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
pub struct AccessConfig {
    pub api_key: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct CorsConfig {
    /// Empty means any origin, without credentials.
    pub allowed_origins: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct LogConfig {
    pub filter: String,
    /// `text` or `json`; `None` is text on a terminal.
    pub json: bool,
}
