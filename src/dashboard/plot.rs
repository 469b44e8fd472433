//! Plots as numbers for the templates: bars of what ended, lines of durations.
//! Never draws: the templates do, as SVG.

use serde::Serialize;

use super::format;
use super::pulse::Spans;
use crate::domain::execution::State;
use crate::domain::timestamp::Timestamp;
use crate::store::read::survey::EndedCount;

/// The drawing's own units; the page scales them.
pub const WIDTH: f64 = 600.0;
pub const HEIGHT: f64 = 120.0;

/// Stacked bars over time.
#[derive(Debug, Serialize)]
pub struct Bars {
    pub bars: Vec<Bar>,
    pub most: i64,
    pub total: i64,
    pub failed: i64,
    pub width: f64,
    pub height: f64,
}

#[derive(Debug, Serialize)]
pub struct Bar {
    pub x: f64,
    pub width: f64,
    pub parts: Vec<Part>,
    pub words: String,
}

#[derive(Debug, Serialize)]
pub struct Part {
    pub kind: &'static str,
    pub y: f64,
    pub height: f64,
}

/// What ended from `from` on, in `spans`.
#[expect(clippy::cast_precision_loss, reason = "counts and spans are small enough to be drawn")]
pub fn bars(counts: &[EndedCount], spans: Spans, from: Timestamp) -> Bars {
    let of = |span: i64, failed: bool| -> i64 {
        let counts = counts.iter().filter(|count| count.span == span && (count.state != State::Completed) == failed);
        counts.map(|count| count.count).sum()
    };
    let pairs: Vec<(i64, i64)> = (0..spans.count).map(|span| (of(span, false), of(span, true))).collect();
    let most = pairs.iter().map(|(good, bad)| good + bad).max().unwrap_or(0);
    let slot = WIDTH / spans.count as f64;
    let scale = HEIGHT / most.max(1) as f64;
    let bar = |(span, (good, bad)): (usize, &(i64, i64))| {
        let (good_height, bad_height) = (*good as f64 * scale, *bad as f64 * scale);
        let at = from.plus_ms(i64::try_from(span).unwrap_or(0) * spans.span_ms).to_datetime().format("%H:%M");
        Bar {
            x: span as f64 * slot,
            width: slot * 0.8,
            parts: vec![
                Part { kind: "good", y: HEIGHT - good_height, height: good_height },
                Part { kind: "bad", y: HEIGHT - good_height - bad_height, height: bad_height },
            ],
            words: format!("{at}: {good} completed, {bad} failed"),
        }
    };
    Bars {
        bars: pairs.iter().enumerate().map(bar).collect(),
        most,
        total: pairs.iter().map(|(good, bad)| good + bad).sum(),
        failed: pairs.iter().map(|(_, bad)| bad).sum(),
        width: WIDTH,
        height: HEIGHT,
    }
}

/// Lines over a row of groups, from the oldest to the newest.
#[derive(Debug, Serialize)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub most: String,
    pub width: f64,
    pub height: f64,
}

#[derive(Debug, Serialize)]
pub struct Line {
    pub kind: &'static str,
    /// As SVG's `points` takes them.
    pub points: String,
}

/// One line for each kind, with one value for each group.
#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
pub fn lines(kinds: &[(&'static str, Vec<i64>)]) -> Lines {
    let most = kinds.iter().flat_map(|(_, values)| values).copied().max().unwrap_or(0).max(1);
    let line = |(kind, values): &(&'static str, Vec<i64>)| {
        let step = WIDTH / (values.len().max(2) - 1) as f64;
        let points = values.iter().enumerate().map(|(index, value)| {
            let y = HEIGHT - *value as f64 / most as f64 * HEIGHT;
            format!("{:.1},{y:.1}", index as f64 * step)
        });
        Line { kind, points: points.collect::<Vec<_>>().join(" ") }
    };
    Lines { lines: kinds.iter().map(line).collect(), most: format::duration(most), width: WIDTH, height: HEIGHT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_fills_the_plot_and_failures_stand_on_top() {
        let count = |span, state, count| EndedCount { span, state, count };
        let counts = [count(0, State::Completed, 3), count(0, State::Failed, 1), count(2, State::TimedOut, 2)];
        let plot = bars(&counts, Spans { span_ms: 60_000, count: 3 }, Timestamp(0));
        assert_eq!((plot.most, plot.total, plot.failed), (4, 6, 3));
        let [good, bad] = &plot.bars[0].parts[..] else { panic!("two parts") };
        assert_eq!((good.y, good.height, bad.y, bad.height), (30.0, 90.0, 0.0, 30.0));
        assert_eq!(plot.bars[2].words, "00:02: 0 completed, 2 failed");
        assert_eq!(bars(&[], Spans { span_ms: 1, count: 3 }, Timestamp(0)).most, 0);
    }

    #[test]
    fn a_line_goes_from_edge_to_edge() {
        let plot = lines(&[("p50", vec![0, 50]), ("p99", vec![100, 100])]);
        assert_eq!(plot.lines[0].points, "0.0,120.0 600.0,60.0");
        assert_eq!(plot.most, "100 ms");
    }
}
