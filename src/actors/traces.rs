//! Hands spans to the collector in batches.
//! Never holds anybody up: while the collector is away, what does not fit into the queue is dropped.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::TelemetryConfig;
use crate::engine::metrics::Metrics;
use crate::engine::traces::{Span, otlp};
use crate::outbound::trusted::Poster;

/// Spans in one request.
const BATCH_MAX: usize = 512;
/// How long a span waits for others.
const GATHER_FOR: Duration = Duration::from_secs(1);
/// How long one request may take.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// Before each further try at a batch.
const DELAYS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The task that exports.
pub struct Exporter {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

struct Collector {
    poster: Poster,
    url: String,
    headers: Vec<(String, String)>,
    service: String,
    instance: String,
    metrics: Metrics,
    /// Why the last batch was lost, so that only a change is told.
    trouble: Option<String>,
}

/// What became of one request.
enum Sent {
    Taken,
    /// It may be taken later.
    Later(String),
    Refused(String),
}

impl Exporter {
    /// Starts the task; `None` where no collector is configured.
    ///
    /// # Errors
    /// In words, why there is no client.
    pub fn start(settings: &TelemetryConfig, spans: mpsc::Receiver<Span>, metrics: Metrics) -> Result<Option<Self>, String> {
        let Some(url) = settings.traces_url.clone() else { return Ok(None) };
        let collector = Collector {
            poster: Poster::new()?,
            url,
            headers: settings.headers.clone(),
            service: settings.service_name.clone(),
            instance: uuid::Uuid::new_v4().to_string(),
            metrics,
            trouble: None,
        };
        let (stop, stopped) = oneshot::channel();
        let task = actix_web::rt::spawn(collector.export(spans, stopped));
        Ok(Some(Self { stop, task }))
    }

    /// Sends what waits, as far as that is possible within a bound.
    pub async fn stop(self, within: Duration) {
        // It may have ended by itself.
        let _ = self.stop.send(());
        let abort = self.task.abort_handle();
        if timeout(within, self.task).await.is_err() {
            abort.abort();
        }
    }
}

impl Collector {
    async fn export(mut self, mut spans: mpsc::Receiver<Span>, mut stopped: oneshot::Receiver<()>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            tokio::select! {
                count = spans.recv_many(&mut batch, BATCH_MAX) => if count == 0 { return },
                _ = &mut stopped => return self.rest(spans, batch).await,
            }
            let until = Instant::now() + GATHER_FOR;
            while batch.len() < BATCH_MAX && !spans.is_closed() && stopped.is_empty() {
                let room = BATCH_MAX - batch.len();
                if !matches!(timeout_at(until, spans.recv_many(&mut batch, room)).await, Ok(count) if count > 0) {
                    break;
                }
            }
            tokio::select! {
                () = self.send(&mut batch, &DELAYS) => {}
                _ = &mut stopped => return self.rest(spans, batch).await,
            }
        }
    }

    /// What still waits when the node stops gets one try.
    async fn rest(&mut self, mut spans: mpsc::Receiver<Span>, mut batch: Vec<Span>) {
        spans.close();
        loop {
            if !batch.is_empty() {
                self.send(&mut batch, &[]).await;
            }
            if spans.recv_many(&mut batch, BATCH_MAX).await == 0 {
                return;
            }
        }
    }

    /// Sends a batch, with a further try after each delay; what is not taken then is lost.
    async fn send(&mut self, batch: &mut Vec<Span>, delays: &[Duration]) {
        let body = otlp::request(&self.service, &self.instance, batch).to_string();
        let mut delays = delays.iter();
        let lost = loop {
            match self.post(body.clone()).await {
                Sent::Taken => break None,
                Sent::Refused(why) => break Some(why),
                Sent::Later(why) => match delays.next() {
                    Some(delay) => tokio::time::sleep(*delay).await,
                    None => break Some(why),
                },
            }
        };
        self.metrics.spans(if lost.is_none() { "sent" } else { "lost" }, batch.len());
        match (&lost, &self.trouble) {
            (Some(reason), before) if before.as_ref() != Some(reason) => {
                tracing::warn!(reason, "traces do not reach their collector; executions go on without");
            }
            (None, Some(_)) => tracing::info!("traces reach their collector again"),
            _ => {}
        }
        self.trouble = lost;
        batch.clear();
    }

    async fn post(&self, body: String) -> Sent {
        match self.poster.post(&self.url, &self.headers, body, SEND_WITHIN).await {
            Ok(200..=299) => Sent::Taken,
            Ok(status @ (429 | 502..=504)) => Sent::Later(format!("it answered {status}")),
            Ok(status) => Sent::Refused(format!("it answered {status}")),
            Err(why) => Sent::Later(why.to_owned()),
        }
    }
}
