-- An older copy of the data folder was put back, and nobody has said yet what is to become of newer ones.

-- Ids below this were given out before it was put back: those that no row owns belong to newer copies. NULL where there is none.
ALTER TABLE state ADD COLUMN restored_below  BIGINT;
ALTER TABLE state ADD COLUMN restored_made   BIGINT NOT NULL DEFAULT 0; -- the latest time in that copy
ALTER TABLE state ADD COLUMN restored_agreed BIGINT NOT NULL DEFAULT 0; -- 1 once somebody has said that newer copies are to end
