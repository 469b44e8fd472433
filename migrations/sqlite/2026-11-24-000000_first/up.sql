CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL
);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE function_versions (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;

-- `name` is the spelling by which names are compared; `shown` is the one that was deployed.
CREATE TABLE functions (
    name TEXT PRIMARY KEY,
    shown TEXT NOT NULL,
    version TEXT NOT NULL,
    deployed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE executions (
    id BLOB PRIMARY KEY,
    function_key TEXT NOT NULL,
    function_name TEXT NOT NULL,
    function_version TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    input TEXT NOT NULL,
    request TEXT,
    callback TEXT,
    config TEXT NOT NULL,
    priority INTEGER NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    parent_id BLOB,
    started_by TEXT,
    state TEXT NOT NULL,
    node INTEGER,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    inbox INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 1,
    crashes INTEGER NOT NULL DEFAULT 0,
    resumes INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER,
    completed_at INTEGER,
    deadline_at INTEGER,
    cancel_at INTEGER,
    progressed_at INTEGER NOT NULL,
    waiting_for TEXT,
    progress TEXT,
    output TEXT,
    response TEXT,
    failure TEXT,
    error_code TEXT
) WITHOUT ROWID;

CREATE INDEX executions_live ON executions (id) WHERE completed_at IS NULL;
CREATE INDEX executions_by_function ON executions (function_key, id);
CREATE INDEX executions_by_parent ON executions (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE journal (
    execution_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    full INTEGER NOT NULL,
    delta TEXT NOT NULL,
    position TEXT,
    kind TEXT,
    name TEXT,
    attempt INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    result TEXT,
    failed INTEGER,
    PRIMARY KEY (execution_id, seq)
) WITHOUT ROWID;

CREATE TABLE queue (
    execution_id BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL,
    priority INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX queue_due ON queue (due_at);

CREATE TABLE waits (
    execution_id BLOB NOT NULL,
    child_id BLOB NOT NULL,
    PRIMARY KEY (execution_id, child_id)
) WITHOUT ROWID;

CREATE INDEX waits_by_child ON waits (child_id);

CREATE TABLE idempotency (
    key_hash BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    execution_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE records (
    table_name TEXT NOT NULL,
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (table_name, id)
) WITHOUT ROWID;

CREATE TABLE record_keys (
    table_name TEXT NOT NULL,
    key_name TEXT NOT NULL,
    key_value TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    PRIMARY KEY (table_name, key_name, key_value)
) WITHOUT ROWID;

CREATE INDEX record_keys_by_record ON record_keys (table_name, record_id);

CREATE TABLE record_ids (
    table_name TEXT PRIMARY KEY,
    next_id INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE deliveries (
    id BLOB PRIMARY KEY,
    execution_id BLOB NOT NULL,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    callback TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    node INTEGER,
    attempts INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    excused INTEGER NOT NULL,
    had_unknown INTEGER NOT NULL,
    thin INTEGER NOT NULL,
    due_at INTEGER,
    closed_at INTEGER,
    reason TEXT
) WITHOUT ROWID;

CREATE INDEX deliveries_by_execution ON deliveries (execution_id);
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';

CREATE TABLE delivery_due (
    delivery_id BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX delivery_due_at ON delivery_due (due_at);

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
) WITHOUT ROWID;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    execution_id BLOB,
    function_name TEXT,
    stuck_duration DOUBLE,
    severity TEXT NOT NULL,
    message TEXT,
    extra TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    resolved_at INTEGER
);

CREATE INDEX alerts_open ON alerts (kind, execution_id) WHERE resolved_at IS NULL;
