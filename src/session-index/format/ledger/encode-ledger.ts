import type { LedgerRow } from '../../../transcript/fold/ledger.js';
import type { SentPrompt } from '../../../transcript/fold/prompt-fold.js';
import { fnv1a32, putFnv1a64 } from '../hash.js';
import { bitsAt } from '../layout.js';
import {
  AMOUNTS,
  CALL,
  ID_BYTES,
  LEDGER_COUNTS,
  type LedgerStarts,
  ledgerStarts,
  padded,
  TAG,
  TIERS,
  TIME_BYTES,
  WORD_BYTES,
} from './ledger-layout.js';
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
 * Encodes a session's responses and prompts; the number of bytes is a multiple of eight. `allocate` must return memory
 * that is aligned to eight bytes.
 */
export function encodeLedger(
  { responses, prompts, sessionId, about }: LedgerSource,
  allocate: (bytes: number) => Buffer = (bytes) => Buffer.alloc(bytes),
): Buffer {
  const models = new Names(MAX_MODELS);
  const tools = new Names(MAX_TOOLS);
  const modelNumbers: number[] = [];
  const toolNumbers: number[] = [];
  for (const row of responses) {
    modelNumbers.push(row.model === null ? MAX_MODELS : models.numberOf(row.model));
    for (const tool of row.tools) toolNumbers.push(tools.numberOf(tool));
  }
  const json = JSON.stringify({ models: models.all, tools: tools.all, ...about } satisfies LedgerAbout);
  const aboutBytes = Buffer.byteLength(json);
  const starts = ledgerStarts({
    responses: responses.length,
    prompts: prompts.length,
    toolCalls: toolNumbers.length,
  });
  const bytes = allocate(starts.about + padded(aboutBytes));
  bytes.fill(' ', starts.about + bytes.write(json, starts.about));
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD_BYTES);
  const floats = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / TIME_BYTES);
  words[LEDGER_COUNTS.at.responses] = responses.length;
  words[LEDGER_COUNTS.at.prompts] = prompts.length;
  words[LEDGER_COUNTS.at.aboutBytes] = aboutBytes;
  words[LEDGER_COUNTS.at.toolCalls] = toolNumbers.length;
  const tags = starts.tags / WORD_BYTES;
  for (let row = 0, call = 0; row < responses.length; row++) {
    const response = responses[row] as LedgerRow;
    putResponse(response, row, { words, floats, starts });
    words[tags + row] = bitsAt(modelNumbers[row] ?? MAX_MODELS, TAG.model) | billingBits(response);
    for (let n = 0; n < response.tools.length; n++, call++) {
      const at = starts.calls / WORD_BYTES + CALL.count * call;
      words[at + CALL.at.response] = row;
      words[at + CALL.at.tool] = toolNumbers[call] ?? MAX_TOOLS;
    }
  }
  for (let at = 0; at < prompts.length; at++) {
    const { uuid, timeMs } = prompts[at] as SentPrompt;
    floats[starts.promptTimes / TIME_BYTES + at] = timeMs ?? NaN;
    putFnv1a64(uuid ?? `${sessionId}.${at}`, words, (starts.promptIds + ID_BYTES * at) / WORD_BYTES);
  }
  return bytes;
}

/** A ledger's memory, as words and as floats, and where its sections begin. */
interface LedgerMemory {
  words: Uint32Array;
  floats: Float64Array;
  starts: LedgerStarts;
}

/** Writes the numbers of a response, apart from its tag. */
function putResponse({ id, requestId, usage, timeMs }: LedgerRow, row: number, to: LedgerMemory): void {
  const { words, floats, starts } = to;
  floats[starts.times / TIME_BYTES + row] = timeMs ?? NaN;
  putFnv1a64(id, words, (starts.ids + ID_BYTES * row) / WORD_BYTES);
  words[starts.requests / WORD_BYTES + row] = requestId === null ? 0 : requestHash(requestId);
  const at = starts.amounts / WORD_BYTES + AMOUNTS.count * row;
  words[at + AMOUNTS.at.input] = usage.input;
  words[at + AMOUNTS.at.output] = usage.output;
  words[at + AMOUNTS.at.cacheRead] = usage.cacheRead;
  words[at + AMOUNTS.at.cacheWrite] = usage.cacheWrite;
  words[at + AMOUNTS.at.cacheWrite1h] = usage.cacheWrite1h;
  words[at + AMOUNTS.at.webSearches] = usage.webSearches;
}

/** Returns the bits of a response's tag other than its model: its price and its owner depend on them. */
function billingBits({ usage, inherited }: LedgerRow): number {
  return (
    bitsAt(TIERS.indexOf(usage.tier), TAG.tier) |
    bitsAt(Number(usage.isUsOnly), TAG.isUsOnly) |
    bitsAt(Number(inherited), TAG.isInherited)
  );
}

/** Names in order of first appearance; those beyond `max` share the number `max`. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #max: number;
  /** Name in the last call of `numberOf`, and its number: most names are repeated. */
  #last: string | null = null;
  #lastNumber = 0;

  constructor(max: number) {
    this.#max = max;
  }

  numberOf(name: string): number {
    if (name !== this.#last) {
      this.#lastNumber = this.#find(name);
      this.#last = name;
    }
    return this.#lastNumber;
  }

  #find(name: string): number {
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
