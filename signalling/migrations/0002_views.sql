-- A view as PROTOCOL.md says it, in JSON. A meeting from before has none: its layout is view 0.
CREATE TABLE views (
    meeting    INTEGER NOT NULL REFERENCES meetings(id),
    id         INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (meeting, id)
) WITHOUT ROWID;

ALTER TABLE meetings ADD COLUMN floor INTEGER;
ALTER TABLE meetings ADD COLUMN share INTEGER;
