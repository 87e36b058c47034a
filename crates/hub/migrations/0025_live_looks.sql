-- Live pictures that somebody watches: their line in the ledger, and what the line of their end will say. A row goes when that line is
-- there, so that a hub which is killed meanwhile owes it still.
CREATE TABLE live_look (
    id     TEXT NOT NULL PRIMARY KEY,
    begun  TEXT NOT NULL,
    detail TEXT NOT NULL,
    ended  TEXT
);
