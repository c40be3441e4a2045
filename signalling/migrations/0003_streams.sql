-- What encoders and players show at /whip and /whep.
CREATE TABLE stream_tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hash       TEXT NOT NULL UNIQUE,
    meeting    INTEGER NOT NULL REFERENCES meetings(id),
    role       TEXT NOT NULL CHECK (role IN ('publish', 'watch')),
    name       TEXT NOT NULL,
    site       TEXT,
    view       INTEGER,
    expires_ms INTEGER NOT NULL,
    made_by    TEXT NOT NULL
);

-- Media sessions that came with a token: nobody else could name them after a restart.
CREATE TABLE streams (
    peer  INTEGER PRIMARY KEY,
    token INTEGER NOT NULL
);

-- The token whose publisher the seat is for; 0: a site's or a user's seat.
ALTER TABLE seats ADD COLUMN stream INTEGER NOT NULL DEFAULT 0;
