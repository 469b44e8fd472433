//! Section `env`: what stacks may see of the environment.
//! Never lets a name through that was not allowed, and never shows a value.

use std::collections::BTreeMap;
use std::fmt;

use super::names::ENV_PREFIX;
use super::settings::Settings;

#[derive(Clone, Default)]
pub struct EnvConfig {
    pub allow: Vec<String>,
    /// What `{{ env.NAME }}` sees: `RINGBACK_ENV_<NAME>`, and the process's own for names in `allow`.
    pub values: BTreeMap<String, String>,
}

impl EnvConfig {
    pub(super) fn read(settings: &mut Settings, environment: &BTreeMap<String, String>) -> Self {
        let allow = settings.parsed_list("env.allow", |name| {
            let fine = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
            if fine { Ok(name.to_owned()) } else { Err(format!("\"{name}\" is no name of an environment variable")) }
        });
        let own = allow.iter().filter_map(|name| Some((name.clone(), environment.get(name)?.clone())));
        let given = environment.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(ENV_PREFIX).filter(|name| !name.is_empty())?;
            Some((name.to_owned(), value.clone()))
        });
        let values = own.chain(given).collect();
        Self { allow, values }
    }
}

impl fmt::Debug for EnvConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvConfig").field("allow", &self.allow).field("values", &self.values.keys()).finish()
    }
}
