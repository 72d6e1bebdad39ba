-- kb.db, step 6: what passages mean, as vectors of an embedding model. All of
-- it can be asked for again.

-- Vectors of two models are never compared: a new one is filled beside the one
-- that is searched, and takes its place when it is complete.
CREATE TABLE vector_model (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,    -- as the endpoint knows it
  dimensions INTEGER NOT NULL, -- numbers in a vector
  prefix     TEXT NOT NULL,    -- what the model was given before each passage
  state      INTEGER NOT NULL CHECK (state IN (0, 1, 2)), -- 0 being filled, 1 searched, 2 replaced: to be swept
  made_ms    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vector_model_searched ON vector_model (state) WHERE state = 1;

-- The vector of a passage. Where a row is missing, what else there is of it
-- says nothing.
CREATE TABLE vector (
  id     INTEGER PRIMARY KEY, -- model << 40 | passage.row
  digest INTEGER NOT NULL,    -- of the text it was made from
  data   BLOB NOT NULL        -- factor (4 bytes, a float) and a signed byte a number; its length is 1
) STRICT;

-- Vectors that are in no group yet.
CREATE TABLE vector_loose (
  id INTEGER PRIMARY KEY -- vector.id
) STRICT;

-- Some thousand vectors that are looked through by their signs alone first.
CREATE TABLE vector_group (
  id        INTEGER PRIMARY KEY,
  model     INTEGER NOT NULL,
  centre    INTEGER NOT NULL, -- vector_centre.id: signs are of the distance from it
  first_row INTEGER NOT NULL, -- passage.row of the first
  last_row  INTEGER NOT NULL, -- and of the last
  count     INTEGER NOT NULL, -- vectors, dead ones too
  dead      INTEGER NOT NULL, -- of them gone since
  rows      BLOB NOT NULL,    -- runs of rows: how many (4 bytes) and the first (8); 0: dead
  UNIQUE (model, id)
) STRICT;
CREATE TABLE vector_code (
  id   INTEGER PRIMARY KEY, -- vector_group.id
  data BLOB NOT NULL        -- a bit a number, in whole 8 bytes, for each vector; then two floats for each, see lib/kb/vector.c
) STRICT;

-- The mean of a model's vectors, as they were.
CREATE TABLE vector_centre (
  id    INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  count INTEGER NOT NULL, -- vectors there were
  data  BLOB NOT NULL     -- a float a number
) STRICT;

-- Passages that the endpoint would not take.
CREATE TABLE vector_refused (
  id     INTEGER PRIMARY KEY, -- model << 40 | passage.row
  reason TEXT NOT NULL,
  at_ms  INTEGER NOT NULL
) STRICT;
