// rules.js WORDS - the peer of route --match: one alternation over all words
//
// WORDS has a word and its tag a line. Reads events, writes each with the tags
// of the words in its text, whole words in any case.
'use strict';
const fs = require('fs');

const tags = new Map(fs.readFileSync(process.argv[2], 'utf8').split('\n')
  .filter((line) => line !== '').map((line) => line.split(' ')));
const any = new RegExp(`\\b(?:${[...tags.keys()].join('|')})\\b`, 'gi');
let rest = '';

process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  const out = lines.map((line) => {
    const event = JSON.parse(line), found = new Set();
    for (const [word] of event.data.text.matchAll(any))
      found.add(tags.get(word.toLowerCase()));
    event.tags = [...found];
    return JSON.stringify(event) + '\n';
  });
  process.stdout.write(out.join(''));
});
