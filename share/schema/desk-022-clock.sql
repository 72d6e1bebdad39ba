-- desk.db, step 22: whose clock a person reads.

-- IANA name of the zone in which they are shown times; NULL: the machine's.
ALTER TABLE person ADD COLUMN zone TEXT;
