//! Programs of others: what a lambda and a template see, give and throw, and what a crash of theirs or of ours does.
//! Never asks for anything that a program could only have from outside.

use std::time::Instant;

use serde_json::{Value, json};

use crate::helpers::{Server, Store, both_stores, eventually, millis, pause, seconds};

both_stores!(
    a_lambda_computes_with_the_values_of_its_stack,
    its_console_is_in_the_logs_whatever_came_of_it,
    what_it_throws_is_an_error_like_any_other,
    a_template_is_rendered_with_the_names_of_its_stack,
    a_cancel_ends_a_lambda_at_once_and_its_process,
    a_lambda_that_was_under_way_in_a_crash_is_run_again,
    a_sandbox_that_is_killed_takes_nothing_with_it,
    programs_that_do_not_read_are_found_before_anything_starts,
);

fn lambda(code: &str) -> Value {
    json!({"function": "lambda", "code": code, "return_as": "result"})
}

fn returned() -> Value {
    json!({"function": "return_response", "body": {"result": "{{ result }}"}})
}

fn a_lambda_computes_with_the_values_of_its_stack(store: Store) {
    let code = "const taxed = $var.lines.map((line) => ({...line, total: line.price * line.count * (1 + $input.tax)}));\n\
                const sum = taxed.reduce((sum, line) => sum + line.total, 0);\n\
                return {lines: taxed, sum, id: $input.id, place: $env.PLACE, of: $execution.function, loops: typeof $loop};";
    let server = Server::on(store)
        .workflow(
            "invoice.json",
            json!([
                {"function": "create_variable", "name": "lines", "value": "{{ input.lines }}"},
                {"function": "create_variable", "name": "secret", "value": "not mentioned, not sent"},
                lambda(code), returned()
            ]),
        )
        .workflow(
            "squares.json",
            json!([
                {"function": "create_variable", "name": "all", "value": []},
                {"function": "loop", "array": [1, 2, 3], "concurrency": 3, "operations": [
                    {"function": "Lambda", "parameters": {"code": "$item * $item + $loop.index0"}, "output_variable": "square"},
                    {"function": "update_variable", "name": "all", "operation": "append", "value": "{{ square }}"}
                ]},
                {"function": "create_variable", "name": "result", "value": "{{ all|sort }}"}, returned()
            ]),
        )
        .env("RINGBACK_ENV_PLACE", "Ulm")
        .start();
    let big = 9_007_199_254_740_993_i64;
    let input = json!({"id": big, "tax": 0.5, "lines": [{"price": 2, "count": 3}, {"price": 1.5, "count": 2}]});
    let result = server.run("invoice", &input)["result"].clone();
    assert_eq!((&result["sum"], &result["id"]), (&json!(13.5), &json!(big)), "{result}");
    assert_eq!(result["lines"][0], json!({"price": 2, "count": 3, "total": 9}));
    assert_eq!((&result["place"], &result["of"]), (&json!("Ulm"), &json!("invoice")), "{result}");
    assert_eq!(server.run("squares", &json!({}))["result"], json!([1, 5, 11]));
}

fn its_console_is_in_the_logs_whatever_came_of_it(store: Store) {
    let code = "console.log('counted', [1, 2]); if ($input.bad) throw new Error('bad'); console.warn('odd'); return 7";
    let server = Server::on(store).workflow("talks.json", json!([lambda(code), returned()])).start();
    let lines = |input: Value| {
        let id = server.start("talks", &input);
        server.wait_done(&id);
        let logs = server.get(&format!("/v1/executions/{id}/logs")).expect(200).json();
        let items = logs["items"].as_array().or_else(|| logs["data"].as_array()).unwrap_or_else(|| panic!("{logs}")).clone();
        let shown = items.iter().map(|line| format!("{} {}", line["level"].as_str().unwrap(), line["message"].as_str().unwrap()));
        (shown.collect::<Vec<_>>(), server.get(&format!("/v1/executions/{id}/steps")).expect(200).json())
    };
    let (said, steps) = lines(json!({}));
    assert_eq!(said, ["info counted [1,2]", "warn odd"]);
    assert!(steps.to_string().contains("\"value\":7"), "{steps}");
    assert_eq!(lines(json!({"bad": true})).0, ["info counted [1,2]"]);
}

