-- Idempotency keys in the order in which they were taken, many in a row, until they are in their table: digest, fingerprint,
-- execution, and until when they stand, of one behind those of the other.
CREATE TABLE recent_keys (
    id INTEGER PRIMARY KEY,
    keys BLOB NOT NULL
) STRICT;
-- They come into their table in the order of their digests, in which each would dirty a page of this of its own.
DROP INDEX idempotency_expires;
