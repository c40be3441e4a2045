-- How a meeting is led: who waits to speak and who speaks, who was called and what he answered.
ALTER TABLE meetings ADD COLUMN floor_since_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN speaking_limit_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN muted_all INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN roll_state TEXT NOT NULL DEFAULT 'idle';
ALTER TABLE meetings ADD COLUMN roll_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN roll_started_ms INTEGER NOT NULL DEFAULT 0;

-- agency: the branch of the tree the site belonged to when it was seated; "" for none.
ALTER TABLE seats ADD COLUMN agency TEXT NOT NULL DEFAULT '';
ALTER TABLE seats ADD COLUMN talk_ms INTEGER NOT NULL DEFAULT 0;
-- Its hard mute is lifted only while it has the floor or is called.
ALTER TABLE seats ADD COLUMN is_lent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE seats ADD COLUMN mark TEXT;
ALTER TABLE seats ADD COLUMN mark_by TEXT;
ALTER TABLE seats ADD COLUMN mark_reason TEXT;
ALTER TABLE seats ADD COLUMN mark_ms INTEGER NOT NULL DEFAULT 0;

CREATE TABLE hands (
    meeting   INTEGER NOT NULL REFERENCES meetings(id),
    position  INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    raised_ms INTEGER NOT NULL,
    PRIMARY KEY (meeting, position)
) WITHOUT ROWID;

-- Short messages of a meeting: from the chair to an audience (JSON), or from a site (source) to him.
CREATE TABLE notes (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting  INTEGER NOT NULL REFERENCES meetings(id),
    at_ms    INTEGER NOT NULL,
    author   TEXT NOT NULL,
    source   INTEGER,
    audience TEXT,
    text     TEXT NOT NULL
);
CREATE INDEX notes_meeting ON notes(meeting, id);
