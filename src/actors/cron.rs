//! The clock's actor: runs the monitor's sweep on its cron expression.
//! Never runs two sweeps at once.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};

use crate::domain::cron::CronRule;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::monitor::sweep;

/// The longest sleep at once, so that a clock that was set is noticed.
const SLEEP_MAX_MS: i64 = 30_000;

pub struct Cron {
    engine: Engine,
}

impl Cron {
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl Actor for Cron {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        match CronRule::parse(&self.engine.config.monitor.cron) {
            Ok(rule) => {
                ctx.spawn(sweep_for_ever(self.engine.clone(), rule).into_actor(self));
            }
            Err(error) => tracing::error!(error = %error, "monitor.cron does not hold: nothing is swept"),
        }
    }
}

async fn sweep_for_ever(engine: Engine, rule: CronRule) {
    let mut last = engine.clock.now();
    while let Some(next) = rule.next_after(&last.to_datetime()) {
        let due_at = Timestamp(next.timestamp_millis());
        loop {
            let left_ms = due_at.since_ms(engine.clock.now());
            if left_ms <= 0 {
                break;
            }
            let ms = u64::try_from(left_ms.min(SLEEP_MAX_MS)).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        match sweep(&engine).await {
            Ok(swept) if swept.stuck + swept.resolved > 0 => {
                tracing::warn!(stuck = swept.stuck, resolved = swept.resolved, "the monitor swept");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "the monitor could not sweep; the next sweep finds the same"),
        }
        last = engine.clock.now().max(due_at);
    }
}
