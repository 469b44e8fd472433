-- written at 2026-11-24T22:31:06.026071624+00:00
-- hold 43b5c28f317df4b2fb5c5654d5913b2a
-- hold 365b411a47fb784747b8572dd23a5c4b
-- hold 8f2057590d8178b44c382595b708e027
-- hold 99656c278402a2b912066891b9bf8604
-- hold b5adf53ff45805bc5935ead5b0e5ba2f
-- hold afeb88ffeec2ac2a0fcdd9d1a30e9445
CREATE TABLE __diesel_schema_migrations (
       version VARCHAR(50) PRIMARY KEY NOT NULL,
       run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- alive, or dead: its work is being taken over. One whose work is taken over or given back has no row.
    state TEXT NOT NULL,
    -- Which process of which machine it is, as far as another process of that machine can tell.
    process TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE function_versions (
    name_key TEXT NOT NULL,
    version TEXT NOT NULL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (name_key, version)
) STRICT;
CREATE TABLE functions (
    name_key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- 'file' or 'api': what a file brought goes with it.
    origin TEXT NOT NULL,
    deployed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    function_name TEXT NOT NULL,
    function_key TEXT NOT NULL,
    version TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    input TEXT NOT NULL,
    request TEXT,
    callback TEXT,
    config TEXT NOT NULL,
    max_execution_ms INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    parent BLOB,
    started_by TEXT,
    -- The execution that this one repeats.
    rerun_of BLOB,
    traceparent TEXT,
    -- Until when the idempotency key that it was called under stands for it.
    key_until INTEGER,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    started_at INTEGER,
    completed_at INTEGER,
    deadline_at INTEGER,
    waiting_for TEXT,
    progress TEXT,
    output TEXT,
    response TEXT,
    failure TEXT,
    error_code TEXT,
    error_message TEXT,
    progressed_at INTEGER NOT NULL,
    -- Who runs it; null while nobody does.
    node INTEGER,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    inbox INTEGER NOT NULL DEFAULT 0,
    wake_at INTEGER,
    cancel_at INTEGER,
    crashes INTEGER NOT NULL DEFAULT 0,
    resumes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE journal (
    execution_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    position TEXT,
    kind TEXT,
    name TEXT,
    attempt INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    result TEXT,
    failed INTEGER,
    full INTEGER NOT NULL,
    delta TEXT NOT NULL,
    PRIMARY KEY (execution_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE queue (
    execution_id BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL,
    priority INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE waits (
    execution_id BLOB NOT NULL,
    grp INTEGER NOT NULL,
    child_id BLOB NOT NULL,
    PRIMARY KEY (execution_id, grp, child_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    execution_id BLOB NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (execution_id, name)
) STRICT;
CREATE TABLE records (
    table_name TEXT NOT NULL,
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    -- Which write made the row's present version.
    execution_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    i INTEGER NOT NULL,
    PRIMARY KEY (table_name, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE record_keys (
    table_name TEXT NOT NULL,
    key_name TEXT NOT NULL,
    key_value TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    PRIMARY KEY (table_name, key_name, key_value)
) STRICT, WITHOUT ROWID;
CREATE TABLE record_ids (
    table_name TEXT PRIMARY KEY,
    next_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
    id BLOB PRIMARY KEY,
    execution_id BLOB NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    url TEXT NOT NULL,
    callback TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    reason TEXT,
    attempts INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    excused INTEGER NOT NULL,
    had_unknown INTEGER NOT NULL,
    thin INTEGER NOT NULL,
    -- Whose courier holds it; null while it waits in delivery_due.
    node INTEGER,
    -- Scheme, host and port of the URL.
    destination TEXT NOT NULL,
    order_key TEXT,
    -- Its place among those of the same order key.
    ordered_at INTEGER NOT NULL,
    -- When the attempt that is open began; null while none is. Its row is written when it is over.
    attempt_at INTEGER
) STRICT;
CREATE TABLE delivery_attempts (
    delivery_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT NOT NULL,
    status INTEGER,
    detail TEXT,
    answer TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_due (
    delivery_id BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL,
    -- It was due and its destination was paused.
    paused INTEGER NOT NULL DEFAULT 0,
    -- That of its delivery, so that those of one destination are passed over without a look at them.
    destination TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE access_keys (
    name TEXT PRIMARY KEY,
    hint TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    functions TEXT NOT NULL,
    expires_at INTEGER,
    rate_limit INTEGER,
    rate_per_ms INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    caller TEXT,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    ip TEXT
) STRICT;
CREATE TABLE paused_lanes (
    destination TEXT PRIMARY KEY,
    paused_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE destinations (
    id BLOB PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
    key_hash BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    execution_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 1,
    type TEXT NOT NULL,
    execution_id BLOB,
    -- What it is about where an execution does not say it all.
    subject TEXT NOT NULL,
    function_name TEXT,
    stuck_duration REAL,
    severity TEXT NOT NULL,
    message TEXT,
    extra TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    resolved_at INTEGER,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    -- What was last said of it: null, 'warning', 'critical' or 'resolved'.
    told TEXT
) STRICT;
CREATE TABLE schedules (
    id BLOB PRIMARY KEY,
    function_key TEXT NOT NULL,
    function_name TEXT NOT NULL,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL,
    input TEXT NOT NULL,
    overlap TEXT NOT NULL,
    catch_up TEXT NOT NULL,
    catch_up_max INTEGER NOT NULL,
    jitter_ms INTEGER NOT NULL,
    description TEXT,
    origin TEXT NOT NULL,
    paused INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    -- The first time that is still owed, and when to look at it: with its jitter.
    next_due_at INTEGER,
    wake_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE schedule_firings (
    schedule_id BLOB NOT NULL,
    occurrence TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    execution_id BLOB,
    detail TEXT,
    PRIMARY KEY (schedule_id, occurrence)
) STRICT, WITHOUT ROWID;
CREATE TABLE execution_limits (
    execution_id BLOB NOT NULL,
    key_hash BLOB NOT NULL,
    lim INTEGER NOT NULL,
    per_ms INTEGER,
    PRIMARY KEY (execution_id, key_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE permits (
    key_hash BLOB NOT NULL,
    slot INTEGER NOT NULL,
    execution_id BLOB NOT NULL,
    PRIMARY KEY (key_hash, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE limit_queue (
    key_hash BLOB NOT NULL,
    execution_id BLOB NOT NULL,
    turn INTEGER NOT NULL,
    called INTEGER NOT NULL,
    PRIMARY KEY (key_hash, execution_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE rate_starts (
    key_hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (key_hash, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX executions_open ON executions (id, node) WHERE completed_at IS NULL;
CREATE INDEX executions_ended ON executions (completed_at, state) WHERE completed_at IS NOT NULL;
CREATE INDEX executions_failed ON executions (id) WHERE state IN ('failed', 'timed_out', 'cancelled');
CREATE INDEX executions_function ON executions (function_key, id);
CREATE INDEX executions_tagged ON executions (id) WHERE tags <> '[]';
CREATE INDEX executions_parent ON executions (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX queue_order ON queue (priority, due_at);
CREATE INDEX queue_due ON queue (due_at);
CREATE INDEX waits_child ON waits (child_id);
CREATE INDEX record_keys_record ON record_keys (table_name, record_id);
CREATE INDEX deliveries_execution ON deliveries (execution_id);
CREATE INDEX deliveries_open ON deliveries (destination) WHERE closed_at IS NULL;
CREATE INDEX deliveries_ordered ON deliveries (destination, order_key, ordered_at, id) WHERE order_key IS NOT NULL AND closed_at IS NULL;
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state IN ('dead', 'delivered_unconfirmed');
CREATE INDEX deliveries_on_hold ON deliveries (id) WHERE state = 'held';
CREATE INDEX delivery_due_at ON delivery_due (due_at, delivery_id, destination);
CREATE INDEX idempotency_expires ON idempotency (expires_at);
CREATE UNIQUE INDEX alerts_open ON alerts (type, subject, coalesce(execution_id, x'')) WHERE resolved_at IS NULL;
CREATE INDEX alerts_subject ON alerts (type, subject, created_at);
CREATE INDEX alerts_untold ON alerts (id) WHERE told IS NULL OR told <> 'resolved';
CREATE INDEX schedules_wake ON schedules (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX schedule_firings_due ON schedule_firings (schedule_id, due_at);
CREATE INDEX permits_execution ON permits (execution_id);
CREATE INDEX limit_queue_turn ON limit_queue (key_hash, turn, execution_id);
CREATE INDEX limit_queue_execution ON limit_queue (execution_id);
CREATE INDEX rate_starts_until ON rate_starts (until);
INSERT OR REPLACE INTO "__diesel_schema_migrations" ("version", "run_on") VALUES ('20261124000000', '2026-11-24 22:31:04');

-- rows
INSERT OR REPLACE INTO "nodes" ("id", "state", "process", "started_at", "renewed_at", "lease_until") VALUES (1, 'alive', '32137', 1795559464816, 1795559464816, 1795559464816);
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('encryption_key_id', '17ba88a1');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('resume_key', 'rbs1.17ba88a1.ECWk0p1nexIVDhFQmMjQX8l8g1J6ZRonARtPALHNOgqUsbdiExy3TmXVGh7rFM7BrrHCoeQDp194llGVeZmQlYmxMZtQUt35tQif_tA5M7qRHdsG');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('signing_keys', 'rbs1.17ba88a1.NXjN468mE3AGkuiiAStSZJ9P1tLlvZR-hjM3ZOvPWv5tYdZEHBaeGO74MyszVl3fxr9XLWo5Xlz3Hex1p68fOXvv5G7R2Prql-gj5YfZzFZpf_1VsNeMqRLcMy9X2t6ZOc_ilSsOA3HHdcM45XE5FwxbHgR7bPV6IbvZwvhllXfiVa3F269yFZkVBHeNfYQFVoL_-pJQ25GUIV-0cVWRpEujHZsbTZIlHVtytHAhEoNAjbq2kFAGDMQaTg');
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('both', '536416ee51feb1e3', '{"name":"both","stack":[{"function":"parallel","return_as":"both","branches":{"quick":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"quick"}},{"function":"create_variable","name":"q","value":1}],"held":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"held"}}]}},{"function":"return","value":"{{ q + answer.v }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('crowd', 'b439ee676a4df0f3', '{"name":"crowd","stack":[{"function":"loop","array":[1,2,3],"as":"i","concurrency":3,"operations":[{"function":"conditional","condition":"{{ i == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}}]},{"function":"return","value":"done"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('delayed', 'd4ba43e3d27849eb', '{"name":"delayed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('echo', '343fd5803cf277c5', '{"name":"echo","stack":[{"function":"return_response","body":{"echo":"{{ input }}"}}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fail', '54bd68d5cb5136e1', '{"name":"fail","stack":[{"function":"throw_error","name":"broken","code":"ERROR_CODE_BROKEN","message":"it broke on purpose","status":"{{ input.status ?? 500 }}","payload":{"hint":"mend it"}}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('family', 'f9947a4b9a3d706f', '{"name":"family","stack":[{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 1"},"return_as":"c1"},{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 2"},"return_as":"c2"},{"function":"async_function_await","execution_ids":["{{ c1 }}","{{ c2 }}"],"timeout":360000,"return_as":"ends"},{"function":"return","value":"{{ ends|pluck(''output'') }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fetch', '9b31864b25fd4311', '{"name":"fetch","stack":[{"function":"external_api_request","url":"{{ input.url }}","method":"POST","body":{"n":"{{ input.n }}"},"timeout":60,"return_as":"answer"},{"function":"return_response","body":"{{ answer }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('grumble', '65fae4434b06893a', '{"name":"grumble","stack":[{"function":"return_response","status":418,"body":{"message":"I am a teapot","cups":2}}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('list', '9e17b97fb78f9c5b', '{"name":"list","stack":[{"function":"query_all_records","table":"{{ input.table }}","filter":"{{ input.filter ?? {} }}","return_as":"rows"},{"function":"return_response","body":"{{ rows }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('listen', '14d5569738bb6481', '{"name":"listen","stack":[{"function":"wait_for_event","name":"approved","timeout":360000,"return_as":"said"},{"function":"return","value":"{{ said.n }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('nap', '8e002973e59a443e', '{"name":"nap","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"sleep","duration":3600},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ input.who }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('note', 'fbfaa7529325ac05', '{"name":"note","stack":[{"function":"add_record","table":"{{ input.table }}","data":"{{ input.data }}","return_as":"row"},{"function":"return_response","body":"{{ row }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('owed', '1a658604b4fba8cb', '{"name":"owed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('part', '1cc28b97a706c155', '{"name":"part","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"in part"}},{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v + 1 }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('rescue', '0b76ddc8953d5c66', '{"name":"rescue","stack":[{"function":"try_catch","try_block":[{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"create_variable","name":"told","value":"{{ error.message }}"}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last"}}]},{"function":"return","value":"{{ told }}"}]}', 1795559464821);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('retry', 'd3e55d94f4f09462', '{"name":"retry","async_function_config":{"max_retries":3,"initial_delay":3600000,"max_delay":3600000,"jitter":0.0},"stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"external_api_request","url":"{{ input.world }}/busy","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v }}"}]}', 1795559464822);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('tour', '70afb29969c3c6f7', '{"name":"tour","stack":[{"function":"create_variable","name":"sum","value":0},{"function":"loop","array":[1,2,3],"as":"i","operations":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}},{"function":"try_catch","try_block":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"caught {{ i }}"}}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last {{ i }}"}}]},{"function":"loop","array":[1,2],"as":"j","operations":[{"function":"conditional","condition":"{{ i == 2 && j == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"update_variable","name":"sum","value":"{{ sum + answer.v * i }}"}]}]},{"function":"return","value":"{{ sum }}"}]}', 1795559464822);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('within', 'de7259f7c93a4325', '{"name":"within","stack":[{"function":"custom_function","name":"part","inputs":{"who":"{{ input.who }}","world":"{{ input.world }}"},"return_as":"part"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ part }}"}]}', 1795559464822);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('both', 'both', '536416ee51feb1e3', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('crowd', 'crowd', 'b439ee676a4df0f3', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('delayed', 'delayed', 'd4ba43e3d27849eb', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('echo', 'echo', '343fd5803cf277c5', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fail', 'fail', '54bd68d5cb5136e1', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('family', 'family', 'f9947a4b9a3d706f', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fetch', 'fetch', '9b31864b25fd4311', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('grumble', 'grumble', '65fae4434b06893a', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('list', 'list', '9e17b97fb78f9c5b', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('listen', 'listen', '14d5569738bb6481', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('nap', 'nap', '8e002973e59a443e', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('note', 'note', 'fbfaa7529325ac05', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('owed', 'owed', '1a658604b4fba8cb', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('part', 'part', '1cc28b97a706c155', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('rescue', 'rescue', '0b76ddc8953d5c66', 'file', 1795559464821);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('retry', 'retry', 'd3e55d94f4f09462', 'file', 1795559464822);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('tour', 'tour', '70afb29969c3c6f7', 'file', 1795559464822);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('within', 'within', 'de7259f7c93a4325', 'file', 1795559464822);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (1, X'01A20FAF1FBC78D1ADA28550978166DF', 'tour', 'tour', '70afb29969c3c6f7', 1795559464892, -8192603525693289458, '{"who":"tour","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/tour","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"105"},"body":{"who":"tour","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464892, NULL, 1795559764892, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464964, 1, 1, 11, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (2, X'01A20FAF1FC17D49971C67FB803C729B', 'nap', 'nap', '8e002973e59a443e', 1795559464897, -3485155437505305894, '{"who":"nap","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/nap","query":{},"headers":{"content-type":"application/json","content-length":"104","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"nap","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795559464897, NULL, NULL, '{"what":"timer","since":"2026-11-24T22:31:04.905Z","until":"2026-11-24T23:31:04.905Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559464905, NULL, 1, 2, 0, 1795563064905, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (3, X'01A20FAF1FC679CD9A98ECEAF05F6670', 'listen', 'listen', '14d5569738bb6481', 1795559464902, -2007294291619481291, '{"who":"listen","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/listen","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"107"},"body":{"who":"listen","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795559464902, NULL, NULL, '{"what":"event","since":"2026-11-24T22:31:04.907Z","until":"2026-11-29T02:31:04.907Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559464907, NULL, 1, 1, 0, 1795919464907, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (4, X'01A20FAF1FCE797E945BF15A1933AA8D', 'both', 'both', '536416ee51feb1e3', 1795559464910, 5178569026477951599, '{"who":"both","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/both","query":{},"headers":{"content-type":"application/json","content-length":"105","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"both","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464910, NULL, 1795559764910, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464922, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (5, X'01A20FAF1FDB747CB11B8E10B32540B4', 'crowd', 'crowd', 'b439ee676a4df0f3', 1795559464923, -2849012518369818472, '{"who":"crowd","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/crowd","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"106"},"body":{"who":"crowd","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464923, NULL, 1795559764923, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464935, 1, 1, 4, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (6, X'01A20FAF1FE0727582937721E450D326', 'family', 'family', 'f9947a4b9a3d706f', 1795559464928, -1947757934972652678, '{"who":"family","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/family","query":{},"headers":{"content-type":"application/json","content-length":"107","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"family","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795559464928, NULL, NULL, '{"what":"executions","since":"2026-11-24T22:31:04.947Z","until":"2026-11-29T02:31:04.947Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559464947, NULL, 1, 3, 0, 1795919464947, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (7, X'01A20FAF1FE073BD829E8284EAC7FEF4', 'nap', 'nap', '8e002973e59a443e', 1795559464928, 4905718788456960237, '{"who":"child 1"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A20FAF1FE0727582937721E450D326', NULL, NULL, NULL, NULL, 'waiting', 1, 1795559464937, NULL, NULL, '{"what":"timer","since":"2026-11-24T22:31:04.960Z","until":"2026-11-24T23:31:04.960Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559464960, NULL, 1, 2, 0, 1795563064960, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (8, X'01A20FAF1FE976279269D11760CDC9A3', 'rescue', 'rescue', '0b76ddc8953d5c66', 1795559464937, 2466169728405533328, '{"who":"rescue","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/rescue","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"107"},"body":{"who":"rescue","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464937, NULL, 1795559764937, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464937, 1, 1, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (9, X'01A20FAF1FE574DB924FE456F9187FB7', 'nap', 'nap', '8e002973e59a443e', 1795559464933, -455053969616315214, '{"who":"child 2"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A20FAF1FE0727582937721E450D326', NULL, NULL, NULL, NULL, 'waiting', 1, 1795559464952, NULL, NULL, '{"what":"timer","since":"2026-11-24T22:31:04.989Z","until":"2026-11-24T23:31:04.989Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559464989, NULL, 1, 2, 0, 1795563064989, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (10, X'01A20FAF1FEE720EBAAF82AB642974B2', 'within', 'within', 'de7259f7c93a4325', 1795559464942, 5240100551143404668, '{"who":"within","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/within","query":{},"headers":{"content-type":"application/json","content-length":"107","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"within","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464942, NULL, 1795559764942, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464963, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (11, X'01A20FAF2009752FAE81990493C87A39', 'part', 'part', '1cc28b97a706c155', 1795559464969, 8013584107909879959, '{"who":"part","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/part","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"105"},"body":{"who":"part","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795559464969, NULL, 1795559764969, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464993, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (12, X'01A20FAF20217021B5FDD698C8FEF51F', 'retry', 'retry', 'd3e55d94f4f09462', 1795559464993, 6562111175880792864, '{"who":"retry","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/retry","query":{},"headers":{"content-type":"application/json","content-length":"106","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"retry","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":3,"backoff":"exponential","initial_delay_ms":3600000,"max_delay_ms":3600000,"jitter":0.0,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'retrying', 2, 1795559464993, NULL, NULL, '{"what":"retry","since":"2026-11-24T22:31:05.003Z","until":"2026-11-24T23:31:05.003Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795559465004, NULL, 1, 3, 0, 1795563065003, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (13, X'01A20FAF20257D908437CA63E7BEE289', 'delayed', 'delayed', 'd4ba43e3d27849eb', 1795559464997, 7779694525762294082, '{"who":"delayed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/delayed","query":{},"headers":{"host":"127.0.0.1:41883","accept":"*/*","content-type":"application/json","content-length":"133"},"body":{"who":"delayed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","options":{"delay":3600},"async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'queued', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795559464997, NULL, 0, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (14, X'01A20FAF202A713C8248967BAF69BFAB', 'owed', 'owed', '1a658604b4fba8cb', 1795559465002, 7043403324897350775, '{"who":"owed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/owed","query":{},"headers":{"content-type":"application/json","content-length":"105","host":"127.0.0.1:41883","accept":"*/*"},"body":{"who":"owed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'completed', 1, 1795559465002, 1795559465004, NULL, NULL, NULL, '"owed"', '{"status":null,"headers":[]}', NULL, NULL, NULL, 1795559465004, NULL, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 1, 1795559464898, 'stack[1].operations[0]#1', 'add_record', NULL, 1, 1795559464896, 1795559464898, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795559464892},"who":"tour","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795559464898,"seed":7253320971127928548,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1}],"kept":{"1":[1,2,3]},"variables":{"0":{"set":{"sum":0},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 2, 1795559464908, 'stack[1].operations[1]#1.try_block[0]', 'external_api_request', NULL, 1, 1795559464903, 1795559464908, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464908,"seed":4608394711196730844,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 3, 1795559464909, 'stack[1].operations[1]#1.catch_block[0]', 'add_record', NULL, 1, 1795559464909, 1795559464909, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795559464908},"who":"tour","what":"caught 1"}]}', 0, 0, '{"v":1,"now":1795559464909,"seed":1493553836277134730,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":2}}},{"at":1,"via":1}],"kept":{"2":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#1.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 4, 1795559464909, 'stack[1].operations[1]#1.finally_block[0]', 'add_record', NULL, 1, 1795559464909, 1795559464909, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795559464909},"who":"tour","what":"at last 1"}]}', 0, 0, '{"v":1,"now":1795559464909,"seed":12241155742349379002,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 5, 1795559464923, 'stack[1].operations[2]#1.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795559464921, 1795559464923, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464923,"seed":7258925726251695929,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"3":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 6, 1795559464935, 'stack[1].operations[2]#1.operations[0]#2.false_branch[0]', 'external_api_request', NULL, 1, 1795559464926, 1795559464935, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464935,"seed":2879612557341384137,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":1}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"0":{"set":{"sum":7,"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 7, 1795559464935, 'stack[1].operations[0]#2', 'add_record', NULL, 1, 1795559464935, 1795559464935, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795559464935},"who":"tour","what":"turn 2"}]}', 0, 0, '{"v":1,"now":1795559464935,"seed":790145631593796217,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"sum":14},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 8, 1795559464943, 'stack[1].operations[1]#2.try_block[0]', 'external_api_request', NULL, 1, 1795559464938, 1795559464943, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464943,"seed":11097311070566692531,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 9, 1795559464943, 'stack[1].operations[1]#2.catch_block[0]', 'add_record', NULL, 1, 1795559464943, 1795559464943, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795559464943},"who":"tour","what":"caught 2"}]}', 0, 0, '{"v":1,"now":1795559464943,"seed":11474873932349317456,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":4}}},{"at":1,"via":1}],"kept":{"4":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#2.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 10, 1795559464943, 'stack[1].operations[1]#2.finally_block[0]', 'add_record', NULL, 1, 1795559464943, 1795559464943, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795559464943},"who":"tour","what":"at last 2"}]}', 0, 0, '{"v":1,"now":1795559464943,"seed":7197546244110184131,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FBC78D1ADA28550978166DF', 11, 1795559464964, 'stack[1].operations[2]#2.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795559464960, 1795559464964, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464964,"seed":15260340902314434652,"next_id":6,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":2,"doing":{"each":{"array":5,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"5":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FC17D49971C67FB803C729B', 1, 1795559464900, 'stack[0]', 'add_record', NULL, 1, 1795559464900, 1795559464900, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795559464897},"who":"nap","what":"before"}]}', 0, 0, '{"v":1,"now":1795559464900,"seed":12399506670944756284,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FC17D49971C67FB803C729B', 2, 1795559464905, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795563064905}],"ran_ms":5}
{"v":1,"now":1795559464900,"seed":12399506670944756284,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FC679CD9A98ECEAF05F6670', 1, 1795559464907, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[0]","until_ms":1795919464907}],"ran_ms":1}
{"v":1,"now":1795559464902,"seed":16439449782090070325,"next_id":1,"frames":[{"at":0}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FCE797E945BF15A1933AA8D', 1, 1795559464922, 'stack[0].branches.quick[0]', 'add_record', NULL, 1, 1795559464922, 1795559464922, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795559464910},"who":"both","what":"quick"}]}', 0, 0, '{"v":1,"now":1795559464922,"seed":10718540286315455292,"next_id":5,"calls":[{"id":1,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"parallel":{"names":["quick","held"]}},"limit":2,"next":2,"active":0,"branches":[{"number":1,"frames":[{"at":0,"via":1}],"calls":[{"id":2,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"now":1795559464910,"seed":7671446190449540388,"held":3}],"results":[null,null]}}},{"at":1,"last":4}],"kept":{"3":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"both"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"4":{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795559464910},"who":"both","what":"quick"}]}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FDB747CB11B8E10B32540B4', 1, 1795559464932, 'stack[0].operations[0]#3.false_branch[0]', 'external_api_request', NULL, 1, 1795559464929, 1795559464932, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464932,"seed":5693713257981538834,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":0,"doing":"block"},{"at":0,"via":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464923,"seed":15412958277658156519,"held":5},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464923,"seed":3424845051404498825,"held":6}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"1":[1,2,3],"5":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"6":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null}},"variables":{"4":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FDB747CB11B8E10B32540B4', 2, 1795559464934, 'stack[0].operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795559464928, 1795559464934, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795559464934,"seed":6637487601249390299,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464923,"seed":3424845051404498825,"held":6},{"number":2,"frames":[{"at":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464932,"seed":5693713257981538834}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"2":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FDB747CB11B8E10B32540B4', 3, 1795559464934, 'stack[0].operations[1]#3', 'add_record', NULL, 1, 1795559464934, 1795559464934, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795559464932},"who":"crowd","what":"turn 3"}]}', 0, 0, '{"v":1,"now":1795559464934,"seed":2311013711732337088,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464934,"seed":6637487601249390299},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464923,"seed":3424845051404498825,"held":6}]}}},{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FDB747CB11B8E10B32540B4', 4, 1795559464935, 'stack[0].operations[1]#1', 'add_record', NULL, 1, 1795559464935, 1795559464935, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795559464934},"who":"crowd","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795559464935,"seed":10556640878896092672,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795559464923,"seed":3424845051404498825,"held":6}]}}},{"at":2}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE0727582937721E450D326', 1, 1795559464933, 'stack[0]', 'custom_function', NULL, 1, 1795559464933, 1795559464933, '"01a20faf-1fe0-73bd-829e-8284eac7fef4"', 0, 0, '{"v":1,"now":1795559464933,"seed":12137210481557994788,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{"0":{"set":{"c1":"01a20faf-1fe0-73bd-829e-8284eac7fef4"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE0727582937721E450D326', 2, 1795559464937, 'stack[1]', 'custom_function', NULL, 1, 1795559464937, 1795559464937, '"01a20faf-1fe5-74db-924f-e456f9187fb7"', 0, 0, '{"v":1,"now":1795559464937,"seed":17227481162945808447,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{"0":{"set":{"c2":"01a20faf-1fe5-74db-924f-e456f9187fb7"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE0727582937721E450D326', 3, 1795559464947, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[2]","until_ms":1795919464947}],"ran_ms":14}
{"v":1,"now":1795559464937,"seed":17227481162945808447,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE073BD829E8284EAC7FEF4', 1, 1795559464945, 'stack[0]', 'add_record', NULL, 1, 1795559464945, 1795559464945, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795559464928},"who":"child 1","what":"before"}]}', 0, 0, '{"v":1,"now":1795559464945,"seed":15418387270708775960,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE073BD829E8284EAC7FEF4', 2, 1795559464960, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795563064960}],"ran_ms":15}
{"v":1,"now":1795559464945,"seed":15418387270708775960,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE574DB924FE456F9187FB7', 1, 1795559464971, 'stack[0]', 'add_record', NULL, 1, 1795559464971, 1795559464971, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795559464933},"who":"child 2","what":"before"}]}', 0, 0, '{"v":1,"now":1795559464971,"seed":9161973728505259444,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FE574DB924FE456F9187FB7', 2, 1795559464989, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795563064989}],"ran_ms":18}
{"v":1,"now":1795559464971,"seed":9161973728505259444,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF1FEE720EBAAF82AB642974B2', 1, 1795559464963, 'stack[0]>part:stack[0]', 'add_record', NULL, 1, 1795559464963, 1795559464963, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795559464942},"who":"within","what":"in part"}]}', 0, 0, '{"v":1,"now":1795559464963,"seed":15951152952528834303,"next_id":3,"pins":[["part","1cc28b97a706c155"]],"calls":[{"id":2,"name":"part","version":"1cc28b97a706c155","input":1}],"frames":[{"at":0,"doing":"call"},{"at":1}],"kept":{"1":{"who":"within","world":"http://127.0.0.1:<world>"}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF2009752FAE81990493C87A39', 1, 1795559464993, 'stack[0]', 'add_record', NULL, 1, 1795559464993, 1795559464993, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795559464969},"who":"part","what":"in part"}]}', 0, 0, '{"v":1,"now":1795559464993,"seed":8338669691637018797,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF20217021B5FDD698C8FEF51F', 1, 1795559464998, 'stack[0]', 'add_record', NULL, 1, 1795559464998, 1795559464998, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795559464993},"who":"retry","what":"before"}]}', 0, 0, '{"v":1,"now":1795559464998,"seed":9298875591967469930,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF20217021B5FDD698C8FEF51F', 2, 1795559465002, 'stack[1]', 'external_api_request', NULL, 1, 1795559464999, 1795559465002, '{"error":{"name":"http_status","code":"ERROR_CODE_HTTP_STATUS","message":"POST http://127.0.0.1:<world>/busy answered 503","status":503,"payload":{"response":{"status":503,"headers":{"content-length":"0"},"result":null},"retry_after":null},"stack":"","step":null,"attempt":1}}', 1, 0, '{"v":1,"now":1795559465002,"seed":11543970311221966207,"next_id":1,"frames":[],"ended":{"raise":"{\"name\":\"http_status\",\"code\":\"ERROR_CODE_HTTP_STATUS\",\"message\":\"POST http://127.0.0.1:<world>/busy answered 503\",\"status\":503,\"payload\":{\"response\":{\"status\":503,\"headers\":{\"content-length\":\"0\"},\"result\":null},\"retry_after\":null},\"stack\":\"at retry stack[1] external_api_request\",\"step\":\"stack[1]\",\"attempt\":1}"},"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20FAF20217021B5FDD698C8FEF51F', 3, 1795559465004, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '#{"ran_ms":1}
{"v":1,"full":true,"now":1795559464998,"seed":9298875591967469930,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF1FC17D49971C67FB803C729B', 1795563064905, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF1FE073BD829E8284EAC7FEF4', 1795563064960, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF1FE574DB924FE456F9187FB7', 1795563064989, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF20257D908437CA63E7BEE289', 1795563064997, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF20217021B5FDD698C8FEF51F', 1795563065003, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF1FC679CD9A98ECEAF05F6670', 1795919464907, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20FAF1FE0727582937721E450D326', 1795919464947, 0);
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A20FAF1FE0727582937721E450D326', 0, X'01A20FAF1FE073BD829E8284EAC7FEF4');
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A20FAF1FE0727582937721E450D326', 0, X'01A20FAF1FE574DB924FE456F9187FB7');
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 1, 1, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795559464892},"who":"tour","what":"turn 1"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 2, 1, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795559464897},"who":"nap","what":"before"}]}', X'01A20FAF1FC17D49971C67FB803C729B', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 3, 1, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795559464908},"who":"tour","what":"caught 1"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 4, 1, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795559464909},"who":"tour","what":"at last 1"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 5, 1, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795559464910},"who":"both","what":"quick"}]}', X'01A20FAF1FCE797E945BF15A1933AA8D', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 6, 1, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795559464932},"who":"crowd","what":"turn 3"}]}', X'01A20FAF1FDB747CB11B8E10B32540B4', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 7, 1, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795559464934},"who":"crowd","what":"turn 1"}]}', X'01A20FAF1FDB747CB11B8E10B32540B4', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 8, 1, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795559464935},"who":"tour","what":"turn 2"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 7, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 9, 1, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795559464943},"who":"tour","what":"caught 2"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 9, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 10, 1, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795559464943},"who":"tour","what":"at last 2"}]}', X'01A20FAF1FBC78D1ADA28550978166DF', 10, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 11, 1, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795559464928},"who":"child 1","what":"before"}]}', X'01A20FAF1FE073BD829E8284EAC7FEF4', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 12, 1, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795559464942},"who":"within","what":"in part"}]}', X'01A20FAF1FEE720EBAAF82AB642974B2', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 13, 1, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795559464933},"who":"child 2","what":"before"}]}', X'01A20FAF1FE574DB924FE456F9187FB7', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 14, 1, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795559464969},"who":"part","what":"in part"}]}', X'01A20FAF2009752FAE81990493C87A39', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 15, 1, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795559464993},"who":"retry","what":"before"}]}', X'01A20FAF20217021B5FDD698C8FEF51F', 1, 0);
INSERT OR REPLACE INTO "record_ids" ("table_name", "next_id") VALUES ('notes', 65);
INSERT OR REPLACE INTO "deliveries" ("id", "execution_id", "event", "state", "url", "callback", "body", "created_at", "closed_at", "reason", "attempts", "counted", "excused", "had_unknown", "thin", "node", "destination", "order_key", "ordered_at", "attempt_at") VALUES (X'01A20FAF202A7200813AAEC8182D6956', X'01A20FAF202A713C8248967BAF69BFAB', 'execution.completed', 'pending', 'http://127.0.0.1:<home>/home', '{"url":"http://127.0.0.1:<home>/home"}', X'7B2274797065223A22657865637574696F6E2E636F6D706C65746564222C2274696D657374616D70223A22323032362D31312D32345432323A33313A30352E3030345A222C22657865637574696F6E5F6964223A2230316132306661662D323032612D373133632D383234382D393637626166363962666162222C226173796E635F657865637574696F6E5F6964223A2230316132306661662D323032612D373133632D383234382D393637626166363962666162222C22737461747573223A22636F6D706C65746564222C227374617465223A22636F6D706C65746564222C226F7574707574223A226F776564222C226572726F72223A6E756C6C2C226572726F725F6D657373616765223A6E756C6C2C226572726F725F636F6465223A6E756C6C2C226572726F725F64657461696C223A6E756C6C2C2266756E6374696F6E5F6E616D65223A226F776564222C2266756E6374696F6E5F76657273696F6E223A2231613635383630346234666261386362222C22617474656D7074223A312C226D61785F617474656D707473223A312C2270726F6772657373223A6E756C6C2C226F75747075745F737461747573223A3230302C2274616773223A5B5D2C226D65746164617461223A6E756C6C2C22706172656E745F657865637574696F6E5F6964223A6E756C6C2C2277616974696E675F666F72223A6E756C6C2C22637265617465645F6174223A22323032362D31312D32345432323A33313A30352E3030325A222C22737461727465645F6174223A22323032362D31312D32345432323A33313A30352E3030325A222C22636F6D706C657465645F6174223A22323032362D31312D32345432323A33313A30352E3030345A222C226F75747075745F7472756E6361746564223A66616C73652C227374617475735F75726C223A22687474703A2F2F3132372E302E302E313A34313838332F6170692F6173796E632D7374617475732F30316132306661662D323032612D373133632D383234382D393637626166363962666162227D', 1795559465004, NULL, NULL, 2, 2, 0, 0, 0, 1, 'http://127.0.0.1:<home>', NULL, 1795559465004, NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A20FAF202A7200813AAEC8182D6956', 1, 1795559465008, 1795559465011, 'failure', 503, 'HTTP 503', NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A20FAF202A7200813AAEC8182D6956', 2, 1795559465592, 1795559465595, 'failure', 503, 'HTTP 503', NULL);
