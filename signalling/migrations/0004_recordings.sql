-- The files lie in the directory of recordings, in one that is named by the id. What epoch_us means
-- ends with the machine's boot.
CREATE TABLE recordings (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting     INTEGER NOT NULL REFERENCES meetings(id),
    view        INTEGER NOT NULL,
    title       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('recording', 'finishing', 'done', 'failed')),
    reason      TEXT,
    started_by  TEXT NOT NULL,
    started_ms  INTEGER NOT NULL,
    ended_ms    INTEGER,
    epoch_us    INTEGER NOT NULL,
    boot        TEXT NOT NULL,
    bytes       INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    gap_ms      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX recordings_meeting ON recordings(meeting);
