-- kb.db, step 3: what a document is on its way through, where it came from and
-- what people changed of it; passages that several documents have are kept
-- once.

DROP VIEW v_documents;
ALTER TABLE document RENAME COLUMN state TO state_was;
ALTER TABLE document ADD COLUMN state TEXT NOT NULL DEFAULT 'queued' -- an older version may be found in any of them
  CHECK (state IN ('queued', 'extracting', 'indexing', 'embedding', 'ready', 'failed'));
UPDATE document SET state = state_was;
ALTER TABLE document DROP COLUMN state_was;
ALTER TABLE document ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0; -- when it came into its state
ALTER TABLE document ADD COLUMN deadline_ms INTEGER; -- when it should have left it; NULL: it may stay
UPDATE document SET since_ms = changed_ms,
  deadline_ms = CASE state WHEN 'queued' THEN changed_ms END;
ALTER TABLE document ADD COLUMN failed_page INTEGER; -- failed: at which page; NULL: not at one
ALTER TABLE document ADD COLUMN origin TEXT NOT NULL DEFAULT 'manual'; -- how it came: manual, drive, web
ALTER TABLE document ADD COLUMN url TEXT;            -- where people read it; NULL: not known
ALTER TABLE document ADD COLUMN modified_ms INTEGER; -- when its source says it was changed; NULL: it does not
ALTER TABLE document ADD COLUMN description TEXT;    -- as its source says; NULL: it does not
ALTER TABLE document ADD COLUMN edited_description TEXT; -- a person's, which goes before; NULL: none
ALTER TABLE document ADD COLUMN own_title TEXT;      -- as read; title may be a person's
ALTER TABLE document ADD COLUMN edited_title TEXT;   -- a person's, which stays; NULL: none
ALTER TABLE document ADD COLUMN home TEXT;           -- the collection it is ingested into, if people moved it; NULL: they did not
UPDATE document SET own_title = title;
CREATE INDEX document_state ON document (state) WHERE state <> 'ready';
CREATE INDEX document_gone ON document (id) WHERE version < 0; -- being taken out
CREATE VIEW v_documents AS
  SELECT id, collection, source, title, state, reason, language, passages,
         datetime(changed_ms / 1000, 'unixepoch') AS changed
    FROM document;

-- A text that several documents have, or one in several places, is one row of
-- passage; here is where else it stands. The row itself is of a version that
-- is found whenever any of its places is.
ALTER TABLE passage ADD COLUMN same BLOB; -- 16 bytes of BLAKE2b of language, shape and text, 8 of title and section; NULL: made before there was it
ALTER TABLE passage ADD COLUMN stale INTEGER NOT NULL DEFAULT 0; -- 1: its words in the index are those of another title or section
CREATE INDEX passage_same ON passage (same);
CREATE INDEX passage_stale ON passage (row) WHERE stale = 1;
CREATE TABLE passage_copy (
  copy     INTEGER PRIMARY KEY,
  row      INTEGER NOT NULL REFERENCES passage (row) ON DELETE CASCADE,
  id       TEXT NOT NULL,    -- as passage.id, of this document
  document TEXT NOT NULL REFERENCES document (id),
  version  INTEGER NOT NULL, -- of the document it belongs to
  ordinal  INTEGER NOT NULL, -- its place in the document, from 1
  section  TEXT NOT NULL,
  start    INTEGER NOT NULL,
  "end"    INTEGER NOT NULL,
  page     INTEGER,
  page_end INTEGER
) STRICT;
CREATE INDEX passage_copy_row ON passage_copy (row);
CREATE INDEX passage_copy_document ON passage_copy (document, version, ordinal);

-- All places of passages.
CREATE VIEW place AS
  SELECT row, 0 AS copy, id, document, version, ordinal, section, start, "end",
         page, page_end
    FROM passage
  UNION ALL
  SELECT row, copy, id, document, version, ordinal, section, start, "end",
         page, page_end
    FROM passage_copy;

-- Lines that were left out of a document, as they are on most of its pages.
CREATE TABLE dropped (
  document TEXT NOT NULL REFERENCES document (id),
  version  INTEGER NOT NULL,
  line     TEXT NOT NULL,
  count    INTEGER NOT NULL -- how often it was there
) STRICT;
CREATE INDEX dropped_document ON dropped (document, version);

-- The last run of kb-ingest.
CREATE TABLE ingest (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER,          -- NULL: it is at work, or was interrupted
  ready    INTEGER NOT NULL, -- documents read
  same     INTEGER NOT NULL, -- that were as they had been
  failed   INTEGER NOT NULL,
  removed  INTEGER NOT NULL
) STRICT;
