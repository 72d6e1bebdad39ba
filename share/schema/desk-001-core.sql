-- desk.db, step 1: the record of the desk.
-- Times are milliseconds since 1970-01-01 UTC in columns ending _ms.
-- Ids are text: ULIDs of 26 characters, short ids of 8. '' never stands for
-- none: NULL does.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY, -- kind: personal | system | scratch; salt: for hashes
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log: every change of the desk, in the order of commits. Rows hold ids
-- and facts; text, names and numbers are joined from message and contact when
-- a line is printed, so that erasing a person is done there alone.
CREATE TABLE event (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- arrival order, never used twice
  id      TEXT NOT NULL UNIQUE, -- ULID, derived from what caused it
  type    TEXT NOT NULL,        -- noun.past-verb, see frontdesk-events(7)
  source  TEXT NOT NULL,        -- /instance/NAME or /desk
  subject TEXT,                 -- conversation/ID, document/ID, ...
  time_ms INTEGER NOT NULL,     -- when it happened, by its own clock
  cause   TEXT,                 -- id of the event that led to this one
  depth   INTEGER NOT NULL,     -- 0 for what came from outside, then 1 more
  stage   TEXT,                 -- the program that wrote it; NULL: imported
  data    TEXT NOT NULL,        -- JSON object without personal fields
  extra   TEXT                  -- JSON object of fields we do not know
) STRICT;
CREATE INDEX event_cause ON event (cause, stage) WHERE cause IS NOT NULL;
CREATE INDEX event_subject ON event (subject, seq) WHERE subject IS NOT NULL;
CREATE INDEX event_time ON event (time_ms);

-- How far a named reader of the log, or of the inbox, has come.
CREATE TABLE cursor (
  name       TEXT PRIMARY KEY,
  seq        INTEGER NOT NULL, -- the last one done: event.seq, or a place in the inbox
  start_seq  INTEGER NOT NULL, -- where it began; older events are not its business
  updated_ms INTEGER NOT NULL  -- when it last moved
) STRICT, WITHOUT ROWID;

-- Events a stage has done out of the order of its cursor (its stdin form).
CREATE TABLE done (
  stage TEXT NOT NULL,
  event TEXT NOT NULL, -- event.id
  PRIMARY KEY (stage, event)
) STRICT, WITHOUT ROWID;

-- Work a stage has taken on and not finished. At most one leased row a key.
CREATE TABLE job (
  id             INTEGER PRIMARY KEY,
  stage          TEXT NOT NULL,
  key            TEXT NOT NULL,    -- what must be done one after the other
  cause          TEXT NOT NULL,    -- event.id that opened it
  last_cause     TEXT NOT NULL,    -- event.id that was added last
  first_ms       INTEGER NOT NULL, -- when it was opened
  due_ms         INTEGER NOT NULL, -- not to be begun before
  deadline_ms    INTEGER NOT NULL, -- to be given to a person after
  attempt        INTEGER NOT NULL DEFAULT 0, -- times begun
  lease_until_ms INTEGER,          -- NULL: nobody works on it
  holder         TEXT              -- slot of the process it belongs to; NULL: any
) STRICT;
CREATE UNIQUE INDEX job_lease ON job (stage, key) WHERE lease_until_ms IS NOT NULL;
CREATE INDEX job_due ON job (stage, due_ms);
CREATE INDEX job_key ON job (stage, key, id);

-- A process of a stage that is up; its slot is a lock file it holds.
CREATE TABLE worker (
  stage      TEXT NOT NULL,
  slot       TEXT NOT NULL,    -- name of the lock file in run/
  pid        INTEGER NOT NULL,
  since_ms   INTEGER NOT NULL, -- up since; it is up while its lock is held
  failures   INTEGER NOT NULL DEFAULT 0, -- in the clock hour of failed_ms
  failed_ms  INTEGER,          -- last failure
  failed_why TEXT,             -- its reason, without personal data
  PRIMARY KEY (stage, slot)
) STRICT, WITHOUT ROWID;

-- A WhatsApp number of the business.
CREATE TABLE instance (
  name            TEXT PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN ('cloud', 'link')),
  phone_number_id TEXT UNIQUE,   -- the provider's id of the number
  account_id      TEXT,          -- WhatsApp Business Account
  phone           TEXT,          -- as displayed
  ai              INTEGER NOT NULL DEFAULT 1, -- the AI may answer
  known           INTEGER NOT NULL DEFAULT 1, -- 0: seen in a webhook, not configured
  created_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A customer as one instance knows them. Never keyed by number alone.
