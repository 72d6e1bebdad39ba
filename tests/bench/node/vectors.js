// vectors.js FILE - sqlite-vec beside our vectors: figures as one object
//
// FILE has a table plain (row, data) of vectors of unit length. They are asked
// for the nearest ten of 30 of them that are a little moved: all measured in
// full; and by their signs first, the best 400 of these in full.
'use strict';
const fs = require('fs');
const { DatabaseSync } = require('node:sqlite');
const ours = new DatabaseSync(process.argv[2], { readOnly: true });
const all = ours.prepare('SELECT row, data FROM plain ORDER BY row').all();
const dimensions = all[0].data.byteLength / 4;
const path = process.argv[2] + '.vec';
fs.rmSync(path, { force: true });
const db = new DatabaseSync(path, { allowExtension: true });
db.loadExtension(require('sqlite-vec').getLoadablePath());
db.exec(`CREATE VIRTUAL TABLE v USING vec0(row INTEGER PRIMARY KEY,
	full FLOAT[${dimensions}], signs BIT[${dimensions}])`);
let began = process.hrtime.bigint();
db.exec('BEGIN');
const insert = db.prepare('INSERT INTO v VALUES (?, ?, vec_quantize_binary(?))');
for (const { row, data } of all)
	insert.run(BigInt(row), data, data);
db.exec('COMMIT');
const build_ms = Number(process.hrtime.bigint() - began) / 1e6;

let dice = 1;
const draw = () => (dice = (dice * 16807) % 2147483647) / 2147483647;
const questions = [];
for (let i = 0; i < 30; i++) {
	const from = all[Math.floor(draw() * all.length)].data;
	const q = new Float32Array(from.buffer.slice(from.byteOffset, from.byteOffset + from.byteLength));
	for (let k = 0; k < dimensions; k++)
		q[k] += (draw() - 0.5) / Math.sqrt(dimensions);
	questions.push(new Uint8Array(q.buffer));
}
const exact = db.prepare(`SELECT row FROM v WHERE full MATCH ? AND k = 10
	ORDER BY distance`);
const rescored = db.prepare(`WITH near AS (SELECT row FROM v
	WHERE signs MATCH vec_quantize_binary(?) AND k = 400)
	SELECT v.row FROM near JOIN v USING (row)
	ORDER BY vec_distance_L2(v.full, ?) LIMIT 10`);
const times = { exact: [], rescored: [] };
let found = 0;
for (const q of questions) {
	began = process.hrtime.bigint();
	const best = exact.all(q).map((r) => r.row);
	times.exact.push(Number(process.hrtime.bigint() - began) / 1e6);
	began = process.hrtime.bigint();
	const near = rescored.all(q, q).map((r) => r.row);
	times.rescored.push(Number(process.hrtime.bigint() - began) / 1e6);
	found += near.filter((row) => best.includes(row)).length;
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
console.log(JSON.stringify({ build_ms, exact_ms: median(times.exact),
	rescored_ms: median(times.rescored), recall: found / (10 * questions.length) }));
