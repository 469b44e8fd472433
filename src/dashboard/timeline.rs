//! The timeline of an execution: its queue, its steps with their turns folded, its waits, as bars on one scale.
//! Never shows a turn of a loop as if it were a step of its own.

use serde::Serialize;

use super::format;
use crate::domain::execution::Execution;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::read::StepRecord;

/// The drawing's own units for the whole scale.
const WIDTH: f64 = 1000.0;
/// What is shorter is drawn this long, so that it can be seen.
const BAR_MIN: f64 = 3.0;

/// One row, or a loop with rows inside.
#[derive(Debug, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Node {
    Row(Row),
    Loop { position: String, turns: Vec<Turn>, bar: Bar, failed: bool },
}

#[derive(Debug, Serialize)]
pub struct Turn {
    pub number: String,
    pub nodes: Vec<Node>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub label: String,
    pub kind: String,
    pub position: String,
    pub attempt: u32,
    /// `ok`, `failed`, `queue`, `wait`.
    pub look: &'static str,
    pub bar: Bar,
    pub result: String,
    pub error: String,
}

/// A bar on the scale.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Bar {
    pub x: f64,
    pub width: f64,
    pub began_at: i64,
    pub took_ms: i64,
}

/// From when until when the scale goes.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    from: i64,
    until: i64,
}

impl Scale {
    /// From its creation to its end, or to now.
    pub fn of(execution: &Execution, now: Timestamp) -> Self {
        let from = execution.birth.created_at.ms();
        Self { from, until: execution.completed_at.unwrap_or(now).ms().max(from + 1) }
    }

    pub fn between(from: Timestamp, until: Timestamp) -> Self {
        Self { from: from.ms(), until: until.ms().max(from.ms() + 1) }
    }

    #[expect(clippy::cast_precision_loss, reason = "an execution is far shorter than 2^53 milliseconds")]
    pub fn bar(self, began: Timestamp, ended: Timestamp) -> Bar {
        let whole = (self.until - self.from) as f64;
        let at = |ms: i64| ((ms - self.from) as f64 / whole * WIDTH).clamp(0.0, WIDTH);
        let (x, end) = (at(began.ms()).min(WIDTH - BAR_MIN), at(ended.ms()));
        Bar { x, width: (end - x).max(BAR_MIN), began_at: began.ms(), took_ms: ended.since_ms(began).max(0) }
    }
}

/// Everything that an execution did, in order.
pub fn of(execution: &Execution, steps: &[StepRecord], scale: Scale, now: Timestamp) -> Vec<Node> {
    let mut nodes = Vec::new();
    let created = execution.birth.created_at;
    let queued_until = execution.started_at.or(execution.completed_at).unwrap_or(now);
    if queued_until > created || execution.started_at.is_none() {
        nodes.push(plain("Queue", "queue", scale.bar(created, queued_until)));
    }
    nodes.extend(fold(&with_waits(steps, queued_until), 0, scale));
    if let Some(waiting) = execution.waiting_for.as_ref().filter(|_| !execution.state.is_terminal()) {
        let what = super::executions::waits_for(&waiting.what);
        nodes.push(plain(&format!("Waits for {what}"), "wait", scale.bar(waiting.since, now)));
    }
    nodes
}

/// A step, where it stands, and since when it was under way.
struct Shown<'a> {
    parts: Vec<Part<'a>>,
    step: &'a StepRecord,
    began: Timestamp,
}

/// What waits lies down in between, so it began where the step before it ended.
fn with_waits(steps: &[StepRecord], started: Timestamp) -> Vec<Shown<'_>> {
    let mut before = started;
    let shown = steps.iter().map(|step| {
        let began = if waits(&step.kind) { before.min(step.started_at) } else { step.started_at };
        before = step.ended_at;
        Shown { parts: parts(&step.position), step, began }
    });
    shown.collect()
}

fn waits(kind: &str) -> bool {
    matches!(kind, "sleep" | "async_function_await" | "wait_for_event")
}

fn plain(label: &str, look: &'static str, bar: Bar) -> Node {
    Node::Row(Row {
        label: label.to_owned(),
        kind: String::new(),
        position: String::new(),
        attempt: 1,
        look,
        bar,
        result: String::new(),
        error: String::new(),
    })
}

/// A part of a position: `operations[0]`, and the turn of the loop that it stands in, `3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'a> {
    path: &'a str,
    turn: Option<&'a str>,
}

fn parts(position: &str) -> Vec<Part<'_>> {
    // The labels of blocks may hold dots, but only what stands between `]` or a turn and a dot or `>` ends a part.
    let mut parts = Vec::new();
    let mut rest = position;
    while !rest.is_empty() {
        let end = part_end(rest);
        let (part, after) = rest.split_at(end);
        let (path, turn) = part.split_once('#').map_or((part, None), |(path, turn)| (path, Some(turn)));
        parts.push(Part { path, turn });
        rest = after.get(1..).unwrap_or_default();
    }
    parts
}

fn part_end(text: &str) -> usize {
    let mut closed = false;
    for (at, c) in text.char_indices() {
        match c {
            ']' => closed = true,
            '#' | '0'..='9' if closed => {}
            '.' | '>' if closed => return at,
            _ => closed = false,
        }
    }
    text.len()
}

