//! Section `cors`: which pages may call from a browser.
//! Never allows credentials.

use super::settings::Settings;

#[derive(Debug, Clone, Default)]
pub struct CorsConfig {
    /// Empty means any origin, without credentials.
    pub allowed_origins: Vec<String>,
}

impl CorsConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self { allowed_origins: settings.parsed_list("cors.allowed_origins", parse_origin) }
    }
}

/// An origin in the spelling in which browsers send it.
fn parse_origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err("\"*\" is no origin; leave the list empty for any origin, which needs access.api_key".to_owned());
    }
    let wrong = || format!("\"{text}\" is no origin, such as \"https://app.example.com\"");
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !bare || !url.has_host() {
        return Err(wrong());
    }
    Ok(match url.origin() {
        url::Origin::Opaque(_) => text.trim_end_matches('/').to_ascii_lowercase(),
        tuple => tuple.ascii_serialization(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        assert_eq!(parse_origin("https://App.example.com:443/"), Ok("https://app.example.com".to_owned()));
        assert_eq!(parse_origin("tauri://localhost"), Ok("tauri://localhost".to_owned()));
        for odd in ["*", "app.example.com", "null", "https://a.example/path"] {
            assert!(parse_origin(odd).is_err(), "{odd}");
        }
    }
}
