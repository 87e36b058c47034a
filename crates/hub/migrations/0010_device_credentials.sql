-- By what a microphone proves which one it is: a MAC of its credential under a key of the strongbox, over the device and the person it
-- was personal to when the credential was made. One for each device; a new one takes its place.
CREATE TABLE device_credential (
    device    TEXT   NOT NULL PRIMARY KEY,
    hash      BYTEA  NOT NULL,
    issued_ms BIGINT NOT NULL
);
