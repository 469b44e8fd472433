-- A key that is not in its table yet would be forgotten: nothing is undone as long as there is one.
CREATE TABLE recent_keys_left (count INTEGER CHECK (count = 0)) STRICT;
INSERT INTO recent_keys_left SELECT count(*) FROM recent_keys;
DROP TABLE recent_keys_left;
DROP TABLE recent_keys;
CREATE INDEX idempotency_expires ON idempotency (expires_at);
