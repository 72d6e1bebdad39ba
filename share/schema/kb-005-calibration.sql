-- kb.db, step 5: how likely a passage of some score answers a question, as
-- kb-search --calibrate has found.

CREATE TABLE calibration (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  ranking  TEXT NOT NULL, -- version of the ranking it holds for
  one      REAL NOT NULL, -- weights of a logistic model: the constant,
  score    REAL NOT NULL, -- the score,
  gap      REAL NOT NULL, -- how far it is before the next,
  coverage REAL NOT NULL, -- the share of the question's weight that is found
  made_ms  INTEGER NOT NULL
) STRICT;
