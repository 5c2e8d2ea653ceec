import type { SessionKind } from '../../record.js';
import { choiceOf, flagsOf, layoutOf, NUMBER, optional, TIME } from '../layout.js';
import { FILE_STAMP } from '../stamps.js';

const KINDS: readonly [SessionKind, ...SessionKind[]] = ['interactive', 'headless', 'background', 'teammate'];

/**
 * Boolean columns, one bit each in this order; the members of `SessionRow` with these names. A new one is added here
 * and in `flagsOf` (columns.ts). An index with other columns is rebuilt.
 */
export const FLAGS = [
  /** No prompt and no answer. */
  'empty',
  /** Claude Code can open it, since it has a chain entry of the main thread. */
  'resumable',
  /** Some of its lines could not be read. */
  'damaged',
  /** The transcript or a subagent's could not be read at all. */
  'unreadable',
  /** Its entries say that it was forked from another session. */
  'forked',
  /** Its transcript is a file of the user's own, not a link to one. */
  'plain',
  /** False only if no entry comes from Claude Desktop. */
  'mayBeDesktop',
] as const;
export type Flag = (typeof FLAGS)[number];

const BLOB = layoutOf({ segment: NUMBER, offset: NUMBER, length: NUMBER, crc: NUMBER });

/** Reference to a blob: its segment, position, length and checksum. */
export type BlobRef = ReturnType<(typeof BLOB)['read']>;

/** Positions in a reference to a blob. */
export const BLOB_AT = BLOB.at;

/** How a session was run. */
export const KIND = choiceOf(KINDS);

/** Bits of the boolean columns. */
export const FLAG_BITS = flagsOf(FLAGS);

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
