//! Stories about the running product: the real binary, real sockets, real databases.
//! Never reaches into the product's memory or its tables: what a story knows, a caller could know.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed, and says where")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a failed story shows what the server said")]

mod helpers;

mod access;
mod addresses;
mod again;
mod ahead;
mod alerts;
mod bad_input;
mod browser;
mod callbacks;
mod cancel;
mod cli;
mod clocks;
mod contract;
mod crashes;
mod cross_origin;
mod crowd;
mod dashboard;
mod deploy;
mod destinations;
mod disks;
mod docs;
mod documents;
mod encrypted;
mod events;
mod events_in;
mod greedy;
mod guide;
mod hostile_receivers;
mod idle;
mod invariants;
mod kill;
mod lambda;
mod limits;
mod lost_commits;
mod metrics;
mod monitor;
mod moving;
mod nodes;
mod outage;
mod queueing;
mod redelivery;
mod retention;
mod schedules;
mod secrets;
mod self_check;
mod side_by_side;
mod start;
mod status;
mod stored_journals;
mod takeovers;
mod traces;
mod verifiers;
mod weweb;
mod workflows;
