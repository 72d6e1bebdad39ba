// search.js DOCUMENTS QUESTIONS - MiniSearch in memory beside our search:
// figures of building and asking as one object
'use strict';
const fs = require('fs');
const MiniSearch = require('minisearch');
const lines = (path) => fs.readFileSync(path, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));

const documents = lines(process.argv[2]);
const engine = new MiniSearch({ idField: 'source', fields: ['title', 'text'] });
let began = process.hrtime.bigint();
engine.addAll(documents);
const took = Number(process.hrtime.bigint() - began) / 1e9;
const bytes = documents.reduce((n, d) => n + Buffer.byteLength(d.text), 0);
const times = [];
for (const q of lines(process.argv[3])) {
	began = process.hrtime.bigint();
	engine.search(q.query, { boost: { title: 3 }, combineWith: 'OR' }).slice(0, 10);
	times.push(Number(process.hrtime.bigint() - began) / 1e3);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({
	bytes_per_second: Math.round(bytes / took),
	p50_us: Math.round(times[times.length >> 1]),
	p99_us: Math.round(times[Math.floor(times.length * 0.99)]),
}));
