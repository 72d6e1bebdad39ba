-- desk.db, step 15: what rules need: timers, snoozes, what is known of contacts.

-- The timers that have fired, each with the time it ran from when it last did.
CREATE TABLE timer (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  timer        TEXT NOT NULL CHECK (timer IN ('idle', 'waiting', 'window')),
  after_ms     INTEGER NOT NULL, -- the duration that the rule names
  since_ms     INTEGER NOT NULL, -- of the last message, or waiting since
  PRIMARY KEY (conversation, timer, after_ms)
) STRICT, WITHOUT ROWID;

-- Until when a conversation with the status snoozed rests.
CREATE TABLE snooze (
  conversation TEXT PRIMARY KEY REFERENCES conversation (id),
  since_ms     INTEGER NOT NULL,
  until_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX snooze_until ON snooze (until_ms);

-- Facts about contacts that people and rules set.
CREATE TABLE IF NOT EXISTS contact_attribute (
  contact TEXT NOT NULL REFERENCES contact (id),
  name    TEXT NOT NULL,
  value   TEXT NOT NULL, -- personal
  PRIMARY KEY (contact, name)
) STRICT, WITHOUT ROWID;

-- Whatever erases a contact erases what is known of them.
CREATE TRIGGER contact_attribute_erased AFTER UPDATE OF erased ON contact
WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  DELETE FROM contact_attribute WHERE contact = new.id;
END;

CREATE INDEX conversation_idle ON conversation (max(coalesce(last_in_ms, opened_ms), coalesce(last_out_ms, 0)))
  WHERE status IN ('open', 'resolved') AND merged_into IS NULL;
CREATE INDEX conversation_waiting ON conversation (waiting_ms) WHERE waiting_ms IS NOT NULL;
CREATE INDEX conversation_window ON conversation (last_in_ms)
  WHERE status IN ('open', 'resolved') AND merged_into IS NULL;
