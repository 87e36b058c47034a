-- Lines that the ledger is still to be told of: each came in the transaction of what it tells of.
CREATE TABLE owed_lines (
    detail BIGINT PRIMARY KEY, -- the recording that holds the line's detail
    entry  BYTEA NOT NULL
);
