-- desk.db, step 25: what rules said when they fired.

-- A rule as it stood in its file, for whoever asks later; once however often
-- it fires. Goes when no event and no reply has its id any more.
CREATE TABLE rule_revision (
  id        TEXT PRIMARY KEY,  -- hash of name, place and text
  rule      TEXT NOT NULL,     -- its name: label, or line
  place     TEXT NOT NULL,     -- FILE:LINE
  text      TEXT NOT NULL,     -- what it says, in one spelling
  since_seq INTEGER NOT NULL   -- of the event before the first that has it
) STRICT, WITHOUT ROWID;
