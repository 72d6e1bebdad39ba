-- kb.db, step 2: where a passage stands in a document that has pages.

ALTER TABLE passage ADD COLUMN page INTEGER;     -- its first page, from 1; NULL: there are none
ALTER TABLE passage ADD COLUMN page_end INTEGER; -- its last
