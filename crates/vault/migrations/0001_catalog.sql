-- What the vault holds, without a word of it. Times are microseconds since 1970 UTC.

-- One row: what the vault must remember about itself.
CREATE TABLE state (
    one          BIGINT PRIMARY KEY CHECK (one = 1),
    generation   BIGINT NOT NULL, -- of the keyring, as last seen from here: a copy put back is behind
    latest       BIGINT NOT NULL, -- the latest time that was trusted
    serving      BIGINT NOT NULL, -- 1 from open to close, so that a start knows of a crash
    planned_at   BIGINT NOT NULL, -- when expiry last looked ahead, and how much it saw:
    planned_day  BIGINT NOT NULL, -- recordings ending within a day of then
    planned_week BIGINT NOT NULL, -- and within a week
    kept_since   BIGINT NOT NULL  -- recordings kept since then
);
INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0, 0);

-- A deletion, from the moment it is asked for. What of it is personal is cleared once it is finished.
CREATE TABLE erasures (
    id         BIGINT PRIMARY KEY,
    reason     TEXT   NOT NULL,
    asked_by   TEXT,
    asked_at   BIGINT NOT NULL,
    moments    BIGINT NOT NULL,
    recordings BIGINT NOT NULL,
    line       BYTEA, -- the ledger entry to append once its keys are gone
    generation BIGINT, -- of the keyring in which they are gone
    finished   BIGINT
);

CREATE TABLE moments (
    id        BIGINT PRIMARY KEY,
    device    TEXT,
    room      TEXT,
    person    TEXT,
    started   BIGINT NOT NULL,
    ended     BIGINT NOT NULL,
    caused_by BIGINT REFERENCES moments (id) ON DELETE SET NULL,
    erasure   BIGINT REFERENCES erasures (id)
);
CREATE INDEX moments_by_time ON moments (started, id);
CREATE INDEX moments_by_device ON moments (device, started);
CREATE INDEX moments_by_person ON moments (person, started);
CREATE INDEX moments_by_cause ON moments (caused_by);
-- Partial, so that no plan takes "not being forgotten", which nearly everything is, for a way to find a few.
CREATE INDEX moments_by_erasure ON moments (erasure) WHERE erasure IS NOT NULL;

CREATE TABLE recordings (
    id         BIGINT PRIMARY KEY,
    moment     BIGINT NOT NULL REFERENCES moments (id),
    kind       TEXT   NOT NULL,
    owner      TEXT,            -- a person; NULL for the household
    purpose    TEXT   NOT NULL,
    ends       BIGINT,          -- NULL where an adult has chosen never
    media_type TEXT   NOT NULL,
    size       BIGINT NOT NULL, -- of the payload, in bytes
    digest     BYTEA  NOT NULL, -- SHA-256 of the payload
    header     BYTEA  NOT NULL, -- the age header, sealed under the leaves
    payload    BYTEA,           -- a small payload lies here,
    blob       TEXT UNIQUE,     -- a large one in the blob store
    commitment BYTEA,           -- for the detail of a ledger line: which line it opens
    erasure    BIGINT REFERENCES erasures (id),
    CHECK ((payload IS NULL) <> (blob IS NULL))
);
CREATE INDEX recordings_by_moment ON recordings (moment);
CREATE INDEX recordings_by_end ON recordings (ends);
CREATE INDEX recordings_by_commitment ON recordings (commitment);
CREATE INDEX recordings_by_erasure ON recordings (erasure) WHERE erasure IS NOT NULL;

-- Every moment a recording was made from, its own included. Closed: the sources of a source are sources.
CREATE TABLE sources (
    recording BIGINT NOT NULL REFERENCES recordings (id),
    moment    BIGINT NOT NULL REFERENCES moments (id),
    PRIMARY KEY (recording, moment)
);
CREATE INDEX sources_by_moment ON sources (moment);
