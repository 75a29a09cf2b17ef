// Plays AIR scripts on the reference interpreter, with a queue of deliveries between peers in one process.
//
//   node --stack-size=4000 host.mjs JOBS RULES
//
// JOBS has one JSON object a line: {name, air, args}, or {name, file, args} with an Aqua file whose `main` the reference
// compiler makes AIR of. RULES is a JSON list [[service, function, answer]…]: the first that matches a call answers it,
// `*` stands for anything, at the end of a name too. An answer is {"ok": json}, {"err": json} or {"first": json}: the
// first argument, or without one that value. `@NAME` in texts stands for a peer's id, in and out.
// Prints one JSON object a line: {name, response, error, messages, calls, refused}, or {name, uncompiled: [why…]}.

import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { MarineService } from '@fluencelabs/marine-js/MarineService';
import { defaultCallParameters } from '@fluencelabs/marine-js/types';

const require = createRequire(import.meta.url);
const avm = require('@fluencelabs/avm');
const [jobs, rules] = process.argv.slice(2).map((path) => fs.readFileSync(path, 'utf8'));
const answers = JSON.parse(rules);
const NAMES = 'init relay p q r a b c ra rb rc r1 r2 rq peer p0 p1 p2 r0'.split(' ');
const MOST_DELIVERIES = 4000;

const print = console.log;
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

const peers = Object.fromEntries(NAMES.map((name) => [name, newPeer()]));
const nameOf = Object.fromEntries(NAMES.map((name) => [peers[name].id, name]));
const swapped = (json, swap) => JSON.parse(swap(JSON.stringify(json ?? null)));
const withIds = (json) => swapped(json, (text) => text.replace(/@(\w+)/g, (all, name) => peers[name]?.id ?? all));
const withNames = (json) => swapped(json, (text) => text.replace(/12D3Koo\w+/g, (id) => (nameOf[id] ? '@' + nameOf[id] : id)));

async function interpreter() {
  const control = new WebAssembly.Module(fs.readFileSync(require.resolve('@fluencelabs/marine-js/marine-js.wasm')));
  const wasi = { envs: {}, preopened_files: new Set(), mapped_dirs: new Map() };
  const module = { import_name: 'avm', config: { logger_enabled: true, logging_mask: 0, wasi } };
  const code = fs.readFileSync(require.resolve('@fluencelabs/avm').replace('index.js', 'avm.wasm'));
  const config = { modules_config: [module] };
  const service = new MarineService(control, 'avm', () => {}, config, { avm: new Uint8Array(code) }, { WASM_LOG: 'off' });
  await service.init();
  return service;
}

function matches(pattern, name) {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function calculated(fn, [x, y]) {
  const all = {
    add: () => x + y, sub: () => x - y, mul: () => x * y, fmul: () => Math.floor(x * y), div: () => Math.trunc(x / y),
    rem: () => x % y, pow: () => x ** y, lt: () => x < y, lte: () => x <= y, gt: () => x > y, gte: () => x >= y,
  };
  return all[fn]();
}

function answer(call, story, args) {
  const { serviceId: service, functionName: fn, arguments: given } = call;
  if (service === 'getDataSrv') {
    if (fn === '-relay-') return peers.relay.id;
    if (!(fn in args)) throw new Error('there is no argument ' + fn);
    return args[fn];
  }
  if (service === 'callbackSrv' && fn === 'response') return (story.response = given), {};
  if (service === 'errorHandlingSrv') return (story.error = given[0]), {};
  if (service === 'math' || service === 'cmp') return calculated(fn, given);
  if (service === 'op' && fn === 'concat_strings') return given.join('');
  const [, , found] = answers.find(([s, f]) => matches(s, service) && matches(f, fn)) ?? [];
  if (!found) throw new Error('no such service');
  if ('err' in found) throw new Error(found.err);
  return 'ok' in found ? found.ok : given[0] ?? found.first;
}

async function played(service, { air, args }) {
  const story = { response: null, error: null, messages: [], calls: [], refused: null };
  const data = {};
  const queue = [{ to: 'init', arrived: new Uint8Array(), results: [] }];
  const run = { particleId: 'particle-' + crypto.randomUUID(), timestamp: Date.now(), ttl: 60000, keyFormat: 0 };
  for (let step = 0; queue.length && step < MOST_DELIVERIES; step++) {
    const { to, arrived, results } = queue.shift();
    const peer = peers[to];
    const parameters = { ...run, initPeerId: peers.init.id, currentPeerId: peer.id, secretKeyBytes: peer.secret };
    const invoke = (given) => {
      given[3].hard_limit_enabled = false;
      return service.call('invoke', given, defaultCallParameters);
    };
    const made = await avm.callAvm(invoke, parameters, air, data[to] ?? new Uint8Array(), arrived, results);
    if (made.retCode !== 0) story.refused ??= `${to}: ${made.retCode} ${made.errorMessage}`;
    data[to] = made.data;
    const answered = [];
    for (const [key, call] of made.callRequests) {
      let result;
      try {
        result = { retCode: 0, result: JSON.stringify(answer(call, story, args) ?? {}) };
      } catch (why) {
        result = { retCode: 1, result: JSON.stringify(String(why.message)) };
      }
      const { serviceId: service, functionName: fn, arguments: given } = call;
      story.calls.push({ peer: to, service, function: fn, args: given, failed: result.retCode !== 0 });
      answered.push([key, result]);
    }
    if (answered.length) queue.unshift({ to, arrived: new Uint8Array(), results: answered });
    for (const id of made.nextPeerPks) {
      const next = nameOf[id] ?? id;
      story.messages.push(`${to}->${next}`);
      if (peers[next]) queue.push({ to: next, arrived: made.data, results: [] });
    }
  }
  return story;
}

// The AIR of `main`, or why there is none.
async function compiled(file) {
  const { compileFromPath } = await import('@fluencelabs/aqua-api');
  const made = await compileFromPath({ filePath: file, imports: [], logLevel: 'off' });
  const air = made.functions?.main?.script;
  return made.errors.length || !air ? { uncompiled: made.errors } : { air };
}

const service = await interpreter();
for (const line of jobs.split('\n').filter(Boolean)) {
  const { name, file, args, air: given } = JSON.parse(line);
  const { air, uncompiled } = file ? await compiled(file) : { air: given };
  if (!air) {
    print(JSON.stringify({ name, uncompiled }));
    continue;
  }
  const story = await played(service, { air, args: withIds(args) });
  print(JSON.stringify({ name, ...withNames(story) }));
}
process.exit(0);
