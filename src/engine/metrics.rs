//! What this node counts and measures, as Prometheus reads it.
//! Never a label that callers can fill: functions, states and codes are few, destinations and ids are not.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::domain::alert::Alert;
use crate::domain::execution::Execution;
use crate::domain::function::FunctionName;
use crate::store::write::{AfterAttempt, Entry};

/// A millisecond to about nine hours.
const DURATION_BUCKETS: (f64, f64, u16) = (0.001, 4.0, 13);
/// A tenth of a millisecond to about six seconds.
const COMMIT_BUCKETS: (f64, f64, u16) = (0.0001, 3.0, 11);
/// One to about a thousand.
const BATCH_BUCKETS: (f64, f64, u16) = (1.0, 2.0, 11);

/// Labels whose names no field may have.
type Labels = Vec<(&'static str, String)>;
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The metrics of one node. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    started: Family<OfFunction, Counter>,
    ended: Family<Ended, Counter>,
    durations: Histograms<OfFunction>,
    running: Gauge,
    slots: Gauge,
    due_executions: Gauge,
    oldest_due_s: Gauge<f64, std::sync::atomic::AtomicU64>,
    due_deliveries: Gauge,
    batch_entries: Histogram,
    commit_s: Histogram,
    lag_s: Gauge<f64, std::sync::atomic::AtomicU64>,
    waiting_entries: Gauge,
    storage_available: Gauge,
    attempts: Family<Outcome, Counter>,
    closed: Family<OfState, Counter>,
    in_flight: Gauge,
    lanes: Gauge,
    breakers_open: Gauge,
    alerts_raised: Family<Labels, Counter>,
    alerts_open: Family<Labels, Gauge>,
    statements: Counter,
    spans: Family<Outcome, Counter>,
    requests: Family<Answered, Counter>,
    request_s: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFunction {
    function: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    function: String,
    state: &'static str,
    /// Empty for those that completed.
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// What is asked only when somebody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    pub running: usize,
    pub slots: usize,
    pub due_executions: i64,
    pub oldest_due_ms: i64,
    pub due_deliveries: i64,
    pub lag_ms: i64,
    pub waiting_entries: usize,
    pub storage_available: bool,
    pub breakers_open: usize,
    pub statements: u64,
}

fn histogram((start, factor, length): (f64, f64, u16)) -> Histogram {
    Histogram::new(exponential_buckets(start, factor, length))
}

fn durations() -> Histogram {
    histogram(DURATION_BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut inner = Inner {
            registry: Registry::with_prefix("ringback"),
            started: Family::default(),
            ended: Family::default(),
            durations: Family::new_with_constructor(durations),
            running: Gauge::default(),
            slots: Gauge::default(),
            due_executions: Gauge::default(),
            oldest_due_s: Gauge::default(),
            due_deliveries: Gauge::default(),
            batch_entries: histogram(BATCH_BUCKETS),
            commit_s: histogram(COMMIT_BUCKETS),
            lag_s: Gauge::default(),
            waiting_entries: Gauge::default(),
            storage_available: Gauge::default(),
            attempts: Family::default(),
            closed: Family::default(),
            in_flight: Gauge::default(),
            lanes: Gauge::default(),
            breakers_open: Gauge::default(),
            alerts_raised: Family::default(),
            alerts_open: Family::default(),
            statements: Counter::default(),
            spans: Family::default(),
            requests: Family::default(),
            request_s: histogram(COMMIT_BUCKETS),
        };
        inner.register();
        Self(Arc::new(inner))
    }
}

macro_rules! register {
    ($inner:ident: $($field:ident $name:literal $help:literal)*) => {
        $($inner.registry.register($name, $help, $inner.$field.clone());)*
    };
}

impl Inner {
    fn register(&mut self) {
        let inner = self;
        register! { inner:
            started "executions_started" "Executions that were accepted"
            ended "executions_ended" "Executions that ended"
            durations "execution_duration_seconds" "From the first start of an execution to its end"
            running "executions_running" "Executions that run on this node"
            slots "execution_slots" "Executions that may run on this node at once"
            due_executions "queue_due_executions" "Executions that are due and wait for a slot"
            oldest_due_s "queue_oldest_due_seconds" "For how long the oldest of them has been due"
            due_deliveries "deliveries_due" "Messages that are due and held by no node"
            batch_entries "journal_batch_entries" "Entries in one commit"
            commit_s "journal_commit_duration_seconds" "How long one commit took"
            lag_s "journal_lag_seconds" "How long the oldest entry has waited to become durable"
            waiting_entries "journal_waiting_entries" "Entries that wait to become durable"
            storage_available "storage_available" "1 while the database answers"
            attempts "delivery_attempts" "Delivery attempts that ended"
            closed "deliveries_closed" "Messages that are over"
            in_flight "deliveries_in_flight" "Delivery attempts under way on this node"
            lanes "delivery_lanes" "Destinations to which this node has something to send, or had a moment ago"
            breakers_open "breakers_open" "Destinations that get nothing from this node for now"
            alerts_raised "alerts_raised" "Alerts of which this node told"
            alerts_open "alerts_open" "Alerts that were open at the last sweep"
            statements "database_statements" "Statements sent to the database by this process"
            spans "trace_spans" "Spans of traces by what became of them"
            requests "http_requests" "Requests that were answered"
            request_s "http_request_duration_seconds" "How long an answer took"
        }
        let build: Family<Build, Gauge> = Family::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        inner.registry.register("build_info", "The version that runs", build);
    }
}

impl Metrics {
    /// An entry is durable.
    pub fn committed(&self, entry: &Entry) {
        match entry {
            Entry::Submit(submit) => self.started(&submit.birth.function),
            Entry::Checkpoint(checkpoint) => {
                checkpoint.children.iter().for_each(|child| self.started(&child.birth.function));
            }
            Entry::DeliveryClosed(closed) => {
                self.0.attempts.get_or_create(&Outcome { outcome: closed.outcome.as_str() }).inc();
                if let AfterAttempt::Closed { state, .. } = &closed.next {
                    self.0.closed.get_or_create(&OfState { state: state.as_str() }).inc();
                }
            }
            _ => {}
        }
    }

    fn started(&self, function: &FunctionName) {
        self.0.started.get_or_create(&OfFunction { function: function.to_string() }).inc();
    }

    /// A batch is durable.
    pub fn batch(&self, entries: usize, took_s: f64) {
        self.0.batch_entries.observe(as_decimal(entries));
        self.0.commit_s.observe(took_s);
    }

    /// The end of an execution is durable.
    pub fn ended(&self, execution: &Execution) {
        let function = execution.birth.function.to_string();
        let code = execution.failure.as_ref().map(|failure| failure.code.as_str().to_owned()).unwrap_or_default();
        let state = execution.state.as_str();
        if let (Some(started_at), Some(completed_at)) = (execution.started_at, execution.completed_at) {
            #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
            let seconds = completed_at.since_ms(started_at).max(0) as f64 / 1000.0;
            self.0.durations.get_or_create(&OfFunction { function: function.clone() }).observe(seconds);
        }
        self.0.ended.get_or_create(&Ended { function, state, code }).inc();
    }

    pub fn attempt_began(&self) {
        self.0.in_flight.inc();
    }

    pub fn attempt_ended(&self) {
        self.0.in_flight.dec();
    }

    pub fn lanes(&self, count: usize) {
        self.0.lanes.set(as_count(count));
    }

    pub fn alert_raised(&self, alert: &Alert) {
        self.0.alerts_raised.get_or_create(&vec![("type", alert.alert.kind.clone())]).inc();
    }

    /// These are the alerts that are open.
    pub fn open_alerts(&self, open: &[Alert]) {
        self.0.alerts_open.clear();
        for alert in open {
            let labels = vec![("type", alert.alert.kind.clone()), ("severity", alert.alert.severity.clone())];
            self.0.alerts_open.get_or_create(&labels).inc();
        }
    }

    pub fn spans(&self, outcome: &'static str, count: usize) {
        self.0.spans.get_or_create(&Outcome { outcome }).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    pub fn answered(&self, method: &str, status: u16, seconds: f64) {
        // Anybody may invent a method.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| *known == method).unwrap_or("other").to_owned();
        self.0.requests.get_or_create(&Answered { method, status: status.to_string() }).inc();
        self.0.request_s.observe(seconds);
    }

    /// Everything as text, in the form of Prometheus.
    pub fn render(&self, standing: &Standing) -> String {
        let inner = &self.0;
        inner.running.set(as_count(standing.running));
        inner.slots.set(as_count(standing.slots));
        inner.due_executions.set(standing.due_executions);
        inner.oldest_due_s.set(seconds(standing.oldest_due_ms));
        inner.due_deliveries.set(standing.due_deliveries);
        inner.lag_s.set(seconds(standing.lag_ms));
        inner.waiting_entries.set(as_count(standing.waiting_entries));
        inner.storage_available.set(i64::from(standing.storage_available));
        inner.breakers_open.set(as_count(standing.breakers_open));
        // Counted elsewhere, and only upwards.
        inner.statements.inner().store(standing.statements, std::sync::atomic::Ordering::Relaxed);
        let mut text = String::new();
        prometheus_text::encode(&mut text, &inner.registry).expect("a text takes whatever is written to it");
        text
    }
}

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a batch has at most a thousand entries")]
fn as_decimal(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all metrics, as their `# TYPE` lines say.
    fn names(text: &str) -> Vec<String> {
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let mut names: Vec<String> = types.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
        names.sort();
        names
    }

    #[test]
    fn the_table_of_the_documentation_names_every_metric_and_no_other() {
        let page = include_str!("../../docs/metrics.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let mut documented: Vec<String> = rows.filter_map(|row| row.split('`').next()).map(str::to_owned).collect();
        documented.sort();
        let metrics = Metrics::default();
        // What has labels shows once something was counted.
        let function = || OfFunction { function: "f".to_owned() };
        metrics.started(&FunctionName::parse("f").unwrap());
        metrics.0.durations.get_or_create(&function()).observe(1.0);
        metrics.0.ended.get_or_create(&Ended { function: "f".to_owned(), state: "completed", code: String::new() }).inc();
        metrics.0.attempts.get_or_create(&Outcome { outcome: "success" }).inc();
        metrics.0.closed.get_or_create(&OfState { state: "dead" }).inc();
        metrics.0.alerts_raised.get_or_create(&vec![("type", "poison".to_owned())]).inc();
        metrics.0.alerts_open.get_or_create(&vec![("type", "poison".to_owned())]).inc();
        metrics.spans("sent", 1);
        metrics.answered("GET", 200, 0.1);
        assert_eq!(names(&metrics.render(&Standing::default())), documented);
    }

    #[test]
    fn a_method_that_somebody_invented_makes_no_label() {
        let metrics = Metrics::default();
        metrics.answered("BREW", 405, 0.1);
        metrics.answered("GET", 200, 0.1);
        let text = metrics.render(&Standing { storage_available: true, ..Standing::default() });
        assert!(text.contains(r#"ringback_http_requests_total{method="other",status="405"} 1"#), "{text}");
        assert!(text.contains("ringback_storage_available 1"), "{text}");
        assert!(!text.contains("BREW"));
    }
}
