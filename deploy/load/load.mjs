#!/usr/bin/env node
// Puts the stack under the load of ordinary clients and counts what comes back.
//
//     node deploy/load/load.mjs --url http://localhost:8080 --seconds 30 --clients 16
//
// One user, by $ACCESS_TOKEN or newly registered, with many clients. Each goes round: reads the profile, the
// appointments, the payments and the list of providers, and every tenth round changes the profile and books and
// cancels a free slot. Writes that fail are repeated, as a careful client would, and must then succeed: nothing may
// be lost and nothing done twice.
// Ends after --seconds or on SIGINT or SIGTERM, and prints the counts as JSON. Exit status 1 when a read failed or
// a write could not be made good.

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8080' },
    seconds: { type: 'string', default: '30' },
    clients: { type: 'string', default: '8' },
    // Between two rounds of one client, in milliseconds.
    pause: { type: 'string', default: '20' },
    // Reads alone.
    'read-only': { type: 'boolean', default: false },
  },
});

const PATIENCE = 10_000;
const REPEATS = 10;
const end = new AbortController();
const began = performance.now();

const answers = {}; // "GET 200" → count
const servedBy = {}; // "users-service/1f2e" → count
const failedReads = [];
const repeatedWrites = [];
const lostWrites = [];
const latencies = [];

const count = (counts, key) => (counts[key] = (counts[key] ?? 0) + 1);

/** One request, one answer; a broken connection is an answer too, with status 0. */
async function send(client, method, path, body) {
  const sent = performance.now();
  let answer;
  try {
    const response = await fetch(options.url + path, {
      method,
      headers: {
        ...(client.token && { authorization: `Bearer ${client.token}` }),
        ...(body && { 'content-type': 'application/json' }),
        'x-refresh-transport': 'body',
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    const replica = response.headers.get('x-served-by');
    if (replica) count(servedBy, replica);
    answer = { status: response.status, text, replica };
  } catch (error) {
    answer = { status: 0, text: String(error.cause ?? error) };
  }
  latencies.push(performance.now() - sent);
  count(answers, `${method} ${answer.status}`);
  return { ...answer, method, path, after: Math.round(performance.now() - began) };
}

async function read(client, path) {
  const answer = await send(client, 'GET', path);
  if (answer.status !== 200) failedReads.push(answer);
  return answer;
}

/** Repeats until the answer is one of `fine`. */
async function write(client, method, path, body, fine) {
  for (let attempt = 0; attempt <= REPEATS; attempt++) {
    const answer = await send(client, method, path, body);
    if (fine.includes(answer.status)) return answer;
    if (attempt === REPEATS || ![0, 429, 502, 503, 504].includes(answer.status)) {
      lostWrites.push(answer);
      return answer;
    }
    repeatedWrites.push(answer);
    await pause(200 * (1 + Math.random()));
  }
}

async function findFreeOffering(client) {
  const { items: providers } = JSON.parse((await read(client, '/providers')).text);
  for (const provider of providers) {
    const { items } = JSON.parse((await read(client, `/providers/${provider.id}/offerings`)).text);
    const free = items.find((offering) => offering.price_minor === 0);
    if (free) return { provider: provider.id, offering: free.id };
  }
}

/** Books a slot and gives it back. Somebody else may be quicker (409), and may be this client's own first attempt. */
async function book(client) {
  const slot = client.slots[Math.floor(Math.random() * client.slots.length)];
  const booking = { offering_id: client.free.offering, starts_at: slot.starts_at };
  const booked = await write(client, 'POST', '/appointments', booking, [201, 409]);
  if (booked?.status !== 201) return;
  const { id } = JSON.parse(booked.text);
  await write(client, 'POST', `/appointments/${id}/cancel`, undefined, [200, 409]);
}

/** A user of one's own. The limits on registering hold for this program too, so it registers once. */
async function register() {
  const name = `load-${randomBytes(6).toString('hex')}`;
  const account = { email: `${name}@example.org`, name, password: randomBytes(12).toString('base64url') };
  const answer = await write({}, 'POST', '/auth/register', account, [200, 201]);
  return JSON.parse(answer.text).access_token;
}

async function prepare() {
  const client = { token: process.env.ACCESS_TOKEN ?? (await register()), slots: [] };
  client.free = options['read-only'] ? undefined : await findFreeOffering(client);
  if (client.free) {
    const { provider, offering } = client.free;
    const { text } = await read(client, `/providers/${provider}/slots?offering=${offering}`);
    // A slot whose time comes while the load lasts would no longer be free.
    const over = Date.now() + Number(options.seconds) * 1000 + REPEATS * PATIENCE;
    client.slots = JSON.parse(text).slots.filter((slot) => Date.parse(slot.starts_at) > over);
  }
  return client;
}

async function run(client, number) {
  for (let round = number; !end.signal.aborted; round++) {
    for (const path of ['/users/me', '/appointments', '/payments', '/providers']) await read(client, path);
    if (!options['read-only'] && round % 10 === 0) {
      await write(client, 'PATCH', '/users/me', { display_name: `Round ${round}` }, [200]);
      if (client.slots.length > 0) await book(client);
    }
    await pause(Number(options.pause));
  }
}

const stop = () => end.abort();
process.on('SIGINT', stop).on('SIGTERM', stop);
setTimeout(stop, Number(options.seconds) * 1000).unref();

const client = await prepare();
await Promise.all(Array.from({ length: Number(options.clients) }, (_, number) => run(client, number)));

const seconds = (performance.now() - began) / 1000;
latencies.sort((a, b) => a - b);
const percentile = (share) => Math.round(latencies[Math.floor(share * (latencies.length - 1))] * 10) / 10;
console.log(
  JSON.stringify(
    {
      seconds: Math.round(seconds * 10) / 10,
      requests: latencies.length,
      per_second: Math.round(latencies.length / seconds),
      answers,
      served_by: servedBy,
      milliseconds: { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) },
      failed_reads: failedReads.length,
      repeated_writes: repeatedWrites.length,
      lost_writes: lostWrites.length,
      examples: [...failedReads, ...lostWrites, ...repeatedWrites].slice(0, 10),
    },
    null,
    2,
  ),
);
process.exitCode = failedReads.length + lostWrites.length === 0 ? 0 : 1;
