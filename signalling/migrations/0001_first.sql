CREATE TABLE sites (
    code     TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    tier     TEXT NOT NULL,
    parent   TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL,
    removed  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- A device without a site waits for approval; a site has at most one device.
CREATE TABLE devices (
    key          TEXT PRIMARY KEY,
    site         TEXT UNIQUE REFERENCES sites(code),
    name         TEXT NOT NULL,
    software     TEXT NOT NULL,
    revoked      INTEGER NOT NULL DEFAULT 0,
    approved_ms  INTEGER,
    approved_by  TEXT,
    last_seen_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE tokens (
    hash       TEXT PRIMARY KEY,
    site       TEXT NOT NULL REFERENCES sites(code),
    expires_ms INTEGER NOT NULL,
    made_by    TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    name       TEXT PRIMARY KEY,
    password   TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('host', 'technician', 'admin')),
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user       TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE meetings (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    title     TEXT NOT NULL,
    layout    TEXT NOT NULL,
    spotlight INTEGER,
    chair     INTEGER,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    opened_by TEXT NOT NULL
);
CREATE INDEX meetings_open ON meetings(id) WHERE closed_ms IS NULL;

CREATE TABLE seats (
    meeting  INTEGER NOT NULL REFERENCES meetings(id),
    source   INTEGER NOT NULL,
    site     TEXT,
    user     TEXT,
    name     TEXT NOT NULL,
    tier     TEXT NOT NULL,
    muted    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT,
    peer     INTEGER,
    removed  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meeting, source)
) WITHOUT ROWID;

CREATE TABLE attendance (
    meeting INTEGER NOT NULL REFERENCES meetings(id),
    source  INTEGER NOT NULL,
    site    TEXT,
    event   TEXT NOT NULL,
    reason  TEXT,
    at_ms   INTEGER NOT NULL
);
CREATE INDEX attendance_meeting ON attendance(meeting, at_ms);

CREATE TABLE audit (
    at_ms  INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    object TEXT NOT NULL,
    result TEXT NOT NULL
);
CREATE INDEX audit_at ON audit(at_ms);
