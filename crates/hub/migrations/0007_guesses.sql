-- From where each member got in before, as the beginning of a MAC under the strongbox's key, to the day; the newest sixteen of each.
CREATE TABLE known_address (
    person   TEXT   NOT NULL,
    address  BYTEA  NOT NULL,
    seen_day BIGINT NOT NULL,
    PRIMARY KEY (person, address)
);

-- When the tries at a member's second factor will all be forgotten, by where the member is known to come from.
CREATE TABLE code_try (
    person   TEXT   NOT NULL,
    standing TEXT   NOT NULL,
    empty_ms BIGINT NOT NULL,
    PRIMARY KEY (person, standing)
);

-- What a member was told last of tries to sign in as them that failed; not told yet where it is not in the ledger.
CREATE TABLE failed_tries (
    person    TEXT   NOT NULL,
    at        TEXT   NOT NULL,
    home      BIGINT NOT NULL,
    elsewhere BIGINT NOT NULL,
    from_ms   BIGINT NOT NULL,
    until_ms  BIGINT NOT NULL,
    told      BIGINT NOT NULL,
    PRIMARY KEY (person, at)
);
