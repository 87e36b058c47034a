-- Who is signed in, on which browser or command line. A token is stored as its SHA-256 only.
CREATE TABLE session (
    id          TEXT   NOT NULL PRIMARY KEY,
    token_hash  BYTEA  NOT NULL UNIQUE,
    person      TEXT   NOT NULL,
    client      TEXT   NOT NULL,
    started_ms  BIGINT NOT NULL,
    seen_ms     BIGINT NOT NULL
);

-- The last time step of a one-time code that each person used, so that a code works once.
CREATE TABLE used_code (
    person TEXT   NOT NULL PRIMARY KEY,
    step   BIGINT NOT NULL
);

-- When a camera recorded nothing, and why, in words. Ended by the retention of its camera's video.
CREATE TABLE missed (
    device  TEXT   NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms   BIGINT NOT NULL,
    why     TEXT   NOT NULL,
    PRIMARY KEY (device, from_ms)
);
