-- desk.db, step 13: what the AI had done by tools, so that nothing is done twice.

-- A call, for a day. The same cause, tool and arguments are the same call.
CREATE TABLE tool_call (
  key          TEXT PRIMARY KEY,  -- hash of cause, tool and arguments
  tool         TEXT NOT NULL,
  conversation TEXT NOT NULL,     -- conversation.id
  cause        TEXT NOT NULL,     -- event.id
  state        TEXT NOT NULL CHECK (state IN ('asked', 'begun', 'done')),
  since_ms     INTEGER NOT NULL,  -- in this state
  arguments    TEXT,              -- personal: JSON object; while it is asked about
  result       TEXT               -- personal: JSON object; when it is done
) STRICT, WITHOUT ROWID;
CREATE INDEX tool_call_conversation ON tool_call (conversation, state);
CREATE INDEX tool_call_since ON tool_call (since_ms);
