// Transcripts with their bytes and their JSON changed at random: no command crashes or hangs, and the fast reader says
// what a plain one says.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ccsess, root } from './program.mjs';
import { makeHome, projectDir, sessionId, writePrivate } from './sessions.mjs';

const FILES_AT_ONCE = 50;
const MAX_BYTES = 64 * 1024;
const VALUES = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '\ud800',
  '\u0000',
  [],
  {},
  [[]],
  { a: [1] },
  '2026-01-01T00:00:00Z',
  '9999999999999999',
];

/** One round is one file. */
export async function torture({ random, rounds, isOver, scratch }) {
  const home = makeHome(scratch, 'home', ['a']);
  const dir = projectDir(home, 'a');
  const seeds = transcriptsBelow(join(root, 'fixtures'));
  const failures = [];
  let files = 0;
  while (files < rounds && !isOver()) {
    rmSync(dir, { recursive: true, force: true });
    const batch = Math.min(FILES_AT_ONCE, rounds - files);
    for (let n = 1; n <= batch; n++)
      writePrivate(join(dir, `${sessionId(n)}.jsonl`), mutated(random.pick(seeds), random));
    files += batch;
    failures.push(...(await tried(home, dir, sessionId(random.whole(1, batch)))));
  }
  return { counts: { files }, failures };
}

async function tried(home, dir, id) {
  const failures = [];
  const run = async (...args) => {
    const result = await ccsess(args, { home, before: ['timeout', '-s', 'KILL', '120'] });
    const isWrong =
      result.signal !== null || result.code === 137 || /internal error|a defect of ccsess/.test(result.stderr);
    if (isWrong)
      failures.push(`${args.join(' ')}: ${result.signal ?? result.stderr.trim()}, file kept: ${keep(dir, id)}`);
    return result.stdout;
  };
  const fast = await run('list', '--all', '--json', '--no-cache');
  const cached = await run('list', '--all', '--json');
  if (fast !== cached) failures.push('list --json differs with and without the index');
  const again = await run('list', '--all', '--json');
  if (again !== cached) failures.push('list --json differs the second time');
  await run('stats', '--json');
  await run('show', id);
  await run('show', id, '--json');
  await run('fork', id, '-n');
  const rewritten = rewrite(dir);
  const plain = await run('list', '--all', '--json', '--no-cache');
  failures.push(...compared(fast, plain, rewritten));
  return failures;
}

/**
 * Rewrites every line as JSON.parse and JSON.stringify have it, where that is all it holds. Returns the ids rewritten.
 */
function rewrite(dir) {
  const ids = new Set();
  for (const name of readdirSync(dir)) {
    const text = readFileSync(join(dir, name), 'utf8');
    try {
      const lines = text.split('\n').map((line) => (line === '' ? '' : JSON.stringify(JSON.parse(line))));
      writeFileSync(join(dir, name), lines.join('\n'));
      ids.add(name.slice(0, -'.jsonl'.length));
    } catch {
      // A torn line: what is made of it is ccsess's own matter.
    }
  }
  return ids;
}

const CHANGED_BY_REWRITING = [
  'transcriptBytes',
  'footprintBytes',
  'lastActivityAt',
  'modifiedAt',
  'problems',
  'expiresAt',
];

function compared(fast, plain, ids) {
  const byId = (text) => new Map((text === '' ? [] : JSON.parse(text)).map((record) => [record.id, record]));
  const [before, after] = [byId(fast), byId(plain)];
  return [...ids].flatMap((id) => {
    const [one, other] = [before.get(id) ?? {}, after.get(id) ?? {}];
    const keys = Object.keys(one).filter((key) => !CHANGED_BY_REWRITING.includes(key));
    return keys
      .filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]))
      .map((key) => `${id} ${key}: ${JSON.stringify(one[key])} → ${JSON.stringify(other[key])}`);
  });
}

function keep(dir, id) {
  return JSON.stringify(readFileSync(join(dir, `${id}.jsonl`), 'latin1').slice(0, 300));
}

function transcriptsBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(folder, name)))
    .filter((bytes) => bytes.length > 0 && bytes.length < MAX_BYTES);
}

function mutated(seed, random) {
  let bytes = Buffer.from(seed);
  for (let times = random.whole(1, 4); times > 0; times--)
    bytes = random.chance(0.6) ? mutateJson(bytes, random) : mutateBytes(bytes, random);
  return bytes;
}

function mutateBytes(bytes, random) {
  const at = random.whole(0, Math.max(0, bytes.length - 1));
  const to = Math.min(bytes.length, at + random.whole(1, 40));
  const changes = [
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]),
    () => Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from([random.whole(0, 255)]), bytes.subarray(at + 1)]),
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from('\n'), bytes.subarray(at)]),
    () => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  ];
  return random.pick(changes)();
}

/** Changes one line as a value: a member replaced, removed, doubled, renamed or nested. */
function mutateJson(bytes, random) {
  const lines = bytes.toString('latin1').split('\n');
  const at = random.whole(0, lines.length - 1);
  try {
    const entry = JSON.parse(Buffer.from(lines[at], 'latin1').toString('utf8'));
    lines[at] = Buffer.from(changed(entry, random)).toString('latin1');
  } catch {
    lines.splice(at, 0, lines[random.whole(0, lines.length - 1)]);
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

function changed(entry, random) {
  const holders = objectsIn(entry);
  const holder = random.pick(holders);
  const keys = Object.keys(holder);
  const key = keys.length === 0 ? 'type' : random.pick(keys);
  const changes = [
    () => (holder[key] = random.pick(VALUES)),
    () => delete holder[key],
    () => (holder[key] = [holder[key]]),
    () => (holder[key] = { [key]: holder[key] }),
    () =>
      (holder[random.pick(['type', 'uuid', 'parentUuid', 'message', 'usage', '__proto__', 'content'])] = holder[key]),
    () => (holder[key] = nested(random.whole(10, 2000))),
  ];
  random.pick(changes)();
  const text = JSON.stringify(entry);
  // A key that comes twice, and an escaped one.
  if (random.chance(0.1)) return text.replace('{', `{"${key}":${JSON.stringify(random.pick(VALUES))},`);
  return random.chance(0.1) ? text.replace('"type"', '"\\u0074ype"') : text;
}

function objectsIn(value) {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap(objectsIn);
  return [...(Array.isArray(value) && value.length === 0 ? [] : [value]), ...below];
}

function nested(depth) {
  let value = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
