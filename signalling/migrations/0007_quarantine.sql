-- What it sends has crashed a mixer too often: it is not decoded.
ALTER TABLE seats ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0;
