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
