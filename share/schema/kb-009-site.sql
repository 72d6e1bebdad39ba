-- kb.db, step 9: the lines of the pages of a site, so that what most of them
-- have is known when one of them is read alone. Their words are not in it.

CREATE TABLE site_page (
  id       INTEGER PRIMARY KEY, -- the newest read is the largest
  document TEXT NOT NULL UNIQUE REFERENCES document (id) ON DELETE CASCADE,
  site     TEXT NOT NULL, -- its collection, a line feed, and host or folder
  lines    BLOB NOT NULL  -- a hash of 8 bytes for each, see lib/kb/boilerplate.c
) STRICT;
CREATE INDEX site_page_site ON site_page (site, id);
