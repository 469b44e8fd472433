//! Commands and exit codes, one file each.
//! Never decides what a verb does.

pub mod check;
