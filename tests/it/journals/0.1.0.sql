-- written at 2026-11-28T19:38:45.873409570+00:00
-- hold 20a17302c076d12af8e2d630d09d815d
-- hold cc256a2559a979d18dd552c9580d50b8
-- hold 10193b6b3cac7d024ee5ce7c0078d26d
-- hold 3322874551b4ac80aadef7461b4062fb
-- hold 31384b859c79456fbc923f37b68d4bc8
-- hold 8ff999be2f9f2f28713449151bd5465c
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
    attempt_at INTEGER,
    -- The attempt that it was over with, which has no row of its own.
    last_number INTEGER,
    last_started_at INTEGER,
    last_ended_at INTEGER,
    last_outcome TEXT,
    last_status INTEGER,
    last_detail TEXT,
    last_answer TEXT
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
CREATE INDEX deliveries_of_none ON deliveries (id) WHERE execution_id = x'00000000000000000000000000000000';
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
INSERT OR REPLACE INTO "__diesel_schema_migrations" ("version", "run_on") VALUES ('20261124000000', '2026-11-28 19:38:44');

-- rows
INSERT OR REPLACE INTO "nodes" ("id", "state", "process", "started_at", "renewed_at", "lease_until") VALUES (1, 'alive', '24586', 1795894724732, 1795894724732, 1795894724732);
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('encryption_key_id', '17ba88a1');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('resume_key', 'rbs1.17ba88a1.B9BzpK4oYVPQ5lgIODUzrMmy1dDqbNQBITGyNDuBg3g4L88z6PlrDSRUTjA-ot_xzl6OQTcdA2rPGGICiSAhYLfcN1ktUJNq6s33zP8ixmufTZx1');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('signing_keys', 'rbs1.17ba88a1.VwZrz-tTNmQxhNHTCHSohtT4R3oHHlyNpNMHuP0ZYzXgdp1clnTUP0wpsgKmBiXmHPl2XWAxWt-Rffc6AVLzMwjhxNcA5E1GoQN-dgwXEgwjwC_OoZN7cZUlPDHPamdC87NBp16EnG-pg3i5gpUGp1r6611tkX6spJWuaUJOk7sKecJRgxHfsLbHmXeq_B53aF3QFNgj7QjmYYGHMH4QCg8wm_cYyDQ2_DglghYQ3eYJH_rj2nwub88hvQ');
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('both', '536416ee51feb1e3', '{"name":"both","stack":[{"function":"parallel","return_as":"both","branches":{"quick":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"quick"}},{"function":"create_variable","name":"q","value":1}],"held":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"held"}}]}},{"function":"return","value":"{{ q + answer.v }}"}]}', 1795894724734);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('crowd', 'b439ee676a4df0f3', '{"name":"crowd","stack":[{"function":"loop","array":[1,2,3],"as":"i","concurrency":3,"operations":[{"function":"conditional","condition":"{{ i == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}}]},{"function":"return","value":"done"}]}', 1795894724734);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('delayed', 'd4ba43e3d27849eb', '{"name":"delayed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795894724734);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('echo', '343fd5803cf277c5', '{"name":"echo","stack":[{"function":"return_response","body":{"echo":"{{ input }}"}}]}', 1795894724734);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fail', '54bd68d5cb5136e1', '{"name":"fail","stack":[{"function":"throw_error","name":"broken","code":"ERROR_CODE_BROKEN","message":"it broke on purpose","status":"{{ input.status ?? 500 }}","payload":{"hint":"mend it"}}]}', 1795894724734);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('family', 'f9947a4b9a3d706f', '{"name":"family","stack":[{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 1"},"return_as":"c1"},{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 2"},"return_as":"c2"},{"function":"async_function_await","execution_ids":["{{ c1 }}","{{ c2 }}"],"timeout":360000,"return_as":"ends"},{"function":"return","value":"{{ ends|pluck(''output'') }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fetch', '9b31864b25fd4311', '{"name":"fetch","stack":[{"function":"external_api_request","url":"{{ input.url }}","method":"POST","body":{"n":"{{ input.n }}"},"timeout":60,"return_as":"answer"},{"function":"return_response","body":"{{ answer }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('grumble', '65fae4434b06893a', '{"name":"grumble","stack":[{"function":"return_response","status":418,"body":{"message":"I am a teapot","cups":2}}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('list', '9e17b97fb78f9c5b', '{"name":"list","stack":[{"function":"query_all_records","table":"{{ input.table }}","filter":"{{ input.filter ?? {} }}","return_as":"rows"},{"function":"return_response","body":"{{ rows }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('listen', '14d5569738bb6481', '{"name":"listen","stack":[{"function":"wait_for_event","name":"approved","timeout":360000,"return_as":"said"},{"function":"return","value":"{{ said.n }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('nap', '8e002973e59a443e', '{"name":"nap","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"sleep","duration":3600},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ input.who }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('note', 'fbfaa7529325ac05', '{"name":"note","stack":[{"function":"add_record","table":"{{ input.table }}","data":"{{ input.data }}","return_as":"row"},{"function":"return_response","body":"{{ row }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('owed', '1a658604b4fba8cb', '{"name":"owed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('part', '1cc28b97a706c155', '{"name":"part","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"in part"}},{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v + 1 }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('rescue', '0b76ddc8953d5c66', '{"name":"rescue","stack":[{"function":"try_catch","try_block":[{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"create_variable","name":"told","value":"{{ error.message }}"}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last"}}]},{"function":"return","value":"{{ told }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('retry', 'd3e55d94f4f09462', '{"name":"retry","async_function_config":{"max_retries":3,"initial_delay":3600000,"max_delay":3600000,"jitter":0.0},"stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"external_api_request","url":"{{ input.world }}/busy","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('tour', '70afb29969c3c6f7', '{"name":"tour","stack":[{"function":"create_variable","name":"sum","value":0},{"function":"loop","array":[1,2,3],"as":"i","operations":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}},{"function":"try_catch","try_block":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"caught {{ i }}"}}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last {{ i }}"}}]},{"function":"loop","array":[1,2],"as":"j","operations":[{"function":"conditional","condition":"{{ i == 2 && j == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"update_variable","name":"sum","value":"{{ sum + answer.v * i }}"}]}]},{"function":"return","value":"{{ sum }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('within', 'de7259f7c93a4325', '{"name":"within","stack":[{"function":"custom_function","name":"part","inputs":{"who":"{{ input.who }}","world":"{{ input.world }}"},"return_as":"part"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ part }}"}]}', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('both', 'both', '536416ee51feb1e3', 'file', 1795894724734);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('crowd', 'crowd', 'b439ee676a4df0f3', 'file', 1795894724734);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('delayed', 'delayed', 'd4ba43e3d27849eb', 'file', 1795894724734);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('echo', 'echo', '343fd5803cf277c5', 'file', 1795894724734);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fail', 'fail', '54bd68d5cb5136e1', 'file', 1795894724734);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('family', 'family', 'f9947a4b9a3d706f', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fetch', 'fetch', '9b31864b25fd4311', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('grumble', 'grumble', '65fae4434b06893a', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('list', 'list', '9e17b97fb78f9c5b', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('listen', 'listen', '14d5569738bb6481', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('nap', 'nap', '8e002973e59a443e', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('note', 'note', 'fbfaa7529325ac05', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('owed', 'owed', '1a658604b4fba8cb', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('part', 'part', '1cc28b97a706c155', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('rescue', 'rescue', '0b76ddc8953d5c66', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('retry', 'retry', 'd3e55d94f4f09462', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('tour', 'tour', '70afb29969c3c6f7', 'file', 1795894724735);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('within', 'within', 'de7259f7c93a4325', 'file', 1795894724735);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (1, X'01A223AAC8A8749DA1EA6678A2675C16', 'tour', 'tour', '70afb29969c3c6f7', 1795894724776, 3568392905610615254, '{"who":"tour","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/tour","query":{},"headers":{"content-length":"105","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"tour","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724776, NULL, 1795895024776, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724820, 1, 1, 11, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (2, X'01A223AAC8AE7A71A5DF8181CDD502C7', 'nap', 'nap', '8e002973e59a443e', 1795894724782, 525743851073871295, '{"who":"nap","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/nap","query":{},"headers":{"content-length":"104","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"nap","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795894724782, NULL, NULL, '{"what":"timer","since":"2026-11-28T19:38:44.784Z","until":"2026-11-28T20:38:44.784Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724784, NULL, 1, 2, 0, 1795898324784, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (3, X'01A223AAC8B279DE84AB93D3C5570CD6', 'listen', 'listen', '14d5569738bb6481', 1795894724786, 5789528854286888791, '{"who":"listen","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/listen","query":{},"headers":{"content-length":"107","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"listen","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795894724786, NULL, NULL, '{"what":"event","since":"2026-11-28T19:38:44.795Z","until":"2026-12-02T23:38:44.795Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724795, NULL, 1, 1, 0, 1796254724795, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (4, X'01A223AAC8BF788EBC383CB72C57350E', 'both', 'both', '536416ee51feb1e3', 1795894724799, 2022001406238691623, '{"who":"both","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/both","query":{},"headers":{"content-length":"105","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"both","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724799, NULL, 1795895024799, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724801, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (5, X'01A223AAC8C576759385CC2890942B1F', 'crowd', 'crowd', 'b439ee676a4df0f3', 1795894724805, 7359753202545293755, '{"who":"crowd","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/crowd","query":{},"headers":{"content-length":"106","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"crowd","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724805, NULL, 1795895024805, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724813, 1, 1, 4, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (6, X'01A223AAC8CC7733B2A9828F9922AC2C', 'family', 'family', 'f9947a4b9a3d706f', 1795894724812, -6026329706541827695, '{"who":"family","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/family","query":{},"headers":{"content-length":"107","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"family","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'waiting', 1, 1795894724812, NULL, NULL, '{"what":"executions","since":"2026-11-28T19:38:44.823Z","until":"2026-12-02T23:38:44.823Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724823, NULL, 1, 3, 0, 1796254724823, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (7, X'01A223AAC8CC744394DAEED0D131A61D', 'nap', 'nap', '8e002973e59a443e', 1795894724812, -983122398820768725, '{"who":"child 1"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A223AAC8CC7733B2A9828F9922AC2C', NULL, NULL, NULL, NULL, 'waiting', 1, 1795894724821, NULL, NULL, '{"what":"timer","since":"2026-11-28T19:38:44.829Z","until":"2026-11-28T20:38:44.829Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724829, NULL, 1, 2, 0, 1795898324829, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (8, X'01A223AAC8D07EB7AB07CFB1F3306297', 'nap', 'nap', '8e002973e59a443e', 1795894724816, -5880005689627755860, '{"who":"child 2"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A223AAC8CC7733B2A9828F9922AC2C', NULL, NULL, NULL, NULL, 'waiting', 1, 1795894724821, NULL, NULL, '{"what":"timer","since":"2026-11-28T19:38:44.830Z","until":"2026-11-28T20:38:44.830Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724830, NULL, 1, 2, 0, 1795898324830, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (9, X'01A223AAC8D37D3E98486F0788B522BD', 'rescue', 'rescue', '0b76ddc8953d5c66', 1795894724819, -4683159892133830989, '{"who":"rescue","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/rescue","query":{},"headers":{"content-length":"107","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"rescue","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724819, NULL, 1795895024819, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724819, 1, 1, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (10, X'01A223AAC8D9793CA1D23E65E8C68340', 'within', 'within', 'de7259f7c93a4325', 1795894724825, -8252541693616384775, '{"who":"within","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/within","query":{},"headers":{"content-length":"107","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"within","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724825, NULL, 1795895024825, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724826, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (11, X'01A223AAC8E17C10BC0D6AD20490E70C', 'part', 'part', '1cc28b97a706c155', 1795894724833, 3477054287335677708, '{"who":"part","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/part","query":{},"headers":{"content-length":"105","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"part","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'running', 1, 1795894724833, NULL, 1795895024833, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724833, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (12, X'01A223AAC8E570E3904982DDA5616882', 'retry', 'retry', 'd3e55d94f4f09462', 1795894724837, -2009959969213246637, '{"who":"retry","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/retry","query":{},"headers":{"content-length":"106","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"retry","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":3,"backoff":"exponential","initial_delay_ms":3600000,"max_delay_ms":3600000,"jitter":0.0,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'retrying', 2, 1795894724837, NULL, NULL, '{"what":"retry","since":"2026-11-28T19:38:44.847Z","until":"2026-11-28T20:38:44.847Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795894724847, NULL, 1, 3, 0, 1795898324847, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (13, X'01A223AAC8EA7F50AD098D62B709030A', 'delayed', 'delayed', 'd4ba43e3d27849eb', 1795894724842, 6377609673160714014, '{"who":"delayed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/delayed","query":{},"headers":{"content-length":"133","accept":"*/*","content-type":"application/json","host":"127.0.0.1:44325"},"body":{"who":"delayed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","options":{"delay":3600},"async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'queued', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795894724842, NULL, 0, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "traceparent", "key_until", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (14, X'01A223AAC8F27C82B594F43FFD9EA52A', 'owed', 'owed', '1a658604b4fba8cb', 1795894724850, 5364138594378403652, '{"who":"owed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/owed","query":{},"headers":{"content-length":"105","host":"127.0.0.1:44325","content-type":"application/json","accept":"*/*"},"body":{"who":"owed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home"}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, NULL, NULL, 'completed', 1, 1795894724850, 1795894724850, NULL, NULL, NULL, '"owed"', '{"status":null,"headers":[]}', NULL, NULL, NULL, 1795894724850, NULL, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 1, 1795894724778, 'stack[1].operations[0]#1', 'add_record', NULL, 1, 1795894724776, 1795894724778, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795894724776},"who":"tour","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795894724778,"seed":15110349952974041307,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1}],"kept":{"1":[1,2,3]},"variables":{"0":{"set":{"sum":0},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 2, 1795894724786, 'stack[1].operations[1]#1.try_block[0]', 'external_api_request', NULL, 1, 1795894724780, 1795894724786, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724786,"seed":605721609311621678,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 3, 1795894724787, 'stack[1].operations[1]#1.catch_block[0]', 'add_record', NULL, 1, 1795894724787, 1795894724787, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795894724786},"who":"tour","what":"caught 1"}]}', 0, 0, '{"v":1,"now":1795894724787,"seed":360662931375452218,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":2}}},{"at":1,"via":1}],"kept":{"2":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#1.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 4, 1795894724787, 'stack[1].operations[1]#1.finally_block[0]', 'add_record', NULL, 1, 1795894724787, 1795894724787, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795894724787},"who":"tour","what":"at last 1"}]}', 0, 0, '{"v":1,"now":1795894724787,"seed":16043021002464725948,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 5, 1795894724797, 'stack[1].operations[2]#1.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795894724794, 1795894724797, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724797,"seed":3753791043091966695,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"3":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 6, 1795894724802, 'stack[1].operations[2]#1.operations[0]#2.false_branch[0]', 'external_api_request', NULL, 1, 1795894724800, 1795894724802, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724802,"seed":9482268760397812015,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":1}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"0":{"set":{"sum":7,"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 7, 1795894724803, 'stack[1].operations[0]#2', 'add_record', NULL, 1, 1795894724803, 1795894724803, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795894724802},"who":"tour","what":"turn 2"}]}', 0, 0, '{"v":1,"now":1795894724803,"seed":1464947750788638768,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"sum":14},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 8, 1795894724814, 'stack[1].operations[1]#2.try_block[0]', 'external_api_request', NULL, 1, 1795894724808, 1795894724814, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724814,"seed":12102931107068314764,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 9, 1795894724814, 'stack[1].operations[1]#2.catch_block[0]', 'add_record', NULL, 1, 1795894724814, 1795894724814, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795894724814},"who":"tour","what":"caught 2"}]}', 0, 0, '{"v":1,"now":1795894724814,"seed":15931381177909856789,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":4}}},{"at":1,"via":1}],"kept":{"4":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#2.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 10, 1795894724814, 'stack[1].operations[1]#2.finally_block[0]', 'add_record', NULL, 1, 1795894724814, 1795894724814, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795894724814},"who":"tour","what":"at last 2"}]}', 0, 0, '{"v":1,"now":1795894724814,"seed":2460506303328950853,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8A8749DA1EA6678A2675C16', 11, 1795894724820, 'stack[1].operations[2]#2.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795894724818, 1795894724820, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724820,"seed":12411174208699010758,"next_id":6,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":2,"doing":{"each":{"array":5,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"5":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8AE7A71A5DF8181CDD502C7', 1, 1795894724782, 'stack[0]', 'add_record', NULL, 1, 1795894724782, 1795894724782, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795894724782},"who":"nap","what":"before"}]}', 0, 0, '{"v":1,"now":1795894724782,"seed":4000649281123513841,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8AE7A71A5DF8181CDD502C7', 2, 1795894724784, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795898324784}],"ran_ms":2}
{"v":1,"now":1795894724782,"seed":4000649281123513841,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8B279DE84AB93D3C5570CD6', 1, 1795894724795, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[0]","until_ms":1796254724795}],"ran_ms":8}
{"v":1,"now":1795894724786,"seed":5789528854286888791,"next_id":1,"frames":[{"at":0}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8BF788EBC383CB72C57350E', 1, 1795894724801, 'stack[0].branches.quick[0]', 'add_record', NULL, 1, 1795894724801, 1795894724801, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795894724799},"who":"both","what":"quick"}]}', 0, 0, '{"v":1,"now":1795894724801,"seed":1290569055524185289,"next_id":5,"calls":[{"id":1,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"parallel":{"names":["quick","held"]}},"limit":2,"next":2,"active":0,"branches":[{"number":1,"frames":[{"at":0,"via":1}],"calls":[{"id":2,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"now":1795894724799,"seed":4009669981178251125,"held":3}],"results":[null,null]}}},{"at":1,"last":4}],"kept":{"3":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"both"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"4":{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795894724799},"who":"both","what":"quick"}]}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8C576759385CC2890942B1F', 1, 1795894724812, 'stack[0].operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795894724808, 1795894724812, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724812,"seed":673041976217730464,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724805,"seed":16965910582285759247,"held":6},{"number":2,"frames":[{"at":0,"doing":"block"},{"at":0,"via":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724805,"seed":14484808068405737772,"held":7}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"1":[1,2,3],"6":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"7":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null}},"variables":{"2":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8C576759385CC2890942B1F', 2, 1795894724813, 'stack[0].operations[0]#3.false_branch[0]', 'external_api_request', NULL, 1, 1795894724809, 1795894724813, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795894724813,"seed":863090433000614234,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724812,"seed":673041976217730464},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724805,"seed":16965910582285759247,"held":6}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"4":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8C576759385CC2890942B1F', 3, 1795894724813, 'stack[0].operations[1]#1', 'add_record', NULL, 1, 1795894724813, 1795894724813, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795894724812},"who":"crowd","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795894724813,"seed":5239149590844131066,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724805,"seed":16965910582285759247,"held":6},{"number":2,"frames":[{"at":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724813,"seed":863090433000614234}]}}},{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8C576759385CC2890942B1F', 4, 1795894724813, 'stack[0].operations[1]#3', 'add_record', NULL, 1, 1795894724813, 1795894724813, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795894724813},"who":"crowd","what":"turn 3"}]}', 0, 0, '{"v":1,"now":1795894724813,"seed":16888374406030507252,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795894724805,"seed":16965910582285759247,"held":6}]}}},{"at":2}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8CC744394DAEED0D131A61D', 1, 1795894724828, 'stack[0]', 'add_record', NULL, 1, 1795894724828, 1795894724828, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795894724812},"who":"child 1","what":"before"}]}', 0, 0, '{"v":1,"now":1795894724828,"seed":14170585003708346388,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8CC744394DAEED0D131A61D', 2, 1795894724829, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795898324829}],"ran_ms":1}
{"v":1,"now":1795894724828,"seed":14170585003708346388,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 1, 1795894724816, 'stack[0]', 'custom_function', NULL, 1, 1795894724816, 1795894724816, '"01a223aa-c8cc-7443-94da-eed0d131a61d"', 0, 0, '{"v":1,"now":1795894724816,"seed":17558736968980183580,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{"0":{"set":{"c1":"01a223aa-c8cc-7443-94da-eed0d131a61d"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 2, 1795894724819, 'stack[1]', 'custom_function', NULL, 1, 1795894724819, 1795894724819, '"01a223aa-c8d0-7eb7-ab07-cfb1f3306297"', 0, 0, '{"v":1,"now":1795894724819,"seed":4031444752573713502,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{"0":{"set":{"c2":"01a223aa-c8d0-7eb7-ab07-cfb1f3306297"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 3, 1795894724823, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[2]","until_ms":1796254724823}],"ran_ms":11}
{"v":1,"now":1795894724819,"seed":4031444752573713502,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8D07EB7AB07CFB1F3306297', 1, 1795894724827, 'stack[0]', 'add_record', NULL, 1, 1795894724827, 1795894724827, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795894724816},"who":"child 2","what":"before"}]}', 0, 0, '{"v":1,"now":1795894724827,"seed":15456425578603351409,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8D07EB7AB07CFB1F3306297', 2, 1795894724830, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795898324830}],"ran_ms":3}
{"v":1,"now":1795894724827,"seed":15456425578603351409,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8D9793CA1D23E65E8C68340', 1, 1795894724826, 'stack[0]>part:stack[0]', 'add_record', NULL, 1, 1795894724826, 1795894724826, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795894724825},"who":"within","what":"in part"}]}', 0, 0, '{"v":1,"now":1795894724826,"seed":3812491004529850476,"next_id":3,"pins":[["part","1cc28b97a706c155"]],"calls":[{"id":2,"name":"part","version":"1cc28b97a706c155","input":1}],"frames":[{"at":0,"doing":"call"},{"at":1}],"kept":{"1":{"who":"within","world":"http://127.0.0.1:<world>"}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8E17C10BC0D6AD20490E70C', 1, 1795894724833, 'stack[0]', 'add_record', NULL, 1, 1795894724833, 1795894724833, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795894724833},"who":"part","what":"in part"}]}', 0, 0, '{"v":1,"now":1795894724833,"seed":9299418722243045461,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8E570E3904982DDA5616882', 1, 1795894724837, 'stack[0]', 'add_record', NULL, 1, 1795894724837, 1795894724837, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795894724837},"who":"retry","what":"before"}]}', 0, 0, '{"v":1,"now":1795894724837,"seed":3852382970328443494,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8E570E3904982DDA5616882', 2, 1795894724841, 'stack[1]', 'external_api_request', NULL, 1, 1795894724839, 1795894724841, '{"error":{"name":"http_status","code":"ERROR_CODE_HTTP_STATUS","message":"POST http://127.0.0.1:<world>/busy answered 503","status":503,"payload":{"response":{"status":503,"headers":{"content-length":"0"},"result":null},"retry_after":null},"stack":"","step":null,"attempt":1}}', 1, 0, '{"v":1,"now":1795894724841,"seed":10066111778824015674,"next_id":1,"frames":[],"ended":{"raise":"{\"name\":\"http_status\",\"code\":\"ERROR_CODE_HTTP_STATUS\",\"message\":\"POST http://127.0.0.1:<world>/busy answered 503\",\"status\":503,\"payload\":{\"response\":{\"status\":503,\"headers\":{\"content-length\":\"0\"},\"result\":null},\"retry_after\":null},\"stack\":\"at retry stack[1] external_api_request\",\"step\":\"stack[1]\",\"attempt\":1}"},"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A223AAC8E570E3904982DDA5616882', 3, 1795894724847, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '#{"ran_ms":0}
{"v":1,"full":true,"now":1795894724837,"seed":3852382970328443494,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8AE7A71A5DF8181CDD502C7', 1795898324784, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8CC744394DAEED0D131A61D', 1795898324829, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8D07EB7AB07CFB1F3306297', 1795898324830, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8EA7F50AD098D62B709030A', 1795898324842, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8E570E3904982DDA5616882', 1795898324847, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8B279DE84AB93D3C5570CD6', 1796254724795, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 1796254724823, 0);
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 0, X'01A223AAC8CC744394DAEED0D131A61D');
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A223AAC8CC7733B2A9828F9922AC2C', 0, X'01A223AAC8D07EB7AB07CFB1F3306297');
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 1, 1, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795894724776},"who":"tour","what":"turn 1"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 2, 1, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795894724782},"who":"nap","what":"before"}]}', X'01A223AAC8AE7A71A5DF8181CDD502C7', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 3, 1, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795894724786},"who":"tour","what":"caught 1"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 4, 1, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795894724787},"who":"tour","what":"at last 1"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 5, 1, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795894724799},"who":"both","what":"quick"}]}', X'01A223AAC8BF788EBC383CB72C57350E', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 6, 1, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795894724802},"who":"tour","what":"turn 2"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 7, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 7, 1, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795894724812},"who":"crowd","what":"turn 1"}]}', X'01A223AAC8C576759385CC2890942B1F', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 8, 1, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795894724813},"who":"crowd","what":"turn 3"}]}', X'01A223AAC8C576759385CC2890942B1F', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 9, 1, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795894724814},"who":"tour","what":"caught 2"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 9, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 10, 1, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795894724814},"who":"tour","what":"at last 2"}]}', X'01A223AAC8A8749DA1EA6678A2675C16', 10, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 11, 1, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795894724825},"who":"within","what":"in part"}]}', X'01A223AAC8D9793CA1D23E65E8C68340', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 12, 1, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795894724816},"who":"child 2","what":"before"}]}', X'01A223AAC8D07EB7AB07CFB1F3306297', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 13, 1, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795894724812},"who":"child 1","what":"before"}]}', X'01A223AAC8CC744394DAEED0D131A61D', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 14, 1, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795894724833},"who":"part","what":"in part"}]}', X'01A223AAC8E17C10BC0D6AD20490E70C', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 15, 1, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795894724837},"who":"retry","what":"before"}]}', X'01A223AAC8E570E3904982DDA5616882', 1, 0);
INSERT OR REPLACE INTO "record_ids" ("table_name", "next_id") VALUES ('notes', 65);
INSERT OR REPLACE INTO "deliveries" ("id", "execution_id", "event", "state", "url", "callback", "body", "created_at", "closed_at", "reason", "attempts", "counted", "excused", "had_unknown", "thin", "node", "destination", "order_key", "ordered_at", "attempt_at", "last_number", "last_started_at", "last_ended_at", "last_outcome", "last_status", "last_detail", "last_answer") VALUES (X'01A223AAC8F27C82B5180662379407E4', X'01A223AAC8F27C82B594F43FFD9EA52A', 'execution.completed', 'pending', 'http://127.0.0.1:<home>/home', '{"url":"http://127.0.0.1:<home>/home"}', X'7B2274797065223A22657865637574696F6E2E636F6D706C65746564222C2274696D657374616D70223A22323032362D31312D32385431393A33383A34342E3835305A222C22657865637574696F6E5F6964223A2230316132323361612D633866322D376338322D623539342D663433666664396561353261222C226173796E635F657865637574696F6E5F6964223A2230316132323361612D633866322D376338322D623539342D663433666664396561353261222C22737461747573223A22636F6D706C65746564222C227374617465223A22636F6D706C65746564222C226F7574707574223A226F776564222C226572726F72223A6E756C6C2C226572726F725F6D657373616765223A6E756C6C2C226572726F725F636F6465223A6E756C6C2C226572726F725F64657461696C223A6E756C6C2C2266756E6374696F6E5F6E616D65223A226F776564222C2266756E6374696F6E5F76657273696F6E223A2231613635383630346234666261386362222C22617474656D7074223A312C226D61785F617474656D707473223A312C2270726F6772657373223A6E756C6C2C226F75747075745F737461747573223A3230302C2274616773223A5B5D2C226D65746164617461223A6E756C6C2C22706172656E745F657865637574696F6E5F6964223A6E756C6C2C2277616974696E675F666F72223A6E756C6C2C22637265617465645F6174223A22323032362D31312D32385431393A33383A34342E3835305A222C22737461727465645F6174223A22323032362D31312D32385431393A33383A34342E3835305A222C22636F6D706C657465645F6174223A22323032362D31312D32385431393A33383A34342E3835305A222C226F75747075745F7472756E6361746564223A66616C73652C227374617475735F75726C223A22687474703A2F2F3132372E302E302E313A34343332352F6170692F6173796E632D7374617475732F30316132323361612D633866322D376338322D623539342D663433666664396561353261227D', 1795894724850, NULL, NULL, 2, 2, 0, 0, 0, 1, 'http://127.0.0.1:<home>', NULL, 1795894724850, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A223AAC8F27C82B5180662379407E4', 1, 1795894724855, 1795894724858, 'failure', 503, 'HTTP 503', NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A223AAC8F27C82B5180662379407E4', 2, 1795894725326, 1795894725329, 'failure', 503, 'HTTP 503', NULL);
