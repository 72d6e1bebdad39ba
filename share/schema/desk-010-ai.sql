-- What answers were made with, and what they cost.

-- A set-up as it was: its settings and prompt, for whoever asks later.
CREATE TABLE ai_revision (
  revision TEXT PRIMARY KEY,  -- hash of all of it
  profile  TEXT NOT NULL,
  settings TEXT NOT NULL,     -- JSON object: setting to value
  prompt   TEXT,              -- the business's words for the model
  since_ms INTEGER NOT NULL   -- first answered with
) STRICT, WITHOUT ROWID;

-- What a set-up has spent in a period, what is set aside included.
CREATE TABLE ai_spent (
  profile TEXT NOT NULL,
  period  TEXT NOT NULL,      -- 2026-11-26, 2026-11, or conversation/ID
  tokens  INTEGER NOT NULL DEFAULT 0,
  cost    INTEGER NOT NULL DEFAULT 0, -- millionths of the currency
  told_ms INTEGER,            -- people were told that its limit is reached
  PRIMARY KEY (profile, period)
) STRICT, WITHOUT ROWID;

-- What is set aside for an answer in the making: the most it can cost. What a
-- process leaves behind counts as spent, for it may have been.
CREATE TABLE ai_aside (
  job          INTEGER NOT NULL,  -- job.id
  profile      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  day          TEXT NOT NULL,
  month        TEXT NOT NULL,
  tokens       INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  PRIMARY KEY (job, profile)
) STRICT, WITHOUT ROWID;

-- What a model at an address is known to take otherwise than we begin with.
CREATE TABLE model_quirk (
  url      TEXT NOT NULL,
  model    TEXT NOT NULL,
  quirks   TEXT NOT NULL,     -- JSON array of words
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (url, model)
) STRICT, WITHOUT ROWID;

ALTER TABLE reply ADD COLUMN revision TEXT;     -- ai_revision.revision
ALTER TABLE reply ADD COLUMN search TEXT;       -- personal: the text that was looked up; NULL: the question itself
ALTER TABLE reply ADD COLUMN cost INTEGER;      -- millionths of the currency; NULL: no price is set
ALTER TABLE reply ADD COLUMN calls INTEGER;     -- of models
ALTER TABLE reply ADD COLUMN action TEXT;       -- answer, ask, resolve
ALTER TABLE reply ADD COLUMN checks TEXT;       -- JSON array: check, result, why
ALTER TABLE reply ADD COLUMN rules TEXT;        -- JSON object: revision and names of the rules that fired
