-- desk.db, step 5: message templates of the business accounts, as last told.
CREATE TABLE template (
  account    TEXT NOT NULL,    -- WhatsApp Business Account
  name       TEXT NOT NULL,
  language   TEXT NOT NULL,    -- as the provider writes it: en_US, es
  id         TEXT,             -- the provider's; NULL: not told
  status     TEXT NOT NULL,    -- APPROVED PENDING REJECTED PAUSED DISABLED ...
  category   TEXT NOT NULL,    -- MARKETING UTILITY AUTHENTICATION
  quality    TEXT,             -- GREEN YELLOW RED UNKNOWN; NULL: not told
  reason     TEXT,             -- why it was rejected or paused; NULL: not told
  format     TEXT NOT NULL CHECK (format IN ('POSITIONAL', 'NAMED')), -- of its parameters
  components TEXT NOT NULL,    -- JSON array as the provider gave it
  synced_ms  INTEGER NOT NULL, -- when the provider last listed it
  removed_ms INTEGER,          -- no longer listed since; NULL: it is
  PRIMARY KEY (account, name, language)
) STRICT, WITHOUT ROWID;
