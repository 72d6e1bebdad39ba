-- desk.db, step 20: what customers are promised, and until when.

-- The policies of the settings, [sla NAME], as they were read last: whoever
-- changes a conversation reckons by them.
CREATE TABLE sla_policy (
  name     TEXT PRIMARY KEY,
  settings TEXT NOT NULL,    -- JSON: targets by priority, hours, what counts
  since_ms INTEGER NOT NULL  -- as it is since then; what was missed before that is told nobody
) STRICT, WITHOUT ROWID;

ALTER TABLE instance ADD COLUMN sla TEXT;     -- sla_policy.name of its conversations; NULL: none
ALTER TABLE conversation ADD COLUMN sla TEXT; -- chosen by a rule or a person, 'none': none; NULL: the instance's
ALTER TABLE conversation ADD COLUMN due_ms INTEGER; -- the next of its targets is due; NULL: none runs

-- What is promised in a conversation, each time it is.
CREATE TABLE sla_clock (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  target       TEXT NOT NULL CHECK (target IN ('first-response', 'next-response', 'resolution')),
  since_ms     INTEGER NOT NULL, -- of the message, the hand-over or the opening that it is about
  policy       TEXT NOT NULL,    -- sla_policy.name
  allowed_ms   INTEGER NOT NULL, -- may be spent
  from_ms      INTEGER NOT NULL, -- it runs since then, or rests since then
  spent_ms     INTEGER NOT NULL DEFAULT 0, -- of allowed_ms, before from_ms
  due_ms       INTEGER,          -- NULL: it rests
  told_ms      INTEGER,          -- timer.fired was written so long before due_ms, at last; 0: that it was missed; NULL: nothing
  ended_ms     INTEGER,          -- answered, or resolved; NULL: not yet
  PRIMARY KEY (conversation, target, since_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX sla_clock_due ON sla_clock (due_ms)
  WHERE ended_ms IS NULL AND due_ms IS NOT NULL AND (told_ms IS NULL OR told_ms > 0);
CREATE INDEX sla_clock_ended ON sla_clock (ended_ms) WHERE ended_ms IS NOT NULL;

-- Conversations whose clocks are to be reckoned anew: a policy changed.
CREATE TABLE sla_stale (
  conversation TEXT PRIMARY KEY REFERENCES conversation (id)
) STRICT, WITHOUT ROWID;

-- All that a list is chosen and sorted by, as before, and when it is due.
DROP INDEX conversation_status;
CREATE INDEX conversation_status ON conversation (status, owner, waiting_ms,
  priority, last_in_ms, last_out_ms, opened_ms, assignee, team, instance,
  language, contact, merged_into, due_ms);
