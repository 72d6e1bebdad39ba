-- What a model says a message is about, and how its writer feels.

CREATE TABLE label (
  message    TEXT PRIMARY KEY REFERENCES message (id),
  intent     TEXT,             -- name of one of the desk's; NULL: none
  score      REAL NOT NULL,    -- how sure that is, 0 to 1
  sentiment  REAL NOT NULL,    -- -1 to 1
  feeling    TEXT NOT NULL,    -- negative, neutral, positive
  evidence   TEXT,             -- personal: JSON array of words; NULL: erased
  model      TEXT NOT NULL,
  revision   TEXT NOT NULL,    -- of the set-up that was asked
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whatever erases a message erases the words that were taken from it.
CREATE TRIGGER label_erased AFTER UPDATE OF erased ON message
WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  UPDATE label SET evidence = NULL WHERE message = new.id;
END;
