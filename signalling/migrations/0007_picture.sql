-- Since when the floor has been held: the timer on the picture goes on over a restart.
ALTER TABLE meetings ADD COLUMN floor_ms INTEGER;

-- What it sends has crashed a mixer too often: it is not decoded.
ALTER TABLE seats ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0;
