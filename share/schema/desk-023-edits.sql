-- desk.db, step 23: the words of a message that was edited are those of now.

-- What is put in here loses its words in the index, and is due.
CREATE VIEW word_again AS SELECT id AS message FROM message;
CREATE TRIGGER word_again_new INSTEAD OF INSERT ON word_again
BEGIN
  INSERT INTO word_gone (doc, words)
    SELECT doc, words FROM word_doc WHERE message = new.message;
  DELETE FROM word_doc WHERE message = new.message;
  INSERT INTO word_due (message) VALUES (new.message);
END;

-- An edit is a message of its own: it changes the one that it quotes.
CREATE TRIGGER word_edit_new AFTER INSERT ON message
 WHEN new.kind = 'edit' AND new.quoted IS NOT NULL
BEGIN
  INSERT INTO word_again (message) SELECT id FROM message
    WHERE instance = new.instance AND wamid = new.quoted;
END;
CREATE TRIGGER word_edit_changed AFTER UPDATE OF text, erased, wa_ms, contact ON message
 WHEN new.kind = 'edit' AND new.quoted IS NOT NULL
  AND (new.text IS NOT old.text OR new.erased IS NOT old.erased
    OR new.wa_ms IS NOT old.wa_ms OR new.contact IS NOT old.contact)
BEGIN
  INSERT INTO word_again (message) SELECT id FROM message
    WHERE instance = new.instance AND wamid = new.quoted;
  INSERT OR IGNORE INTO meta (key, value) VALUES ('scrub', 'desk');
END;
CREATE TRIGGER word_edit_gone AFTER DELETE ON message
 WHEN old.kind = 'edit' AND old.quoted IS NOT NULL
BEGIN
  INSERT INTO word_again (message) SELECT id FROM message
    WHERE instance = old.instance AND wamid = old.quoted;
END;

-- Edits that were there before their message have no words of their own then.
CREATE TRIGGER word_edited_new AFTER INSERT ON message
 WHEN new.wamid IS NOT NULL AND EXISTS (SELECT 1 FROM message
   WHERE instance = new.instance AND quoted = new.wamid
     AND kind IN ('edit', 'reaction', 'revoke'))
BEGIN
  INSERT INTO word_again (message) SELECT id FROM message
    WHERE instance = new.instance AND quoted = new.wamid
      AND kind IN ('edit', 'reaction', 'revoke') AND +kind = 'edit';
END;
-- So too when two customers turn out to be one.
CREATE TRIGGER word_edited_moved AFTER UPDATE OF contact ON message
 WHEN new.contact IS NOT old.contact AND new.wamid IS NOT NULL
  AND EXISTS (SELECT 1 FROM message
   WHERE instance = new.instance AND quoted = new.wamid
     AND kind IN ('edit', 'reaction', 'revoke'))
BEGIN
  INSERT INTO word_again (message) SELECT id FROM message
    WHERE instance = new.instance AND quoted = new.wamid
      AND kind IN ('edit', 'reaction', 'revoke') AND +kind = 'edit';
  INSERT INTO word_again (message) VALUES (new.id);
END;

INSERT INTO word_again (message)
  SELECT m.id FROM message e CROSS JOIN message m
      ON m.instance = e.instance AND m.wamid = e.quoted
    WHERE e.kind IN ('edit', 'reaction', 'revoke') AND +e.kind = 'edit'
      AND e.quoted IS NOT NULL
  UNION SELECT id FROM message
    WHERE kind IN ('edit', 'reaction', 'revoke') AND +kind = 'edit'
      AND quoted IS NOT NULL;
