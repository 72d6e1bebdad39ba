-- desk.db, step 4: pictures, voice notes, files: what is in media/ and whose.
CREATE TABLE media_file (
  sha256    TEXT PRIMARY KEY,  -- hexadecimal; the file is media/XX/SHA256
  bytes     INTEGER NOT NULL,
  mime      TEXT NOT NULL,     -- as its bytes say, not as anybody claims
  stored_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The medium of a message, once it is known what became of it.
CREATE TABLE media (
  message    TEXT PRIMARY KEY REFERENCES message (id),
  sha256     TEXT REFERENCES media_file (sha256), -- NULL: it could not be had
  reason     TEXT,             -- why not; NULL: it is there
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX media_sha256 ON media (sha256) WHERE sha256 IS NOT NULL;

-- Files the provider holds for us, ready to be sent.
CREATE TABLE media_upload (
  instance    TEXT NOT NULL,
  sha256      TEXT NOT NULL REFERENCES media_file (sha256),
  provider_id TEXT NOT NULL,
  uploaded_ms INTEGER NOT NULL, -- the provider forgets it 30 days later
  PRIMARY KEY (instance, sha256)
) STRICT, WITHOUT ROWID;