CREATE TABLE contact (
  id         TEXT PRIMARY KEY,  -- short id
  instance   TEXT NOT NULL REFERENCES instance (name),
  name       TEXT,              -- profile name; personal
  language   TEXT,              -- as last detected
  created_ms INTEGER NOT NULL,
  erased     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_alias (
  instance TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid', 'lid', 'username')),
  value    TEXT NOT NULL,       -- personal
  contact  TEXT NOT NULL REFERENCES contact (id),
  since_ms INTEGER NOT NULL,    -- first seen, by the provider's clock
  PRIMARY KEY (instance, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_alias_contact ON contact_alias (contact);

CREATE TABLE conversation (
  id            TEXT PRIMARY KEY,  -- short id
  instance      TEXT NOT NULL REFERENCES instance (name),
  contact       TEXT NOT NULL REFERENCES contact (id),
  number        INTEGER NOT NULL,  -- the contact's n-th, from 1
  status        TEXT NOT NULL CHECK (status IN ('open', 'snoozed', 'resolved', 'archived')),
  owner         TEXT NOT NULL CHECK (owner IN ('ai', 'queue', 'user')),
  owner_rev     INTEGER NOT NULL DEFAULT 1, -- rises at each change of owner or status
  assignee      TEXT,              -- person.name when owner is user
  team          TEXT,
  priority      TEXT NOT NULL DEFAULT 'medium' CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
  language      TEXT,              -- BCP 47 tag of the customer's last words, 'und' if unsure
  profile       TEXT,              -- AI set-up chosen by a rule
  opened_ms     INTEGER NOT NULL,  -- first opened
  reopened_ms   INTEGER NOT NULL,  -- last opened or reopened: clocks start here
  last_in_ms    INTEGER,           -- customer's last message, provider's time: the 24 h window
  last_out_ms   INTEGER,           -- our last message sent
  waiting_ms    INTEGER,           -- customer waits since; NULL: not waiting
  handed_ms     INTEGER,           -- given to people at; NULL: not, or taken back
  resolved_ms   INTEGER,
  UNIQUE (instance, contact, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_status ON conversation (status, owner, waiting_ms);

CREATE TABLE conversation_tag (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  tag          TEXT NOT NULL,
  PRIMARY KEY (conversation, tag)
) STRICT, WITHOUT ROWID;

-- Every message, both ways, and notes between people.
CREATE TABLE message (
  id           TEXT PRIMARY KEY, -- ULID: the id of the event that brought it
  instance     TEXT NOT NULL,
  conversation TEXT NOT NULL REFERENCES conversation (id),
  contact      TEXT NOT NULL REFERENCES contact (id),
  direction    TEXT NOT NULL CHECK (direction IN ('in', 'out', 'echo', 'note')),
  kind         TEXT NOT NULL,    -- text, image, audio, voice, ... as in frontdesk-events(7)
  wamid        TEXT,             -- the provider's id; personal (it holds the number)
  wa_ms        INTEGER NOT NULL, -- the provider's time; ours for what we queue
  stored_ms    INTEGER NOT NULL, -- when it was stored here
  author       TEXT,             -- out, note: ai, rule, user:NAME, system
  status       TEXT,             -- out: queued accepted sent delivered read played; failed held cancelled
  owner_rev    INTEGER,          -- out: of the conversation when it was queued
  attempt      INTEGER NOT NULL DEFAULT 0, -- out: attempts to send
  attempt_ms   INTEGER,          -- out: when the last attempt was marked
  quoted       TEXT,             -- wamid of the message it replies to
  text         TEXT,             -- personal; NULL after an erasure
  content      TEXT,             -- personal: JSON of the parts that are not text
  erased       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX message_wamid ON message (instance, wamid) WHERE wamid IS NOT NULL;
CREATE INDEX message_conversation ON message (conversation, wa_ms, stored_ms);
CREATE INDEX message_open ON message (status, attempt_ms) WHERE direction = 'out' AND status IN ('queued', 'sending', 'held');

-- The ladder of each outgoing message: the first time of each step.
CREATE TABLE message_status (
  instance TEXT NOT NULL,
  wamid    TEXT NOT NULL,
  status   TEXT NOT NULL,
  wa_ms    INTEGER NOT NULL,   -- provider's time
  message  TEXT,               -- message.id once known
  data     TEXT,               -- JSON: errors, pricing
  PRIMARY KEY (instance, wamid, status)
) STRICT, WITHOUT ROWID;

-- What led to an AI's reply: the passages, the model, the cost.
CREATE TABLE reply (
  message       TEXT PRIMARY KEY, -- message.id
  provider      TEXT NOT NULL,
  model         TEXT,
  profile       TEXT,
  prompt_hash   TEXT,             -- BLAKE2b of the prompt as sent
  tokens_in     INTEGER,
  tokens_out    INTEGER,
  sources       TEXT NOT NULL,    -- JSON array: passage, document, title, source, score
  cause         TEXT NOT NULL,    -- event.id
  took_ms       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Staff. Passwords live in auth.db.
CREATE TABLE person (
  name       TEXT PRIMARY KEY,
  full_name  TEXT,
  role       TEXT NOT NULL CHECK (role IN ('admin', 'agent', 'viewer')),
  account    TEXT UNIQUE,       -- Unix account
  active     INTEGER NOT NULL DEFAULT 1,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what. Written in the transaction of the deed.
CREATE TABLE audit (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  actor   TEXT NOT NULL,  -- person.name, or unix:ACCOUNT where none is mapped
  uid     INTEGER,        -- real user id of the process
  action  TEXT NOT NULL,  -- verb of the command: user.add, conversation.take
  object  TEXT,           -- what it was done to
  detail  TEXT            -- JSON of the facts, without personal data
) STRICT;

-- Facts other programs keep about a conversation or a rule: once per what?
CREATE TABLE mark (
  key     TEXT PRIMARY KEY, -- rule:LINE:conversation/ID, held:ULID, ...
  time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Stable views for people's own queries.
CREATE VIEW v_conversations AS
  SELECT id, instance, contact, status, owner, assignee, priority, language,
         datetime(opened_ms / 1000, 'unixepoch') AS opened,
         datetime(last_in_ms / 1000, 'unixepoch') AS last_in
    FROM conversation;
CREATE VIEW v_messages AS
  SELECT id, instance, conversation, direction, kind, author, status,
         datetime(wa_ms / 1000, 'unixepoch') AS time, text
    FROM message;
CREATE VIEW v_events AS
  SELECT seq, id, type, subject, datetime(time_ms / 1000, 'unixepoch') AS time,
         cause, stage, data
    FROM event;
