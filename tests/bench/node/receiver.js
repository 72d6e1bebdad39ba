// receiver.js PORTFILE DB SECRET - the peer of wa-recv: fastify and node:sqlite
//
// The same job at the same durability: check the signature over the raw bytes,
// keep the body in a table in WAL mode with synchronous=FULL, then answer 200.
// Written as one would write it: a prepared statement, one insert a request.
'use strict';
const fs = require('node:fs');
const crypto = require('node:crypto');
const { DatabaseSync } = require('node:sqlite');
const fastify = require('fastify')({ logger: false });

const [portFile, file, secret] = process.argv.slice(2);
const db = new DatabaseSync(file);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS body (seq INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL)`);
const insert = db.prepare(
  'INSERT INTO body (received_ms, headers, body) VALUES (?, ?, ?)');

fastify.addContentTypeParser('*', { parseAs: 'buffer' },
  (request, body, done) => done(null, body));
fastify.removeContentTypeParser('application/json');
fastify.post('/webhook', (request, reply) => {
  const given = Buffer.from(request.headers['x-hub-signature-256'] || '');
  const want = Buffer.from('sha256=' +
    crypto.createHmac('sha256', secret).update(request.body).digest('hex'));
  if (given.length !== want.length || !crypto.timingSafeEqual(given, want))
    return reply.code(401).send();
  insert.run(Date.now(), JSON.stringify(request.headers), request.body);
  return reply.code(200).send();
});
fastify.listen({ port: 0, host: '127.0.0.1' }, (err, address) => {
  if (err) throw err;
  fs.writeFileSync(portFile, address.split(':').pop());
});
process.on('SIGTERM', () => process.exit(0));
