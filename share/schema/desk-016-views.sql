-- desk.db, step 16: what each person has looked at, and the words of messages.

-- How far each person has seen a conversation.
CREATE TABLE seen (
  person       TEXT NOT NULL,    -- person.name, or who else may look: me, system
  conversation TEXT NOT NULL REFERENCES conversation (id),
  seq          INTEGER NOT NULL, -- event.seq up to which they have seen it
  PRIMARY KEY (person, conversation)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_contact ON conversation (contact);

-- Messages whose words the index does not have as they are now. Whoever writes
-- a message leaves no more than this row; words are made of many at once, later.
CREATE TABLE word_due (
  n       INTEGER PRIMARY KEY, -- in the order they came
  message TEXT NOT NULL        -- message.id, which may be gone
) STRICT;

-- What the index has of a message.
CREATE TABLE word_doc (
  doc     INTEGER PRIMARY KEY, -- its time in ms, times 2^20, plus its place among those of it
  message TEXT NOT NULL,       -- message.id
  words   TEXT NOT NULL        -- personal: folded, as they were put into the index
) STRICT;
CREATE UNIQUE INDEX word_doc_message ON word_doc (message);

-- What is still to be taken out of the index: a trigger may not do it.
CREATE TABLE word_gone (
  n     INTEGER PRIMARY KEY, -- in the order they came
  doc   INTEGER NOT NULL,    -- what was word_doc.doc
  words TEXT NOT NULL        -- personal: what was word_doc.words
) STRICT;

-- Which messages a word is in. The words come folded and apart. Only what has
-- its row in word_doc counts.
CREATE VIRTUAL TABLE word_index USING fts5 (
  words, content = '', columnsize = 0, detail = none, tokenize = 'ascii');

CREATE TRIGGER word_message_new AFTER INSERT ON message
 WHEN new.text IS NOT NULL OR new.content IS NOT NULL
BEGIN
  INSERT INTO word_due (message) VALUES (new.id);
END;

-- Whatever takes a text away or changes it, its words are found no more.
-- "scrub" stands until frontdesk maintain has taken them out of the index and
-- wiped what is left of them, and of the text, in unused places of the file.
CREATE TRIGGER word_message_changed AFTER UPDATE OF text, content, erased, wa_ms ON message
 WHEN new.text IS NOT old.text OR new.content IS NOT old.content
   OR new.erased IS NOT old.erased OR new.wa_ms IS NOT old.wa_ms
BEGIN
  INSERT INTO word_gone (doc, words)
    SELECT doc, words FROM word_doc WHERE message = old.id;
  DELETE FROM word_doc WHERE message = old.id;
  INSERT INTO word_due (message) VALUES (new.id);
  INSERT OR IGNORE INTO meta (key, value) VALUES ('scrub', 'desk');
END;
CREATE TRIGGER word_message_gone AFTER DELETE ON message
BEGIN
  INSERT INTO word_gone (doc, words)
    SELECT doc, words FROM word_doc WHERE message = old.id;
  DELETE FROM word_doc WHERE message = old.id;
  INSERT OR IGNORE INTO meta (key, value) VALUES ('scrub', 'desk');
END;

-- What was heard in a voice note is a text of its message.
CREATE TRIGGER word_transcript_new AFTER INSERT ON transcript
 WHEN new.text IS NOT NULL
BEGIN
  INSERT INTO word_due (message) VALUES (new.message);
END;
CREATE TRIGGER word_transcript_changed AFTER UPDATE OF text ON transcript
 WHEN new.text IS NOT old.text
BEGIN
  INSERT INTO word_gone (doc, words)
    SELECT doc, words FROM word_doc WHERE message = old.message;
  DELETE FROM word_doc WHERE message = old.message;
  INSERT INTO word_due (message) VALUES (new.message);
  INSERT OR IGNORE INTO meta (key, value) VALUES ('scrub', 'desk');
END;

-- All there are so far: their words are made in small steps, by frontdesk
-- upgrade or, in a person's own store, by whoever searches or receives.
INSERT INTO word_due (message)
  SELECT id FROM message WHERE text IS NOT NULL OR content IS NOT NULL ORDER BY id;
