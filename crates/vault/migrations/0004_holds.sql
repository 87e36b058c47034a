-- What may not be forgotten for a while, and what is to go once it may.

-- A hold. Why it was made is in the detail of its ledger line alone.
CREATE TABLE holds (
    id      BIGINT PRIMARY KEY, -- the recording that holds the line's detail
    held_by TEXT   NOT NULL,
    since   BIGINT NOT NULL,
    until   BIGINT NOT NULL
);

CREATE TABLE held (
    moment BIGINT NOT NULL REFERENCES moments (id),
    hold   BIGINT NOT NULL REFERENCES holds (id),
    PRIMARY KEY (moment, hold)
);
CREATE INDEX held_by_hold ON held (hold);

-- Moments that have lost the ground they were kept on while a hold kept them: they go with the last hold.
CREATE TABLE waiting (
    moment   BIGINT PRIMARY KEY REFERENCES moments (id),
    reason   TEXT NOT NULL,
    asked_by TEXT NOT NULL
);
