-- written at 2026-11-25T01:18:04.800931313+00:00
-- hold 2391c3978b4fe2ab469e8b31ba2be38b
-- hold 16dd13418337b58bd5b9e98e7ca86933
-- hold 3f5c6e4eaa3afa0252733fc51231e3f7
-- hold caea8d826627de9011f274141212bc7d
-- hold 96bb3a5f7071054663357b43170f5147
-- hold 412fe3e9260696482261912e4cb1db2c
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
CREATE INDEX executions_failed ON executions (id) WHERE failure IS NOT NULL;
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
INSERT OR REPLACE INTO "__diesel_schema_migrations" ("version", "run_on") VALUES ('20261124000000', '2026-11-25 01:18:03');

-- rows
INSERT OR REPLACE INTO "nodes" ("id", "state", "process", "started_at", "renewed_at", "lease_until") VALUES (1, 'alive', '4488', 1795569483700, 1795569483700, 1795569483700);
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('encryption_key_id', '17ba88a1');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('resume_key', 'rbs1.17ba88a1.sM8d3Ulhl01F7hOK4tOaQDzK7UWP71VuBL2gNBKJ7KsSCjUg4o-tbkYJnDYx1yosRETs28BnsblJTku6ovrX9U1AoeAEDpzTsB0cjohbR7q0AYUr');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('signing_keys', 'rbs1.17ba88a1.02AVQ860nXz8VBMd_oxdDB66YR40e6mK5Fxs57r26lsYE5zfj_zDABb6pFFm8DN4FgNwB4UDOG4i4htFru0d7yTU18NGz-ob0k7xv-RQl4Wtjcrllxa0PVbXlCxgs6o2ewHwYW5bZljo5nLMbwOTNoDJOqtTIwQWH3dPHdiIph87ZtPa2uOhW_dHo2LHI5uTyyK4JXzmh5EnODMjLYE0dX9cViha_4Fea3UPGFOhu_36A2hpLrHEg_0tZQ');
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('both', '536416ee51feb1e3', '{"name":"both","stack":[{"function":"parallel","return_as":"both","branches":{"quick":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"quick"}},{"function":"create_variable","name":"q","value":1}],"held":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"held"}}]}},{"function":"return","value":"{{ q + answer.v }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('crowd', 'b439ee676a4df0f3', '{"name":"crowd","stack":[{"function":"loop","array":[1,2,3],"as":"i","concurrency":3,"operations":[{"function":"conditional","condition":"{{ i == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}}]},{"function":"return","value":"done"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('delayed', 'd4ba43e3d27849eb', '{"name":"delayed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('echo', '343fd5803cf277c5', '{"name":"echo","stack":[{"function":"return_response","body":{"echo":"{{ input }}"}}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fail', '54bd68d5cb5136e1', '{"name":"fail","stack":[{"function":"throw_error","name":"broken","code":"ERROR_CODE_BROKEN","message":"it broke on purpose","status":"{{ input.status ?? 500 }}","payload":{"hint":"mend it"}}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('family', 'f9947a4b9a3d706f', '{"name":"family","stack":[{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 1"},"return_as":"c1"},{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 2"},"return_as":"c2"},{"function":"async_function_await","execution_ids":["{{ c1 }}","{{ c2 }}"],"timeout":360000,"return_as":"ends"},{"function":"return","value":"{{ ends|pluck(''output'') }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fetch', '9b31864b25fd4311', '{"name":"fetch","stack":[{"function":"external_api_request","url":"{{ input.url }}","method":"POST","body":{"n":"{{ input.n }}"},"timeout":60,"return_as":"answer"},{"function":"return_response","body":"{{ answer }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('grumble', '65fae4434b06893a', '{"name":"grumble","stack":[{"function":"return_response","status":418,"body":{"message":"I am a teapot","cups":2}}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('list', '9e17b97fb78f9c5b', '{"name":"list","stack":[{"function":"query_all_records","table":"{{ input.table }}","filter":"{{ input.filter ?? {} }}","return_as":"rows"},{"function":"return_response","body":"{{ rows }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('listen', '14d5569738bb6481', '{"name":"listen","stack":[{"function":"wait_for_event","name":"approved","timeout":360000,"return_as":"said"},{"function":"return","value":"{{ said.n }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('nap', '8e002973e59a443e', '{"name":"nap","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"sleep","duration":3600},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ input.who }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('note', 'fbfaa7529325ac05', '{"name":"note","stack":[{"function":"add_record","table":"{{ input.table }}","data":"{{ input.data }}","return_as":"row"},{"function":"return_response","body":"{{ row }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('owed', '1a658604b4fba8cb', '{"name":"owed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('part', '1cc28b97a706c155', '{"name":"part","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"in part"}},{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v + 1 }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('rescue', '0b76ddc8953d5c66', '{"name":"rescue","stack":[{"function":"try_catch","try_block":[{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"create_variable","name":"told","value":"{{ error.message }}"}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last"}}]},{"function":"return","value":"{{ told }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('retry', 'd3e55d94f4f09462', '{"name":"retry","async_function_config":{"max_retries":3,"initial_delay":3600000,"max_delay":3600000,"jitter":0.0},"stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"external_api_request","url":"{{ input.world }}/busy","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('tour', '70afb29969c3c6f7', '{"name":"tour","stack":[{"function":"create_variable","name":"sum","value":0},{"function":"loop","array":[1,2,3],"as":"i","operations":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}},{"function":"try_catch","try_block":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"caught {{ i }}"}}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last {{ i }}"}}]},{"function":"loop","array":[1,2],"as":"j","operations":[{"function":"conditional","condition":"{{ i == 2 && j == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"update_variable","name":"sum","value":"{{ sum + answer.v * i }}"}]}]},{"function":"return","value":"{{ sum }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('within', 'de7259f7c93a4325', '{"name":"within","stack":[{"function":"custom_function","name":"part","inputs":{"who":"{{ input.who }}","world":"{{ input.world }}"},"return_as":"part"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ part }}"}]}', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('both', 'both', '536416ee51feb1e3', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('crowd', 'crowd', 'b439ee676a4df0f3', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('delayed', 'delayed', 'd4ba43e3d27849eb', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('echo', 'echo', '343fd5803cf277c5', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fail', 'fail', '54bd68d5cb5136e1', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('family', 'family', 'f9947a4b9a3d706f', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fetch', 'fetch', '9b31864b25fd4311', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('grumble', 'grumble', '65fae4434b06893a', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('list', 'list', '9e17b97fb78f9c5b', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('listen', 'listen', '14d5569738bb6481', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('nap', 'nap', '8e002973e59a443e', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('note', 'note', 'fbfaa7529325ac05', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('owed', 'owed', '1a658604b4fba8cb', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('part', 'part', '1cc28b97a706c155', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('rescue', 'rescue', '0b76ddc8953d5c66', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('retry', 'retry', 'd3e55d94f4f09462', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('tour', 'tour', '70afb29969c3c6f7', 'file', 1795569483703);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('within', 'within', 'de7259f7c93a4325', 'file', 1795569483703);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (1, X'01A21047FFDF736884651FBEFB8319E0', 'tour', 'tour', '70afb29969c3c6f7', 1795569483743, -8721668965171443359, '{"who":"tour","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/tour","query":{},"headers":{"content-type":"application/json","content-length":"105","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"tour","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483743, NULL, 1795569783743, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483775, 1, 1, 11, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (2, X'01A21047FFE37445B33E218FF0F037DD', 'nap', 'nap', '8e002973e59a443e', 1795569483747, 1470774851298898934, '{"who":"nap","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/nap","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"104"},"body":{"who":"nap","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795569483747, NULL, NULL, '{"what":"timer","since":"2026-11-25T01:18:03.749Z","until":"2026-11-25T02:18:03.749Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483749, NULL, 1, 2, 0, 1795573083749, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (3, X'01A21047FFE575D9A1B0D6BFCACE06C8', 'listen', 'listen', '14d5569738bb6481', 1795569483749, 1881121406143112669, '{"who":"listen","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/listen","query":{},"headers":{"content-type":"application/json","content-length":"107","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"listen","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795569483749, NULL, NULL, '{"what":"event","since":"2026-11-25T01:18:03.753Z","until":"2026-11-29T05:18:03.753Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483753, NULL, 1, 1, 0, 1795929483753, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (4, X'01A21047FFE871D6B906019BDD76793D', 'both', 'both', '536416ee51feb1e3', 1795569483752, 1747615783832900320, '{"who":"both","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/both","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"105"},"body":{"who":"both","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483752, NULL, 1795569783752, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483755, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (5, X'01A21047FFEC7885A203279138A4D632', 'crowd', 'crowd', 'b439ee676a4df0f3', 1795569483756, -5407682997845090317, '{"who":"crowd","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/crowd","query":{},"headers":{"content-type":"application/json","content-length":"106","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"crowd","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483756, NULL, 1795569783756, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483762, 1, 1, 4, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (6, X'01A21047FFEE7F8EB685C64A97FDAFEF', 'family', 'family', 'f9947a4b9a3d706f', 1795569483758, 1460458686468658045, '{"who":"family","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/family","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"107"},"body":{"who":"family","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795569483758, NULL, NULL, '{"what":"executions","since":"2026-11-25T01:18:03.766Z","until":"2026-11-29T05:18:03.766Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483766, NULL, 1, 3, 0, 1795929483766, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (7, X'01A21047FFEE71568251FA6671BA133D', 'nap', 'nap', '8e002973e59a443e', 1795569483758, -4083809027071376744, '{"who":"child 1"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A21047FFEE7F8EB685C64A97FDAFEF', NULL, NULL, NULL, NULL, 'waiting', 1, 1795569483762, NULL, NULL, '{"what":"timer","since":"2026-11-25T01:18:03.766Z","until":"2026-11-25T02:18:03.766Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483766, NULL, 1, 2, 0, 1795573083766, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (8, X'01A21047FFF176158B424385C816D354', 'rescue', 'rescue', '0b76ddc8953d5c66', 1795569483761, 655210861850305768, '{"who":"rescue","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/rescue","query":{},"headers":{"content-type":"application/json","content-length":"107","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"rescue","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483761, NULL, 1795569783761, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483761, 1, 1, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (9, X'01A21047FFF074099868CC78F23DBFA2', 'nap', 'nap', '8e002973e59a443e', 1795569483760, -7217718798121763955, '{"who":"child 2"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A21047FFEE7F8EB685C64A97FDAFEF', NULL, NULL, NULL, NULL, 'waiting', 1, 1795569483767, NULL, NULL, '{"what":"timer","since":"2026-11-25T01:18:03.771Z","until":"2026-11-25T02:18:03.771Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483771, NULL, 1, 2, 0, 1795573083771, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (10, X'01A21047FFF47F7F91181F9B384259A7', 'within', 'within', 'de7259f7c93a4325', 1795569483764, -8555656639258741308, '{"who":"within","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/within","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"107"},"body":{"who":"within","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483764, NULL, 1795569783764, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483768, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (11, X'01A21047FFF975D49B7B455842652D57', 'part', 'part', '1cc28b97a706c155', 1795569483769, -7524390311342766130, '{"who":"part","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/part","query":{},"headers":{"content-type":"application/json","content-length":"105","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"part","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795569483769, NULL, 1795569783769, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483772, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (12, X'01A21047FFFC7B479BBC9721FACDCAC8', 'retry', 'retry', 'd3e55d94f4f09462', 1795569483772, 8399466453524716169, '{"who":"retry","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/retry","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"106"},"body":{"who":"retry","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":3,"backoff":"exponential","initial_delay_ms":3600000,"max_delay_ms":3600000,"jitter":0.0,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'retrying', 2, 1795569483772, NULL, NULL, '{"what":"retry","since":"2026-11-25T01:18:03.778Z","until":"2026-11-25T02:18:03.778Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795569483778, NULL, 1, 3, 0, 1795573083778, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (13, X'01A21047FFFF76AAAB3B8CA2FFD43777', 'delayed', 'delayed', 'd4ba43e3d27849eb', 1795569483775, -5592517276072725041, '{"who":"delayed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/delayed","query":{},"headers":{"content-type":"application/json","content-length":"133","accept":"*/*","host":"127.0.0.1:46115"},"body":{"who":"delayed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","options":{"delay":3600},"async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'queued', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795569483775, NULL, 0, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (14, X'01A2104800037CC1B500FBF248263007', 'owed', 'owed', '1a658604b4fba8cb', 1795569483779, -180273028993143202, '{"who":"owed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/owed","query":{},"headers":{"content-type":"application/json","accept":"*/*","host":"127.0.0.1:46115","content-length":"105"},"body":{"who":"owed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'completed', 1, 1795569483779, 1795569483780, NULL, NULL, NULL, '"owed"', '{"status":null,"headers":[]}', NULL, NULL, NULL, 1795569483780, NULL, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 1, 1795569483747, 'stack[1].operations[0]#1', 'add_record', NULL, 1, 1795569483746, 1795569483747, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795569483743},"who":"tour","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795569483747,"seed":14299909689457009058,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1}],"kept":{"1":[1,2,3]},"variables":{"0":{"set":{"sum":0},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 2, 1795569483753, 'stack[1].operations[1]#1.try_block[0]', 'external_api_request', NULL, 1, 1795569483749, 1795569483753, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483753,"seed":6128507597713392940,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 3, 1795569483753, 'stack[1].operations[1]#1.catch_block[0]', 'add_record', NULL, 1, 1795569483753, 1795569483753, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795569483753},"who":"tour","what":"caught 1"}]}', 0, 0, '{"v":1,"now":1795569483753,"seed":13456692959191301504,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":2}}},{"at":1,"via":1}],"kept":{"2":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#1.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 4, 1795569483754, 'stack[1].operations[1]#1.finally_block[0]', 'add_record', NULL, 1, 1795569483754, 1795569483754, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795569483753},"who":"tour","what":"at last 1"}]}', 0, 0, '{"v":1,"now":1795569483754,"seed":18353207747697475121,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 5, 1795569483757, 'stack[1].operations[2]#1.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795569483755, 1795569483757, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483757,"seed":2896002954931519563,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"3":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 6, 1795569483763, 'stack[1].operations[2]#1.operations[0]#2.false_branch[0]', 'external_api_request', NULL, 1, 1795569483759, 1795569483763, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483763,"seed":773032724234804258,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":1}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"0":{"set":{"sum":7,"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 7, 1795569483763, 'stack[1].operations[0]#2', 'add_record', NULL, 1, 1795569483763, 1795569483763, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795569483763},"who":"tour","what":"turn 2"}]}', 0, 0, '{"v":1,"now":1795569483763,"seed":5784053823469715055,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"sum":14},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 8, 1795569483768, 'stack[1].operations[1]#2.try_block[0]', 'external_api_request', NULL, 1, 1795569483766, 1795569483768, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483768,"seed":9222155642159045637,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 9, 1795569483769, 'stack[1].operations[1]#2.catch_block[0]', 'add_record', NULL, 1, 1795569483769, 1795569483769, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795569483768},"who":"tour","what":"caught 2"}]}', 0, 0, '{"v":1,"now":1795569483769,"seed":5698261735623982705,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":4}}},{"at":1,"via":1}],"kept":{"4":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#2.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 10, 1795569483769, 'stack[1].operations[1]#2.finally_block[0]', 'add_record', NULL, 1, 1795569483769, 1795569483769, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795569483769},"who":"tour","what":"at last 2"}]}', 0, 0, '{"v":1,"now":1795569483769,"seed":18075398493812797674,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFDF736884651FBEFB8319E0', 11, 1795569483775, 'stack[1].operations[2]#2.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795569483771, 1795569483775, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483775,"seed":17311454448375956481,"next_id":6,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":2,"doing":{"each":{"array":5,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"5":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFE37445B33E218FF0F037DD', 1, 1795569483749, 'stack[0]', 'add_record', NULL, 1, 1795569483748, 1795569483749, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795569483747},"who":"nap","what":"before"}]}', 0, 0, '{"v":1,"now":1795569483749,"seed":3963242587456836797,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFE37445B33E218FF0F037DD', 2, 1795569483749, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795573083749}],"ran_ms":1}
{"v":1,"now":1795569483749,"seed":3963242587456836797,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFE575D9A1B0D6BFCACE06C8', 1, 1795569483753, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[0]","until_ms":1795929483753}],"ran_ms":1}
{"v":1,"now":1795569483749,"seed":1881121406143112669,"next_id":1,"frames":[{"at":0}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFE871D6B906019BDD76793D', 1, 1795569483755, 'stack[0].branches.quick[0]', 'add_record', NULL, 1, 1795569483754, 1795569483755, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795569483752},"who":"both","what":"quick"}]}', 0, 0, '{"v":1,"now":1795569483755,"seed":5030216179403282684,"next_id":5,"calls":[{"id":1,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"parallel":{"names":["quick","held"]}},"limit":2,"next":2,"active":0,"branches":[{"number":1,"frames":[{"at":0,"via":1}],"calls":[{"id":2,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"now":1795569483752,"seed":7313824589424525209,"held":3}],"results":[null,null]}}},{"at":1,"last":4}],"kept":{"3":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"both"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"4":{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795569483752},"who":"both","what":"quick"}]}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEC7885A203279138A4D632', 1, 1795569483761, 'stack[0].operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795569483758, 1795569483761, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483761,"seed":13922638384231022031,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483756,"seed":12471823644546524795,"held":6},{"number":2,"frames":[{"at":0,"doing":"block"},{"at":0,"via":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483756,"seed":17108929561734089726,"held":7}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"1":[1,2,3],"6":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"7":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null}},"variables":{"2":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEC7885A203279138A4D632', 2, 1795569483762, 'stack[0].operations[0]#3.false_branch[0]', 'external_api_request', NULL, 1, 1795569483759, 1795569483762, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795569483762,"seed":13766043582868599491,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483761,"seed":13922638384231022031},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483756,"seed":12471823644546524795,"held":6}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"4":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEC7885A203279138A4D632', 3, 1795569483762, 'stack[0].operations[1]#1', 'add_record', NULL, 1, 1795569483762, 1795569483762, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795569483761},"who":"crowd","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795569483762,"seed":13513180567010297333,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483756,"seed":12471823644546524795,"held":6},{"number":2,"frames":[{"at":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483762,"seed":13766043582868599491}]}}},{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEC7885A203279138A4D632', 4, 1795569483762, 'stack[0].operations[1]#3', 'add_record', NULL, 1, 1795569483762, 1795569483762, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795569483762},"who":"crowd","what":"turn 3"}]}', 0, 0, '{"v":1,"now":1795569483762,"seed":2939547341034991206,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795569483756,"seed":12471823644546524795,"held":6}]}}},{"at":2}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEE71568251FA6671BA133D', 1, 1795569483765, 'stack[0]', 'add_record', NULL, 1, 1795569483765, 1795569483765, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795569483758},"who":"child 1","what":"before"}]}', 0, 0, '{"v":1,"now":1795569483765,"seed":6659920339905086877,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEE71568251FA6671BA133D', 2, 1795569483766, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795573083766}],"ran_ms":1}
{"v":1,"now":1795569483765,"seed":6659920339905086877,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 1, 1795569483760, 'stack[0]', 'custom_function', NULL, 1, 1795569483759, 1795569483760, '"01a21047-ffee-7156-8251-fa6671ba133d"', 0, 0, '{"v":1,"now":1795569483760,"seed":7006298425676314284,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{"0":{"set":{"c1":"01a21047-ffee-7156-8251-fa6671ba133d"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 2, 1795569483762, 'stack[1]', 'custom_function', NULL, 1, 1795569483762, 1795569483762, '"01a21047-fff0-7409-9868-cc78f23dbfa2"', 0, 0, '{"v":1,"now":1795569483762,"seed":16146207418204707879,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{"0":{"set":{"c2":"01a21047-fff0-7409-9868-cc78f23dbfa2"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 3, 1795569483766, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[2]","until_ms":1795929483766}],"ran_ms":7}
{"v":1,"now":1795569483762,"seed":16146207418204707879,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFF074099868CC78F23DBFA2', 1, 1795569483769, 'stack[0]', 'add_record', NULL, 1, 1795569483769, 1795569483769, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795569483760},"who":"child 2","what":"before"}]}', 0, 0, '{"v":1,"now":1795569483769,"seed":9205231056579210911,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFF074099868CC78F23DBFA2', 2, 1795569483771, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795573083771}],"ran_ms":2}
{"v":1,"now":1795569483769,"seed":9205231056579210911,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFF47F7F91181F9B384259A7', 1, 1795569483768, 'stack[0]>part:stack[0]', 'add_record', NULL, 1, 1795569483768, 1795569483768, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795569483764},"who":"within","what":"in part"}]}', 0, 0, '{"v":1,"now":1795569483768,"seed":11348216935311608239,"next_id":3,"pins":[["part","1cc28b97a706c155"]],"calls":[{"id":2,"name":"part","version":"1cc28b97a706c155","input":1}],"frames":[{"at":0,"doing":"call"},{"at":1}],"kept":{"1":{"who":"within","world":"http://127.0.0.1:<world>"}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFF975D49B7B455842652D57', 1, 1795569483772, 'stack[0]', 'add_record', NULL, 1, 1795569483772, 1795569483772, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795569483769},"who":"part","what":"in part"}]}', 0, 0, '{"v":1,"now":1795569483772,"seed":1674461001541646269,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFFC7B479BBC9721FACDCAC8', 1, 1795569483774, 'stack[0]', 'add_record', NULL, 1, 1795569483774, 1795569483774, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795569483772},"who":"retry","what":"before"}]}', 0, 0, '{"v":1,"now":1795569483774,"seed":16880414652055567502,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFFC7B479BBC9721FACDCAC8', 2, 1795569483777, 'stack[1]', 'external_api_request', NULL, 1, 1795569483775, 1795569483777, '{"error":{"name":"http_status","code":"ERROR_CODE_HTTP_STATUS","message":"POST http://127.0.0.1:<world>/busy answered 503","status":503,"payload":{"response":{"status":503,"headers":{"content-length":"0"},"result":null},"retry_after":null},"stack":"","step":null,"attempt":1}}', 1, 0, '{"v":1,"now":1795569483777,"seed":8498332981134824668,"next_id":1,"frames":[],"ended":{"raise":"{\"name\":\"http_status\",\"code\":\"ERROR_CODE_HTTP_STATUS\",\"message\":\"POST http://127.0.0.1:<world>/busy answered 503\",\"status\":503,\"payload\":{\"response\":{\"status\":503,\"headers\":{\"content-length\":\"0\"},\"result\":null},\"retry_after\":null},\"stack\":\"at retry stack[1] external_api_request\",\"step\":\"stack[1]\",\"attempt\":1}"},"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A21047FFFC7B479BBC9721FACDCAC8', 3, 1795569483778, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '#{"ran_ms":0}
{"v":1,"full":true,"now":1795569483774,"seed":16880414652055567502,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFE37445B33E218FF0F037DD', 1795573083749, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFEE71568251FA6671BA133D', 1795573083766, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFF074099868CC78F23DBFA2', 1795573083771, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFFF76AAAB3B8CA2FFD43777', 1795573083775, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFFC7B479BBC9721FACDCAC8', 1795573083778, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFE575D9A1B0D6BFCACE06C8', 1795929483753, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 1795929483766, 0);
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 0, X'01A21047FFEE71568251FA6671BA133D');
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A21047FFEE7F8EB685C64A97FDAFEF', 0, X'01A21047FFF074099868CC78F23DBFA2');
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 1, 1, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795569483743},"who":"tour","what":"turn 1"}]}', X'01A21047FFDF736884651FBEFB8319E0', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 2, 1, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795569483747},"who":"nap","what":"before"}]}', X'01A21047FFE37445B33E218FF0F037DD', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 3, 1, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795569483753},"who":"tour","what":"caught 1"}]}', X'01A21047FFDF736884651FBEFB8319E0', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 4, 1, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795569483753},"who":"tour","what":"at last 1"}]}', X'01A21047FFDF736884651FBEFB8319E0', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 5, 1, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795569483752},"who":"both","what":"quick"}]}', X'01A21047FFE871D6B906019BDD76793D', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 6, 1, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795569483761},"who":"crowd","what":"turn 1"}]}', X'01A21047FFEC7885A203279138A4D632', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 7, 1, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795569483762},"who":"crowd","what":"turn 3"}]}', X'01A21047FFEC7885A203279138A4D632', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 8, 1, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795569483763},"who":"tour","what":"turn 2"}]}', X'01A21047FFDF736884651FBEFB8319E0', 7, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 9, 1, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795569483758},"who":"child 1","what":"before"}]}', X'01A21047FFEE71568251FA6671BA133D', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 10, 1, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795569483764},"who":"within","what":"in part"}]}', X'01A21047FFF47F7F91181F9B384259A7', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 11, 1, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795569483768},"who":"tour","what":"caught 2"}]}', X'01A21047FFDF736884651FBEFB8319E0', 9, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 12, 1, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795569483769},"who":"tour","what":"at last 2"}]}', X'01A21047FFDF736884651FBEFB8319E0', 10, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 13, 1, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795569483760},"who":"child 2","what":"before"}]}', X'01A21047FFF074099868CC78F23DBFA2', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 14, 1, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795569483769},"who":"part","what":"in part"}]}', X'01A21047FFF975D49B7B455842652D57', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 15, 1, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795569483772},"who":"retry","what":"before"}]}', X'01A21047FFFC7B479BBC9721FACDCAC8', 1, 0);
INSERT OR REPLACE INTO "record_ids" ("table_name", "next_id") VALUES ('notes', 65);
INSERT OR REPLACE INTO "deliveries" ("id", "execution_id", "event", "state", "url", "callback", "body", "created_at", "closed_at", "reason", "attempts", "counted", "excused", "had_unknown", "thin", "node", "destination", "order_key", "ordered_at", "attempt_at") VALUES (X'01A21048000376D68CAD234D68CB9EFD', X'01A2104800037CC1B500FBF248263007', 'execution.completed', 'pending', 'http://127.0.0.1:<home>/home', '{"url":"http://127.0.0.1:<home>/home"}', X'7B2274797065223A22657865637574696F6E2E636F6D706C65746564222C2274696D657374616D70223A22323032362D31312D32355430313A31383A30332E3738305A222C22657865637574696F6E5F6964223A2230316132313034382D303030332D376363312D623530302D666266323438323633303037222C226173796E635F657865637574696F6E5F6964223A2230316132313034382D303030332D376363312D623530302D666266323438323633303037222C22737461747573223A22636F6D706C65746564222C227374617465223A22636F6D706C65746564222C226F7574707574223A226F776564222C226572726F72223A6E756C6C2C226572726F725F6D657373616765223A6E756C6C2C226572726F725F636F6465223A6E756C6C2C226572726F725F64657461696C223A6E756C6C2C2266756E6374696F6E5F6E616D65223A226F776564222C2266756E6374696F6E5F76657273696F6E223A2231613635383630346234666261386362222C22617474656D7074223A312C226D61785F617474656D707473223A312C2270726F6772657373223A6E756C6C2C226F75747075745F737461747573223A3230302C2274616773223A5B5D2C226D65746164617461223A6E756C6C2C22706172656E745F657865637574696F6E5F6964223A6E756C6C2C2277616974696E675F666F72223A6E756C6C2C22637265617465645F6174223A22323032362D31312D32355430313A31383A30332E3737395A222C22737461727465645F6174223A22323032362D31312D32355430313A31383A30332E3737395A222C22636F6D706C657465645F6174223A22323032362D31312D32355430313A31383A30332E3738305A222C226F75747075745F7472756E6361746564223A66616C73652C227374617475735F75726C223A22687474703A2F2F3132372E302E302E313A34363131352F6170692F6173796E632D7374617475732F30316132313034382D303030332D376363312D623530302D666266323438323633303037227D', 1795569483780, NULL, NULL, 2, 2, 0, 0, 0, 1, 'http://127.0.0.1:<home>', NULL, 1795569483780, NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A21048000376D68CAD234D68CB9EFD', 1, 1795569483782, 1795569483785, 'failure', 503, 'HTTP 503', NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A21048000376D68CAD234D68CB9EFD', 2, 1795569484220, 1795569484222, 'failure', 503, 'HTTP 503', NULL);
