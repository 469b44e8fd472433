//! What `ringback bench` is asked for.
//! Never measures.

use clap::Args;

use crate::cli::bench::Scenario;

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure [default: everything]
    #[arg(value_enum, value_name = "SCENARIO")]
    pub scenarios: Vec<Scenario>,
    /// Fail if a bound does not hold
    #[arg(long)]
    pub check: bool,
    /// How long each scenario asks
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Connections of the generator, where a scenario does not say its own
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Finished executions with which `growth` is measured, after none; a million takes about three gigabytes
    #[arg(long, value_name = "COUNT,…", value_delimiter = ',', default_value = "1000000")]
    pub history: Vec<usize>,
}
