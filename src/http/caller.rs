//! Who calls, and what of ours he may see and do.
//! Never more than his key says: without a caller, nothing.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use super::code;
use super::problem::Problem;
use crate::domain::access_key::{AccessKey, FunctionPattern, Scope};
use crate::domain::execution::Execution;
use crate::domain::function::FunctionName;
use crate::domain::ids::ExecutionId;

/// The caller of a request, as `gate` found him.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody was asked for a key: there is none, and the call came from this machine.
    Local,
    Key(Arc<AccessKey>),
    /// Whoever holds a token that lets him read this execution.
    Token(ExecutionId),
    /// What a door that is open to everybody lets in.
    Nobody,
}

impl Caller {
    /// The name under which executions remember him.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(&key.name),
            Self::Local | Self::Token(_) | Self::Nobody => None,
        }
    }

    pub fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Local => true,
            Self::Key(key) => key.scopes.allow(scope),
            Self::Token(_) | Self::Nobody => false,
        }
    }

    /// # Errors
    /// 403 naming the scopes that would do.
    pub fn needs(&self, any_of: &[Scope]) -> Result<(), Problem> {
        if any_of.iter().any(|scope| self.allows(*scope)) {
            return Ok(());
        }
        let needed: Vec<_> = any_of.iter().map(|scope| scope.as_str()).collect();
        let (name, has) = match self {
            Self::Key(key) => (key.name.as_str(), key.scopes.words().collect::<Vec<_>>().join(", ")),
            Self::Local | Self::Token(_) | Self::Nobody => ("", "none".to_owned()),
        };
        let detail = format!("this call needs the scope {}, and the key \"{name}\" has only {has}", needed.join(" or "));
        Err(Problem::new(&code::FORBIDDEN, detail))
    }

    /// # Errors
    /// 403 for a function that the key does not name.
    pub fn may_start(&self, function: &FunctionName) -> Result<(), Problem> {
        match self {
            Self::Key(key) if !key.may_start(function) => {
                let patterns: Vec<_> = key.functions.iter().map(FunctionPattern::as_str).collect();
                let detail = format!("the key \"{}\" may start only {}, not {function}", key.name, patterns.join(", "));
                Err(Problem::new(&code::FORBIDDEN, detail))
            }
            _ => Ok(()),
        }
    }

    /// Whose executions alone he may see; `None` means everybody's.
    pub fn sees_only(&self) -> Option<&str> {
        match self {
            Self::Key(key) if !key.scopes.allow(Scope::Read) => Some(&key.name),
            Self::Token(_) | Self::Nobody => Some(""),
            Self::Local | Self::Key(_) => None,
        }
    }

    pub fn sees(&self, execution: &Execution) -> bool {
        match self {
            Self::Token(id) => execution.birth.id == *id,
            _ => self.sees_only().is_none_or(|own| execution.birth.started_by.as_deref() == Some(own)),
        }
    }

    /// Whether he may end or wake this execution.
    pub fn steers(&self, execution: &Execution) -> bool {
        self.allows(Scope::Manage)
            || self.allows(Scope::Invoke) && self.name().is_some_and(|own| execution.birth.started_by.as_deref() == Some(own))
    }
}

impl FromRequest for Caller {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

impl Caller {
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or(Self::Nobody)
    }
}
