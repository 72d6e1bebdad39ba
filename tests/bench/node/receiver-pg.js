// receiver-pg.js PORTFILE SOCKETDIR SECRET KEYS - a peer of wa-recv: express
// and PostgreSQL
//
// The same job at the same durability: check the signature over the raw bytes,
// commit the body (synchronous_commit and fsync are on in the server), then
// answer 200. Written as one would write it: a pool of ten, one prepared
// insert a request. KEYS says what else the table keeps: "unique" a unique
// key on the message's id, so that a second delivery is left out, and an index
// by time; "plain" the arrival number only, which is all that wa-recv keeps.
'use strict';
const fs = require('node:fs');
const crypto = require('node:crypto');
const express = require('express');
const { Pool } = require('pg');

const [portFile, sockets, secret, keys] = process.argv.slice(2);
const unique = keys === 'unique';
const pool = new Pool({ host: sockets, user: 'bench', database: 'postgres',
  max: 10 });
const insert = unique ?
  { name: 'keep', text: `INSERT INTO body (received_ms, headers, body, id)
      VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING` } :
  { name: 'keep', text: `INSERT INTO body (received_ms, headers, body)
      VALUES ($1, $2, $3)` };
const idOf = (body) =>
  JSON.parse(body).entry[0].changes[0].value.messages[0].id;

const app = express();
app.disable('x-powered-by');
app.post('/webhook', express.raw({ type: '*/*', limit: '3mb' }),
  async (request, response) => {
    const given = Buffer.from(request.headers['x-hub-signature-256'] || '');
    const want = Buffer.from('sha256=' + crypto.createHmac('sha256', secret)
      .update(request.body).digest('hex'));
    if (given.length !== want.length ||
        !crypto.timingSafeEqual(given, want))
      return response.status(401).end();
    const values = [Date.now(), JSON.stringify(request.headers), request.body];
    if (unique)
      values.push(idOf(request.body));
    await pool.query({ ...insert, values });
    return response.status(200).end();
  });

(async () => {
  await pool.query('DROP TABLE IF EXISTS body');
  await pool.query(`CREATE TABLE body (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_ms bigint NOT NULL, headers text NOT NULL, body bytea NOT NULL` +
    (unique ? ', id text NOT NULL UNIQUE)' : ')'));
  if (unique)
    await pool.query('CREATE INDEX body_by_time ON body (received_ms)');
  const server = app.listen(0, '127.0.0.1', (err) => {
    if (err) throw err;
    fs.writeFileSync(portFile, String(server.address().port));
  });
})();
process.on('SIGTERM', () => process.exit(0));
