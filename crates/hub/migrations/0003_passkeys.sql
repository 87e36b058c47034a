-- When each passkey was last used, and its counter since. The passkeys themselves are under the strongbox's root.
CREATE TABLE passkey_use (
    id      TEXT   NOT NULL PRIMARY KEY,
    person  TEXT   NOT NULL,
    state   BYTEA  NOT NULL,
    seen_ms BIGINT NOT NULL
);
