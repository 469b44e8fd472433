//! The only way out: one HTTP client behind the address policy, signatures, bounds of size and time.
//! Never sends to an address that the policy did not allow at the moment of connecting.

pub mod address_policy;
mod body;
mod client;
mod clients;
mod error;
mod failure;
mod guard;
mod header;
pub mod jwt;
mod pinned;
pub mod signature;
pub mod signature_v1a;
mod tls;
pub mod trusted;

pub use client::{Answer, Outbound, OutboundRequest, Room};
pub use error::{Refused, SendError};
pub use header::{HeaderFault, Name, check_header};
