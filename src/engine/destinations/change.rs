//! Registering, changing and taking away a destination.
//! Never answers before every later end of an execution is held against it.

use super::super::Engine;
use super::super::deliver::validate_callback;
use super::super::start::StartError;
use crate::domain::access_key::FunctionPattern;
use crate::domain::callback::{CallbackSettings, EventType};
use crate::domain::ids::DestinationId;
use crate::domain::limits::{DESTINATIONS_MAX, TAG_CHARS_MAX, TAGS_MAX};
use crate::domain::registration::{DestinationHealth, Disabled, Registration};
use crate::outbound::signature::fresh_secret;
use crate::store::StoreError;

/// Patterns of functions of one destination.
const FUNCTIONS_MAX: usize = 100;
/// Tries to change what others change too.
const TRIES: usize = 10;

/// A destination to be registered.
#[derive(Debug, Clone)]
pub struct NewDestination {
    /// Without a secret it gets one of its own.
    pub callback: CallbackSettings,
    /// Empty: every ending.
    pub events: Vec<EventType>,
    pub functions: Vec<String>,
    pub tags: Vec<String>,
}

/// What is to be changed; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The whole of the settings; parts that the caller did not give are filled in from what is kept.
    pub url: Option<String>,
    pub headers: Option<CallbackSettings>,
    pub secret: Option<String>,
    pub events: Option<Vec<EventType>>,
    pub functions: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub enabled: Option<bool>,
}

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no destination {}", .0.shown())]
    NotFound(DestinationId),
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Refused(#[from] StartError),
    #[error("there are {DESTINATIONS_MAX} destinations already; take one away first")]
    TooMany,
    #[error("others keep changing this destination; try again")]
    Contended,
    #[error("the secrets of this destination cannot be read: {0}")]
    Vault(#[from] crate::engine::vault::VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers a destination, and returns it with its secret, this once.
///
/// # Errors
/// See [`ChangeError`]; nothing is registered then.
pub async fn create(engine: &Engine, new: NewDestination) -> Result<(Registration, String), ChangeError> {
    engine.destinations.reload(engine).await?;
    if engine.destinations.all().len() >= DESTINATIONS_MAX {
        return Err(ChangeError::TooMany);
    }
    let NewDestination { mut callback, events, functions, tags } = new;
    let now = engine.clock.now();
    let id = DestinationId::random(now);
    let secret = callback.secret.get_or_insert_with(fresh_secret).clone();
    callback.registered = Some(id);
    let events = if events.is_empty() { terminal_events() } else { events };
    validate_callback(engine, &callback).await?;
    engine.vault.seal_callback(&mut callback);
    let registration = Registration {
        id,
        callback,
        events,
        functions,
        tags,
        created_at: now,
        disabled: None,
        health: DestinationHealth::default(),
        version: 1,
    };
    check(&registration)?;
    if !engine.write.put_destination(registration.clone()).await? {
        return Err(ChangeError::Contended);
    }
    engine.destinations.reload(engine).await?;
    Ok((registration, secret))
}

/// Changes a destination; what was on hold is due once it is enabled again. Returns it as it is then.
///
/// # Errors
/// See [`ChangeError`]; nothing is changed then.
pub async fn change(engine: &Engine, id: DestinationId, change: Change) -> Result<Registration, ChangeError> {
    let now = engine.clock.now();
    for _ in 0..TRIES {
        engine.destinations.reload(engine).await?;
        let mut registration = engine.destinations.find(id).ok_or(ChangeError::NotFound(id))?;
        if change.url.is_some() || change.headers.is_some() || change.secret.is_some() {
            rewrite(engine, &mut registration, &change).await?;
        }
        for (kept, given) in [(&mut registration.functions, &change.functions), (&mut registration.tags, &change.tags)] {
            if let Some(given) = given {
                kept.clone_from(given);
            }
        }
        if let Some(events) = &change.events {
            registration.events = if events.is_empty() { terminal_events() } else { events.clone() };
        }
        check(&registration)?;
        match change.enabled {
            Some(true) => {
                registration.disabled = None;
                registration.health = DestinationHealth::default();
            }
            Some(false) if registration.disabled.is_none() => {
                registration.disabled = Some(Disabled { at: now, reason: "it was disabled by hand".to_owned(), by_hand: true });
            }
            Some(false) | None => {}
        }
        registration.version += 1;
        if engine.write.put_destination(registration.clone()).await? {
            engine.destinations.reload(engine).await?;
            if registration.disabled.is_none() && change.enabled == Some(true) {
                let due = engine.write.replay_destination(registration.clone(), now).await?;
                engine.wakes.now_if(due > 0);
            }
            return Ok(registration);
        }
    }
    Err(ChangeError::Contended)
}

/// Takes a destination away. What it is owed is tried on, and what was on hold is dead.
///
/// # Errors
/// See [`ChangeError`].
pub async fn remove(engine: &Engine, id: DestinationId) -> Result<(), ChangeError> {
    let removed = engine.write.delete_destination(id, engine.clock.now()).await?;
    engine.destinations.reload(engine).await?;
    if removed { Ok(()) } else { Err(ChangeError::NotFound(id)) }
}

/// Another address or other credentials over those that are kept.
async fn rewrite(engine: &Engine, registration: &mut Registration, change: &Change) -> Result<(), ChangeError> {
    let parts = engine.vault.open_callback(&registration.callback)?;
    let callback = &mut registration.callback;
    callback.sealed = None;
    (callback.headers, callback.secret, callback.auth) = (parts.headers, parts.secret, parts.auth);
    if let Some(given) = &change.headers {
        callback.headers.clone_from(&given.headers);
        callback.auth.clone_from(&given.auth);
    }
    if let Some(url) = &change.url {
        callback.url.clone_from(url);
    }
    if let Some(secret) = &change.secret {
        callback.secret = Some(secret.clone());
    }
    validate_callback(engine, callback).await?;
    engine.vault.seal_callback(callback);
    Ok(())
}

fn check(registration: &Registration) -> Result<(), ChangeError> {
    let invalid = |message: String| Err(ChangeError::Invalid(message));
    if registration.functions.len() > FUNCTIONS_MAX {
        return invalid(format!("functions: there may be at most {FUNCTIONS_MAX}"));
    }
    if let Some(message) = registration.functions.iter().find_map(|text| FunctionPattern::parse(text).err()) {
        return invalid(format!("functions: {message}"));
    }
    if registration.tags.len() > TAGS_MAX
        || registration.tags.iter().any(|tag| tag.is_empty() || tag.chars().count() > TAG_CHARS_MAX)
    {
        return invalid(format!("tags: there may be at most {TAGS_MAX}, of 1 to {TAG_CHARS_MAX} characters"));
    }
    Ok(())
}

fn terminal_events() -> Vec<EventType> {
    EventType::ALL.into_iter().filter(|event| event.is_terminal()).collect()
}
