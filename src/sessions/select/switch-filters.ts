import type { SessionRow } from '../../session-index/session-index.js';

/** Filters that are on or off. Several of them narrow together. */
export interface SwitchFilters {
  /** Only sessions that are open in a running process. */
  live?: boolean;
  pinned?: boolean;
  archived?: boolean;
  /** Only sessions that `prune --empty` selects: without a prompt and an answer, and without a given name. */
  empty?: boolean;
  /** Only sessions that Claude Code cannot open. */
  unresumable?: boolean;
}

/** Name of a filter that is on or off. */
export type SwitchFilter = keyof SwitchFilters;

/** Tests of the filters, in the order of help. `empty` also needs the record: a named session is not empty. */
const TESTS: Readonly<Record<SwitchFilter, (row: SessionRow) => boolean>> = {
  live: (row) => row.live !== null,
  pinned: (row) => row.pinned,
  archived: (row) => row.archived,
  empty: (row) => row.empty,
  unresumable: (row) => !row.resumable,
};

/** Every filter that is on or off, in the order of help. */
export const SWITCH_FILTERS = Object.keys(TESTS) as readonly SwitchFilter[];

/** Returns the filters that are on, in the order of help. */
export function switchedOn(filters: SwitchFilters): SwitchFilter[] {
  return SWITCH_FILTERS.filter((name) => filters[name] === true);
}

/** Returns a test of rows against all filters that are on; null if none is, so that a plain list calls nothing. */
export function switchTest(filters: SwitchFilters): ((row: SessionRow) => boolean) | null {
  const tests = switchedOn(filters).map((name) => TESTS[name]);
  return tests.length === 0 ? null : (row) => tests.every((test) => test(row));
}
