//! Section `access`: who may call.
//! Never shows the key.

use std::fmt;

use super::settings::Settings;

#[derive(Clone, Default)]
pub struct AccessConfig {
    pub api_key: Option<String>,
}

impl AccessConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { api_key: settings.parsed("access.api_key", None, parse_key) }
    }
}

impl fmt::Debug for AccessConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessConfig").field("api_key", &self.api_key.is_some()).finish()
    }
}

fn parse_key(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let fine = text.bytes().all(|byte| byte.is_ascii_graphic());
    if fine { Ok(Some(text.to_owned())) } else { Err("a key has only printable ASCII characters and no spaces".to_owned()) }
}
