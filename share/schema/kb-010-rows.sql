-- kb.db, step 10: documents stand in the file in the order they came and not in
-- that of their ids, which is none. What is read together is in a few pages
-- then, and each of its states writes these and not a page a document.

DROP VIEW v_documents;
CREATE TABLE document_new (
  number      INTEGER PRIMARY KEY, -- the last that came has the largest
  id          TEXT NOT NULL UNIQUE, -- short id of collection and source
  source      TEXT NOT NULL,    -- path or address, as given
  collection  TEXT NOT NULL,    -- a group of documents, to search or to leave out
  reason      TEXT,             -- failed: why; an older version may still be found
  title       TEXT,             -- NULL until it was ready once
  language    TEXT,             -- BCP 47 tag of most of it; 'und' if unsure
  type        TEXT,             -- one of kb_type_names
  fingerprint TEXT,             -- BLAKE2b of content and extractor, of the version that is found
  version     INTEGER NOT NULL DEFAULT 0, -- the one that is found; 0: none yet; negative: being taken out
  bytes       INTEGER NOT NULL DEFAULT 0, -- of the source
  passages    INTEGER NOT NULL DEFAULT 0, -- of the version that is found
  changed_ms  INTEGER NOT NULL, -- when state was set
  told        INTEGER NOT NULL DEFAULT 1, -- 0: its event is not in the log yet
  extra       TEXT,             -- JSON object: fields of its line we do not know
  state       TEXT NOT NULL DEFAULT 'queued' -- an older version may be found in any of them
    CHECK (state IN ('queued', 'extracting', 'indexing', 'embedding', 'ready', 'failed')),
  since_ms    INTEGER NOT NULL DEFAULT 0, -- when it came into its state
  deadline_ms INTEGER,          -- when it should have left it; NULL: it may stay
  failed_page INTEGER,          -- failed: at which page; NULL: not at one
  origin      TEXT NOT NULL DEFAULT 'manual', -- how it came: manual, drive, web
  url         TEXT,             -- where people read it; NULL: not known
  modified_ms INTEGER,          -- when its source says it was changed; NULL: it does not
  description TEXT,             -- as its source says; NULL: it does not
  edited_description TEXT,      -- a person's, which goes before; NULL: none
  own_title   TEXT,             -- as read; title may be a person's
  edited_title TEXT,            -- a person's, which stays; NULL: none
  home        TEXT,             -- the collection it is ingested into, if people moved it; NULL: they did not
  UNIQUE (collection, source)
) STRICT;
INSERT INTO document_new (id, source, collection, reason, title, language, type,
    fingerprint, version, bytes, passages, changed_ms, told, extra, state,
    since_ms, deadline_ms, failed_page, origin, url, modified_ms, description,
    edited_description, own_title, edited_title, home)
  SELECT id, source, collection, reason, title, language, type,
      fingerprint, version, bytes, passages, changed_ms, told, extra, state,
      since_ms, deadline_ms, failed_page, origin, url, modified_ms, description,
      edited_description, own_title, edited_title, home
    FROM document ORDER BY id;
DROP TABLE document;
ALTER TABLE document_new RENAME TO document;
CREATE INDEX document_untold ON document (id) WHERE told = 0;
CREATE INDEX document_state ON document (state) WHERE state <> 'ready';
CREATE INDEX document_gone ON document (id) WHERE version < 0; -- being taken out
CREATE VIEW v_documents AS
  SELECT id, collection, source, title, state, reason, language, passages,
         datetime(changed_ms / 1000, 'unixepoch') AS changed
    FROM document;
