-- What receipts tell of: who had looked before, and by what the sealed remains of a recording can be recognised.

-- Which recordings a look was at. The look's line says no more than the hour, and its detail is sealed to the household; so
-- that a receipt can name the looks before it, the hub remembers this much. It goes with the recording, and with the detail.
CREATE TABLE looks (
    look      BIGINT NOT NULL, -- the recording that holds the line's detail
    recording BIGINT NOT NULL REFERENCES recordings (id),
    looked    BIGINT NOT NULL, -- when
    how       TEXT   NOT NULL, -- one word: open, export …
    PRIMARY KEY (recording, look)
);
CREATE INDEX looks_by_look ON looks (look);

-- The first bytes of the encrypted payload: random, so that nothing else begins so.
ALTER TABLE recordings ADD COLUMN mark BYTEA;

-- Which line of the ledger tells of an erasure; it stays when the line itself is cleared.
ALTER TABLE erasures ADD COLUMN commitment BYTEA;
