//! The clock's actor: fires schedules when they are due, runs the monitor's sweep and the retention on their cron expressions.
//! Never runs two sweeps at once, nor two looks at the schedules.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use crate::domain::cron::CronRule;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::fire::fire_due;
use crate::engine::monitor::{look_now, sweep};
use crate::engine::prune::prune;

/// The longest sleep at once, so that a clock that was set is noticed.
const SLEEP_MAX_MS: i64 = 1000;
/// The longest time between two looks at the clock for schedules, which costs nothing.
const TICK: Duration = Duration::from_secs(1);
/// The longest time between two looks at the store for schedules: another node may have made one.
const LOOK_EVERY: Duration = Duration::from_secs(30);

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
        ctx.spawn(fire_for_ever(self.engine.clone()).into_actor(self));
        let config = &self.engine.config;
        if let Some(rule) = read("monitor.cron", &config.monitor.cron) {
            ctx.spawn(sweep_for_ever(self.engine.clone(), rule).into_actor(self));
        }
        if let Some(rule) = read("retention.cron", &config.retention.cron) {
            ctx.spawn(prune_for_ever(self.engine.clone(), rule).into_actor(self));
        }
        ctx.spawn(heed_alarms(self.engine.clone()).into_actor(self));
    }
}

fn read(setting: &str, text: &str) -> Option<CronRule> {
    CronRule::parse(text)
        .inspect_err(|error| tracing::error!(setting, error = %error, "a cron expression does not hold: nothing happens on it"))
        .ok()
}

async fn sweep_for_ever(engine: Engine, rule: CronRule) {
    let mut last = engine.clock.now();
    while let Some(began_at) = due(&engine, &rule, last).await {
        match sweep(&engine).await {
            Ok(swept) => {
                tracing::debug!(stuck = swept.stuck, mended = swept.mended, resolved = swept.resolved, "the monitor swept");
            }
            Err(error) => tracing::warn!(error = %error, "the monitor could not sweep; the next sweep finds the same"),
        }
        last = began_at;
    }
}

async fn prune_for_ever(engine: Engine, rule: CronRule) {
    let mut last = engine.clock.now();
    while let Some(began_at) = due(&engine, &rule, last).await {
        match prune(&engine, engine.clock.now()).await {
            Ok(removed) if removed.rows > 0 => {
                tracing::info!(executions = removed.executions, rows = removed.rows, "deleted what is kept no longer");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "retention came to a stop; the next run goes on"),
        }
        last = began_at;
    }
}

async fn heed_alarms(engine: Engine) {
    loop {
        engine.journal.alarmed().await;
        if let Err(error) = look_now(&engine).await {
            tracing::warn!(error = %error, "an alert could not be told; the next sweep tells it");
        }
    }
}

/// Waits until a rule is due after `last` and says when that was noticed; `None` if it never is.
async fn due(engine: &Engine, rule: &CronRule, last: Timestamp) -> Option<Timestamp> {
    let due_at = Timestamp(rule.next_after(&last.to_datetime())?.timestamp_millis());
    loop {
        let now = engine.clock.now();
        let left_ms = due_at.since_ms(now);
        if left_ms <= 0 {
            return Some(now);
        }
        tokio::time::sleep(Duration::from_millis(u64::try_from(left_ms.min(SLEEP_MAX_MS)).unwrap_or(0))).await;
    }
}

async fn fire_for_ever(engine: Engine) {
    let mut next: Option<Timestamp> = Some(engine.clock.now());
    let mut looked = Instant::now();
    let mut failing = false;
    loop {
        let now = engine.clock.now();
        if next.is_some_and(|at| at <= now) || looked.elapsed() >= LOOK_EVERY {
            looked = Instant::now();
            match fire_due(&engine, now).await {
                Ok(fired) => {
                    failing = false;
                    next = if fired.held_up { Some(now.plus_ms(1)) } else { fired.next_wake_at };
                    if fired.held_up {
                        tokio::time::sleep(TICK).await;
                    }
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!(error = %error, "the schedules cannot be looked at, trying again");
                    }
                    failing = true;
                    tokio::time::sleep(TICK).await;
                }
            }
            continue;
        }
        let left_ms = next.map_or(i64::MAX, |at| at.since_ms(now));
        let rest = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)).min(TICK);
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = engine.firing.nudged() => next = Some(now),
        }
    }
}
