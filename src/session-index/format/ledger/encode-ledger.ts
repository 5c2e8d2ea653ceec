import type { LedgerRow } from '../../../transcript/fold/ledger.js';
import type { SentPrompt } from '../../../transcript/fold/prompt-fold.js';
import { fnv1a32, putFnv1a64 } from '../hash.js';
import { bitsAt } from '../layout.js';
import { AMOUNTS, CALL, LEDGER_COUNTS, ledgerStarts, padded, TAG, TIERS, WORD_BYTES } from './ledger-layout.js';
import type { LedgerAbout } from './session-ledger.js';

const MAX_MODELS = TAG.model.max;
const MAX_TOOLS = 0xffff;

/** Content of a ledger before it is encoded. */
export interface LedgerSource {
  responses: readonly LedgerRow[];
  prompts: readonly SentPrompt[];
  sessionId: string;
  about: Omit<LedgerAbout, 'models' | 'tools'>;
}

/**
 * Encodes a session's responses and prompts; the number of bytes is a multiple of eight. `room` returns memory that is
 * aligned to eight bytes.
 */
export function encodeLedger(
  { responses, prompts, sessionId, about }: LedgerSource,
  room: (bytes: number) => Buffer = (bytes) => Buffer.alloc(bytes),
): Buffer {
  const models = new Names(MAX_MODELS);
  const tools = new Names(MAX_TOOLS);
  const modelNumbers = responses.map(({ model }) => (model === null ? MAX_MODELS : models.numberOf(model)));
  const calls = responses.flatMap((row, at) => row.tools.map((tool) => ({ at, tool: tools.numberOf(tool) })));
  const json = Buffer.from(JSON.stringify({ models: models.all, tools: tools.all, ...about } satisfies LedgerAbout));
  const counts = { responses: responses.length, prompts: prompts.length, toolCalls: calls.length };
  const starts = ledgerStarts(counts);
  const bytes = room(starts.about + padded(json.length));
  bytes.fill(' ', starts.about + json.copy(bytes, starts.about));
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD_BYTES);
  const floats = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / Float64Array.BYTES_PER_ELEMENT);
  const [times, promptTimes] = [starts.times, starts.promptTimes].map((start) => start / floats.BYTES_PER_ELEMENT) as [
    number,
    number,
  ];
  const wordAt = (start: number): number => start / WORD_BYTES;
  const [ids, promptIds, requests] = [wordAt(starts.ids), wordAt(starts.promptIds), wordAt(starts.requests)];
  const [amounts, tags] = [wordAt(starts.amounts), wordAt(starts.tags)];
  words[LEDGER_COUNTS.at.responses] = counts.responses;
  words[LEDGER_COUNTS.at.prompts] = counts.prompts;
  words[LEDGER_COUNTS.at.aboutBytes] = json.length;
  words[LEDGER_COUNTS.at.toolCalls] = counts.toolCalls;
  responses.forEach(({ id, requestId, usage, timeMs, inherited }, row) => {
    floats[times + row] = timeMs ?? NaN;
    putFnv1a64(id, words, ids + 2 * row);
    words[requests + row] = requestId === null ? 0 : requestHash(requestId);
    const at = amounts + AMOUNTS.count * row;
    words[at + AMOUNTS.at.input] = usage.input;
    words[at + AMOUNTS.at.output] = usage.output;
    words[at + AMOUNTS.at.cacheRead] = usage.cacheRead;
    words[at + AMOUNTS.at.cacheWrite] = usage.cacheWrite;
    words[at + AMOUNTS.at.cacheWrite1h] = usage.cacheWrite1h;
    words[at + AMOUNTS.at.webSearches] = usage.webSearches;
    words[tags + row] =
      bitsAt(modelNumbers[row] ?? MAX_MODELS, TAG.model) |
      bitsAt(TIERS.indexOf(usage.tier), TAG.tier) |
      bitsAt(Number(usage.isUsOnly), TAG.isUsOnly) |
      bitsAt(Number(inherited), TAG.isInherited);
  });
  prompts.forEach(({ uuid, timeMs }, at) => {
    floats[promptTimes + at] = timeMs ?? NaN;
    putFnv1a64(uuid ?? `${sessionId}.${at}`, words, promptIds + 2 * at);
  });
  calls.forEach(({ at, tool }, call) => {
    const start = wordAt(starts.calls) + CALL.count * call;
    words[start + CALL.at.response] = at;
    words[start + CALL.at.tool] = tool;
  });
  return bytes;
}

/** Names in order of first appearance; those beyond `max` share the number `max`. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined || this.#numbers.size === this.#max) return known ?? this.#max;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  get all(): string[] {
    return [...this.#numbers.keys()];
  }
}

/** Returns a hash of 32 bits, which is enough to distinguish requests of one response id; 0 stands for none. */
function requestHash(requestId: string): number {
  return fnv1a32(requestId) || 1;
}
