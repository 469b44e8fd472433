#![doc = include_str!("ARCHITECTURE.md")]

pub mod domain;

pub mod outbound;
pub mod sandbox;
pub mod stack;
pub mod store;

pub mod engine;

pub mod actors;
pub mod dashboard;
pub mod http;

pub mod config;
pub mod telemetry;

pub mod app;
pub mod cli;
