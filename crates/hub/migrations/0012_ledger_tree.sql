-- One row: the tree of the ledger in which sessions and credentials were given out. In a later one an older copy of them was put back.
CREATE TABLE ledger_tree (
    one  BIGINT PRIMARY KEY CHECK (one = 1),
    tree BIGINT NOT NULL
);
