// Text to fill transcripts with: code, logs, prose and base64, made once and kept as bytes already escaped for a JSON
// string.
import { Random } from './random.mjs';

const POOL_BYTES = 8_000_000;
const WORDS =
  `index buffer session token stream parser request handler config package branch commit test value error result cache
 user message prompt model folder file line column return await async const export import interface function type while
 number string the a of and to in is that it for was on are with as be at this have from or had by not but what all were
 when we there can an your größe naïve façade Ελλάδα Привет 日本語 設定 ✓ → … “so” 🚀 path/to/thing.ts node_modules README.md
 GET /v2/items 404 200 127.0.0.1`.split(/\s+/);

const random = new Random('text');
const words = (least, most) => Array.from({ length: random.whole(least, most) }, () => random.pick(WORDS)).join(' ');

/** Kinds of lines, and how often each occurs. */
const LINES = [
  [
    40,
    () =>
      `${String(random.whole(1, 4000)).padStart(6)}→${'  '.repeat(random.whole(0, 6))}` +
      `${words(3, 10)}${random.pick([';', ' {', '}', ',', ' => {', ''])}`,
  ],
  [
    15,
    () =>
      `src/${random.pick(WORDS)}.ts(${random.whole(1, 900)},${random.whole(1, 99)}): error ` +
      `TS${random.whole(1000, 9999)}: ${words(4, 9)}`,
  ],
  [10, () => `\u001B[32m✓\u001B[39m ${words(3, 8)} \u001B[2m${random.whole(1, 900)}ms\u001B[22m`],
  [10, () => `  "${random.pick(WORDS)}": "${words(1, 5)}", "path": "C:\\Users\\dev\\${random.pick(WORDS)}",`],
  [5, () => ''],
  [20, () => `${words(8, 24)}.`],
];

function makePool() {
  const wheel = LINES.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));
  const chunks = [];
  const starts = [];
  for (let bytes = 0; bytes < POOL_BYTES; ) {
    const chunk = Buffer.from(JSON.stringify(`${random.pick(wheel)()}\n`).slice(1, -1));
    chunks.push(chunk);
    starts.push(bytes);
    bytes += chunk.length;
  }
  return { bytes: Buffer.concat(chunks), starts };
}

const pool = makePool();
const binary = Buffer.from(
  Array.from(
    { length: 1_200_000 },
    () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[random.whole(0, 63)],
  ).join(''),
);

/** Whole lines of text, about `size` bytes (never more than the pool), escaped for a JSON string. */
export function text(random, size) {
  const { bytes, starts } = pool;
  const from = starts[lineAt(random.between(0, bytes.length - size - 10_000))];
  return bytes.subarray(from, starts[lineAt(from + size)]);
}

/** The first line that starts at or after an offset. */
function lineAt(offset) {
  let [low, high] = [0, pool.starts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pool.starts[middle] < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One line of prose without line breaks, at least `least` words long, as a plain string that needs no escaping. */
export function phrase(random, least, most) {
  return Array.from({ length: random.whole(least, most) }, () => random.pick(WORDS)).join(' ');
}

/** `size` characters of base64. */
export function base64(random, size) {
  const length = Math.min(size, binary.length - 1);
  const from = random.whole(0, binary.length - length - 1);
  return binary.subarray(from, from + length);
}
