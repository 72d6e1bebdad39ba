-- desk.db, step 14: what people answered, proposed as documents.

-- A question of a customer's and a person's answer to it, for people to decide
-- on. Which conversation it is of, its messages say: they may be moved.
CREATE TABLE review (
  id          TEXT PRIMARY KEY, -- short id, of the message of the answer
  asked       TEXT NOT NULL,    -- message.id: where the question begins
  answered    TEXT NOT NULL,    -- message.id: where the answer begins
  question    TEXT,             -- personal; as edited once it is decided; NULL after an erasure
  answer      TEXT,             -- personal; the same
  same        TEXT,             -- hash of the words, for those who answer the same; NULL after an erasure
  language    TEXT NOT NULL,    -- BCP 47 tag of the answer, 'und' if unsure
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
  created_ms  INTEGER NOT NULL,
  decided_ms  INTEGER,          -- NULL: not yet
  decided_by  TEXT,             -- person.name
  collection  TEXT,             -- of the document
  document    TEXT              -- approved: its id in kb.db; NULL: being made
) STRICT, WITHOUT ROWID;
CREATE INDEX review_state ON review (state, created_ms, id);
CREATE INDEX review_asked ON review (asked);
CREATE INDEX review_answered ON review (answered);
CREATE UNIQUE INDEX review_same ON review (same) WHERE same IS NOT NULL;

-- A person's answers that were looked at: each is once.
CREATE TABLE review_answer (
  message TEXT PRIMARY KEY,     -- message.id: where the answer begins
  review  TEXT REFERENCES review (id) -- that it is of, or says the same as; NULL: nothing to propose
) STRICT, WITHOUT ROWID;
CREATE INDEX review_answer_review ON review_answer (review) WHERE review IS NOT NULL;

-- Whoever erases a message or a contact erases what was made of it, too.
CREATE TRIGGER review_message_erased AFTER UPDATE OF erased ON message
 WHEN new.erased <> 0
BEGIN
  UPDATE review SET question = NULL, answer = NULL, same = NULL
   WHERE asked = new.id OR answered = new.id;
END;
CREATE TRIGGER review_contact_erased AFTER UPDATE OF erased ON contact
 WHEN new.erased <> 0
BEGIN
  UPDATE review SET question = NULL, answer = NULL, same = NULL
   WHERE answered IN (SELECT m.id FROM conversation c
     JOIN message m ON m.conversation = c.id
     WHERE c.instance = new.instance AND c.contact = new.id);
END;
