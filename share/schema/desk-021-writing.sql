-- desk.db, step 21: what waits for somebody of a team, what people are writing.

-- Conversations that were to be dealt to one of a team, of whom nobody was
-- free: whoever comes online or has room again is given them.
CREATE TABLE team_wait (
  conversation TEXT PRIMARY KEY REFERENCES conversation (id),
  team         TEXT NOT NULL REFERENCES team (name) ON DELETE CASCADE,
  how          TEXT NOT NULL CHECK (how IN ('round robin', 'least loaded')),
  since_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX team_wait_team ON team_wait (team);

-- Whatever takes it out of that queue ends the wait.
CREATE TRIGGER team_wait_over AFTER UPDATE OF owner, team, status, merged_into ON conversation
 WHEN new.owner <> 'queue' OR new.team IS NOT old.team OR new.merged_into IS NOT NULL
   OR new.status IN ('resolved', 'archived')
BEGIN
  DELETE FROM team_wait WHERE conversation = new.id;
END;

-- Replies in the making: one a person and conversation.
CREATE TABLE draft (
  person       TEXT NOT NULL,    -- person.name
  conversation TEXT NOT NULL REFERENCES conversation (id),
  text         TEXT NOT NULL,    -- personal
  updated_ms   INTEGER NOT NULL,
  PRIMARY KEY (person, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_conversation ON draft (conversation);

-- Processes in which somebody is writing a reply now. One that does not renew
-- its row has ended.
CREATE TABLE writer (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  process      TEXT NOT NULL,    -- a ULID, of one time of writing
  person       TEXT NOT NULL,    -- person.name
  since_ms     INTEGER NOT NULL,
  until_ms     INTEGER NOT NULL, -- unless it says before that it goes on
  PRIMARY KEY (conversation, process)
) STRICT, WITHOUT ROWID;

-- A reply in the making may hold what the customer said, or names them.
CREATE TRIGGER draft_message_erased AFTER UPDATE OF erased ON message
 WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  DELETE FROM draft WHERE conversation = new.conversation;
END;

CREATE TRIGGER draft_contact_erased AFTER UPDATE OF erased ON contact
 WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  DELETE FROM draft WHERE conversation IN (SELECT id FROM conversation WHERE contact = new.id);
END;

-- Nobody reads what is left by who has gone.
CREATE TRIGGER draft_person_left AFTER UPDATE OF active ON person
 WHEN new.active = 0 AND old.active <> 0
BEGIN
  DELETE FROM draft WHERE person = new.name;
END;

-- It is about the conversation that goes on.
CREATE TRIGGER draft_merged AFTER UPDATE OF merged_into ON conversation
 WHEN new.merged_into IS NOT NULL AND new.merged_into IS NOT old.merged_into
BEGIN
  INSERT INTO draft (person, conversation, text, updated_ms)
    SELECT person, new.merged_into, text, updated_ms FROM draft WHERE conversation = new.id
    ON CONFLICT DO UPDATE SET text = text || char(10) || excluded.text,
      updated_ms = max(updated_ms, excluded.updated_ms);
  DELETE FROM draft WHERE conversation = new.id;
END;
