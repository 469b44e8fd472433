//! What of executions is told to a collector of traces: a span for each, for each step and for each delivery attempt.
//! Never waits for the collector: a span that finds the queue full is dropped and counted.

pub mod otlp;
mod span;

use std::sync::Arc;

use rand::RngExt as _;
use tokio::sync::mpsc;

use super::metrics::Metrics;
use super::run::Run;
use crate::domain::callback::redacted_url;
use crate::domain::delivery::Delivery;
use crate::domain::execution::{Birth, Execution};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::timestamp::Timestamp;
use crate::domain::trace::{SpanId, Trace};
use crate::stack::machine::{Action, Effect};
use crate::store::write::DeliveryClosed;

pub use span::{Fact, Kind, Span};

/// Spans that may wait for the collector.
const QUEUE_MAX: usize = 8192;

/// Takes spans, if there is a collector. Cheap to clone.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Inner>>);

struct Inner {
    queue: mpsc::Sender<Span>,
    sample_ratio: f64,
    metrics: Metrics,
}

/// When something began and ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Traces {
    /// Traces that somebody collects, and where he finds them.
    pub fn collected(sample_ratio: f64, metrics: Metrics) -> (Self, mpsc::Receiver<Span>) {
        let (queue, spans) = mpsc::channel(QUEUE_MAX);
        (Self(Some(Arc::new(Inner { queue, sample_ratio, metrics }))), spans)
    }

    /// The trace of something new: the caller's, if he has one; else perhaps one of its own.
    pub fn begin(&self, traceparent: Option<&str>) -> Option<Trace> {
        let inner = self.0.as_ref()?;
        let fresh = || (rand::rng().random::<f64>() < inner.sample_ratio).then(|| Trace::fresh(rand::random()));
        traceparent.and_then(Trace::parse).or_else(fresh)
    }

    /// The trace of an execution, with what it does below it; `None` where nobody collects.
    pub(super) fn within(&self, birth: &Birth, resumes: i32) -> Option<Trace> {
        self.0.as_ref()?;
        Some(birth.trace?.below(SpanId::of_execution(birth.id, resumes)))
    }

    /// The trace that a try at a step hands on.
    pub(super) fn of_step(&self, execution: &Execution, resumes: i32, effect: &Effect) -> Option<Trace> {
        let within = self.within(&execution.birth, resumes)?;
        Some(within.below(step_id(execution, resumes, effect)))
    }

    /// The trace that a delivery attempt hands on.
    pub(super) fn of_delivery(&self, delivery: &Delivery) -> Option<Trace> {
        self.0.as_ref()?;
        Some(delivery.callback.trace?.below(SpanId::of_delivery_attempt(delivery.id, delivery.attempts)))
    }

    /// An execution has ended.
    pub(super) fn ended(&self, execution: &Execution, resumes: i32) {
        let Some(trace) = self.exported(execution.birth.trace) else { return };
        let birth = &execution.birth;
        let attempts = i64::from(execution.attempt);
        let facts = vec![
            ("ringback.execution.id", Fact::text(birth.id)),
            ("ringback.function.name", Fact::text(&birth.function)),
            ("ringback.function.version", Fact::text(&birth.version.0)),
            ("ringback.execution.state", Fact::text(execution.state.as_str())),
            ("ringback.execution.attempts", Fact::Int(attempts)),
        ];
        let kind = if birth.request.is_some() { Kind::Server } else { Kind::Internal };
        let at = Stretch { from: birth.created_at, to: execution.completed_at.unwrap_or(execution.progressed_at) };
        let mut span = Span::new(birth.function.to_string(), kind, at, facts);
        span.failure = execution.failure.as_ref().map(said);
        self.offer(span.at(trace, SpanId::of_execution(birth.id, resumes)));
    }

    /// A try at a step is over: what is to be offered of it, once there is somebody for whom it speaks.
    pub(super) fn stepped(&self, run: &Run, effect: &Effect, at: Stretch, failure: Option<&Failure>) -> Option<Span> {
        let trace = self.within(&run.birth, run.resumes).and_then(|trace| self.exported(Some(trace)))?;
        let mut facts = vec![
            ("ringback.execution.id", Fact::text(run.birth.id)),
            ("ringback.step.kind", Fact::text(effect.kind)),
            ("ringback.step.position", Fact::text(&effect.position)),
            ("ringback.step.attempt", Fact::Int(effect.attempt.into())),
        ];
        facts.extend(effect.label.as_ref().map(|label| ("ringback.step.name", Fact::text(label))));
        let mut kind = Kind::Internal;
        if let Action::Request(request) = &effect.action {
            kind = Kind::Client;
            facts.push(("http.request.method", Fact::text(&request.method)));
            facts.push(("url.full", Fact::text(redacted_url(&request.url))));
            facts.extend(failure.and_then(answered).map(|status| ("http.response.status_code", Fact::Int(status.into()))));
        }
        let mut span = Span::new(effect.kind.to_owned(), kind, at, facts);
        span.failure = failure.map(said);
        Some(span.at(trace, step_id(&run.execution, run.resumes, effect)))
    }

    /// A delivery attempt is over.
    pub(super) fn delivered(&self, delivery: &Delivery, closed: &DeliveryClosed, from: Timestamp) {
        let Some(trace) = self.exported(delivery.callback.trace) else { return };
        let mut facts = vec![
            ("ringback.execution.id", Fact::text(delivery.execution_id)),
            ("ringback.delivery.id", Fact::text(delivery.id)),
            ("ringback.delivery.attempt", Fact::Int(closed.number.into())),
            ("ringback.event", Fact::text(delivery.event.as_str())),
            ("http.request.method", Fact::text("POST")),
            ("url.full", Fact::text(redacted_url(&delivery.url))),
        ];
        facts.extend(closed.status.map(|status| ("http.response.status_code", Fact::Int(status.into()))));
        let mut span = Span::new("callback".to_owned(), Kind::Client, Stretch { from, to: closed.at }, facts);
        span.failure = closed.detail.clone().map(|detail| (closed.outcome.as_str().to_owned(), detail));
        self.offer(span.at(trace, SpanId::of_delivery_attempt(delivery.id, closed.number)));
    }

    /// Only what somebody wants to see is told.
    fn exported(&self, trace: Option<Trace>) -> Option<Trace> {
        self.0.as_ref()?;
        trace.filter(Trace::is_sampled)
    }

    pub(super) fn offer(&self, span: Span) {
        let Some(inner) = &self.0 else { return };
        if inner.queue.try_send(span).is_err() {
            inner.metrics.spans("dropped", 1);
        }
    }
}

