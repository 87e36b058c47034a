-- One row: how many transactions were ever made here. The strongbox remembers it too: a database that says less has lost what was written
-- last, or is an older one. And when a start found that out last, in milliseconds; 0 for never.
CREATE TABLE written (
    one     BIGINT PRIMARY KEY CHECK (one = 1),
    writes  BIGINT NOT NULL,
    lost_ms BIGINT NOT NULL DEFAULT 0
);
INSERT INTO written (one, writes) VALUES (1, 0);
