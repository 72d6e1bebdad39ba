-- desk.db, step 3: one person under many names, and two under one.

ALTER TABLE contact ADD COLUMN kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'group'));
ALTER TABLE contact ADD COLUMN merged_into TEXT; -- contact.id that goes on; NULL: this one does
CREATE INDEX contact_merged ON contact (merged_into) WHERE merged_into IS NOT NULL;

-- A name may have had several holders, one after the other: numbers are given
-- to other people, user names are given up and taken.
CREATE TABLE alias_new (
  instance TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid', 'lid', 'username', 'group')),
  value    TEXT NOT NULL,              -- personal
  contact  TEXT NOT NULL REFERENCES contact (id),
  since_ms INTEGER NOT NULL,           -- first seen, by the provider's clock
  sure_ms  INTEGER NOT NULL DEFAULT 0, -- a phone: first seen beside an id that is the person's alone; 0: never
  left_ms  INTEGER NOT NULL DEFAULT 0, -- given up at, by the provider's word; 0: not
  got_ms   INTEGER NOT NULL DEFAULT 0, -- taken on at, last, by the provider's word; 0: it said nothing
  PRIMARY KEY (instance, kind, value, contact)
) STRICT, WITHOUT ROWID;
INSERT INTO alias_new (instance, kind, value, contact, since_ms)
  SELECT instance, kind, value, contact, since_ms FROM contact_alias;
DROP TABLE contact_alias;
ALTER TABLE alias_new RENAME TO contact_alias;
CREATE INDEX contact_alias_contact ON contact_alias (contact, kind);

-- The names a contact has now.
CREATE VIEW held_alias AS
  SELECT * FROM contact_alias AS a
   WHERE left_ms = 0 AND NOT EXISTS (
     SELECT 1 FROM contact_alias AS o
      WHERE o.instance = a.instance AND o.kind = a.kind AND o.value = a.value
        AND o.contact <> a.contact
        AND (iif(o.sure_ms > 0, o.sure_ms, o.since_ms), o.contact) >
            (iif(a.sure_ms > 0, a.sure_ms, a.since_ms), a.contact));

-- A person has said that these two are not one; the lesser id first.
CREATE TABLE contact_apart (
  one     TEXT NOT NULL REFERENCES contact (id),
  other   TEXT NOT NULL REFERENCES contact (id),
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_apart_other ON contact_apart (other);

ALTER TABLE conversation ADD COLUMN merged_into TEXT; -- conversation.id that goes on; NULL: this one does
CREATE INDEX conversation_merged ON conversation (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE message ADD COLUMN sender TEXT; -- personal: JSON array of the names the customer had in it, "phone:...", the one to answer to first; last "name:..."
CREATE INDEX message_remark ON message (instance, quoted) WHERE kind IN ('edit', 'reaction', 'revoke') AND quoted IS NOT NULL;

ALTER TABLE instance ADD COLUMN after_resolve TEXT NOT NULL DEFAULT 'reopen' CHECK (after_resolve IN ('reopen', 'new'));
ALTER TABLE instance ADD COLUMN ignored TEXT NOT NULL DEFAULT 'status channels'; -- words: groups status channels

CREATE INDEX event_health ON event (time_ms) WHERE type IN ('health.alert', 'health.cleared');
