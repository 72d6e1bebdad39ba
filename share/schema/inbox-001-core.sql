-- inbox-YYYYMMDD.db, step 1: raw webhook bodies of one day, as they came.
CREATE TABLE body (
  seq         INTEGER PRIMARY KEY, -- arrival order within the day
  received_ms INTEGER NOT NULL,    -- our clock, milliseconds since 1970 UTC
  remote      TEXT,                -- address of the sender's proxy or socket
  headers     TEXT NOT NULL,       -- JSON object of the headers worth keeping
  body        BLOB NOT NULL        -- the bytes that were signed
) STRICT;
