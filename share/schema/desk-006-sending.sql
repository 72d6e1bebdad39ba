-- desk.db, step 6: what sending keeps of a message and of a recipient.

ALTER TABLE message ADD COLUMN part_of TEXT;      -- out: message.id of the first part; NULL: whole, or the first
ALTER TABLE message ADD COLUMN part INTEGER;      -- out: its place in a text sent in several parts, from 1; NULL: whole
ALTER TABLE message ADD COLUMN tried_ms INTEGER;  -- out: first try since it was queued; NULL: none, or none that counts
ALTER TABLE message ADD COLUMN passing INTEGER NOT NULL DEFAULT 0; -- out: tries that ended in a passing failure
ALTER TABLE message ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;  -- out: times it was posted again, its fate unknown
ALTER TABLE message ADD COLUMN retried_by TEXT;   -- out: user:NAME who had it posted again
ALTER TABLE message ADD COLUMN why TEXT;          -- out: why it failed or is held, in words without personal data
CREATE INDEX message_part ON message (part_of, part) WHERE part_of IS NOT NULL;
CREATE INDEX message_failed ON message (status, attempt_ms) WHERE direction = 'out' AND status = 'failed';

-- How fast a recipient is written to: a bucket that messages fill and time
-- empties. Kept so that a restart does not forget a burst.
CREATE TABLE pace (
  key     TEXT PRIMARY KEY, -- INSTANCE/CONTACT
  even_ms INTEGER NOT NULL  -- when it will be empty again
) STRICT, WITHOUT ROWID;
