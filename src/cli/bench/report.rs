//! Figures, their bounds, and how they are shown.
//! Never judges a figure that has no bound.

use comfy_table::Cell;
use serde_json::{Value, json};

use super::scenarios::Scenario;
use crate::cli::error::CommandError;
use crate::cli::output::Output;

/// What this program was built from.
const COMMIT: &str = env!("BUILT_FROM_COMMIT");

/// A bound of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    /// What the machine itself did in the same run, if that compares.
    pub limit: Option<f64>,
    pub bound: Option<Bound>,
}

impl Figure {
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, limit: None, bound: None }
    }

    pub fn beside(mut self, limit: f64) -> Self {
        self.limit = Some(limit);
        self
    }

    pub fn at_least(mut self, bound: f64) -> Self {
        self.bound = Some(Bound::AtLeast(bound));
        self
    }

    pub fn at_most(mut self, bound: f64) -> Self {
        self.bound = Some(Bound::AtMost(bound));
        self
    }

    pub fn holds(&self) -> bool {
        match self.bound {
            None => true,
            Some(Bound::AtLeast(bound)) => self.value >= bound,
            Some(Bound::AtMost(bound)) => self.value <= bound,
        }
    }

    pub fn shown(&self) -> String {
        format!("{} {}", number(self.value), self.unit).trim_end().to_owned()
    }

    pub fn shown_bound(&self) -> String {
        match self.bound {
            None => String::new(),
            Some(Bound::AtLeast(bound)) => format!("≥ {}", number(bound)),
            Some(Bound::AtMost(bound)) => format!("≤ {}", number(bound)),
        }
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.filter(|limit| *limit > 0.0).map(|limit| self.value / limit)
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        1000.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// Everything that one run measured.
pub struct Report {
    store: &'static str,
    durability: &'static str,
    cores: usize,
    seconds: u64,
    figures: Vec<(Scenario, Figure)>,
}

impl Report {
    pub fn new(database: Option<&str>, seconds: u64) -> Self {
        let store = if database.is_some_and(|url| url.starts_with("postgres")) { "PostgreSQL" } else { "SQLite" };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { store, durability: "full", cores, seconds, figures: Vec::new() }
    }

    pub fn heading(&self) -> String {
        let Self { store, durability, cores, seconds, .. } = self;
        let version = env!("CARGO_PKG_VERSION");
        let build = if cfg!(debug_assertions) { "a debug build: its figures mean little" } else { "a release build" };
        format!(
            "ringback {version} (commit {COMMIT}) on {store}, durability {durability}, {cores} cores, {seconds} s a scenario; {build}"
        )
    }

    pub fn store(&self) -> &'static str {
        self.store
    }

    pub fn add(&mut self, scenario: Scenario, figure: Figure) {
        self.figures.push((scenario, figure));
    }

    pub fn missed(&self) -> Vec<&Figure> {
        self.figures.iter().map(|(_, figure)| figure).filter(|figure| !figure.holds()).collect()
    }

    pub fn show(&self, output: &mut Output) -> Result<(), CommandError> {
        if output.json {
            output.value(&self.json())?;
            return Ok(());
        }
        let optional = |value: Option<f64>| value.map_or_else(String::new, number);
        let rows = self.figures.iter().map(|(scenario, figure)| {
            let verdict = if figure.bound.is_none() {
                ""
            } else if figure.holds() {
                "holds"
            } else {
                "MISSED"
            };
            let cells = [
                scenario.name().to_owned(),
                figure.name.clone(),
                figure.shown(),
                optional(figure.limit),
                optional(figure.ratio()),
                figure.shown_bound(),
                verdict.to_owned(),
            ];
            cells.into_iter().map(Cell::new).collect()
        });
        output.table(&["scenario", "figure", "measured", "machine", "ratio", "bound", ""], rows.collect())?;
        Ok(())
    }

    fn json(&self) -> Value {
        let figures = self.figures.iter().map(|(scenario, figure)| {
            json!({
                "scenario": scenario.name(), "name": figure.name, "value": figure.value, "unit": figure.unit,
                "limit": figure.limit, "ratio": figure.ratio(), "bound": figure.shown_bound(), "holds": figure.holds(),
            })
        });
        json!({
            "version": env!("CARGO_PKG_VERSION"), "commit": COMMIT, "store": self.store, "durability": self.durability, "cores": self.cores,
            "seconds": self.seconds, "debug_build": cfg!(debug_assertions), "figures": figures.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_holds_on_the_right_side_of_its_bound() {
        let figure = |value| Figure::new("x", value, "/s");
        assert!(figure(5.0).holds());
        assert!(figure(5.0).at_least(5.0).holds() && !figure(4.9).at_least(5.0).holds());
        assert!(figure(5.0).at_most(5.0).holds() && !figure(5.1).at_most(5.0).holds());
        assert_eq!(figure(12345.6).beside(24691.2).ratio(), Some(0.5));
        assert_eq!((figure(12345.6).shown(), figure(0.01234).shown()), ("12346 /s".to_owned(), "0.0123 /s".to_owned()));
    }
}
