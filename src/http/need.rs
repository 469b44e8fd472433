//! What each address asks of its caller's key.
//! Never leaves an address open by having forgotten it: what is not named here manages.

use super::caller::Caller;
use super::problem::Problem;
use crate::domain::access_key::Scope;

/// What a call needs. Whose execution it is about is for its handler to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody, from anywhere: whether the process lives, and what a problem means, is no secret.
    Nothing,
    /// Anybody who may reach the server; the page holds nothing of this installation.
    Page,
    Start,
    /// To look at executions: all of them, or those that the key started.
    Look,
    /// To end or wake executions: all of them, or those that the key started.
    Steer,
    Read,
    Manage,
}

pub fn of(method: &str, path: &str) -> Need {
    let reads = matches!(method, "GET" | "HEAD");
    let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match path {
        "/healthz" => Need::Nothing,
        "/.well-known/ringback/webhook-keys.json" if reads => Need::Nothing,
        _ if below("/problems") && reads => Need::Nothing,
        // A resume URL is its own key.
        _ if path.starts_with("/resume/") => Need::Nothing,
        // The pages for people ask for the key in their own way.
        _ if below("/ui") => Need::Page,
        _ if (below("/docs") || below("/schema")) && reads => Need::Page,
        _ if below("/api/async-status") || below("/api/async-await") => Need::Look,
        _ if below("/api/async-cancel") => Need::Steer,
        _ if below("/api") => Need::Start,
        _ if below("/v1/executions") && reads => Need::Look,
        _ if steers(path) => Need::Steer,
        _ if reads => Need::Read,
        _ => Need::Manage,
    }
}

/// `/v1/executions/{id}/cancel` and `/v1/executions/{id}/events/{name}`, and nothing that only looks like them.
fn steers(path: &str) -> bool {
    let parts = path.strip_prefix("/v1/executions/").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(id, verb)| !id.is_empty() && (verb == "cancel" || verb.starts_with("events/")))
}

impl Need {
    /// # Errors
    /// 403 naming the scopes that would do.
    pub fn check(self, caller: &Caller) -> Result<(), Problem> {
        match self {
            Self::Nothing | Self::Page => Ok(()),
            Self::Start => caller.needs(&[Scope::Invoke]),
            // The token was looked at against the execution of the path.
            Self::Look if matches!(caller, Caller::Token(_)) => Ok(()),
            Self::Look => caller.needs(&[Scope::Invoke, Scope::Read]),
            Self::Steer => caller.needs(&[Scope::Invoke, Scope::Manage]),
            Self::Read => caller.needs(&[Scope::Read]),
            Self::Manage => caller.needs(&[Scope::Manage]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_need() {
        for (method, path, need) in [
            ("GET", "/healthz", Need::Nothing),
            ("GET", "/problems/input", Need::Nothing),
            ("GET", "/docs", Need::Page),
            ("POST", "/ui/executions/x/cancel", Need::Page),
            ("GET", "/uix", Need::Read),
            ("GET", "/schema/function.json", Need::Page),
            ("POST", "/api/orders/create", Need::Start),
            ("GET", "/api/orders/create", Need::Start),
            ("POST", "/api/async-status", Need::Look),
            ("GET", "/api/async-await/x", Need::Look),
            ("POST", "/api/async-cancel", Need::Steer),
            ("POST", "/api/async-statuses", Need::Start),
            ("GET", "/v1/executions", Need::Look),
            ("GET", "/v1/executions/x/steps", Need::Look),
            ("POST", "/v1/executions/x/cancel", Need::Steer),
            ("POST", "/v1/executions/x/events/paid", Need::Steer),
            ("POST", "/resume/x/token", Need::Nothing),
            ("POST", "/v1/executions/x/rerun", Need::Manage),
            ("POST", "/v1/executions/cancel", Need::Manage),
            ("GET", "/v1/keys", Need::Read),
            ("POST", "/v1/keys", Need::Manage),
            ("DELETE", "/v1/keys/x", Need::Manage),
            ("PUT", "/v1/functions/x", Need::Manage),
            ("GET", "/metrics", Need::Read),
            ("GET", "/openapi.json", Need::Read),
            ("POST", "/healthz/x", Need::Manage),
            ("GET", "/nowhere", Need::Read),
            ("BREW", "/v1/executions/x", Need::Manage),
        ] {
            assert_eq!(of(method, path), need, "{method} {path}");
        }
    }
}
