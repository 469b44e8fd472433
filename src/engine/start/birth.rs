//! What an execution is born with: its function's settings under its caller's.
//! Never decides whether it may start.

use std::sync::Arc;

use super::StartOptions;
use crate::domain::callback::CallbackSettings;
use crate::domain::execution::Birth;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::trace::Trace;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::stack::program::FunctionDefinition;

/// What differs from one start to the next.
pub(in crate::engine) struct BirthPlan {
    pub id: ExecutionId,
    pub created_at: Timestamp,
    pub input: Value,
    /// Null when not started over HTTP.
    pub request: Value,
    pub callback: Option<CallbackSettings>,
    pub options: StartOptions,
    pub parent: Option<ExecutionId>,
    pub started_by: Option<String>,
    pub trace: Option<Trace>,
}

/// The execution that this plan makes of a function.
pub(in crate::engine) fn birth(engine: &Engine, function: &FunctionDefinition, plan: BirthPlan) -> Birth {
    let config = function.config.overlaid(&plan.options.config).applied_to(&engine.config.executions.defaults);
    Birth {
        id: plan.id,
        function: function.name.clone(),
        version: function.version.clone(),
        created_at: plan.created_at,
        seed: rand::random(),
        input: plan.input.to_stored_text().into(),
        request: (!plan.request.is_null()).then(|| plan.request.to_stored_text().into()),
        callback: callback(engine, plan.callback, function, plan.started_by.as_deref()).map(Arc::new),
        config: Arc::new(config),
        priority: plan.options.priority.unwrap_or(function.priority),
        tags: plan.options.tags,
        metadata: plan.options.metadata,
        parent: plan.parent,
        started_by: plan.started_by,
        rerun_of: None,
        trace: plan.trace,
    }
}

/// The caller's settings over those of the function, with what is private sealed; a function's own URL is called when the
/// caller gives none.
fn callback(
    engine: &Engine,
    given: Option<CallbackSettings>,
    function: &FunctionDefinition,
    started_by: Option<&str>,
) -> Option<CallbackSettings> {
    let mut callback = merged(given, function.callback.as_ref())?;
    if callback.secret.is_none() {
        callback.signer = started_by.filter(|key| engine.signing.has_secret_of(key)).map(str::to_owned);
    }
    engine.vault.seal_callback(&mut callback);
    Some(callback)
}

fn merged(given: Option<CallbackSettings>, defaults: Option<&CallbackSettings>) -> Option<CallbackSettings> {
    let Some(mut callback) = given else { return defaults.filter(|defaults| !defaults.url.is_empty()).cloned() };
    if let Some(defaults) = defaults {
        callback.secret = callback.secret.or_else(|| defaults.secret.clone());
        callback.events = callback.events.or_else(|| defaults.events.clone());
        callback.retry_delays_ms = callback.retry_delays_ms.or_else(|| defaults.retry_delays_ms.clone());
        callback.timeout_ms = callback.timeout_ms.or(defaults.timeout_ms);
        callback.order_key = callback.order_key.or_else(|| defaults.order_key.clone());
        callback.accept_html |= defaults.accept_html;
        callback.one_shot |= defaults.one_shot;
        if callback.follow_redirects == 0 {
            callback.follow_redirects = defaults.follow_redirects;
        }
        // What proves the function to its own receiver goes to no other.
        if (defaults.url.is_empty() || defaults.url == callback.url) && callback.headers.is_empty() && callback.auth.is_none() {
            callback.headers.clone_from(&defaults.headers);
            callback.auth.clone_from(&defaults.auth);
        }
    }
    Some(callback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(url: &str) -> CallbackSettings {
        let mut defaults = CallbackSettings::to(url);
        defaults.headers = vec![("authorization".into(), "Bearer of-the-function".into())];
        defaults.secret = Some("whsec_of-the-function".into());
        defaults
    }

    #[test]
    fn a_functions_credentials_go_to_its_own_address_or_to_the_one_that_the_caller_is_to_give() {
        let to = |url: &str, defaults: &CallbackSettings| merged(Some(CallbackSettings::to(url)), Some(defaults)).unwrap();
        assert_eq!(to("https://a.example/", &defaults("")).headers.len(), 1);
        assert_eq!(to("https://a.example/", &defaults("https://a.example/")).headers.len(), 1);
        let foreign = to("https://other.example/", &defaults("https://a.example/"));
        assert!(foreign.headers.is_empty() && foreign.secret.is_some(), "the secret signs and is not sent");
        assert_eq!(merged(None, Some(&defaults("https://a.example/"))).unwrap().headers.len(), 1);
        assert!(merged(None, Some(&defaults(""))).is_none());
    }

    #[test]
    fn what_the_caller_does_not_say_is_as_the_function_says() {
        let mut function = defaults("https://a.example/");
        (function.retry_delays_ms, function.timeout_ms) = (Some(vec![7]), Some(2000));
        let to = "https://other.example/";
        let callback = merged(Some(CallbackSettings::to(to)), Some(&function)).unwrap();
        assert_eq!((callback.url.as_str(), callback.retry_delays_ms, callback.timeout_ms), (to, Some(vec![7]), Some(2000)));
        let own = CallbackSettings { retry_delays_ms: Some(vec![1]), ..CallbackSettings::to(to) };
        assert_eq!(merged(Some(own), Some(&function)).unwrap().retry_delays_ms, Some(vec![1]));
    }

    #[test]
    fn the_callers_own_parts_win() {
        let mut given = CallbackSettings::to("https://a.example/");
        given.headers = vec![("x-mine".into(), "1".into())];
        given.secret = Some("whsec_mine".into());
        let callback = merged(Some(given.clone()), Some(&defaults(""))).unwrap();
        assert_eq!((callback.headers, callback.secret), (given.headers, given.secret));
    }
}
