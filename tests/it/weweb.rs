//! The guide's WeWeb class, unmodified, in Node.js with a stand-in for WeWeb's own library.
//! Never touches the class; the harness only calls what a page would call.

use serde_json::{Value, json};

use crate::helpers::{Folder, Guide, Server, Store, both_stores, node};

both_stores!(a_weweb_page_starts_polls_and_cancels);

/// Loads the component as a script, as a page does, then lives through one page's day and prints what it saw.
const HARNESS: &str = r#"
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const [component, base] = process.argv.slice(2);
const variables = { xano_base_url: base, auth_token: 'any', current_user_id: 7 };
const toasts = [];
const modals = [];
const toast = (kind) => (text) => toasts.push(`${kind}: ${text}`);
globalThis.wwLib = {
  wwVariable: { getValue: (name) => variables[name], updateValue: (name, value) => { variables[name] = value; } },
  wwUtils: { showSuccessToast: toast('success'), showErrorToast: toast('error'), showInfoToast: toast('info') },
  wwModal: { open: (name) => modals.push(name) },
};
console.error = () => {};
vm.runInThisContext(readFileSync(component, 'utf8'), { filename: 'component.js' });
const page = vm.runInThisContext('({ manager: asyncManager, startReportGeneration, checkAllOperations })');
const manager = page.manager;

// One operation to its end: which of the two callbacks was called, with what, and how often.
const follow = (endpoint, data, during) => new Promise((resolve, reject) => {
  const calls = [];
  const done = (which) => (value) => {
    calls.push([which, value]);
    if (calls.length === 1) setTimeout(() => resolve({ calls, operation: manager.getOperationStatus(id) ?? null }), 600);
  };
  let id;
  manager
    .startAsyncOperation(endpoint, data, { onComplete: done('complete'), onError: done('error'), pollInterval: 100 })
    .then((started) => { id = started; return during?.(id); })
    .catch(reject);
});

const story = {};
story.completed = await follow('generate-report', { user_id: 7, report_type: 'monthly' });
story.failed = await follow('fail', {});
story.cancelled = await follow('nap', { seconds: 600 }, async (id) => { story.cancelAnswered = await manager.cancelAsyncOperation(id); });
story.cancelUnknown = await manager.cancelAsyncOperation('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
[story.unknown] = await manager.checkAsyncStatus('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
story.unknownPolled = await new Promise((resolve) => {
  manager.startPolling('no-such-id', { pollInterval: 50, onComplete: () => resolve('complete'), onError: resolve });
});
try {
  await manager.startAsyncOperation('no-such-function', {});
} catch (error) {
  story.notStarted = error.message;
}
try {
  await manager.startAsyncOperation('typed', {});
} catch (error) {
  story.badInput = error.message;
}
// A check waits up to two seconds, so this is still running after the first one and over after the last.
const slow = await manager.startAsyncOperation('nap', { seconds: 4 });
await page.checkAllOperations();
story.stillThere = manager.getOperationStatus(slow).status;
await page.startReportGeneration();
for (let n = 0; n < 300 && !variables.generated_report; n += 1) await new Promise((go) => setTimeout(go, 50));
story.report = variables.generated_report;
story.reportId = variables.current_report_execution_id;
await page.checkAllOperations();
story.slow = manager.getOperationStatus(slow).status;
story.toasts = toasts;
console.log(JSON.stringify(story));
process.exit(0);
"#;

fn a_weweb_page_starts_polls_and_cancels(store: Store) {
    let component = Guide::open().block("**Async Operation Component:**", include_str!("own/weweb.js"));
    let report = json!([
        {"function": "sleep", "duration": 0.3},
        {"function": "return_response", "body": {"for": "{{ input.user_id }}", "type": "{{ input.report_type }}"}}
    ]);
    let typed =
        json!({"inputs": {"age": {"type": "int", "required": true}}, "stack": [{"function": "return_response", "body": 1}]});
    let server = Server::on(store).basics().workflow("generate-report.json", report).workflow("typed.json", typed).start();
    let folder = Folder::new("weweb");
    let component = folder.write("component.js", component);
    let said = node(&folder, HARNESS, &[component.to_str().unwrap(), &server.url("")]);
    let story: Value = serde_json::from_str(&said).unwrap();

    let report = json!({"for": 7, "type": "monthly"});
    assert_eq!(story["completed"]["calls"], json!([["complete", report]]), "told once");
    assert_eq!(story["completed"]["operation"]["status"], "completed");
    assert_eq!(story["failed"]["calls"], json!([["error", "it broke on purpose"]]));
    assert_eq!(story["cancelAnswered"], true);
    let told = &story["cancelled"]["calls"];
    assert_eq!((told.as_array().unwrap().len(), &told[0][0]), (1, &json!("error")));
    assert!(told[0][1].as_str().unwrap().contains("cancelled"), "{told}");
    assert_eq!(story["cancelled"]["operation"], Value::Null, "a cancelled operation is forgotten");
    assert_eq!(story["cancelUnknown"], false);
    assert_eq!((&story["unknown"]["status"], &story["unknown"]["state"]), (&json!("error"), &json!("not_found")));
    assert_eq!(story["unknownPolled"], story["unknown"]["error"]);
    let words = story["notStarted"].as_str().unwrap();
    assert!(words.contains("no-such-function"), "the page can say why: {words}");
    assert!(story["badInput"].as_str().unwrap().contains("age"), "{}", story["badInput"]);
    assert_eq!((&story["stillThere"], &story["slow"]), (&json!("running"), &json!("completed")));
    assert_eq!(story["report"], report);
    let id = story["reportId"].as_str().unwrap();
    assert_eq!(server.status(id)["output"], report);
}
