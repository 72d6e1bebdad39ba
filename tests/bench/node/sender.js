// sender.js URL TOKEN COUNT FLIGHT - the peer of wa-send: undici, no store
//
// Posts COUNT messages, FLIGHT at a time, over kept connections, and waits for
// each answer. It keeps nothing: a crash loses what it had not sent and sends
// again what it had.
'use strict';
const { Pool } = require('undici');

const [address, token, count, flight] = process.argv.slice(2);
const url = new URL(address);
const pool = new Pool(url.origin, { connections: Number(flight),
  pipelining: 1 });
let next = 0, ok = 0, errors = 0;

async function worker() {
  while (next < Number(count)) {
    const n = next++;
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: url.pathname,
      headers: { authorization: `Bearer ${token}`,
        'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: String(491700000000 + n),
        type: 'text',
        text: { preview_url: false, body: 'Your parcel leaves tomorrow.' },
        biz_opaque_callback_data: String(n).padStart(26, '0') }),
    });
    const answer = await body.json();
    if (statusCode === 200 && answer.messages[0].id)
      ok++;
    else
      errors++;
  }
}

(async () => {
  const from = process.hrtime.bigint();
  await Promise.all(Array.from({ length: Number(flight) }, worker));
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  console.log(JSON.stringify({ per_second: Math.round(ok / seconds), errors,
    rss_kb: Math.round(process.resourceUsage().maxRSS) }));
  await pool.close();
})();
