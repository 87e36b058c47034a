-- Tries at a member's passphrase from where nobody of the household is known to come from: when all of them will be forgotten, and when
-- the last was made. A row for each member, as of the minute before, so that a start forgets none of them.
CREATE TABLE passphrase_try (
    person   TEXT   NOT NULL PRIMARY KEY,
    empty_ms BIGINT NOT NULL,
    last_ms  BIGINT NOT NULL
);
