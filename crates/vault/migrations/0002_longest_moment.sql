-- The longest moment, at a glance: what was not over at an instant began at most so long before it.
CREATE INDEX moments_by_length ON moments ((ended - started));
