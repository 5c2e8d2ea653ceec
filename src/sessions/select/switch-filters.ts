import type { SessionRow } from '../../session-index/session-index.js';

/** Filters that are on or off. Several of them narrow together. */
export interface SwitchFilters {
  /** Only sessions that are open in a running process. */
  live?: boolean;
  pinned?: boolean;
  archived?: boolean;
  /** Only sessions that `prune --empty` selects: without a prompt, an answer and a given name. */
  empty?: boolean;
  /** Only sessions that Claude Code cannot open. */
  unresumable?: boolean;
}

/** Name of a filter that is on or off. */
export type SwitchFilter = keyof SwitchFilters;

/** A filter that is on or off. */
interface Switch {
  /** Description of the flag in help. */
  readonly description: string;
  test(row: SessionRow): boolean;
}

/** The filters, in the order of help. */
const SWITCHES: Readonly<Record<SwitchFilter, Switch>> = {
  live: { description: 'only sessions open in a running process', test: (row) => row.live !== null },
  pinned: { description: 'only pinned sessions', test: (row) => row.pinned },
  archived: { description: 'only archived sessions', test: (row) => row.archived },
  // A session with a title or tag is not empty either, but only its record shows that: `select` looks there.
  empty: { description: 'only sessions without prompts, answers, a custom title or a tag', test: (row) => row.empty },
  unresumable: { description: 'only sessions that Claude Code cannot open', test: (row) => !row.resumable },
};

/** Every filter that is on or off, in the order of help. */
export const SWITCH_FILTERS = Object.keys(SWITCHES) as readonly SwitchFilter[];

/** Returns the description of a filter: `only pinned sessions`. */
export function switchDescription(name: SwitchFilter): string {
  return SWITCHES[name].description;
}

/** Returns the filters that are on, in the order of help. */
export function switchedOn(filters: SwitchFilters): SwitchFilter[] {
  return SWITCH_FILTERS.filter((name) => filters[name] === true);
}

/** Returns a test of rows against all filters that are on; null if none is, so that a plain list calls nothing. */
export function switchTest(filters: SwitchFilters): ((row: SessionRow) => boolean) | null {
  const tests = switchedOn(filters).map((name) => SWITCHES[name]);
  return tests.length === 0 ? null : (row) => tests.every(({ test }) => test(row));
}
