import type { SessionKind } from '../../record.js';
import { choiceOf, flagsOf, layoutOf, NUMBER, optional, TIME } from '../layout.js';
import { FILE_STAMP } from '../stamps.js';
import { FLAG_NAMES } from './flags.js';

const KINDS: readonly [SessionKind, ...SessionKind[]] = ['interactive', 'headless', 'background', 'teammate'];

const BLOB = layoutOf({ segment: NUMBER, offset: NUMBER, length: NUMBER, crc: NUMBER });

/** Reference to a blob: its segment, position, length and checksum. */
export type BlobRef = ReturnType<(typeof BLOB)['read']>;

/** Positions in a reference to a blob. */
export const BLOB_AT = BLOB.at;

/** How a session was run. */
export const KIND = choiceOf(KINDS);

/** Bits of the boolean columns. */
export const FLAG_BITS = flagsOf(FLAG_NAMES);

/** One session: the columns of the table in their order. */
export const COLUMNS = layoutOf({
  stamp: FILE_STAMP,
  lastActivityMs: TIME,
  createdMs: TIME,
  lastPromptMs: TIME,
  prompts: NUMBER,
  turns: NUMBER,
  tokens: NUMBER,
  titleHash: optional(NUMBER),
  kind: KIND,
  flags: FLAG_BITS,
  facts: BLOB,
  resume: optional(BLOB),
  ledger: optional(BLOB),
});

/** A row of the table: the columns of a session, the number of its subagents and the first number of their stamps. */
export const ROW = layoutOf({ columns: COLUMNS, agents: NUMBER, firstAgent: NUMBER });
