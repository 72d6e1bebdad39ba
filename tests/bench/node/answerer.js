// answerer.js URL REQUEST FLIGHT - the peer of ai-reply: OpenAI's own
// client, no store and no documents
//
// Reads events from standard input, asks the model with the request of the file
// REQUEST for each, FLIGHT at a time, and prints a line with the answer. It
// looks nothing up, checks nothing and keeps nothing: what it had not printed is
// lost at a crash. A stream is put together piece by piece.
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const OpenAI = require('openai');

const [baseURL, file, flight] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'bench', maxRetries: 0 });
const request = JSON.parse(fs.readFileSync(file, 'utf8'));

async function ask() {
  if (!request.stream) {
    const whole = await client.chat.completions.create(request);
    return whole.choices[0].message.content;
  }
  let text = '';
  for await (const part of await client.chat.completions.create(request))
    text += part.choices[0]?.delta?.content ?? '';
  return text;
}

async function answer(line) {
  const event = JSON.parse(line);
  const form = JSON.parse(await ask());
  process.stdout.write(JSON.stringify({ type: 'message.queued',
    causation: event.id, data: { phone: event.data.phone,
      instance: event.data.instance, author: 'ai', text: form.text } }) + '\n');
}

(async () => {
  const lines = readline.createInterface({ input: process.stdin });
  const busy = new Set();
  for await (const line of lines) {
    while (busy.size >= Number(flight))
      await Promise.race(busy);
    const one = answer(line).finally(() => busy.delete(one));
    busy.add(one);
  }
  await Promise.all(busy);
})();
