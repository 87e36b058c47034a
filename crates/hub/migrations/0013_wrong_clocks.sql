-- The time steps of one-time codes that each person used, so that a code works once whatever the clock showed in between.
CREATE TABLE used_step (
    person TEXT   NOT NULL,
    step   BIGINT NOT NULL,
    PRIMARY KEY (person, step)
);
INSERT INTO used_step (person, step) SELECT person, step FROM used_code;
DROP TABLE used_code;
ALTER TABLE used_step RENAME TO used_code;

-- What the clock showed at the last try: what was tried by a clock that was ahead is counted by the one that is right.
ALTER TABLE code_try ADD COLUMN tried_ms BIGINT NOT NULL DEFAULT 0;
