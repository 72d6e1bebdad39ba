-- desk.db, step 19: what rules have others do.

-- Webhooks whose receiver said that it is gone (410); not called again until
-- their address is another one, or a person asks for it.
CREATE TABLE webhook_gone (
  webhook  TEXT PRIMARY KEY, -- NAME of [webhook NAME]
  url_hash TEXT NOT NULL,    -- BLAKE2b of the address it had
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When somebody was last told of something, so that they are not told of it
-- again and again.
CREATE TABLE notice (
  recipient TEXT NOT NULL, -- person, or NAME of [channel NAME]
  about     TEXT NOT NULL, -- conversation.id, or what an alert is about
  sent_ms   INTEGER NOT NULL,
  PRIMARY KEY (recipient, about)
) STRICT, WITHOUT ROWID;

-- Where a person gets mail.
ALTER TABLE person ADD COLUMN mail TEXT; -- personal