fn what_it_throws_is_an_error_like_any_other(store: Store) {
    let caught = json!([
        {"function": "try_catch", "try_block": [lambda("const a = null;\nreturn a.b;")],
         "catch_block": [{"function": "create_variable", "name": "result", "value": "{{ error }}"}]},
        returned()
    ]);
    let own = "throw Object.assign(new Error('sold out'), {code: 'SOLD_OUT', status: 409, payload: {left: 0}})";
    let server = Server::on(store)
        .workflow("caught.json", caught)
        .workflow("own.json", json!([lambda(own)]))
        .workflow("waits.json", json!([lambda("await new Promise(() => {})")]))
        .workflow("reaches.json", json!([lambda("return await fetch('http://127.0.0.1/')")]))
        .workflow("late.json", json!([{"function": "lambda", "code": "while (true) {}", "timeout": 1}]))
        .start();
    let error = server.run("caught", &json!({}))["result"].clone();
    assert_eq!((&error["name"], &error["code"]), (&json!("TypeError"), &json!("ERROR_CODE_LAMBDA")), "{error}");
    assert!(error["message"].as_str().unwrap().ends_with("(line 2 of the lambda)"), "{error}");
    assert!(error["stack"].as_str().unwrap().contains("stack[0].try_block[0] lambda"), "{error}");
    let answer = server.post("/api/own", &json!({})).expect(409).json();
    assert_eq!((&answer["code"], &answer["payload"]["left"]), (&json!("SOLD_OUT"), &json!(0)), "{answer}");
    assert_eq!(answer["message"], "sold out");
    let ended = |function: &str| {
        let entry = server.wait_done(&server.start(function, &json!({})));
        (entry["error_code"].as_str().unwrap().to_owned(), entry["error"].to_string())
    };
    let (code, message) = ended("waits");
    assert!(code == "ERROR_CODE_LAMBDA" && message.contains("waits for a promise"), "{code} {message}");
    let (code, message) = ended("reaches");
    assert!(code == "ERROR_CODE_LAMBDA" && message.contains("external_api_request"), "{code} {message}");
    let (code, message) = ended("late");
    assert!(code == "ERROR_CODE_TIMEOUT" && message.contains("1000 ms"), "{code} {message}");
}

fn a_template_is_rendered_with_the_names_of_its_stack(store: Store) {
    let page = "<h1>{{ title }}</h1>\n<ul>{% for line in $input.lines %}<li>{{ loop.index }}. {{ line.name }}: {{ line.price }}</li>{% endfor %}</ul>";
    let template = |more: Value| {
        let mut step = json!({"function": "Template Engine", "template": page, "return_as": "result"});
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{"function": "create_variable", "name": "title", "value": "Fish & Chips"}, step, returned()])
    };
    let bomb = "{% set x = 'xxxxxxxxxxxxxxxx' %}".to_owned() + &"{% set x = x ~ x %}".repeat(40);
    let server = Server::on(store)
        .workflow("page.json", template(json!({})))
        .workflow("plain.json", template(json!({"autoescape": false, "data": {"title": "{{ title|upper }}"}})))
        .workflow("broken.json", json!([{"function": "template_engine", "template": "a\n{{ 1 / 0 }}"}]))
        .workflow(
            "bomb.json",
            json!({"async_function_config": {"resource_limits": {"memory_limit": "64MB"}},
                   "stack": [{"function": "template_engine", "template": bomb}]}),
        )
        .start();
    let input = json!({"lines": [{"name": "<b>", "price": 2.50}, {"name": "c", "price": null}]});
    let html = "<h1>Fish &amp; Chips</h1>\n<ul><li>1. &lt;b&gt;: 2.5</li><li>2. c: </li></ul>";
    assert_eq!(server.run("page", &input)["result"], html);
    let plain = "<h1>FISH & CHIPS</h1>\n<ul><li>1. <b>: 2.5</li><li>2. c: </li></ul>";
    assert_eq!(server.run("plain", &input)["result"], plain);
    let broken = server.wait_done(&server.start("broken", &json!({})));
    assert_eq!(broken["error_code"], "ERROR_CODE_EXPRESSION", "{broken}");
    assert!(broken["error"].as_str().unwrap().contains("line 2 of the template"), "{broken}");
    let bomb = server.wait_done(&server.start("bomb", &json!({})));
    assert_eq!(bomb["error_code"], "ERROR_CODE_MEMORY_LIMIT", "{bomb}");
    assert_eq!(server.run("plain", &input)["result"], plain, "the server lives on");
}

