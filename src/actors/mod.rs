//! When verbs happen: mailboxes, timers, supervision.
//! Never decides what a verb does.

pub mod courier;
pub mod lane;
