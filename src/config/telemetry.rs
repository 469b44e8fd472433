//! Section `telemetry`: where traces are sent.
//! Never a default that sends anything anywhere.

use super::settings::Settings;

#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// Where spans are posted, path included; without it there are no traces.
    pub traces_url: Option<String>,
    /// Sent along, such as a token; never shown.
    pub headers: Vec<(String, String)>,
    pub service_name: String,
    /// The share of those executions that are traced whose callers have no trace.
    pub sample_ratio: f64,
}

impl TelemetryConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            traces_url: settings.parsed("telemetry.otlp_endpoint", None, parse_endpoint),
            headers: settings.parsed_list("telemetry.otlp_headers", parse_header),
            service_name: settings.text("telemetry.service_name"),
            sample_ratio: settings.decimal("telemetry.sample_ratio", 0.0..=1.0),
        }
    }
}

fn parse_endpoint(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| "it is no http or https URL, such as http://127.0.0.1:4318".to_owned())?;
    let base = url.as_str().trim_end_matches('/');
    Ok(Some(if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") }))
}

/// What stands there may be a token, so it is not repeated.
fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a header is given as name=value")?;
    let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy().into_owned();
    let name_holds =
        !name.trim().is_empty() && name.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !name_holds || value.contains(|character: char| character.is_control()) {
        return Err("a header is given as name=value, without control characters".to_owned());
    }
    Ok((name.trim().to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_to_the_path_of_traces_below_the_endpoint() {
        let at = |text: &str| parse_endpoint(text).unwrap();
        assert_eq!(at("http://c:4318").unwrap(), "http://c:4318/v1/traces");
        assert_eq!(at("https://c/otlp/").unwrap(), "https://c/otlp/v1/traces");
        assert_eq!(at("http://c:4318/v1/traces").unwrap(), "http://c:4318/v1/traces");
        assert_eq!(at(""), None);
        assert!(parse_endpoint("c:4317").is_err());
    }

    #[test]
    fn a_header_is_a_name_and_a_value_that_may_be_escaped() {
        assert_eq!(parse_header("authorization=Bearer%20x").unwrap(), ("authorization".to_owned(), "Bearer x".to_owned()));
        for odd in ["no", "=x", "a b=c", "a=%0d%0ab"] {
            assert!(parse_header(odd).is_err(), "{odd}");
        }
    }
}
