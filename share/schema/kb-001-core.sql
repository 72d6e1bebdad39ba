-- kb.db, step 1: documents and the passages of them that can be found.
-- Times are milliseconds since 1970-01-01 UTC in columns ending _ms. All of it
-- can be made again from the sources.

-- A document as ingested. Its passages are those of its current version; rows
-- of any other version are being built or about to be swept.
CREATE TABLE document (
  id          TEXT PRIMARY KEY, -- short id of collection and source
  source      TEXT NOT NULL,    -- path or address, as given
  collection  TEXT NOT NULL,    -- a group of documents, to search or to leave out
  state       TEXT NOT NULL CHECK (state IN ('queued', 'ready', 'failed')),
  reason      TEXT,             -- failed: why; an older version may still be found
  title       TEXT,             -- NULL until it was ready once
  language    TEXT,             -- BCP 47 tag of most of it; 'und' if unsure
  type        TEXT,             -- text, markdown, html
  fingerprint TEXT,             -- BLAKE2b of content and extractor, of the version that is found
  version     INTEGER NOT NULL DEFAULT 0, -- the one that is found; 0: none yet
  bytes       INTEGER NOT NULL DEFAULT 0, -- of the source
  passages    INTEGER NOT NULL DEFAULT 0, -- of the version that is found
  changed_ms  INTEGER NOT NULL, -- when state was set
  told        INTEGER NOT NULL DEFAULT 1, -- 0: its event is not in the log yet
  extra       TEXT,             -- JSON object: fields of its line we do not know
  UNIQUE (collection, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_untold ON document (id) WHERE told = 0;

-- A piece of a document that reads alone: some 150 to 250 words of one section.
CREATE TABLE passage (
  row      INTEGER PRIMARY KEY AUTOINCREMENT, -- the index's name for it
  id       TEXT NOT NULL,    -- short id of document and text
  document TEXT NOT NULL REFERENCES document (id),
  version  INTEGER NOT NULL, -- of the document it belongs to
  ordinal  INTEGER NOT NULL, -- its place in the document, from 1
  section  TEXT NOT NULL,    -- headings above it, outer first, ' > ' between
  language TEXT NOT NULL,    -- BCP 47 tag; whose stemmer it was read with
  start    INTEGER NOT NULL, -- first character in the document's text
  "end"    INTEGER NOT NULL, -- character after its last
  shape    TEXT NOT NULL,    -- a letter a block of text: p l r c (see kb/chunk.h)
  text     TEXT NOT NULL
) STRICT;
CREATE INDEX passage_document ON passage (document, version, ordinal);
CREATE INDEX passage_language ON passage (language);

-- The words of a passage as they are compared: folded, stemmed, one space
-- between. What the index holds and what ranking counts.
CREATE TABLE term (
  row     INTEGER PRIMARY KEY, -- passage.row
  title   TEXT NOT NULL,       -- of the document's title
  section TEXT NOT NULL,       -- of the headings
  body    TEXT NOT NULL        -- of the text
) STRICT;

-- The words are made by us; the index only has to split them at spaces.
CREATE VIRTUAL TABLE term_index USING fts5 (
  title, section, body,
  content = 'term', content_rowid = 'row', tokenize = 'ascii'
);
CREATE VIRTUAL TABLE term_vocabulary USING fts5vocab (term_index, 'row');

-- Stable view for people's own queries.
CREATE VIEW v_documents AS
  SELECT id, collection, source, title, state, reason, language, passages,
         datetime(changed_ms / 1000, 'unixepoch') AS changed
    FROM document;
