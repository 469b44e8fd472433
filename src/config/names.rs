//! The names by which a setting can be given: flags, environment, and which names of the environment are none of ours.
//! Never reads a value.

/// Shorter names of common settings, beside `RINGBACK_<SECTION>_<KEY>`.
pub struct ShortNames {
    pub setting: &'static str,
    pub flag: Option<&'static str>,
    /// The first that is set wins.
    pub environment: &'static [&'static str],
}

pub const SHORT_NAMES: &[ShortNames] = &[
    ShortNames { setting: "server.listen", flag: Some("--listen"), environment: &["RINGBACK_LISTEN"] },
    ShortNames { setting: "server.public_url", flag: Some("--public-url"), environment: &["RINGBACK_PUBLIC_URL"] },
    ShortNames { setting: "server.workflows", flag: Some("--workflows"), environment: &["RINGBACK_WORKFLOWS"] },
    ShortNames { setting: "server.watch", flag: Some("--watch"), environment: &["RINGBACK_WATCH"] },
    ShortNames { setting: "store.database", flag: Some("--database"), environment: &["RINGBACK_DATABASE", "DATABASE_URL"] },
    ShortNames { setting: "store.encryption_key", flag: None, environment: &["RINGBACK_ENCRYPTION_KEY"] },
    ShortNames { setting: "executions.max_running", flag: Some("--max-running"), environment: &["RINGBACK_MAX_RUNNING"] },
    ShortNames { setting: "access.api_key", flag: None, environment: &["RINGBACK_API_KEY"] },
    ShortNames { setting: "callbacks.secret", flag: None, environment: &["RINGBACK_WEBHOOK_SECRET"] },
    ShortNames { setting: "telemetry.otlp_endpoint", flag: None, environment: &["OTEL_EXPORTER_OTLP_ENDPOINT"] },
    ShortNames { setting: "telemetry.otlp_headers", flag: None, environment: &["OTEL_EXPORTER_OTLP_HEADERS"] },
    ShortNames { setting: "telemetry.service_name", flag: None, environment: &["OTEL_SERVICE_NAME"] },
    ShortNames { setting: "log.filter", flag: Some("--log"), environment: &["RINGBACK_LOG"] },
];

/// Names that begin with `RINGBACK_` and are no settings of the server: where the client commands call, and what tests read.
const FOREIGN: [&str; 3] = ["RINGBACK_URL", "RINGBACK_GUIDE", "RINGBACK_CORPUS"];
const FOREIGN_PREFIXES: [&str; 2] = [ENV_PREFIX, "RINGBACK_TEST_"];
/// Values that stacks may read as `{{ env.NAME }}`.
pub(super) const ENV_PREFIX: &str = "RINGBACK_ENV_";

/// The environment names of a setting, the strongest first.
pub(super) fn environment_names(setting: &str) -> Vec<String> {
    let short = SHORT_NAMES.iter().filter(|names| names.setting == setting).flat_map(|names| names.environment);
    let long = (!setting.starts_with("env.")).then(|| format!("RINGBACK_{}", setting.replace('.', "_").to_uppercase()));
    long.into_iter().chain(short.map(|name| (*name).to_owned())).collect()
}

pub(super) fn is_foreign(name: &str) -> bool {
    FOREIGN.contains(&name) || FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

pub(super) fn setting_of_flag(flag: &str) -> Option<&'static str> {
    SHORT_NAMES.iter().find(|names| names.flag == Some(flag)).map(|names| names.setting)
}

/// `; did you mean …?` with the nearest of `names`, or nothing if none is near.
pub(super) fn did_you_mean<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> String {
    let scored = names.map(|name| (strsim::jaro_winkler(asked, name), name));
    match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((score, name)) if score > 0.8 => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}
