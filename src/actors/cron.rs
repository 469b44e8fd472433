//! The clock's actor: fires schedules when they are due, runs the monitor's sweep on its cron expression.
//! Never runs two sweeps at once, nor two looks at the schedules.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};
use tokio::time::Instant;

use crate::domain::cron::CronRule;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::fire::fire_due;
use crate::engine::monitor::sweep;

/// The longest sleep at once, so that a clock that was set is noticed.
const SLEEP_MAX_MS: i64 = 30_000;
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
