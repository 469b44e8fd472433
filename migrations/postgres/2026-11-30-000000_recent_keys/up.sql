-- Nothing to change here: both stores count the same migrations.
COMMENT ON TABLE idempotency IS 'Keys come here as they are taken; on SQLite they are gathered in recent_keys before.';
