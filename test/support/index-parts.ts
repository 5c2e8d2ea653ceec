import fc from 'fast-check';
import { expect } from 'vitest';
import type { FolderContent } from '../../src/session-index/format/folders/folder-content.js';
import type { LedgerSource } from '../../src/session-index/format/ledger/encode-ledger.js';
import { Rejected, type RejectionName } from '../../src/session-index/format/rejection.js';
import { FLAG_NAMES, type Flag } from '../../src/session-index/format/table/flags.js';
import type { Columns } from '../../src/session-index/format/table/columns.js';
import type { LedgerRow } from '../../src/transcript/fold/ledger.js';

const number = fc.nat();
const timeMs = fc.double({ min: 0, max: 4e12, noNaN: true });
const timeOrNull = fc.option(fc.double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true }));

/** The state of a file. */
const fileStamp = fc.record({ size: number, mtimeMs: timeMs, ctimeMs: timeMs, ino: number });
const folderStamp = fc.record({ mtimeMs: timeMs, ctimeMs: timeMs, ino: fc.nat() });
const blob = fc.record({ segment: fc.nat(9), offset: number, length: number, crc: number });
const flags = fc.record(
  Object.fromEntries(FLAG_NAMES.map((flag) => [flag, fc.boolean()])) as Record<Flag, fc.Arbitrary<boolean>>,
);

/** The columns of any session. */
export const columns: fc.Arbitrary<Columns> = fc.record({
  stamp: fileStamp,
  agentStamps: fc.array(fileStamp, { maxLength: 3 }),
  lastActivityMs: timeOrNull,
  createdMs: timeOrNull,
  lastPromptMs: timeOrNull,
  prompts: number,
  turns: number,
  tokens: number,
  titleHash: fc.option(fc.nat()),
  kind: fc.constantFrom('interactive' as const, 'headless' as const, 'background' as const, 'teammate' as const),
  flags,
  facts: blob,
  resume: fc.option(blob),
  ledger: fc.option(blob),
});

/** Any name a folder can hold. */
const fileName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((text) => text.replaceAll('\0', '0'));

/** A project dir without transcripts, whose columns would be in a table. */
export const emptyFolder: fc.Arbitrary<FolderContent> = fc.record({
  name: fileName,
  isWhole: fc.boolean(),
  stamp: fc.option(folderStamp),
  names: fc.array(fileName, { maxLength: 4 }).map((names) => names.join('\0')),
  transcripts: fc.constant(new Float64Array()),
  folders: fc.array(fc.record({ path: fileName, stamp: folderStamp }), { maxLength: 3 }),
  agents: fc.array(fileName, { maxLength: 3 }),
  unassigned: fc.array(fc.record({ name: fileName, stamp: fileStamp, sessionId: fc.option(fileName) }), {
    maxLength: 3,
  }),
  sides: fc.uniqueArray(fc.record({ at: fc.nat(), entries: fc.array(fileName, { maxLength: 3 }) }), {
    maxLength: 3,
    selector: ({ at }) => at,
  }),
});

const words = fc.nat(0xffffffff);
const usage = fc.record({
  input: words,
  output: words,
  cacheRead: words,
  cacheWrite: words,
  cacheWrite1h: words,
  webSearches: words,
  tier: fc.constantFrom('standard' as const, 'priority' as const, 'batch' as const, 'fast' as const),
  isUsOnly: fc.boolean(),
  odd: fc.constant(0),
});
const response: fc.Arbitrary<LedgerRow> = fc.record({
  id: fc.string({ unit: 'grapheme', maxLength: 12 }),
  requestId: fc.option(fc.string()),
  model: fc.option(fc.constantFrom('claude-opus-5-5', 'claude-haiku-5-5', 'other', 'é')),
  timeMs: timeOrNull,
  main: fc.boolean(),
  inherited: fc.boolean(),
  tools: fc.array(fc.constantFrom('Bash', 'Read', '', 'mcp__x__y'), { maxLength: 3 }),
  usage,
});
const text = fc.option(fc.string({ unit: 'grapheme' }));

/** The content of any ledger. */
export const ledgerSource: fc.Arbitrary<LedgerSource> = fc.record({
  responses: fc.array(response, { maxLength: 5 }),
  prompts: fc.array(fc.record({ uuid: text, timeMs: timeOrNull }), { maxLength: 4 }),
  sessionId: fc.uuid(),
  about: fc.record({
    cwd: text,
    repository: text,
    gitBranch: text,
    forkedFrom: text,
    answeredSinceReport: fc.boolean(),
    reportedTokens: fc.option(fc.nat()),
    isReportGuessed: fc.boolean(),
    renamedPrompts: fc.array(fc.tuple(fc.nat(9), fc.nat(), fc.nat())),
  }),
});

/** Ways to damage a file: bytes changed, cut off, put in or repeated; positions are shares of its length. */
const damage = fc.record({
  how: fc.constantFrom('change', 'change', 'flip', 'cut', 'insert', 'append', 'zero', 'remove'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
});

/** Up to three damages, applied one after the other to a copy of a file. */
export const damages = fc.array(damage, { minLength: 1, maxLength: 3 }).map(
  (list) =>
    (whole: Uint8Array): Buffer =>
      list.reduce(damaged, alignedCopy(whole)),
);

function damaged(whole: Buffer, { how, at: share, bytes }: { how: string; at: number; bytes: Uint8Array }): Buffer {
  const at = Math.floor(share * whole.length);
  const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
  const piece = Buffer.from(bytes);
  switch (how) {
    case 'flip': {
      const copy = alignedCopy(whole);
      copy[at] = (copy[at] ?? 0) ^ (1 << ((bytes[0] ?? 0) % 8));
      return copy;
    }
    case 'cut':
      return alignedCopy(before);
    case 'insert':
      return alignedCopy(Buffer.concat([before, piece, after]));
    case 'append':
      return alignedCopy(Buffer.concat([whole, piece]));
    case 'zero':
      return alignedCopy(
        Buffer.concat([before, Buffer.alloc(Math.min(piece.length, after.length)), after.subarray(piece.length)]),
      );
    case 'remove':
      return alignedCopy(Buffer.concat([before, after.subarray(piece.length)]));
    default:
      return alignedCopy(Buffer.concat([before, piece.subarray(0, after.length), after.subarray(piece.length)]));
  }
}

/** A copy in memory of its own, exactly as long, so that no reader finds other bytes behind it. */
export function alignedCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The bytes of a typed array. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Returns the reader's result, or the name of its rejection; any other error is thrown. */
export function readOrReason<Value>(read: () => Value): Value | RejectionName {
  try {
    return read();
  } catch (error) {
    if (error instanceof Rejected) return error.reason;
    throw error;
  }
}

/** Expects a rejection by this name. */
export function expectRejected(reason: RejectionName, read: () => unknown): void {
  expect(readOrReason(() => (read(), null))).toBe(reason);
}