fn fold(steps: &[Shown<'_>], depth: usize, scale: Scale) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = steps;
    while let Some((shown, after)) = rest.split_first() {
        let first = &shown.parts;
        let Some(at) = (depth..first.len()).find(|at| first[*at].turn.is_some()) else {
            nodes.push(Node::Row(row(shown, scale)));
            rest = after;
            continue;
        };
        let path = |parts: &[Part<'_>]| parts[..at].iter().map(|part| part.path.to_owned()).collect::<Vec<_>>();
        let is_in = |parts: &[Part<'_>]| parts.len() > at && parts[at].turn.is_some() && path(parts) == path(first);
        let count = rest.iter().take_while(|shown| is_in(&shown.parts)).count();
        let (inside, behind) = rest.split_at(count);
        nodes.push(folded(inside, at, scale));
        rest = behind;
    }
    nodes
}

fn folded(inside: &[Shown<'_>], at: usize, scale: Scale) -> Node {
    let (first, last) = (&inside[0], &inside[inside.len() - 1]);
    let position = first.parts[..at].iter().map(|part| part.path).collect::<Vec<_>>().join(".");
    let turns = inside.chunk_by(|a, b| a.parts[at].turn == b.parts[at].turn);
    let turns = turns
        .map(|turn| Turn { number: turn[0].parts[at].turn.unwrap_or_default().to_owned(), nodes: fold(turn, at + 1, scale) });
    Node::Loop {
        position,
        turns: turns.collect(),
        bar: scale.bar(first.began, last.step.ended_at),
        failed: inside.iter().any(|shown| shown.step.failed),
    }
}

fn row(shown: &Shown<'_>, scale: Scale) -> Row {
    let step = shown.step;
    let (result, error) = match step.failed {
        true => (Value::Null, step.result.field("error")),
        false => (step.result.clone(), Value::Null),
    };
    Row {
        label: step.name.clone().unwrap_or_else(|| step.kind.replace('_', " ")),
        kind: step.kind.clone(),
        position: step.position.clone(),
        attempt: step.attempt,
        look: match step.failed {
            true => "failed",
            false if waits(&step.kind) => "wait",
            false => "ok",
        },
        bar: scale.bar(shown.began, step.ended_at),
        result: format::json(&result),
        error: match error.field("message") {
            Value::Text(message) => format!("{}: {message}", error.field("code").to_text()),
            _ => format::json(&error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(position: &str, from: i64) -> StepRecord {
        StepRecord {
            position: position.to_owned(),
            kind: "add_record".into(),
            name: None,
            attempt: 1,
            started_at: Timestamp(from),
            ended_at: Timestamp(from + 10),
            result: Value::Null,
            failed: false,
        }
    }

    fn drawn(nodes: &[Node]) -> String {
        let one = |node: &Node| match node {
            Node::Row(row) => row.position.clone(),
            Node::Loop { position, turns, .. } => {
                let turns: Vec<_> = turns.iter().map(|turn| format!("#{}({})", turn.number, drawn(&turn.nodes))).collect();
                format!("{position}{{{}}}", turns.join(" "))
            }
        };
        nodes.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn folded_positions(positions: &[&str]) -> String {
        let steps: Vec<_> = positions.iter().zip(0..).map(|(position, n)| step(position, n * 10)).collect();
        drawn(&fold(&with_waits(&steps, Timestamp(0)), 0, Scale { from: 0, until: 100 }))
    }

    #[test]
    fn a_position_is_read_in_parts() {
        let read: Vec<_> = parts("stack[2].cases.a.b[0].operations[1]#3>crm/create:stack[0]");
        let read: Vec<_> = read.iter().map(|part| (part.path, part.turn)).collect();
        let expected = [("stack[2]", None), ("cases.a.b[0]", None), ("operations[1]", Some("3")), ("crm/create:stack[0]", None)];
        assert_eq!(read, expected);
    }

    #[test]
    fn the_turns_of_a_loop_are_folded_also_inside_another() {
        assert_eq!(
            folded_positions(&[
                "stack[0]",
                "stack[1].operations[0]#0",
                "stack[1].operations[1]#0",
                "stack[1].operations[0]#1",
                "stack[2]"
            ]),
            "stack[0] stack[1]{#0(stack[1].operations[0]#0 stack[1].operations[1]#0) #1(stack[1].operations[0]#1)} stack[2]"
        );
        let inner = folded_positions(&["stack[0].o[0]#0.p[0]#0", "stack[0].o[0]#0.p[0]#1", "stack[0].o[0]#1.p[0]#0"]);
        assert_eq!(
            inner,
            "stack[0]{#0(stack[0].o[0]{#0(stack[0].o[0]#0.p[0]#0) #1(stack[0].o[0]#0.p[0]#1)}) \
             #1(stack[0].o[0]{#0(stack[0].o[0]#1.p[0]#0)})}"
        );
    }

    #[test]
    fn a_wait_is_as_long_as_nothing_else_happened() {
        let sleep = StepRecord { kind: "sleep".into(), ..step("stack[1]", 900) };
        let steps = [step("stack[0]", 0), sleep];
        let nodes = fold(&with_waits(&steps, Timestamp(0)), 0, Scale { from: 0, until: 1000 });
        let Node::Row(row) = &nodes[1] else { panic!("a row") };
        assert_eq!((row.look, row.bar.began_at, row.bar.took_ms), ("wait", 10, 900));
    }

    #[test]
    fn a_bar_stays_on_its_scale_and_can_be_seen() {
        let scale = Scale { from: 1000, until: 2000 };
        let bar = scale.bar(Timestamp(1500), Timestamp(1750));
        assert_eq!((bar.x, bar.width, bar.took_ms), (500.0, 250.0, 250));
        let late = scale.bar(Timestamp(5000), Timestamp(5000));
        assert_eq!((late.x, late.width), (WIDTH - BAR_MIN, BAR_MIN));
    }
}
