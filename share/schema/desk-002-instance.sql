-- desk.db, step 2: how an instance is: its state, and what the provider says.
-- A removed one keeps its row, for its history.
ALTER TABLE instance ADD COLUMN state TEXT NOT NULL DEFAULT 'connecting'
  CHECK (state IN ('connecting', 'connected', 'disconnected', 'error'));
ALTER TABLE instance ADD COLUMN reason TEXT;     -- of the state, in words; NULL: none is needed
ALTER TABLE instance ADD COLUMN state_ms INTEGER; -- in this state since; NULL: since it was made
ALTER TABLE instance ADD COLUMN seen_ms INTEGER; -- last successful exchange, either way; a few seconds old
ALTER TABLE instance ADD COLUMN quality TEXT;    -- the provider's rating: GREEN, YELLOW, RED
ALTER TABLE instance ADD COLUMN messaging_limit TEXT; -- customers a day it may write to first: TIER_1K, ...
ALTER TABLE instance ADD COLUMN throughput TEXT; -- STANDARD, HIGH
ALTER TABLE instance ADD COLUMN number_status TEXT; -- the provider's: CONNECTED, PENDING, BANNED, ...
ALTER TABLE instance ADD COLUMN verified_name TEXT; -- the name customers see
ALTER TABLE instance ADD COLUMN name_status TEXT; -- of that name: APPROVED, DECLINED, ...
ALTER TABLE instance ADD COLUMN token_expires_ms INTEGER; -- of its access token; 0: never; NULL: not known
ALTER TABLE instance ADD COLUMN checked_ms INTEGER; -- last asked the provider
ALTER TABLE instance ADD COLUMN removed_ms INTEGER; -- taken off the desk; NULL: it is not

CREATE VIEW v_instances AS
  SELECT name, kind, state, reason, quality, messaging_limit,
         datetime(state_ms / 1000, 'unixepoch') AS since,
         datetime(seen_ms / 1000, 'unixepoch') AS seen
    FROM instance WHERE removed_ms IS NULL;
