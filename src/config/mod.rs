//! Settings: from flags, environment, file and defaults to checked sections.
//! Never read by a global; whoever needs a section is given it.

mod access;
mod callbacks;
mod cors;
mod encryption;
mod env;
mod error;
mod executions;
mod layers;
mod limits;
mod log;
mod monitor;
mod names;
mod outbound;
mod provenance;
mod raw;
mod reference;
mod retention;
mod schedules;
mod server;
mod settings;
mod store;
mod tables;
mod telemetry;
#[cfg(test)]
mod tests;

pub use access::AccessConfig;
pub use callbacks::CallbacksConfig;
pub use cors::CorsConfig;
pub use encryption::{EncryptionConfig, EncryptionKey, EncryptionKeys, KeyError};
pub use env::EnvConfig;
pub use error::{ConfigError, ConfigErrors};
pub use executions::ExecutionsConfig;
pub use layers::Sources;
pub use log::LogConfig;
pub use monitor::{AlertsConfig, MonitorConfig};
pub use names::{SHORT_NAMES, ShortNames};
pub use outbound::{LoopbackMode, OutboundConfig};
pub use provenance::{Origin, Provenance, ShownSetting, without_password};
pub use reference::settings as reference_of_settings;
pub use retention::RetentionConfig;
pub use server::{ServerConfig, TlsFiles};
pub use store::{Failpoint, StoreConfig};
pub use tables::TablesConfig;
pub use telemetry::TelemetryConfig;

use settings::Settings;

use crate::domain::schedule::Bounds;

/// Every section, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub encryption: EncryptionConfig,
    pub executions: ExecutionsConfig,
    pub retention: RetentionConfig,
    pub callbacks: CallbacksConfig,
    pub outbound: OutboundConfig,
    pub monitor: MonitorConfig,
    pub schedules: Bounds,
    pub alerts: AlertsConfig,
    pub tables: TablesConfig,
    pub env: EnvConfig,
    pub access: AccessConfig,
    pub cors: CorsConfig,
    pub log: LogConfig,
    pub telemetry: TelemetryConfig,
}

impl Config {
    /// Merges the sources and checks every section.
    ///
    /// # Errors
    /// Everything that is wrong, not only the first thing.
    pub fn load(sources: &Sources) -> Result<(Self, Provenance), ConfigErrors> {
        let mut settings = layers::merge(sources);
        let config = Self::read(&mut settings, sources);
        if settings.errors.is_empty() { Ok((config, settings.provenance())) } else { Err(ConfigErrors(settings.errors)) }
    }

    /// The defaults on a free loopback port with one thread; what a test needs otherwise it sets on its copy.
    pub fn for_testing() -> Self {
        let flags = vec![("--listen".to_owned(), "127.0.0.1:0".to_owned())];
        let sources = Sources { flags, ..Sources::default() };
        let (mut config, _) = Self::load(&sources).expect("the defaults hold, which a test checks");
        config.server.worker_threads = 1;
        // The same for every test, and no file of it where the tests run.
        config.encryption.key = Some(EncryptionKey::parse(&"07".repeat(32)).expect("it is 32 bytes in hex"));
        config
    }

    fn read(settings: &mut Settings, sources: &Sources) -> Self {
        let server = ServerConfig::read(settings);
        let access = AccessConfig::read(settings);
        let callbacks = CallbacksConfig::read(settings);
        Self {
            server,
            store: StoreConfig { attempt_ms: callbacks.timeout_ms, ..StoreConfig::read(settings) },
            encryption: EncryptionConfig::read(settings, &sources.environment),
            executions: ExecutionsConfig::read(settings),
            retention: RetentionConfig::read(settings),
            callbacks,
            outbound: OutboundConfig::read(settings),
            monitor: MonitorConfig::read(settings),
            schedules: schedules::read(settings),
            alerts: AlertsConfig::read(settings),
            tables: TablesConfig::read(settings),
            env: EnvConfig::read(settings, &sources.environment),
            access,
            cors: CorsConfig::read(settings),
            log: LogConfig::read(settings),
            telemetry: TelemetryConfig::read(settings),
        }
    }
}
