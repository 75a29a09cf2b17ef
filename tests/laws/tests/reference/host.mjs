// Plays AIR scripts on the reference interpreter: a queue of deliveries between peers in one process.
//
//   node --stack-size=4000 host.mjs < JOBS
//
// JOBS has one JSON object a line: {name, peers, script, services, order}. The first peer starts. With `read` it is only read. `@Name` stands for a
// peer's id, in and out. `order` says which delivery is next: 0 the first that was sent, anything else is the seed of
// a random choice, and results then come back in random parts. Prints {name, story, refused, crash} for each, where
// the story has calls [peer, service, function, args] and the last code and message of each peer.

import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { MarineService } from '@fluencelabs/marine-js/MarineService';
import { defaultCallParameters } from '@fluencelabs/marine-js/types';

const require = createRequire(import.meta.url);
const avm = require('@fluencelabs/avm');
const MOST_STEPS = 300;
const MOST_MILLISECONDS = 3000;
const TIMESTAMP = 1700000000000;
const TTL = 60000;

const print = (line) => fs.writeSync(1, line + '\n');
console.log = console.error;

function base58(bytes) {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = BigInt('0x' + bytes.toString('hex'));
  let text = '';
  for (; number > 0n; number /= 58n) text = digits[Number(number % 58n)] + text;
  for (let at = 0; bytes[at] === 0; at++) text = '1' + text;
  return text;
}

function newPeer() {
  const jwk = crypto.generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const head = Buffer.from([0, 36, 8, 1, 18, 32]);
  const secret = new Uint8Array(Buffer.from(jwk.d, 'base64url'));
  return { id: base58(Buffer.concat([head, Buffer.from(jwk.x, 'base64url')])), secret };
}

const peers = Object.fromEntries(['A', 'B', 'C', 'D'].map((name) => [name, newPeer()]));
const nameOf = Object.fromEntries(Object.entries(peers).map(([name, peer]) => [peer.id, name]));
const withIds = (text) => text.replace(/@([A-D])/g, (_, name) => peers[name].id);
const withNames = (text) => text.replace(/12D3Koo\w+/g, (id) => (nameOf[id] ? '@' + nameOf[id] : id));

const control = new WebAssembly.Module(fs.readFileSync(require.resolve('@fluencelabs/marine-js/marine-js.wasm')));
const code = new Uint8Array(fs.readFileSync(require.resolve('@fluencelabs/avm').replace('index.js', 'avm.wasm')));

async function interpreter() {
  const wasi = { envs: {}, preopened_files: new Set(), mapped_dirs: new Map() };
  const module = { import_name: 'avm', config: { logger_enabled: true, logging_mask: 0, wasi } };
  const config = { modules_config: [module] };
  const service = new MarineService(control, 'avm', () => {}, config, { avm: code }, { WASM_LOG: 'off' });
  await service.init();
  return service;
}

function random(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function answer(rules, asked, peer, call) {
  const name = `${peer}/${call.serviceId}/${call.functionName}`;
  const found = ['*' + name.slice(name.indexOf('/')), name].map((key) => [key, rules[key]]).find(([, rule]) => rule);
  let rule = found?.[1] ?? { ok: `${call.serviceId}.${call.functionName}` };
  if (rule.seq) {
    const times = asked[name] ?? 0;
    asked[name] = times + 1;
    rule = rule.seq[Math.min(times, rule.seq.length - 1)];
  }
  if (rule === 'echo') return [0, JSON.stringify(call.arguments[0] ?? null)];
  if (rule === 'args') return [0, JSON.stringify(call.arguments)];
  if (rule === 'tet')
    return [0, JSON.stringify(call.tetraplets.map((all) => all.map(({ peer_pk, service_id, function_name, lens, json_path }) =>
      ({ peer_pk, service_id, function_name, lens: lens ?? json_path }))))];
  if ('raw' in rule) return [0, rule.raw];
  if ('err' in rule) return [rule.err[0], withIds(JSON.stringify(rule.err[1]))];
  return [0, withIds(JSON.stringify(rule.ok))];
}

async function played(service, { script, services, order, read }) {
  const air = withIds(script);
  const pick = random(order);
  const story = { calls: [], last: {}, messages: 0 };
  const data = {};
  const asked = {};
  const queue = [{ to: 'A', arrived: new Uint8Array(), results: [] }];
  const run = { particleId: 'particle-' + crypto.randomUUID(), timestamp: TIMESTAMP, ttl: TTL, keyFormat: 0 };
  for (let step = 0; queue.length; step++) {
    if (step >= MOST_STEPS) return { endless: true };
    const [{ to, arrived, results }] = queue.splice(order ? pick(queue.length) : 0, 1);
    const peer = peers[to];
    const parameters = { ...run, initPeerId: peers.A.id, currentPeerId: peer.id, secretKeyBytes: peer.secret };
    const invoke = (given) => {
      given[3].hard_limit_enabled = false;
      return service.call('invoke', given, defaultCallParameters);
    };
    const made = await avm.callAvm(invoke, parameters, air, data[to] ?? new Uint8Array(), arrived, results);
    if (made.retCode === 1) return { refused: made.errorMessage };
    if (read) return {};
    story.last[to] = [made.retCode, made.errorMessage];
    data[to] = made.data;
    let answered = [];
    for (const [key, call] of [...made.callRequests].sort(([a], [b]) => a - b)) {
      const [retCode, result] = answer(services, asked, to, call);
      story.calls.push([to, call.serviceId, call.functionName, call.arguments]);
      answered.push([key, { retCode, result }]);
    }
    if (order) {
      for (const one of answered) queue.push({ to, arrived: new Uint8Array(), results: [one] });
    } else if (answered.length) queue.unshift({ to, arrived: new Uint8Array(), results: answered });
    for (const id of made.nextPeerPks) {
      const next = nameOf[id];
      story.messages += 1;
      if (next) queue.push({ to: next, arrived: made.data, results: [] });
    }
  }
  return { story };
}

// One thread plays; another watches that it comes to an end.
async function player() {
  let service = await interpreter();
  parentPort.on('message', async (line) => {
    const job = JSON.parse(line);
    let found;
    try {
      found = await played(service, job);
    } catch (why) {
      found = { crash: String(why).slice(0, 200) };
      service = await interpreter();
    }
    parentPort.postMessage(withNames(JSON.stringify({ name: job.name, ...found })));
  });
  parentPort.postMessage('ready');
}

async function watcher() {
  let worker;
  const said = (milliseconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), milliseconds);
      worker.once('message', (text) => (clearTimeout(timer), resolve(text)));
      worker.once('error', (why) => (clearTimeout(timer), console.error(why), resolve(null)));
    });
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    if (!worker) {
      worker = new Worker(new URL(import.meta.url), { resourceLimits: { stackSizeMb: 64 } });
      worker.setMaxListeners(0);
      await said(60000);
    }
    worker.postMessage(line);
    const text = await said(MOST_MILLISECONDS);
    if (text) print(text);
    else {
      await worker.terminate();
      worker = null;
      print(JSON.stringify({ name: JSON.parse(line).name, crash: 'it does not end' }));
    }
  }
  process.exit(0);
}

await (isMainThread ? watcher() : player());
