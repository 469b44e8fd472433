//! The pieces of the hot path alone: expressions, the machine, the journal's commit, a signature.
//! Never an assertion about time: `ringback bench --check` makes those.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ringback::config::{Config, StoreConfig};
use ringback::domain::clock::SystemClock;
use ringback::domain::execution::Birth;
use ringback::domain::function::{ExecutionConfig, FunctionName, FunctionVersion};
use ringback::domain::ids::ExecutionId;
use ringback::domain::timestamp::Timestamp;
use ringback::domain::value::Value;
use ringback::engine::signing::SigningKeys;
use ringback::stack::document::read_deployed;
use ringback::stack::expression::{Reference, Related, Scope, ValueTemplate};
use ringback::stack::machine::{Machine, Need, Start};
use ringback::stack::program::Program;
use ringback::store;
use ringback::store::write::{Entry, Placement, Submit};

const NOW: Timestamp = Timestamp(1_750_000_000_000);

struct Order(Value);

impl Scope for Order {
    fn root(&self, name: &str) -> Option<Value> {
        (name == "input").then(|| self.0.clone())
    }
    fn now(&self) -> Timestamp {
        NOW
    }
    fn random(&self) -> u64 {
        7
    }
    fn related(&self, _: &Reference) -> Related {
        Related::Read(Value::Null)
    }
}

fn value(text: &str) -> Value {
    Value::from_json_text(text).expect("it is JSON")
}

fn expressions(criterion: &mut Criterion) {
    let scope = Order(value(r#"{"total": 120.5, "items": [{"n": 1}, {"n": 2}, {"n": 3}], "name": "ada"}"#));
    let mut group = criterion.benchmark_group("expressions");
    for (name, text) in [
        ("path", "{{ input.total }}"),
        ("arithmetic", "{{ input.total * 1.19 > 100 && input.name != '' }}"),
        ("filter", "{{ input.items | map('n') | sum }}"),
        ("text", "Dear {{ input.name | upper }}, you owe {{ input.total }}"),
    ] {
        let template = ValueTemplate::parse_text(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
        group.bench_function(name, |bench| bench.iter(|| black_box(template.evaluate(&scope))));
    }
    group.bench_function("parse", |bench| {
        bench.iter(|| black_box(ValueTemplate::parse_text("{{ input.total * 1.19 > 100 && input.name != '' }}")));
    });
    group.finish();
}

const LOOP: &str = r#"{"inputs": {"n": {"type": "int"}}, "stack": [
    {"function": "create_variable", "name": "sum", "value": 0},
    {"function": "loop", "array": "{{ range(input.n) }}", "as": "i", "stack": [
        {"function": "update_variable", "name": "sum", "value": "{{ sum + i }}"}]},
    {"function": "return_response", "body": {"sum": "{{ sum }}"}}]}"#;

fn started(program: &Arc<Program>, turns: i64) -> Machine {
    Machine::new(Start {
        program: Arc::clone(program),
        input: Value::object([("n", Value::Int(turns))]),
        request: Value::Null,
        execution: Value::Null.into(),
        auth: Value::Null,
        env: Value::Null,
        now: NOW,
        seed: 7,
        config: Arc::new(ExecutionConfig::default()),
    })
}

fn machine(criterion: &mut Criterion) {
    let name = FunctionName::parse("sum").expect("it is a name");
    let (function, _) = read_deployed(&name, LOOP).unwrap_or_else(|findings| panic!("{}", findings[0]));
    let mut group = criterion.benchmark_group("machine");
    let turns = 1000;
    group.throughput(Throughput::Elements(1000));
    group.bench_function("turns of a loop", |bench| {
        bench.iter_batched(
            || started(&function.program, turns),
            |mut machine| loop {
                match machine.run(&mut 10_000) {
                    Need::End(ending) => break ending,
                    Need::Yield => {}
                    other => panic!("a loop over numbers asks for nothing: {other:?}"),
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.throughput(Throughput::Elements(1));
    let stands = started(&function.program, turns);
    group.bench_function("checkpoint", |bench| {
        bench.iter_batched(|| stands.clone(), |mut machine| black_box(machine.take_delta(true)), BatchSize::SmallInput);
    });
    group.finish();
}

fn born() -> Entry {
    let birth = Birth {
        id: ExecutionId::random(NOW),
        function: FunctionName::parse("speed").expect("it is a name"),
        version: FunctionVersion("1".into()),
        created_at: NOW,
        seed: 7,
        input: r#"{"n":1}"#.into(),
        request: None,
        callback: None,
        config: Arc::new(ExecutionConfig::default()),
        priority: 0,
        tags: Vec::new(),
        metadata: Value::Null,
        parent: None,
        started_by: None,
        rerun_of: None,
        trace: None,
    };
    let placement = Placement::Running { started_at: NOW, deadline_at: NOW.plus_ms(300_000) };
    Entry::Submit(Submit { birth: Arc::new(birth), placement, key: None, limits: Vec::new() })
}

/// On SQLite, in a temporary folder.
fn journal(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a temporary folder is made");
    let database = format!("sqlite://{}", folder.path().join("speed.db").display());
    let config = StoreConfig { database, ..Config::for_testing().store };
    let store = runtime.block_on(async {
        let store = store::open(&config, Arc::new(SystemClock)).await.expect("the store opens");
        store.write.start_node(NOW).await.expect("the node starts");
        store
    });
    let mut group = criterion.benchmark_group("journal");
    for entries in [1_usize, 100, 1000] {
        group.throughput(Throughput::Elements(entries as u64));
        group.bench_function(format!("commit of {entries} births"), |bench| {
            bench.iter_batched(
                || (0..entries).map(|_| born()).collect::<Vec<_>>(),
                |batch| runtime.block_on(store.write.commit(batch.into())).expect("the batch commits"),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn signature(criterion: &mut Criterion) {
    let keys = SigningKeys::fresh(NOW);
    let mut group = criterion.benchmark_group("signature");
    for bytes in [900_usize, 64 * 1024] {
        let body = vec![b'x'; bytes];
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("v1 over {bytes} bytes"), |bench| {
            bench.iter(|| black_box(keys.signatures((None, None), NOW, "msg_1", &body)));
        });
    }
    group.finish();
}

criterion_group!(speed, expressions, machine, journal, signature);
criterion_main!(speed);
