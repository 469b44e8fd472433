-- written at 2026-11-24T18:02:36.356669807+00:00
-- hold 34399716aca9ddac9eba22b977cab907
-- hold 2a6a60d4c56b90442a499286a344f6c6
-- hold 43f0a92123dfa174c66fb236eac53ec9
-- hold 2195a476ee4fb987f04558e273ba3c6a
-- hold a6eb8418aa11f53779377b2e1c3d4d11
-- hold de137622aa541b3824181d5809f15f3e
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
) STRICT;
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
    -- Whether an attempt is open.
    in_flight INTEGER NOT NULL
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
) STRICT;
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
CREATE INDEX executions_open ON executions (id) WHERE completed_at IS NULL;
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
CREATE INDEX idempotency_execution ON idempotency (execution_id);
CREATE UNIQUE INDEX alerts_open ON alerts (type, subject, coalesce(execution_id, x'')) WHERE resolved_at IS NULL;
CREATE INDEX alerts_subject ON alerts (type, subject, created_at);
CREATE INDEX alerts_untold ON alerts (id) WHERE told IS NULL OR told <> 'resolved';
CREATE INDEX schedules_wake ON schedules (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX schedule_firings_due ON schedule_firings (schedule_id, due_at);
CREATE INDEX permits_execution ON permits (execution_id);
CREATE INDEX limit_queue_turn ON limit_queue (key_hash, turn, execution_id);
CREATE INDEX limit_queue_execution ON limit_queue (execution_id);
CREATE INDEX rate_starts_until ON rate_starts (until);
INSERT OR REPLACE INTO "__diesel_schema_migrations" ("version", "run_on") VALUES ('20261124000000', '2026-11-24 18:02:34');

-- rows
INSERT OR REPLACE INTO "nodes" ("id", "state", "process", "started_at", "renewed_at", "lease_until") VALUES (1, 'alive', '1512', 1795543354601, 1795543354601, 1795543354601);
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('encryption_key_id', '17ba88a1');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('resume_key', 'rbs1.17ba88a1.mO7BQZ5MKPY9XVCKeEnVJDFeQFxDPlIa7FJutBQkNfYhJ6C0Jg2i0EojrZJAZfGpd18JDqS4mD8ZW84r9ixo14PDcoZcHveep0sUs89c2BQ534JS');
INSERT OR REPLACE INTO "settings" ("name", "value") VALUES ('signing_keys', 'rbs1.17ba88a1.b8xrgRKNHU9akWjo0g_tt4elfMEXHBUfUZ5zOWzoEg2sUs11kz7AAu8nkr9iz02vyHYEUu7icDlbB8bA9oUAvqyUz56fFzC6rF4KvDHFQ74Sw2weaw9iWWuGMYfFOTul-zoO0z6KoJcfoV2QQjH0KEdyl7RxahAICOaLu5zrcNipyDzo23GQTteSXeTMASEo13cF7c3CVIeXgDi6HtiSJ3mRcLrKxOAn30GmsKozjDryBvNE3aZ7pQ-P8Q');
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('both', '536416ee51feb1e3', '{"name":"both","stack":[{"function":"parallel","return_as":"both","branches":{"quick":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"quick"}},{"function":"create_variable","name":"q","value":1}],"held":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"held"}}]}},{"function":"return","value":"{{ q + answer.v }}"}]}', 1795543354676);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('crowd', 'b439ee676a4df0f3', '{"name":"crowd","stack":[{"function":"loop","array":[1,2,3],"as":"i","concurrency":3,"operations":[{"function":"conditional","condition":"{{ i == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}}]},{"function":"return","value":"done"}]}', 1795543354676);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('delayed', 'd4ba43e3d27849eb', '{"name":"delayed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795543354676);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('echo', '343fd5803cf277c5', '{"name":"echo","stack":[{"function":"return_response","body":{"echo":"{{ input }}"}}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fail', '54bd68d5cb5136e1', '{"name":"fail","stack":[{"function":"throw_error","name":"broken","code":"ERROR_CODE_BROKEN","message":"it broke on purpose","status":"{{ input.status ?? 500 }}","payload":{"hint":"mend it"}}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('family', 'f9947a4b9a3d706f', '{"name":"family","stack":[{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 1"},"return_as":"c1"},{"function":"custom_function","name":"nap","execution_mode":"async","inputs":{"who":"child 2"},"return_as":"c2"},{"function":"async_function_await","execution_ids":["{{ c1 }}","{{ c2 }}"],"timeout":360000,"return_as":"ends"},{"function":"return","value":"{{ ends|pluck(''output'') }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('fetch', '9b31864b25fd4311', '{"name":"fetch","stack":[{"function":"external_api_request","url":"{{ input.url }}","method":"POST","body":{"n":"{{ input.n }}"},"timeout":60,"return_as":"answer"},{"function":"return_response","body":"{{ answer }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('grumble', '65fae4434b06893a', '{"name":"grumble","stack":[{"function":"return_response","status":418,"body":{"message":"I am a teapot","cups":2}}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('list', '9e17b97fb78f9c5b', '{"name":"list","stack":[{"function":"query_all_records","table":"{{ input.table }}","filter":"{{ input.filter ?? {} }}","return_as":"rows"},{"function":"return_response","body":"{{ rows }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('listen', '14d5569738bb6481', '{"name":"listen","stack":[{"function":"wait_for_event","name":"approved","timeout":360000,"return_as":"said"},{"function":"return","value":"{{ said.n }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('nap', '8e002973e59a443e', '{"name":"nap","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"sleep","duration":3600},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ input.who }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('note', 'fbfaa7529325ac05', '{"name":"note","stack":[{"function":"add_record","table":"{{ input.table }}","data":"{{ input.data }}","return_as":"row"},{"function":"return_response","body":"{{ row }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('owed', '1a658604b4fba8cb', '{"name":"owed","stack":[{"function":"return","value":"{{ input.who }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('part', '1cc28b97a706c155', '{"name":"part","stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"in part"}},{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v + 1 }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('rescue', '0b76ddc8953d5c66', '{"name":"rescue","stack":[{"function":"try_catch","try_block":[{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"create_variable","name":"told","value":"{{ error.message }}"}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last"}}]},{"function":"return","value":"{{ told }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('retry', 'd3e55d94f4f09462', '{"name":"retry","async_function_config":{"max_retries":3,"initial_delay":3600000,"max_delay":3600000,"jitter":0.0},"stack":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"before"}},{"function":"external_api_request","url":"{{ input.world }}/busy","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"return","value":"{{ answer.v }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('tour', '70afb29969c3c6f7', '{"name":"tour","stack":[{"function":"create_variable","name":"sum","value":0},{"function":"loop","array":[1,2,3],"as":"i","operations":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"turn {{ i }}"}},{"function":"try_catch","try_block":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"},{"function":"throw_error","message":"on purpose"}],"catch_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"caught {{ i }}"}}],"finally_block":[{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"at last {{ i }}"}}]},{"function":"loop","array":[1,2],"as":"j","operations":[{"function":"conditional","condition":"{{ i == 2 && j == 2 }}","true_branch":[{"function":"external_api_request","url":"{{ input.world }}/hold","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}],"false_branch":[{"function":"external_api_request","url":"{{ input.world }}/ext","method":"POST","body":{"who":"{{ input.who }}"},"timeout":600,"raise_on_error":true,"return_as":"answer"}]},{"function":"update_variable","name":"sum","value":"{{ sum + answer.v * i }}"}]}]},{"function":"return","value":"{{ sum }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "function_versions" ("name_key", "version", "definition", "created_at") VALUES ('within', 'de7259f7c93a4325', '{"name":"within","stack":[{"function":"custom_function","name":"part","inputs":{"who":"{{ input.who }}","world":"{{ input.world }}"},"return_as":"part"},{"function":"add_record","table":"notes","data":{"who":"{{ input.who }}","what":"after"}},{"function":"return","value":"{{ part }}"}]}', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('both', 'both', '536416ee51feb1e3', 'file', 1795543354676);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('crowd', 'crowd', 'b439ee676a4df0f3', 'file', 1795543354676);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('delayed', 'delayed', 'd4ba43e3d27849eb', 'file', 1795543354676);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('echo', 'echo', '343fd5803cf277c5', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fail', 'fail', '54bd68d5cb5136e1', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('family', 'family', 'f9947a4b9a3d706f', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('fetch', 'fetch', '9b31864b25fd4311', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('grumble', 'grumble', '65fae4434b06893a', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('list', 'list', '9e17b97fb78f9c5b', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('listen', 'listen', '14d5569738bb6481', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('nap', 'nap', '8e002973e59a443e', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('note', 'note', 'fbfaa7529325ac05', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('owed', 'owed', '1a658604b4fba8cb', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('part', 'part', '1cc28b97a706c155', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('rescue', 'rescue', '0b76ddc8953d5c66', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('retry', 'retry', 'd3e55d94f4f09462', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('tour', 'tour', '70afb29969c3c6f7', 'file', 1795543354677);
INSERT OR REPLACE INTO "functions" ("name_key", "name", "version", "origin", "deployed_at") VALUES ('within', 'within', 'de7259f7c93a4325', 'file', 1795543354677);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (1, X'01A20EB94EA57F4894BFDEDF7342EF3B', 'tour', 'tour', '70afb29969c3c6f7', 1795543355045, -2687806909987124366, '{"who":"tour","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/tour","query":{},"headers":{"content-type":"application/json","content-length":"105","host":"127.0.0.1:34313","accept":"*/*"},"body":{"who":"tour","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355045, NULL, 1795543655045, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355162, 1, 1, 11, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (2, X'01A20EB94EB477B989B824A8466A6145', 'nap', 'nap', '8e002973e59a443e', 1795543355060, 4572513671616534387, '{"who":"nap","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/nap","query":{},"headers":{"content-length":"104","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"nap","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'waiting', 1, 1795543355060, NULL, NULL, '{"what":"timer","since":"2026-11-24T18:02:35.064Z","until":"2026-11-24T19:02:35.064Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355064, NULL, 1, 2, 0, 1795546955064, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (3, X'01A20EB94ECA78D191BB19D32D413E29', 'listen', 'listen', '14d5569738bb6481', 1795543355082, -6310536676297910798, '{"who":"listen","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/listen","query":{},"headers":{"host":"127.0.0.1:34313","content-length":"107","accept":"*/*","content-type":"application/json"},"body":{"who":"listen","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'waiting', 1, 1795543355082, NULL, NULL, '{"what":"event","since":"2026-11-24T18:02:35.106Z","until":"2026-11-28T22:02:35.106Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355106, NULL, 1, 1, 0, 1795903355106, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (4, X'01A20EB94EF17AA4B3D97F7E20177180', 'both', 'both', '536416ee51feb1e3', 1795543355121, -1713739894192389703, '{"who":"both","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/both","query":{},"headers":{"content-length":"105","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"both","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355121, NULL, 1795543655121, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355138, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (5, X'01A20EB94F0C753CB369D197603F0283', 'crowd', 'crowd', 'b439ee676a4df0f3', 1795543355148, -3729073472950507096, '{"who":"crowd","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/crowd","query":{},"headers":{"host":"127.0.0.1:34313","content-length":"106","accept":"*/*","content-type":"application/json"},"body":{"who":"crowd","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355148, NULL, 1795543655148, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355162, 1, 1, 4, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (6, X'01A20EB94F117F3F951232A49C1E09F9', 'family', 'family', 'f9947a4b9a3d706f', 1795543355153, -7587662288812460880, '{"who":"family","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/family","query":{},"headers":{"content-length":"107","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"family","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'waiting', 1, 1795543355153, NULL, NULL, '{"what":"executions","since":"2026-11-24T18:02:35.171Z","until":"2026-11-28T22:02:35.171Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355171, NULL, 1, 3, 0, 1795903355171, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (7, X'01A20EB94F117101A5250C178AC23FEC', 'nap', 'nap', '8e002973e59a443e', 1795543355153, -8359128275707187169, '{"who":"child 1"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A20EB94F117F3F951232A49C1E09F9', NULL, NULL, 'waiting', 1, 1795543355159, NULL, NULL, '{"what":"timer","since":"2026-11-24T18:02:35.188Z","until":"2026-11-24T19:02:35.188Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355188, NULL, 1, 2, 0, 1795546955188, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (8, X'01A20EB94F1674BBA60C9B661EA3EC1A', 'nap', 'nap', '8e002973e59a443e', 1795543355158, 3250919901765943049, '{"who":"child 2"}', NULL, NULL, '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', X'01A20EB94F117F3F951232A49C1E09F9', NULL, NULL, 'waiting', 1, 1795543355170, NULL, NULL, '{"what":"timer","since":"2026-11-24T18:02:35.215Z","until":"2026-11-24T19:02:35.215Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355215, NULL, 1, 2, 0, 1795546955215, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (9, X'01A20EB94F1C7290B77A051CAF0F5393', 'rescue', 'rescue', '0b76ddc8953d5c66', 1795543355164, -3172485289613569501, '{"who":"rescue","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/rescue","query":{},"headers":{"host":"127.0.0.1:34313","content-length":"107","accept":"*/*","content-type":"application/json"},"body":{"who":"rescue","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355164, NULL, 1795543655164, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355164, 1, 1, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (10, X'01A20EB94F3B7891B15C51957B697E72', 'within', 'within', 'de7259f7c93a4325', 1795543355195, 5517900294867341299, '{"who":"within","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/within","query":{},"headers":{"content-length":"107","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"within","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355195, NULL, 1795543655195, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355213, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (11, X'01A20EB94F517F0B8D2551C513586646', 'part', 'part', '1cc28b97a706c155', 1795543355217, -8058589395173301842, '{"who":"part","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/part","query":{},"headers":{"host":"127.0.0.1:34313","content-length":"105","accept":"*/*","content-type":"application/json"},"body":{"who":"part","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'running', 1, 1795543355217, NULL, 1795543655217, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355219, 1, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (12, X'01A20EB94F567B2FBF703EC6F67229FD', 'retry', 'retry', 'd3e55d94f4f09462', 1795543355222, -5811830995966339079, '{"who":"retry","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/retry","query":{},"headers":{"content-length":"106","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"retry","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":3,"backoff":"exponential","initial_delay_ms":3600000,"max_delay_ms":3600000,"jitter":0.0,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'retrying', 2, 1795543355222, NULL, NULL, '{"what":"retry","since":"2026-11-24T18:02:35.230Z","until":"2026-11-24T19:02:35.230Z"}', NULL, NULL, NULL, NULL, NULL, NULL, 1795543355230, NULL, 1, 3, 0, 1795546955230, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (13, X'01A20EB94F5A7A6DB88CABE612E4F00E', 'delayed', 'delayed', 'd4ba43e3d27849eb', 1795543355226, 5253009328262000536, '{"who":"delayed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/delayed","query":{},"headers":{"host":"127.0.0.1:34313","content-length":"133","accept":"*/*","content-type":"application/json"},"body":{"who":"delayed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","options":{"delay":3600},"async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'queued', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543355226, NULL, 0, 0, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "executions" ("number", "id", "function_name", "function_key", "version", "created_at", "seed", "input", "request", "callback", "config", "max_execution_ms", "priority", "tags", "metadata", "parent", "started_by", "rerun_of", "state", "attempt", "started_at", "completed_at", "deadline_at", "waiting_for", "progress", "output", "response", "failure", "error_code", "error_message", "progressed_at", "node", "epoch", "seq", "inbox", "wake_at", "cancel_at", "crashes", "resumes") VALUES (14, X'01A20EB94F687C71B4C7A57BD46561D7', 'owed', 'owed', '1a658604b4fba8cb', 1795543355240, 1941400350284953985, '{"who":"owed","world":"http://127.0.0.1:<world>"}', '{"method":"POST","path":"/api/owed","query":{},"headers":{"content-length":"105","accept":"*/*","host":"127.0.0.1:34313","content-type":"application/json"},"body":{"who":"owed","world":"http://127.0.0.1:<world>","callback_url":"http://127.0.0.1:<home>/home","async":true},"ip":"127.0.0.1"}', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', '{"max_execution_ms":300000,"memory_limit_bytes":512000000,"cpu_millicores":1000,"retry":{"max_retries":0,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":300000,"jitter":0.2,"retry_on":[]},"timeout":{"on_timeout":"cancel","cleanup_resources":true,"notify_callback":true}}', 300000, 0, '[]', 'null', NULL, NULL, NULL, 'completed', 1, 1795543355240, 1795543355241, NULL, NULL, NULL, '"owed"', '{"status":null,"headers":[]}', NULL, NULL, NULL, 1795543355241, NULL, 1, 1, 0, NULL, NULL, 0, 0);
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 1, 1795543355049, 'stack[1].operations[0]#1', 'add_record', NULL, 1, 1795543355048, 1795543355049, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795543355045},"who":"tour","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795543355049,"seed":1335681031205882529,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1}],"kept":{"1":[1,2,3]},"variables":{"0":{"set":{"sum":0},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 2, 1795543355058, 'stack[1].operations[1]#1.try_block[0]', 'external_api_request', NULL, 1, 1795543355050, 1795543355058, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355058,"seed":4999998417882550401,"next_id":2,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 3, 1795543355058, 'stack[1].operations[1]#1.catch_block[0]', 'add_record', NULL, 1, 1795543355058, 1795543355058, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795543355058},"who":"tour","what":"caught 1"}]}', 0, 0, '{"v":1,"now":1795543355058,"seed":9399461106941112196,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":2}}},{"at":1,"via":1}],"kept":{"2":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#1.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 4, 1795543355059, 'stack[1].operations[1]#1.finally_block[0]', 'add_record', NULL, 1, 1795543355058, 1795543355059, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795543355058},"who":"tour","what":"at last 1"}]}', 0, 0, '{"v":1,"now":1795543355059,"seed":8431062083696868167,"next_id":3,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EB477B989B824A8466A6145', 1, 1795543355063, 'stack[0]', 'add_record', NULL, 1, 1795543355063, 1795543355063, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795543355060},"who":"nap","what":"before"}]}', 0, 0, '{"v":1,"now":1795543355063,"seed":13167723150017880319,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EB477B989B824A8466A6145', 2, 1795543355064, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795546955064}],"ran_ms":1}
{"v":1,"now":1795543355063,"seed":13167723150017880319,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 5, 1795543355082, 'stack[1].operations[2]#1.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795543355061, 1795543355082, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355082,"seed":16600046162267640191,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"3":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94ECA78D191BB19D32D413E29', 1, 1795543355106, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[0]","until_ms":1795903355106}],"ran_ms":0}
{"v":1,"now":1795543355082,"seed":12136207397411640818,"next_id":1,"frames":[{"at":0}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 6, 1795543355126, 'stack[1].operations[2]#1.operations[0]#2.false_branch[0]', 'external_api_request', NULL, 1, 1795543355124, 1795543355126, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355126,"seed":18047061821186251726,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":0}}},{"at":2,"doing":{"each":{"array":3,"name":"j","turn":1}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"0":{"set":{"sum":7,"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 7, 1795543355127, 'stack[1].operations[0]#2', 'add_record', NULL, 1, 1795543355127, 1795543355127, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795543355126},"who":"tour","what":"turn 2"}]}', 0, 0, '{"v":1,"now":1795543355127,"seed":5388213023163406294,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"sum":14},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EF17AA4B3D97F7E20177180', 1, 1795543355138, 'stack[0].branches.quick[0]', 'add_record', NULL, 1, 1795543355138, 1795543355138, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795543355121},"who":"both","what":"quick"}]}', 0, 0, '{"v":1,"now":1795543355138,"seed":9033745802461233658,"next_id":5,"calls":[{"id":1,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"parallel":{"names":["quick","held"]}},"limit":2,"next":2,"active":0,"branches":[{"number":1,"frames":[{"at":0,"via":1}],"calls":[{"id":2,"name":"both","version":"536416ee51feb1e3","input":0,"branch":true}],"now":1795543355121,"seed":18123809716019770862,"held":3}],"results":[null,null]}}},{"at":1,"last":4}],"kept":{"3":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"both"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"4":{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795543355121},"who":"both","what":"quick"}]}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 8, 1795543355146, 'stack[1].operations[1]#2.try_block[0]', 'external_api_request', NULL, 1, 1795543355137, 1795543355146, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355146,"seed":12743109564257170461,"next_id":4,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"try","catch":true,"finally":true}}},{"at":1}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 9, 1795543355146, 'stack[1].operations[1]#2.catch_block[0]', 'add_record', NULL, 1, 1795543355146, 1795543355146, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795543355146},"who":"tour","what":"caught 2"}]}', 0, 0, '{"v":1,"now":1795543355146,"seed":9082558668091119149,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"catch","catch":true,"finally":true,"error":4}}},{"at":1,"via":1}],"kept":{"4":{"name":"thrown","code":"ERROR_CODE_THROWN","message":"on purpose","status":null,"payload":null,"stack":"at tour stack[1].operations[1].try_block[1] throw_error","step":"stack[1].operations[1]#2.try_block[1]","attempt":1}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 10, 1795543355146, 'stack[1].operations[1]#2.finally_block[0]', 'add_record', NULL, 1, 1795543355146, 1795543355146, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795543355146},"who":"tour","what":"at last 2"}]}', 0, 0, '{"v":1,"now":1795543355146,"seed":15884719140066353000,"next_id":5,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":1,"doing":{"try":{"part":"finally","catch":true,"finally":true}}},{"at":1,"via":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 1, 1795543355158, 'stack[0]', 'custom_function', NULL, 1, 1795543355157, 1795543355158, '"01a20eb9-4f11-7101-a525-0c178ac23fec"', 0, 0, '{"v":1,"now":1795543355158,"seed":12296934200030479698,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{"0":{"set":{"c1":"01a20eb9-4f11-7101-a525-0c178ac23fec"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 2, 1795543355161, 'stack[1]', 'custom_function', NULL, 1, 1795543355161, 1795543355161, '"01a20eb9-4f16-74bb-a60c-9b661ea3ec1a"', 0, 0, '{"v":1,"now":1795543355161,"seed":3116716417443936106,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{"0":{"set":{"c2":"01a20eb9-4f16-74bb-a60c-9b661ea3ec1a"},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94EA57F4894BFDEDF7342EF3B', 11, 1795543355162, 'stack[1].operations[2]#2.operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795543355152, 1795543355162, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355162,"seed":18283847539678002144,"next_id":6,"frames":[{"at":1,"doing":{"each":{"array":1,"name":"i","turn":1}}},{"at":2,"doing":{"each":{"array":5,"name":"j","turn":0}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"5":[1,2]},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F0C753CB369D197603F0283', 1, 1795543355161, 'stack[0].operations[0]#3.false_branch[0]', 'external_api_request', NULL, 1, 1795543355152, 1795543355161, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355161,"seed":768103584389728869,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":0,"doing":"block"},{"at":0,"via":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355148,"seed":8757170575697390549,"held":5},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355148,"seed":2168183984492169720,"held":6}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{"1":[1,2,3],"5":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null},"6":{"method":"POST","url":"http://127.0.0.1:<world>/hold","headers":[],"kind":"json","body":{"who":"crowd"},"timeout_ms":600000,"follow":true,"verify":true,"raise":true,"step_timeout_ms":null}},"variables":{"4":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F0C753CB369D197603F0283', 2, 1795543355161, 'stack[0].operations[0]#1.false_branch[0]', 'external_api_request', NULL, 1, 1795543355152, 1795543355161, '{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}', 0, 0, '{"v":1,"now":1795543355161,"seed":12745436738051547984,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355148,"seed":2168183984492169720,"held":6},{"number":2,"frames":[{"at":1}],"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355161,"seed":768103584389728869}]}}},{"at":0,"doing":"block"},{"at":1,"via":1}],"kept":{},"variables":{"2":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F0C753CB369D197603F0283', 3, 1795543355162, 'stack[0].operations[1]#3', 'add_record', NULL, 1, 1795543355162, 1795543355162, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795543355161},"who":"crowd","what":"turn 3"}]}', 0, 0, '{"v":1,"now":1795543355162,"seed":13992523313086092391,"next_id":8,"calls":[{"id":4,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":2,"branches":[{"number":0,"frames":[{"at":1}],"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355161,"seed":12745436738051547984},{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355148,"seed":2168183984492169720,"held":6}]}}},{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F0C753CB369D197603F0283', 4, 1795543355162, 'stack[0].operations[1]#1', 'add_record', NULL, 1, 1795543355162, 1795543355162, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795543355161},"who":"crowd","what":"turn 1"}]}', 0, 0, '{"v":1,"now":1795543355162,"seed":826245652244531591,"next_id":8,"calls":[{"id":2,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"frames":[{"at":0,"doing":{"fork":{"over":{"each":{"array":1,"name":"i"}},"limit":3,"next":3,"active":0,"branches":[{"number":1,"frames":[{"at":0,"doing":"block"},{"at":0}],"calls":[{"id":3,"name":"crowd","version":"b439ee676a4df0f3","input":0,"branch":true}],"now":1795543355148,"seed":2168183984492169720,"held":6}]}}},{"at":2}],"kept":{},"variables":{"0":{"set":{"answer":{"v":7,"status":200,"request":{"method":"POST","url":"http://127.0.0.1:<world>/ext","headers":{}},"response":{"status":200,"headers":{"content-type":"application/json","content-length":"7"},"result":{"v":7}}}},"append":{}}}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F117101A5250C178AC23FEC', 1, 1795543355169, 'stack[0]', 'add_record', NULL, 1, 1795543355169, 1795543355169, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795543355153},"who":"child 1","what":"before"}]}', 0, 0, '{"v":1,"now":1795543355169,"seed":9469246708269450440,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 3, 1795543355171, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[2]","until_ms":1795903355171}],"ran_ms":14}
{"v":1,"now":1795543355161,"seed":3116716417443936106,"next_id":1,"frames":[{"at":2}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F117101A5250C178AC23FEC', 2, 1795543355188, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795546955188}],"ran_ms":19}
{"v":1,"now":1795543355169,"seed":9469246708269450440,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F1674BBA60C9B661EA3EC1A', 1, 1795543355201, 'stack[0]', 'add_record', NULL, 1, 1795543355201, 1795543355201, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795543355158},"who":"child 2","what":"before"}]}', 0, 0, '{"v":1,"now":1795543355201,"seed":8124885512337987141,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F3B7891B15C51957B697E72', 1, 1795543355213, 'stack[0]>part:stack[0]', 'add_record', NULL, 1, 1795543355213, 1795543355213, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795543355195},"who":"within","what":"in part"}]}', 0, 0, '{"v":1,"now":1795543355213,"seed":8627655094509439620,"next_id":3,"pins":[["part","1cc28b97a706c155"]],"calls":[{"id":2,"name":"part","version":"1cc28b97a706c155","input":1}],"frames":[{"at":0,"doing":"call"},{"at":1}],"kept":{"1":{"who":"within","world":"http://127.0.0.1:<world>"}},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F1674BBA60C9B661EA3EC1A', 2, 1795543355215, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, '#{"notes":[{"position":"stack[1]","until_ms":1795546955215}],"ran_ms":14}
{"v":1,"now":1795543355201,"seed":8124885512337987141,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F517F0B8D2551C513586646', 1, 1795543355219, 'stack[0]', 'add_record', NULL, 1, 1795543355219, 1795543355219, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795543355217},"who":"part","what":"in part"}]}', 0, 0, '{"v":1,"now":1795543355219,"seed":1658072421478325206,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F567B2FBF703EC6F67229FD', 1, 1795543355223, 'stack[0]', 'add_record', NULL, 1, 1795543355223, 1795543355223, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795543355222},"who":"retry","what":"before"}]}', 0, 0, '{"v":1,"now":1795543355223,"seed":9746189678805079873,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F567B2FBF703EC6F67229FD', 2, 1795543355229, 'stack[1]', 'external_api_request', NULL, 1, 1795543355225, 1795543355229, '{"error":{"name":"http_status","code":"ERROR_CODE_HTTP_STATUS","message":"POST http://127.0.0.1:<world>/busy answered 503","status":503,"payload":{"response":{"status":503,"headers":{"content-length":"0"},"result":null},"retry_after":null},"stack":"","step":null,"attempt":1}}', 1, 0, '{"v":1,"now":1795543355229,"seed":12752416628653666529,"next_id":1,"frames":[],"ended":{"raise":"{\"name\":\"http_status\",\"code\":\"ERROR_CODE_HTTP_STATUS\",\"message\":\"POST http://127.0.0.1:<world>/busy answered 503\",\"status\":503,\"payload\":{\"response\":{\"status\":503,\"headers\":{\"content-length\":\"0\"},\"result\":null},\"retry_after\":null},\"stack\":\"at retry stack[1] external_api_request\",\"step\":\"stack[1]\",\"attempt\":1}"},"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "journal" ("execution_id", "seq", "at", "position", "kind", "name", "attempt", "started_at", "ended_at", "result", "failed", "full", "delta") VALUES (X'01A20EB94F567B2FBF703EC6F67229FD', 3, 1795543355230, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '#{"ran_ms":0}
{"v":1,"full":true,"now":1795543355223,"seed":9746189678805079873,"next_id":1,"frames":[{"at":1}],"kept":{},"variables":{}}');
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94EB477B989B824A8466A6145', 1795546955064, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94F117101A5250C178AC23FEC', 1795546955188, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94F1674BBA60C9B661EA3EC1A', 1795546955215, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94F5A7A6DB88CABE612E4F00E', 1795546955226, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94F567B2FBF703EC6F67229FD', 1795546955230, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94ECA78D191BB19D32D413E29', 1795903355106, 0);
INSERT OR REPLACE INTO "queue" ("execution_id", "due_at", "priority") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 1795903355171, 0);
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 0, X'01A20EB94F117101A5250C178AC23FEC');
INSERT OR REPLACE INTO "waits" ("execution_id", "grp", "child_id") VALUES (X'01A20EB94F117F3F951232A49C1E09F9', 0, X'01A20EB94F1674BBA60C9B661EA3EC1A');
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 1, 1, '{"$row":["notes",{"id":1,"created_at":{"$timestamp":1795543355045},"who":"tour","what":"turn 1"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 2, 1, '{"$row":["notes",{"id":2,"created_at":{"$timestamp":1795543355058},"who":"tour","what":"caught 1"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 3, 1, '{"$row":["notes",{"id":3,"created_at":{"$timestamp":1795543355058},"who":"tour","what":"at last 1"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 4, 1, '{"$row":["notes",{"id":4,"created_at":{"$timestamp":1795543355060},"who":"nap","what":"before"}]}', X'01A20EB94EB477B989B824A8466A6145', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 5, 1, '{"$row":["notes",{"id":5,"created_at":{"$timestamp":1795543355126},"who":"tour","what":"turn 2"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 7, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 6, 1, '{"$row":["notes",{"id":6,"created_at":{"$timestamp":1795543355121},"who":"both","what":"quick"}]}', X'01A20EB94EF17AA4B3D97F7E20177180', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 7, 1, '{"$row":["notes",{"id":7,"created_at":{"$timestamp":1795543355146},"who":"tour","what":"caught 2"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 9, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 8, 1, '{"$row":["notes",{"id":8,"created_at":{"$timestamp":1795543355146},"who":"tour","what":"at last 2"}]}', X'01A20EB94EA57F4894BFDEDF7342EF3B', 10, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 9, 1, '{"$row":["notes",{"id":9,"created_at":{"$timestamp":1795543355161},"who":"crowd","what":"turn 3"}]}', X'01A20EB94F0C753CB369D197603F0283', 3, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 10, 1, '{"$row":["notes",{"id":10,"created_at":{"$timestamp":1795543355161},"who":"crowd","what":"turn 1"}]}', X'01A20EB94F0C753CB369D197603F0283', 4, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 11, 1, '{"$row":["notes",{"id":11,"created_at":{"$timestamp":1795543355153},"who":"child 1","what":"before"}]}', X'01A20EB94F117101A5250C178AC23FEC', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 12, 1, '{"$row":["notes",{"id":12,"created_at":{"$timestamp":1795543355158},"who":"child 2","what":"before"}]}', X'01A20EB94F1674BBA60C9B661EA3EC1A', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 13, 1, '{"$row":["notes",{"id":13,"created_at":{"$timestamp":1795543355195},"who":"within","what":"in part"}]}', X'01A20EB94F3B7891B15C51957B697E72', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 14, 1, '{"$row":["notes",{"id":14,"created_at":{"$timestamp":1795543355217},"who":"part","what":"in part"}]}', X'01A20EB94F517F0B8D2551C513586646', 1, 0);
INSERT OR REPLACE INTO "records" ("table_name", "id", "version", "data", "execution_id", "seq", "i") VALUES ('notes', 15, 1, '{"$row":["notes",{"id":15,"created_at":{"$timestamp":1795543355222},"who":"retry","what":"before"}]}', X'01A20EB94F567B2FBF703EC6F67229FD', 1, 0);
INSERT OR REPLACE INTO "record_ids" ("table_name", "next_id") VALUES ('notes', 65);
INSERT OR REPLACE INTO "deliveries" ("id", "execution_id", "event", "state", "url", "callback", "body", "created_at", "closed_at", "reason", "attempts", "counted", "excused", "had_unknown", "thin", "node", "destination", "order_key", "ordered_at", "in_flight") VALUES (X'01A20EB94F6872C587F1EACB72D7D26E', X'01A20EB94F687C71B4C7A57BD46561D7', 'execution.completed', 'pending', 'http://127.0.0.1:<home>/home', '{"url":"http://127.0.0.1:<home>/home","events":null,"failure_url":null,"retry_delays_ms":null,"timeout_ms":null,"follow_redirects":0,"accept_html":false,"one_shot":false,"order_key":null}', X'7B2274797065223A22657865637574696F6E2E636F6D706C65746564222C2274696D657374616D70223A22323032362D31312D32345431383A30323A33352E3234315A222C22657865637574696F6E5F6964223A2230316132306562392D346636382D376337312D623463372D613537626434363536316437222C226173796E635F657865637574696F6E5F6964223A2230316132306562392D346636382D376337312D623463372D613537626434363536316437222C22737461747573223A22636F6D706C65746564222C227374617465223A22636F6D706C65746564222C226F7574707574223A226F776564222C226572726F72223A6E756C6C2C226572726F725F6D657373616765223A6E756C6C2C226572726F725F636F6465223A6E756C6C2C226572726F725F64657461696C223A6E756C6C2C2266756E6374696F6E5F6E616D65223A226F776564222C2266756E6374696F6E5F76657273696F6E223A2231613635383630346234666261386362222C22617474656D7074223A312C226D61785F617474656D707473223A312C2270726F6772657373223A6E756C6C2C226F75747075745F737461747573223A3230302C2274616773223A5B5D2C226D65746164617461223A6E756C6C2C22706172656E745F657865637574696F6E5F6964223A6E756C6C2C2277616974696E675F666F72223A6E756C6C2C22637265617465645F6174223A22323032362D31312D32345431383A30323A33352E3234305A222C22737461727465645F6174223A22323032362D31312D32345431383A30323A33352E3234305A222C22636F6D706C657465645F6174223A22323032362D31312D32345431383A30323A33352E3234315A222C226F75747075745F7472756E6361746564223A66616C73652C227374617475735F75726C223A22687474703A2F2F3132372E302E302E313A33343331332F6170692F6173796E632D7374617475732F30316132306562392D346636382D376337312D623463372D613537626434363536316437227D', 1795543355241, NULL, NULL, 2, 2, 0, 0, 0, 1, 'http://127.0.0.1:<home>', NULL, 1795543355241, 0);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A20EB94F6872C587F1EACB72D7D26E', 1, 1795543355244, 1795543355248, 'failure', 503, 'HTTP 503', NULL);
INSERT OR REPLACE INTO "delivery_attempts" ("delivery_id", "number", "started_at", "ended_at", "outcome", "status", "detail", "answer") VALUES (X'01A20EB94F6872C587F1EACB72D7D26E', 2, 1795543355832, 1795543355850, 'failure', 503, 'HTTP 503', NULL);
