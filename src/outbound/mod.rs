//! The only way out: one HTTP client behind the address policy, signatures, bounds of size and time.
//! Never sends to an address that the policy did not allow at the moment of connecting.

pub mod address_policy;
mod client;
mod error;
pub mod signature;

pub use client::{Answer, Outbound, OutboundRequest};
pub use error::{Refused, SendError};
