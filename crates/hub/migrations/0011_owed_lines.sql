-- The line in which the ledger is told of tries that failed, as it was prepared: written down before, so that it is appended once.
-- Empty in a row of an earlier release.
ALTER TABLE failed_tries ADD COLUMN line TEXT NOT NULL DEFAULT '';
