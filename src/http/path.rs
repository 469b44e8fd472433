//! Paths as clients put them together: base URLs that end in `/` or `/api` reach the same places.
//! Never hides a function whose own name begins so.

/// The path to route by, if it is another than the one that was sent. `is_function` knows the names that can be started.
pub fn normalised(path: &str, is_function: impl Fn(&str) -> bool) -> Option<String> {
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() {
        clean.push('/');
    }
    if let Some(rest) = clean.strip_prefix("/api").filter(|rest| rest.starts_with("/api/") || rest.starts_with("/v1/"))
        && !is_function(&rest[1..])
    {
        clean = rest.to_owned();
    }
    (clean != path).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_end_in_a_slash_or_in_api() {
        let none = |_: &str| false;
        for (sent, routed) in [
            ("//api/echo", "/api/echo"),
            ("/api/api/echo", "/api/echo"),
            ("/api//api/echo", "/api/echo"),
            ("/api//echo", "/api/echo"),
            ("/api/orders/create/", "/api/orders/create"),
            ("/api/v1/executions", "/v1/executions"),
            ("//", "/"),
        ] {
            assert_eq!(normalised(sent, none).as_deref(), Some(routed), "{sent}");
        }
        for sent in ["/api/echo", "/", "/v1/executions", "/api/apifoo"] {
            assert_eq!(normalised(sent, none), None, "{sent}");
        }
    }

    #[test]
    fn a_function_in_a_group_called_api_is_reached() {
        assert_eq!(normalised("/api/api/create", |name| name == "api/create"), None);
    }
}
