import type { SentPrompt } from '../transcript/fold.js';
import type { LedgerRow } from '../transcript/ledger.js';
import type { Tier } from '../transcript/scanner/scanner.js';

/** What a session's responses are grouped and owned by, beside what each says itself. */
export interface LedgerHead {
  /** The models its responses name, in order of first appearance. */
  models: string[];
  cwd: string | null;
  gitBranch: string | null;
  /** The session its entries name as the one they were forked from. */
  forkedFrom: string | null;
  /** Some answer is newer than what Claude Code last reckoned, or it never did. */
  answeredSinceReport: boolean;
}

/** Tiers by their number in a ledger. */
export const TIERS: readonly Tier[] = ['standard', 'priority', 'batch', 'fast'];
/** Whole numbers a response: input, output, cache read, cache write, of that for an hour, web searches. */
export const COUNTS = 6;

const HEADER_BYTES = 16;
const WORD = 4;
const MOST_MODELS = 0xffff;
const INHERITED = 1;
/** Seeds and multipliers of the two halves of a hash; any odd numbers with well-spread bits do. */
const LOW = { seed: 0x2545f491, factor: 0x9e3779b1 } as const;
const HIGH = { seed: 0x6c8e9cf5, factor: 0x85ebca77 } as const;

/**
 * The responses and prompts of one session as the index keeps them: numbers in columns, 48 bytes a response and 16 a prompt.
 * Ids are hashes of 64 bits, so that those of many sessions can be compared without a string.
 */
export class SessionLedger {
  /** Number of responses. */
  readonly length: number;
  readonly prompts: number;
  /** Times of the responses' first lines and of the prompts, in milliseconds; NaN where none is known. */
  readonly times: Float64Array;
  readonly promptTimes: Float64Array;
  /** Two words a response, or a prompt: the hash of what it is known by wherever it was copied to. */
  readonly ids: Uint32Array;
  readonly promptIds: Uint32Array;
  /** Hash of the request id, 0 for none. */
  readonly requests: Uint32Array;
  /** `COUNTS` a response. */
  readonly counts: Uint32Array;
  /** Model, tier and flag of each response; read by the methods below. */
  readonly tags: Uint32Array;
  private readonly headBytes: Buffer;

  /** `bytes` as `encodeLedger` made them, at a multiple of eight of their memory. Throws if they do not add up. */
  constructor(bytes: Buffer) {
    const [responses = 0, prompts = 0, headBytes = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, 3);
    if (sizeOf(responses, prompts) + padded(headBytes) !== bytes.length) throw new RangeError('a ledger of another size');
    this.length = responses;
    this.prompts = prompts;
    let at = bytes.byteOffset + HEADER_BYTES;
    const words = (count: number): Uint32Array => new Uint32Array(bytes.buffer, (at += count * WORD) - count * WORD, count);
    const times = (count: number): Float64Array => new Float64Array(bytes.buffer, (at += count * 8) - count * 8, count);
    this.times = times(responses);
    this.promptTimes = times(prompts);
    this.ids = words(2 * responses);
    this.promptIds = words(2 * prompts);
    this.requests = words(responses);
    this.counts = words(COUNTS * responses);
    this.tags = words(responses);
    this.headBytes = bytes.subarray(at - bytes.byteOffset, at - bytes.byteOffset + headBytes);
  }

  get head(): LedgerHead {
    return JSON.parse(this.headBytes.toString('utf8')) as LedgerHead;
  }

  /** Number of a response's model in `head.models`; beyond them: none is named. */
  model(row: number): number {
    return (this.tags[row] ?? 0) & 0xffff;
  }

  /** Number of its tier in `TIERS`. */
  tier(row: number): number {
    return ((this.tags[row] ?? 0) >>> 16) & 0xff;
  }

  /** Another session made the request: it came here by a fork. */
  isInherited(row: number): boolean {
    return ((this.tags[row] ?? 0) >>> 24) === INHERITED;
  }
}

/** A session's responses and prompts as bytes for the index; a multiple of eight of them. */
export function encodeLedger(rows: readonly LedgerRow[], prompts: readonly SentPrompt[], sessionId: string, about: Omit<LedgerHead, 'models'>): Buffer {
  const models = new Map<string, number>();
  for (const { model } of rows) if (model !== null && !models.has(model) && models.size < MOST_MODELS) models.set(model, models.size);
  const head = Buffer.from(JSON.stringify({ models: [...models.keys()], ...about } satisfies LedgerHead));
  const bytes = Buffer.from(new ArrayBuffer(sizeOf(rows.length, prompts.length) + padded(head.length)));
  new Uint32Array(bytes.buffer, 0, 3).set([rows.length, prompts.length, head.length]);
  head.copy(bytes, sizeOf(rows.length, prompts.length));
  const ledger = new SessionLedger(bytes);
  rows.forEach(({ id, requestId, model, usage, timeMs, inherited }, row) => {
    ledger.times[row] = timeMs ?? NaN;
    ledger.ids[2 * row] = hashed(id, LOW);
    ledger.ids[2 * row + 1] = hashed(id, HIGH);
    ledger.requests[row] = requestId === null ? 0 : hashed(requestId, LOW) || 1;
    ledger.counts.set([usage.input, usage.output, usage.cacheRead, usage.cacheWrite, usage.cacheWrite1h, usage.webSearches], COUNTS * row);
    const modelNumber = model === null ? MOST_MODELS : (models.get(model) ?? MOST_MODELS);
    ledger.tags[row] = modelNumber | (TIERS.indexOf(usage.tier) << 16) | (inherited ? INHERITED << 24 : 0);
  });
  prompts.forEach(({ uuid, timeMs }, at) => {
    const id = uuid ?? `${sessionId}.${at}`;
    ledger.promptTimes[at] = timeMs ?? NaN;
    ledger.promptIds[2 * at] = hashed(id, LOW);
    ledger.promptIds[2 * at + 1] = hashed(id, HIGH);
  });
  return bytes;
}

function sizeOf(responses: number, prompts: number): number {
  return HEADER_BYTES + responses * (8 + WORD * (4 + COUNTS)) + prompts * (8 + WORD * 2);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Half of a text's hash: for telling ids apart, not for secrecy. */
function hashed(text: string, { seed, factor }: { seed: number; factor: number }): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), factor);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 16)) >>> 0;
}
