import type { Tier } from '../../../transcript/scanner/scanner.js';
import { bitFieldsOf, wordsOf } from '../layout.js';

/** Bytes of a word. */
export const WORD_BYTES = 4;
/** Bytes of an id. */
export const ID_BYTES = 2 * WORD_BYTES;
/** Bytes of a time. */
export const TIME_BYTES = 2 * WORD_BYTES;

/** First words of a ledger: numbers of items, and the length of the JSON at the end. */
export const LEDGER_COUNTS = wordsOf(['responses', 'prompts', 'aboutBytes', 'toolCalls']);

/** Whole numbers of a response. */
export const AMOUNTS = wordsOf(['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearches']);
/** Name of one of these numbers. */
export type AmountName = keyof (typeof AMOUNTS)['at'];

/** Tiers by their number in a tag. */
export const TIERS: readonly Tier[] = ['standard', 'priority', 'batch', 'fast'];

/** The tag of a response: the number of its model and of its tier, and two flags. */
export const TAG = bitFieldsOf({ model: 16, tier: 4, isUsOnly: 1, isInherited: 1 });

/** A tool call: the numbers of its response and of its tool. */
export const CALL = wordsOf(['response', 'tool']);

/** Numbers of items in a ledger. */
export interface LedgerCounts {
  responses: number;
  prompts: number;
  toolCalls: number;
}

/**
 * A section: bytes of an item, and how many there are. Sections begin at multiples of eight bytes where that matters.
 */
interface Section {
  bytes: number;
  count: (counts: LedgerCounts) => number;
}

const perResponse = ({ responses }: LedgerCounts): number => responses;
const perPrompt = ({ prompts }: LedgerCounts): number => prompts;

/** The sections in file order; after them the JSON of `LedgerAbout`, padded to a multiple of eight bytes. */
const SECTIONS = {
  counts: { bytes: LEDGER_COUNTS.count * WORD_BYTES, count: () => 1 },
  times: { bytes: TIME_BYTES, count: perResponse },
  promptTimes: { bytes: TIME_BYTES, count: perPrompt },
  ids: { bytes: ID_BYTES, count: perResponse },
  promptIds: { bytes: ID_BYTES, count: perPrompt },
  requests: { bytes: WORD_BYTES, count: perResponse },
  amounts: { bytes: AMOUNTS.count * WORD_BYTES, count: perResponse },
  tags: { bytes: WORD_BYTES, count: perResponse },
  calls: { bytes: CALL.count * WORD_BYTES, count: ({ toolCalls }) => toolCalls },
} as const satisfies Record<string, Section>;

/** Position of each section from the start of the ledger, and of the JSON after them. */
export type LedgerStarts = Readonly<Record<keyof typeof SECTIONS | 'about', number>>;

/** Returns where the sections of a ledger of this size begin. */
export function ledgerStarts(counts: LedgerCounts): LedgerStarts {
  const starts: Record<string, number> = {};
  let next = 0;
  for (const name in SECTIONS) {
    const { bytes, count } = SECTIONS[name as keyof typeof SECTIONS] as Section;
    starts[name] = next;
    next += bytes * count(counts);
  }
  starts['about'] = next;
  return starts as LedgerStarts;
}

/** Returns the next multiple of eight. Ledgers begin at one, so that their numbers can be read in place. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
