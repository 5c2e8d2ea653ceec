import { bitsAt } from '../format/layout.js';
import { TIERS } from '../format/ledger/ledger-layout.js';
import type { LedgerAbout, SessionLedger } from '../format/ledger/session-ledger.js';
import { BILLING, CALLS, NONE, PROMPTS, QUARTER_MS, RESPONSES } from './totals-layout.js';

const ADDED = ['responses', 'input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearches'] as const;

/** Sums of one ledger, each list as words in the layout of its rows. */
export interface LedgerSums {
  about: LedgerAbout;
  responses: number[];
  prompts: number[];
  calls: number[];
}

/**
 * Returns the sums of a ledger by quarter hour, with the numbers of texts from `textNumber`; null if they would not be
 * exact: for times that are not whole milliseconds, and sums that exceed a word.
 */
export function sumLedger(ledger: SessionLedger, textNumber: (text: string | null) => number): LedgerSums | null {
  const { about } = ledger;
  const models = about.models.map(textNumber);
  const tools = about.tools.map(textNumber);
  const noTool = textNumber('');
  const responses = new Rows(RESPONSES.count);
  const prompts = new Rows(PROMPTS.count);
  const calls = new Rows(CALLS.count);
  for (let row = 0; row < ledger.length; row++) {
    const time = quarterOf(ledger.time(row));
    if (time === null) return null;
    const amount = (name: Parameters<SessionLedger['amount']>[1]): number => ledger.amount(row, name);
    const [input, output, cacheRead, cacheWrite] = [
      amount('input'),
      amount('output'),
      amount('cacheRead'),
      amount('cacheWrite'),
    ];
    const model = models[ledger.model(row)] ?? NONE;
    const billing =
      bitsAt(TIERS.indexOf(ledger.tier(row)), BILLING.tier) |
      bitsAt(Number(ledger.isUsOnly(row)), BILLING.isUsOnly) |
      bitsAt(Number(input + output + cacheRead + cacheWrite === 0), BILLING.isEmpty);
    const { at } = RESPONSES;
    const start = responses.find(`${time.quarter} ${model} ${billing}`, [time.quarter, 0, model, billing]);
    const { words } = responses;
    const added: Record<(typeof ADDED)[number], number> = {
      responses: 1,
      input,
      output,
      cacheRead,
      cacheWrite,
      cacheWrite1h: Math.min(amount('cacheWrite1h'), cacheWrite),
      webSearches: amount('webSearches'),
    };
    for (const name of ADDED) words[start + at[name]] = (words[start + at[name]] ?? 0) + added[name];
    words[start + at.newest] = Math.max(words[start + at.newest] ?? 0, time.offset);
    words[start + at.maxSent] = Math.max(words[start + at.maxSent] ?? 0, input + cacheRead + cacheWrite);
  }
  for (let prompt = 0; prompt < ledger.prompts; prompt++) {
    const time = quarterOf(ledger.promptTime(prompt));
    if (time === null) return null;
    const start = prompts.find(String(time.quarter), [time.quarter]);
    const { words } = prompts;
    words[start + PROMPTS.at.newest] = Math.max(words[start + PROMPTS.at.newest] ?? 0, time.offset);
    words[start + PROMPTS.at.prompts] = (words[start + PROMPTS.at.prompts] ?? 0) + 1;
  }
  for (let call = 0; call < ledger.toolCalls; call++) {
    const quarter = quarterOf(ledger.time(ledger.callRow(call)))?.quarter ?? NONE;
    const tool = tools[ledger.callTool(call)] ?? noTool;
    const start = calls.find(`${quarter} ${tool}`, [quarter, tool]);
    calls.words[start + CALLS.at.calls] = (calls.words[start + CALLS.at.calls] ?? 0) + 1;
  }
  const lists = { responses: responses.words, prompts: prompts.words, calls: calls.words };
  return Object.values(lists).every((words) => words.every((word) => word <= NONE)) ? { about, ...lists } : null;
}

/** Rows of words, by name. */
class Rows {
  readonly words: number[] = [];
  readonly #starts = new Map<string, number>();
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
  }

  /** Returns the first word of a row; a new row has the given words, then zeros. */
  find(name: string, first: readonly number[]): number {
    let start = this.#starts.get(name);
    if (start === undefined) {
      start = this.words.length;
      this.#starts.set(name, start);
      for (let at = 0; at < this.#width; at++) this.words.push(first[at] ?? 0);
    }
    return start;
  }
}

/** Returns the quarter hour of a time and the offset in it; null for a time that cannot be stored exactly. */
function quarterOf(timeMs: number): { quarter: number; offset: number } | null {
  if (Number.isNaN(timeMs)) return { quarter: NONE, offset: 0 };
  const quarter = Math.floor(timeMs / QUARTER_MS);
  const isExact = Number.isSafeInteger(timeMs) && quarter >= 0 && quarter < NONE;
  return isExact ? { quarter, offset: timeMs - quarter * QUARTER_MS } : null;
}
