import { bitFieldsOf, wordsOf } from '../format/layout.js';

/** Quarter hours of UTC: every time zone of this century starts its days at one. */
export const QUARTER_MS = 15 * 60 * 1000;

/** Largest value of a word. As a quarter or a text it stands for none. */
export const NONE = 0xffffffff;

/** First words of the file. The checksum is that of all bytes after it. */
export const HEAD = wordsOf(['magic', 'checksum', 'sessions', 'rowWords', 'textBytes', 'reserved']);

/** One ledger: its identity, whether other ledgers of the file hold some of its ids, and the numbers of its rows. */
export const ENTRY = wordsOf([
  'crc',
  'bytes',
  'isSharing',
  'isKept',
  'cwd',
  'repository',
  'gitBranch',
  'responseRows',
  'promptRows',
  'callRows',
]);

/** Sums over the responses of a quarter hour that have the same model and billing; `newest` counts from its start. */
export const RESPONSES = wordsOf([
  'quarter',
  'newest',
  'model',
  'billing',
  'responses',
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'webSearches',
  'maxSent',
]);

/** Tier of a row of responses, and two marks: inference in the United States, and responses without any token. */
export const BILLING = bitFieldsOf({ tier: 4, isUsOnly: 1, isEmpty: 1 });

/** Prompts of a quarter hour. */
export const PROMPTS = wordsOf(['quarter', 'newest', 'prompts']);

/** Calls of one tool in a quarter hour. */
export const CALLS = wordsOf(['quarter', 'tool', 'calls']);
