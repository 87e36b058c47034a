-- How much was ever written here. The strongbox remembers it too: a catalog that says less has lost what was written last.
ALTER TABLE state ADD COLUMN writes     BIGINT NOT NULL DEFAULT 0; -- transactions
ALTER TABLE state ADD COLUMN recordings BIGINT NOT NULL DEFAULT 0; -- recordings, without the details of the ledger's lines

-- Of what `restored_below` speaks of: how many recordings the catalog has lost, where the rest of the data folder is no older copy.
ALTER TABLE state ADD COLUMN restored_lost BIGINT;
