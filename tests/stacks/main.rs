//! Golden files: stacks in, what `check` says of them out.

mod corpus;
mod errors;
mod support;
