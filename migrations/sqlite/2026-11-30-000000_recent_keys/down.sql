-- What has not come into its table yet goes there now, the latest of a digest last: 32 bytes of digest, 32 of fingerprint, 16 of the
-- execution's id, and 8 of the time, the big end first, of which SQLite reads one hexadecimal digit at a time.
WITH RECURSIVE
    key (id, at, one, rest) AS (
        SELECT id, 0, substr(keys, 1, 88), substr(keys, 89) FROM recent_keys
        UNION ALL
        SELECT id, at + 1, substr(rest, 1, 88), substr(rest, 89) FROM key WHERE length(rest) > 0
    ),
    digit (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM digit WHERE n < 15)
INSERT OR REPLACE INTO idempotency (key_hash, fingerprint, execution_id, expires_at)
SELECT substr(one, 1, 32), substr(one, 33, 32), substr(one, 65, 16),
    (SELECT sum((instr('0123456789ABCDEF', substr(hex(substr(one, 81, 8)), n + 1, 1)) - 1) << (4 * (15 - n))) FROM digit)
FROM key ORDER BY id, at;
DROP TABLE recent_keys;
CREATE INDEX idempotency_expires ON idempotency (expires_at);
