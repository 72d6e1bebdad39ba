-- auth.db, step 2: a secret is sealed for each program that needs it.
CREATE TABLE reader (
  name       TEXT PRIMARY KEY,  -- program: wa-send, ...
  public_key BLOB NOT NULL,     -- X25519; the private one is in a file of root's
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_of (
  name       TEXT NOT NULL,     -- token-INSTANCE, ...
  reader     TEXT NOT NULL,     -- the one program whose key opens it
  sealed     BLOB NOT NULL,     -- crypto_box_seal to that program's public key
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (name, reader)
) STRICT, WITHOUT ROWID;
INSERT INTO secret_of SELECT name, reader, sealed, created_ms FROM secret;
DROP TABLE secret;
ALTER TABLE secret_of RENAME TO secret;
