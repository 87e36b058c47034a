-- What is known of the time, and what was kept while the clock was behind it.

-- A pair of readings that were right together: when it was, and what the machine's counter had counted since its start.
ALTER TABLE state ADD COLUMN anchor_time      BIGINT NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN anchor_monotonic BIGINT NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN anchor_boot      TEXT; -- which start of the machine; NULL where nothing is known
ALTER TABLE state ADD COLUMN anchor_proven    BIGINT NOT NULL DEFAULT 0; -- 1 where there was evidence
ALTER TABLE state ADD COLUMN anchor_carried   BIGINT NOT NULL DEFAULT 0; -- how far the network alone has carried the time

-- By how much the clock was behind when this was kept; its end is wrong by so much until the time is right again.
ALTER TABLE recordings ADD COLUMN behind BIGINT;
CREATE INDEX recordings_by_behind ON recordings (behind) WHERE behind IS NOT NULL;
