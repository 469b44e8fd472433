-- Times are milliseconds since the Unix epoch; ids are the 16 bytes of a UUIDv7, so their order is time.

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
-- Whose they are stands in it, so that what a lost node held is found without a look at all that live.
CREATE INDEX executions_open ON executions (id, node) WHERE completed_at IS NULL;
-- What ended when, for the numbers of the last hours; an index holds all that they need.
CREATE INDEX executions_ended ON executions (completed_at, state) WHERE completed_at IS NOT NULL;
-- What failed, timed out or was cancelled; a list of states would be made anew for each row.
CREATE INDEX executions_failed ON executions (id) WHERE failure IS NOT NULL;
CREATE INDEX executions_function ON executions (function_key, id);
CREATE INDEX executions_tagged ON executions (id) WHERE tags <> '[]';
CREATE INDEX executions_parent ON executions (parent, id) WHERE parent IS NOT NULL;

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
CREATE INDEX queue_order ON queue (priority, due_at);
CREATE INDEX queue_due ON queue (due_at);

-- An execution wakes as soon as all children of one of its groups have ended.
CREATE TABLE waits (
    execution_id BLOB NOT NULL,
    grp INTEGER NOT NULL,
    child_id BLOB NOT NULL,
    PRIMARY KEY (execution_id, grp, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_child ON waits (child_id);

-- What was posted to an execution; one of each name ('' is any) until the stack waits for that name again.
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
CREATE INDEX record_keys_record ON record_keys (table_name, record_id);

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
-- Those of an execution begin as its id does, and are found by that; those that tell of alerts belong to none.
CREATE INDEX deliveries_of_none ON deliveries (id) WHERE execution_id = x'00000000000000000000000000000000';
CREATE INDEX deliveries_open ON deliveries (destination) WHERE closed_at IS NULL;
CREATE INDEX deliveries_ordered ON deliveries (destination, order_key, ordered_at, id) WHERE order_key IS NOT NULL AND closed_at IS NULL;
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state IN ('dead', 'delivered_unconfirmed');
CREATE INDEX deliveries_on_hold ON deliveries (id) WHERE state = 'held';

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
CREATE INDEX delivery_due_at ON delivery_due (due_at, delivery_id, destination);

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

-- Registered destinations.
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
CREATE INDEX idempotency_expires ON idempotency (expires_at);

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
CREATE UNIQUE INDEX alerts_open ON alerts (type, subject, coalesce(execution_id, x'')) WHERE resolved_at IS NULL;
CREATE INDEX alerts_subject ON alerts (type, subject, created_at);
CREATE INDEX alerts_untold ON alerts (id) WHERE told IS NULL OR told <> 'resolved';

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
CREATE INDEX schedules_wake ON schedules (wake_at) WHERE wake_at IS NOT NULL;

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
CREATE INDEX schedule_firings_due ON schedule_firings (schedule_id, due_at);

-- What an execution may not begin without, until it has it for good: permits (per_ms is null) and rates.
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
CREATE INDEX permits_execution ON permits (execution_id);

-- Who waits for a key; those called stand in the queue with the time at which they may begin.
CREATE TABLE limit_queue (
    key_hash BLOB NOT NULL,
    execution_id BLOB NOT NULL,
    turn INTEGER NOT NULL,
    called INTEGER NOT NULL,
    PRIMARY KEY (key_hash, execution_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX limit_queue_turn ON limit_queue (key_hash, turn, execution_id);
CREATE INDEX limit_queue_execution ON limit_queue (execution_id);

CREATE TABLE rate_starts (
    key_hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (key_hash, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_starts_until ON rate_starts (until);
