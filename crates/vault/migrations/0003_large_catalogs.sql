-- The longest moment, at a glance: what was not over at an instant began at most so long before it.
CREATE INDEX moments_by_length ON moments ((ended - started));

-- How often the WAL was begun anew. Nobody reads it: it is what is written into a new WAL first.
CREATE TABLE wal (begun BIGINT NOT NULL);
INSERT INTO wal VALUES (0);
