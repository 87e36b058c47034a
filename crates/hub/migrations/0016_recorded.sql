-- Cameras of which something was kept once: their film ends, and then nothing else says that there was any.
CREATE TABLE recorded (
    device TEXT NOT NULL PRIMARY KEY
);
-- An earlier release did not note it: of what it watched nothing is claimed.
INSERT INTO recorded (device) SELECT DISTINCT device FROM missed;
