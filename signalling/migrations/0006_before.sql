-- What happens before a meeting. A plan is JSON as PROTOCOL.md says it.
CREATE TABLE templates (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL
);

CREATE TABLE bookings (
    id        INTEGER PRIMARY KEY,
    start_ms  INTEGER NOT NULL,
    minutes   INTEGER NOT NULL,
    weekly    INTEGER NOT NULL,
    auto_open INTEGER NOT NULL,
    plan      TEXT NOT NULL,
    meeting   INTEGER NOT NULL DEFAULT 0,
    opened_ms INTEGER NOT NULL DEFAULT 0
);

-- Where a site's invitations go.
CREATE TABLE contacts (
    site  TEXT PRIMARY KEY,
    email TEXT NOT NULL
) WITHOUT ROWID;

-- Bookings whose sites were invited: what the calendars of the invited know them by.
CREATE TABLE invited (
    booking  INTEGER PRIMARY KEY,
    uid      TEXT NOT NULL,
    sequence INTEGER NOT NULL
);

-- state: queued, sent, failed, cancelled. answer: accepted, declined, or null.
CREATE TABLE invitations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    booking     INTEGER NOT NULL,
    site        TEXT NOT NULL,
    email       TEXT NOT NULL,
    state       TEXT NOT NULL,
    detail      TEXT,
    sent_ms     INTEGER,
    answer      TEXT,
    names       TEXT NOT NULL DEFAULT '',
    answered_ms INTEGER,
    UNIQUE (booking, site)
);

-- What the links in invitations are signed with.
CREATE TABLE invitation_key (
    key TEXT NOT NULL
);
