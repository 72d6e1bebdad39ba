-- auth.db, step 1: password hashes, sessions, keys and sealed secrets come here.
CREATE TABLE secret (
  name       TEXT PRIMARY KEY,  -- token-INSTANCE, ...
  reader     TEXT NOT NULL,     -- the one program whose key opens it
  sealed     BLOB NOT NULL,     -- crypto_box_seal to that program's public key
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
