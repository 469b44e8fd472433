//! When verbs happen: mailboxes, timers, supervision.
//! Never decides what a verb does.
