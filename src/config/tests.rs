//! The stages together: which source wins, what is refused, what is shown.
//! Never touches the process's own environment.

use std::collections::BTreeSet;

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Sources {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, ..Sources::default() }
}

fn errors(sources: &Sources) -> Vec<String> {
    Config::load(sources).unwrap_err().0.iter().map(ToString::to_string).collect()
}

fn with_file(name: &str, text: &str) -> Sources {
    let path = std::env::temp_dir().join(format!("ringback-config-{}-{name}.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    Sources { file: Some(path), ..Sources::default() }
}

#[test]
fn the_default_file_loads_and_names_every_setting_that_is_read_and_no_other() {
    let sources = Sources::default();
    let mut settings = layers::merge(&sources);
    Config::read(&mut settings, &sources);
    assert_eq!(settings.errors, Vec::new());
    let named: BTreeSet<String> = settings.values.keys().cloned().collect();
    assert_eq!(named, settings.asked);
}

#[test]
fn the_defaults_are_those_of_an_execution() {
    let (config, _) = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.executions.defaults, crate::domain::function::ExecutionConfig::default());
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.callbacks.delays_ms.len(), 11);
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let mut sources = with_file("order", "[server]\nlisten = \"127.0.0.1:1\"\nbody_bytes_max = 2048\nworkflows = \"a\"\n");
    sources.environment = environment(&[("RINGBACK_LISTEN", "127.0.0.1:2"), ("RINGBACK_SERVER_WORKFLOWS", "b")]).environment;
    sources.flags = vec![("--listen".to_owned(), "127.0.0.1:3".to_owned())];
    let (config, provenance) = Config::load(&sources).unwrap();
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.server.workflows.to_str(), Some("b"));
    assert_eq!(config.server.body_bytes_max, 2048);
    let origin = |name| provenance.of(name).unwrap().origin.to_string();
    assert_eq!(origin("server.listen"), "flag --listen");
    assert_eq!(origin("server.workflows"), "environment RINGBACK_SERVER_WORKFLOWS");
    assert!(origin("server.body_bytes_max").ends_with("order.toml:3"));
    assert_eq!(origin("server.public_url"), "default");
}

#[test]
fn all_errors_are_reported_at_once_each_with_its_place_and_the_nearest_name() {
    let sources =
        with_file("errors", "[server]\nlisen = \"x\"\nbody_bytes_max = \"big\"\n[serve]\na = 1\n[log]\nformat = \"xml\"\n");
    let found = errors(&sources);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().any(|e| e.contains(":2)") && e.contains("did you mean server.listen?")), "{found:?}");
    assert!(found.iter().any(|e| e.contains(":3)") && e.contains("expects an integer")), "{found:?}");
    assert!(found.iter().any(|e| e.contains(":4)") && e.contains("did you mean server?")), "{found:?}");
    assert!(found.iter().any(|e| e.contains(":7)") && e.contains("\"text\", \"json\"")), "{found:?}");
}

#[test]
fn broken_toml_is_refused_with_its_line() {
    let found = errors(&with_file("broken", "[server]\nlisten = \n"));
    assert!(found[0].contains("broken.toml:2") && found[0].contains("no valid TOML"), "{found:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let found = errors(&Sources { file: Some("/nowhere/ringback.toml".into()), ..Sources::default() });
    assert!(found[0].contains("cannot be read"), "{found:?}");
}

#[test]
fn an_unknown_name_of_the_environment_is_an_error_with_the_nearest() {
    let found = errors(&environment(&[("RINGBACK_LISTN", "127.0.0.1:1")]));
    assert_eq!(found, ["RINGBACK_LISTN (environment RINGBACK_LISTN): there is no such setting; did you mean RINGBACK_LISTEN?"]);
}

#[test]
fn names_that_are_no_settings_of_the_server_are_left_alone() {
    let pairs = [("RINGBACK_URL", "x"), ("RINGBACK_GUIDE", "x"), ("RINGBACK_CORPUS", "x"), ("RINGBACK_TEST_POSTGRES", "x")];
    assert!(Config::load(&environment(&pairs)).is_ok());
}

#[test]
fn stacks_see_the_values_that_were_given_and_the_names_that_were_allowed() {
    let mut sources = with_file("env", "[env]\nallow = [\"HOME_PAGE\", \"ABSENT\"]\n");
    sources.environment =
        environment(&[("RINGBACK_ENV_TOKEN", "t"), ("HOME_PAGE", "h"), ("SECRET", "s"), ("RINGBACK_ENV_ALLOW", "a")]).environment;
    let (config, _) = Config::load(&sources).unwrap();
    let seen: Vec<_> = config.env.values.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(seen, ["ALLOW=a", "HOME_PAGE=h", "TOKEN=t"]);
}

#[test]
fn the_database_url_of_other_tools_is_the_weakest_name() {
    let (config, _) = Config::load(&environment(&[("DATABASE_URL", "postgres://a/b")])).unwrap();
    assert_eq!(config.store.database, "postgres://a/b");
    let both = [("DATABASE_URL", "postgres://a/b"), ("RINGBACK_DATABASE", "sqlite://c.db")];
    assert_eq!(Config::load(&environment(&both)).unwrap().0.store.database, "sqlite://c.db");
    let found = errors(&environment(&[("DATABASE_URL", "mysql://a/b")]));
    assert!(found[0].contains("environment DATABASE_URL"), "{found:?}");
}

#[test]
fn an_empty_value_of_the_environment_counts_as_not_given() {
    let (config, _) = Config::load(&environment(&[("RINGBACK_API_KEY", ""), ("RINGBACK_LISTEN", "")])).unwrap();
    assert_eq!(config.access.api_key, None);
}

#[test]
fn a_wildcard_address_needs_a_public_url() {
    let found = errors(&environment(&[("RINGBACK_LISTEN", "0.0.0.0:8080")]));
    assert!(found.iter().any(|e| e.contains("server.public_url") && e.contains("RINGBACK_PUBLIC_URL")), "{found:?}");
    let fine = [("RINGBACK_LISTEN", "0.0.0.0:8080"), ("RINGBACK_PUBLIC_URL", "https://r.example/")];
    let (config, _) = Config::load(&environment(&fine)).unwrap();
    assert_eq!(config.server.public_url.as_deref(), Some("https://r.example"));
}

#[test]
fn secrets_are_never_shown() {
    let pairs = [
        ("RINGBACK_API_KEY", "geheim-key"),
        ("RINGBACK_WEBHOOK_SECRET", "whsec_Z2VoZWltLWdlaGVpbS1nZWhlaW0tZ2VoZWlt"),
        ("RINGBACK_DATABASE", "postgres://me:geheim-pw@db/x"),
        ("RINGBACK_ENV_TOKEN", "geheim-value"),
    ];
    let (config, provenance) = Config::load(&environment(&pairs)).unwrap();
    let shown = format!("{config:?} {provenance:?}");
    assert!(!shown.contains("geheim-") && !shown.contains("Z2Vo"), "{shown}");
    assert_eq!(provenance.of("access.api_key").unwrap().value, "\"********\"");
}
