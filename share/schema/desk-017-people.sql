-- desk.db, step 17: who is there, who works together, and whose turn it is.

ALTER TABLE person ADD COLUMN availability TEXT NOT NULL DEFAULT 'online'
  CHECK (availability IN ('online', 'away', 'offline')); -- as they said last
ALTER TABLE person ADD COLUMN availability_ms INTEGER; -- since when; NULL: never said
ALTER TABLE person ADD COLUMN capacity INTEGER CHECK (capacity > 0); -- most open conversations they are given; NULL: any number

CREATE TABLE team (
  name       TEXT PRIMARY KEY,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE team_member (
  team   TEXT NOT NULL REFERENCES team (name),
  person TEXT NOT NULL REFERENCES person (name),
  turn   INTEGER NOT NULL DEFAULT 0, -- place of the last conversation they were given among those of the team; 0: none yet
  PRIMARY KEY (team, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_person ON team_member (person);

-- How many conversations somebody has.
CREATE INDEX conversation_assignee ON conversation (assignee, status) WHERE assignee IS NOT NULL;

ALTER TABLE contact ADD COLUMN renamed INTEGER NOT NULL DEFAULT 0; -- name is what people here call them: the profile's does not change it
ALTER TABLE contact ADD COLUMN language_set TEXT; -- what people say that they write, BCP 47; NULL: what is detected
ALTER TABLE contact ADD COLUMN zone TEXT;         -- time zone they live in; NULL: not known

-- Whatever erases a contact erases what people noted of them.
CREATE TRIGGER contact_noted_erased AFTER UPDATE OF erased ON contact
WHEN new.erased <> 0 AND old.erased = 0
BEGIN
  UPDATE contact SET renamed = 0, language_set = NULL, zone = NULL WHERE id = new.id;
END;

-- Customers asked how it was: once a conversation.
CREATE TABLE survey (
  conversation TEXT PRIMARY KEY REFERENCES conversation (id),
  message      TEXT NOT NULL UNIQUE, -- message.id that asks
  asked_ms     INTEGER NOT NULL,
  rating       INTEGER CHECK (rating BETWEEN 1 AND 5), -- NULL: none yet
  rated_ms     INTEGER,
  answer       TEXT,                 -- message.id that rated
  comment      TEXT                  -- message.id of the words behind it; NULL: none
) STRICT, WITHOUT ROWID;
