-- Why a camera recorded nothing, as the API has it: JSON with a code, values and the text. Empty in a row of an earlier release.
ALTER TABLE missed ADD COLUMN said TEXT NOT NULL DEFAULT '';
