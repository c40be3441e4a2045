-- Since when the floor has been held: the timer on the picture goes on over a restart.
ALTER TABLE meetings ADD COLUMN floor_ms INTEGER;
