-- What its owner calls a session; and until when its last proof of who it is counts, under a MAC of the strongbox's key.
ALTER TABLE session ADD COLUMN name TEXT;
ALTER TABLE session ADD COLUMN fresh_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN fresh_mac BYTEA NOT NULL DEFAULT X'';
