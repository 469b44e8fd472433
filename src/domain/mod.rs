//! The nouns of Ringback: what exists, which states it has, which limits hold.
//! Never does I/O, never asks the time, never awaits.

pub mod access_key;
pub mod admission;
pub mod alert;
pub mod audit;
pub mod breaker;
pub mod callback;
pub mod clock;
pub mod cron;
pub mod delivery;
pub mod execution;
pub mod failure;
pub mod flight;
pub mod flow;
pub mod function;
pub mod ids;
pub mod ladder;
pub mod lane;
pub mod limits;
pub mod map;
pub mod parallelism;
pub mod record;
pub mod registration;
pub mod schedule;
pub mod statistics;
pub mod status;
pub mod timestamp;
pub mod trace;
pub mod value;
