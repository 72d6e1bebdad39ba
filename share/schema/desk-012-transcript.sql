-- Voice notes as text, and jobs that wait for what another stage makes.

-- What is said in the voice note or audio of a message, or why nobody knows.
CREATE TABLE transcript (
  message    TEXT PRIMARY KEY REFERENCES message (id),
  text       TEXT,             -- personal; NULL: there is none, or erased
  reason     TEXT,             -- why there is none, in a few fixed words
  language   TEXT,             -- BCP 47; NULL: not known
  provider   TEXT,             -- host of the endpoint; NULL: none was asked
  model      TEXT,
  took_ms    INTEGER,          -- of the call that gave it
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whatever erases a message erases what was heard in it.
CREATE TRIGGER transcript_erased AFTER UPDATE OF erased ON message
WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  UPDATE transcript SET text = NULL, language = NULL WHERE message = new.id;
END;

ALTER TABLE job ADD COLUMN waits INTEGER NOT NULL DEFAULT 0; -- of attempt: begun and found that what it needs is not there yet