fn step_id(execution: &Execution, resumes: i32, effect: &Effect) -> SpanId {
    let above = SpanId::of_execution(execution.birth.id, resumes);
    SpanId::of_step(above, &effect.position, [execution.attempt, effect.attempt])
}

/// The status by which a request failed.
fn answered(failure: &Failure) -> Option<u16> {
    failure.status.filter(|_| failure.code == ErrorCode::HttpStatus)
}

/// The code and the words of a failure.
fn said(failure: &Failure) -> (String, String) {
    (failure.code.as_str().to_owned(), failure.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_collector_nothing_is_begun() {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(Traces::default().begin(Some(traceparent)), None);
        let (traces, _spans) = Traces::collected(0.0, Metrics::default());
        assert_eq!(traces.begin(Some(traceparent)).unwrap().to_string(), traceparent);
        assert_eq!(traces.begin(None), None, "none of those that callers do not trace");
        let (traces, _spans) = Traces::collected(1.0, Metrics::default());
        assert_eq!(traces.begin(Some("nonsense")).unwrap().parent(), None, "it begins here");
    }

    #[test]
    fn what_finds_the_queue_full_is_dropped_and_counted() {
        let metrics = Metrics::default();
        let (traces, mut spans) = Traces::collected(1.0, metrics.clone());
        let trace = traces.begin(None).unwrap();
        let at = Stretch { from: Timestamp(0), to: Timestamp(1) };
        for number in 0..QUEUE_MAX + 3 {
            let id = DeliveryNumber(number).span();
            traces.offer(Span::new("x".to_owned(), Kind::Internal, at, Vec::new()).at(trace, id));
        }
        let text = metrics.render(&crate::engine::metrics::Standing::default());
        assert!(text.contains(r#"ringback_trace_spans_total{outcome="dropped"} 3"#), "{text}");
        assert!(spans.try_recv().is_ok());
    }

    struct DeliveryNumber(usize);

    impl DeliveryNumber {
        fn span(&self) -> SpanId {
            let number = u32::try_from(self.0).unwrap();
            SpanId::of_delivery_attempt(crate::domain::ids::DeliveryId(uuid::Uuid::nil()), number)
        }
    }
}
