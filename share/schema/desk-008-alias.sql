-- desk.db, step 8: senders whose id is of no known shape.

DROP VIEW held_alias;
CREATE TABLE alias_new (
  instance TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid', 'lid', 'username', 'group', 'other')), -- other: nobody can be written to by it
  value    TEXT NOT NULL,              -- personal
  contact  TEXT NOT NULL REFERENCES contact (id),
  since_ms INTEGER NOT NULL,           -- first seen, by the provider's clock
  sure_ms  INTEGER NOT NULL DEFAULT 0, -- a phone: first seen beside an id that is the person's alone; 0: never
  left_ms  INTEGER NOT NULL DEFAULT 0, -- given up at, by the provider's word; 0: not
  got_ms   INTEGER NOT NULL DEFAULT 0, -- taken on at, last, by the provider's word; 0: it said nothing
  PRIMARY KEY (instance, kind, value, contact)
) STRICT, WITHOUT ROWID;
INSERT INTO alias_new (instance, kind, value, contact, since_ms, sure_ms, left_ms, got_ms)
  SELECT instance, kind, value, contact, since_ms, sure_ms, left_ms, got_ms FROM contact_alias;
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
