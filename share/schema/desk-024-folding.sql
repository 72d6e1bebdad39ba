-- desk.db, step 24: words are found with and without a nukta, and đ as d.

INSERT INTO word_again (message)
  SELECT message FROM word_doc
    WHERE instr(words, char(0x93c)) OR instr(words, char(0xa3c)) OR instr(words, char(0x111))
      OR instr(words, char(0x929)) OR instr(words, char(0x931)) OR instr(words, char(0x934));
