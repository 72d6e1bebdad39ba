-- kb.db, step 4: an index of our own: packed lists of where words stand, in
-- segments that are written once. It replaces that of FTS5.

DROP VIEW IF EXISTS v_documents;
DROP TABLE term_vocabulary;
DROP TABLE term_index;
DROP TABLE term;
CREATE VIEW v_documents AS
  SELECT id, collection, source, title, state, reason, language, passages,
         datetime(changed_ms / 1000, 'unixepoch') AS changed
    FROM document;

-- Passages that were read together, numbered from 0 in the order of their
-- rows. A segment never changes but in what is dead; segments are merged into
-- larger ones.
CREATE TABLE segment (
  id        INTEGER PRIMARY KEY,
  state     INTEGER NOT NULL CHECK (state IN (0, 1, 2)), -- 0 being written, 1 searched, 2 merged: to be swept
  passages  INTEGER NOT NULL, -- that it has numbers for, dead ones too
  dead      INTEGER NOT NULL, -- of them gone since
  words     REAL NOT NULL,    -- in all of them, for the average length
  first_row INTEGER NOT NULL, -- passage.row of the first
  last_row  INTEGER NOT NULL, -- and of the last
  rows      BLOB NOT NULL     -- runs of rows: number (4 bytes) and row (8) where each begins
) STRICT;

-- The words of a segment and where each stands (see lib/kb/postings.h).
CREATE TABLE segment_term (
  segment INTEGER NOT NULL,
  term    TEXT NOT NULL,    -- stem
  df      INTEGER NOT NULL, -- passages it stands in, dead ones too
  list    INTEGER,          -- of segment_blob; NULL: it is short, and in data
  data    BLOB,
  PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;

-- Long lists in pieces, and what there is for each passage of a segment.
CREATE TABLE segment_blob (
  id   INTEGER PRIMARY KEY, -- segment << 36 | list << 16 | piece; see lib/kb/segment.h
  data BLOB NOT NULL
) STRICT;

-- Rows of passages that are not in the index yet: none, but after an upgrade.
CREATE TABLE segment_gap (
  first INTEGER PRIMARY KEY, -- passage.row
  last  INTEGER NOT NULL     -- passage.row
) STRICT;
INSERT INTO segment_gap (first, last)
  SELECT min(row), max(row) FROM passage HAVING count(*) > 0;