fn a_cancel_ends_a_lambda_at_once_and_its_process(store: Store) {
    // Inside a built-in nothing but the end of its process stops it.
    let hostile = "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)";
    let server = Server::on(store)
        .workflow("spins.json", json!([lambda("for (;;) {}")]))
        .workflow("stuck.json", json!([lambda(hostile)]))
        .start();
    for function in ["spins", "stuck"] {
        let id = server.start(function, &json!({}));
        server.wait_state(&id, "running");
        eventually("its process", seconds(30), || (!server.sandboxes().is_empty()).then_some(()));
        pause(millis(300));
        let begun = Instant::now();
        assert_eq!(server.cancel(&id).expect(200).json()["state"], "cancelled");
        assert!(begun.elapsed() < seconds(5));
        eventually("the end of its process", seconds(10), || server.sandboxes().is_empty().then_some(()));
    }
}

fn a_lambda_that_was_under_way_in_a_crash_is_run_again(store: Store) {
    let code = "let n = 0; for (let i = 0; i < $input.turns; i += 1) n = (n * 31 + i) % 1000003;\n\
                return [n, Date.now(), Math.random()]";
    let mut server = Server::on(store).basics().workflow("works.json", json!([lambda(code), returned()])).start();
    let turns = 10_000_000;
    let id = server.start("works", &json!({"turns": turns}));
    eventually("its process", seconds(30), || (!server.sandboxes().is_empty()).then_some(()));
    let left = server.sandboxes();
    server.kill9();
    eventually("the end of its process", seconds(10), || left.iter().all(|pid| !is_alive(*pid)).then_some(()));
    server.restart();
    let entry = server.wait_until(&id, seconds(120), |entry| entry["status"] != "running");
    assert_eq!(entry["state"], "completed", "{entry}");
    assert!(entry["output"]["result"][0].is_i64(), "{entry}");
}

fn a_sandbox_that_is_killed_takes_nothing_with_it(store: Store) {
    let server = Server::on(store)
        .basics()
        .workflow("spins.json", json!({"retry_policy": {"max_retries": 0}, "stack": [lambda("for (;;) {}")]}))
        .workflow("adds.json", json!([lambda("1 + 1"), returned()]))
        .start();
    let id = server.start("spins", &json!({}));
    let pids = eventually("its process", seconds(30), || Some(server.sandboxes()).filter(|pids| !pids.is_empty()));
    for pid in pids {
        std::process::Command::new("kill").args(["-ILL", &pid.to_string()]).status().unwrap();
    }
    let entry = server.wait_done(&id);
    assert_eq!((&entry["state"], &entry["error_code"]), (&json!("failed"), &json!("ERROR_CODE_INTERNAL")), "{entry}");
    // One that waits for its next task may die too: the task gets another.
    assert_eq!(server.run("adds", &json!({}))["result"], 2);
    for pid in server.sandboxes() {
        std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    }
    assert_eq!(server.run("adds", &json!({}))["result"], 2);
}

fn programs_that_do_not_read_are_found_before_anything_starts(store: Store) {
    let why = Server::on(store)
        .workflow("bad.json", "[\n  {\"function\": \"lambda\", \"code\": \"const a = 1;\\nreturn a +* 2;\"}\n]")
        .workflow("worse.json", json!([{"function": "template_engine", "template": "{% if a %}"}]))
        .refuses_to_start();
    assert!(why.contains("bad.json:2:") && why.contains("line 2 of the script"), "{why}");
    assert!(why.contains("worse.json:1:") && why.contains("line 1 of the template"), "{why}");
}

fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
