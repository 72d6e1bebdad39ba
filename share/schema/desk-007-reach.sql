-- desk.db, step 7: customers the provider says it cannot reach.

ALTER TABLE contact ADD COLUMN trouble TEXT;       -- why nothing reaches them, in words without personal data; NULL: it does, or nobody knows
ALTER TABLE contact ADD COLUMN trouble_ms INTEGER; -- since when
