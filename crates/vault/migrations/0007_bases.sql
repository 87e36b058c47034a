-- What recordings rest on, read without touching the recordings themselves: a start and each day look through all of them.
CREATE INDEX recordings_by_basis ON recordings (moment, owner, purpose, media_type, kind) WHERE erasure IS NULL;
