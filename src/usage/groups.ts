import { parseChoice } from '../grammar/choice.js';
import { CcsessError } from '../system/errors.js';
import type { ProjectFilter, SessionKind } from '../session-index/record.js';
import type { SessionRow } from '../session-index/session-index.js';
import type { Prices } from './prices/prices.js';
import { Sums } from './sums.js';
import { firstOfMonth, mondayOf, type Zone } from './zone.js';

/** Keys that usage can be grouped by. */
export const GROUPINGS = ['day', 'week', 'month', 'project', 'model', 'branch', 'kind', 'session'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** One grouping, or several at once: a row for each combination of their keys. */
export type Groupings = readonly [Grouping, ...Grouping[]];

/** Key of a group: a day (its number since 1970), a name, or null if unknown. */
export type GroupKey = number | string | null;

/** Sums under one key, or one combination of keys. */
export class Group {
  /** Keys of the group, one per grouping. */
  readonly keys: readonly GroupKey[];
  readonly sums = new Sums();
  sessions = 0;
  prompts = 0;
  /** Bytes on disk of its sessions now. A session's bytes count in the group of its newest response or prompt. */
  bytes = 0;
  /** The session counted last, for details that the key does not have. */
  row: SessionRow | null = null;

  readonly #toolNames: readonly string[];
  /** Calls by the tool's number. */
  readonly #calls: number[] = [];

  /** `toolNames` maps tool numbers to names; it may grow later. */
  constructor(keys: readonly GroupKey[], toolNames: readonly string[]) {
    this.keys = keys;
    this.#toolNames = toolNames;
  }

  /** The first key. */
  get key(): GroupKey {
    return this.keys[0] ?? null;
  }

  /** Number of calls of each tool that was called. */
  get tools(): [name: string, calls: number][] {
    return this.#calls.flatMap((calls, tool) => (calls === 0 ? [] : [[this.#toolNames[tool] ?? '', calls]]));
  }

  /** Adds calls of a tool, given by its number. */
  addToolCalls(tool: number, calls: number): void {
    while (this.#calls.length <= tool) this.#calls.push(0);
    this.#calls[tool] = (this.#calls[tool] ?? 0) + calls;
  }

  /** Counts a session once. All calls for one session must be consecutive. */
  countSession(row: SessionRow): void {
    if (this.row === row) return;
    this.row = row;
    this.sessions++;
  }
}

/**
 * Returns the groupings of these names without duplicates. Throws a usage error that names `option` for none or an
 * unknown one.
 */
export function parseGroupings(names: readonly string[], option: string): Groupings {
  const [first, ...more] = new Set(names.map((name) => parseChoice(name, GROUPINGS, option)));
  if (first === undefined) throw new CcsessError('USAGE', `${option} needs a grouping.`);
  return [first, ...more];
}

/** Returns the names of groupings, joined by commas. */
export function groupingsName(by: Groupings): string {
  return by.join(',');
}

/** A session that is counted. */
export interface CountedSession {
  row: SessionRow;
  /** The folder whose project it belongs to (`projectFolderOf`). */
  folder: string | null;
  branch: string | null;
}

/** Selection and options of `countUsage`. Times are milliseconds. */
export interface StatsQuery {
  /**
   * Count only responses and prompts from `sinceMs` on and before `beforeMs`. Those without a time are outside every
   * range.
   */
  sinceMs?: number;
  beforeMs?: number;
  /** Selects sessions by their folder. */
  project?: ProjectFilter;
  /** Count only these sessions. */
  among?: ReadonlySet<SessionRow>;
  zone: Zone;
  prices: Prices;
  nowMs: number;
  /** Groups that include tool calls: every group and the totals (the default), only the totals, or none. */
  tools?: 'groups' | 'totals' | 'nowhere';
}

/** Counted usage. */
export interface Stats {
  totals: Group;
  /**
   * The groups of each requested combination of groupings, by `groupingsName`. A week or month is named by its first
   * day.
   */
  groups: ReadonlyMap<string, readonly Group[]>;
  /** Sessions and their bytes by the day of their newest response or prompt. */
  lastDays: readonly Group[];
  /** Number of sessions that have responses in common with other sessions. */
  sharing: number;
  /** Counted sessions whose responses and prompts all belong to other sessions. */
  owningNothing: readonly SessionRow[];
}

/** Returns the key that one grouping gives to a session's usage on a day with a model. */
export function keyOf(
  grouping: Grouping,
  { row, folder, branch }: CountedSession,
  day: number | null,
  model: string | null,
): GroupKey {
  switch (grouping) {
    case 'day':
      return day;
    case 'week':
      return day === null ? null : mondayOf(day);
    case 'month':
      return day === null ? null : firstOfMonth(day);
    case 'project':
      return folder;
    case 'model':
      return model;
    case 'branch':
      return branch;
    case 'kind':
      return row.kind satisfies SessionKind;
    case 'session':
      return row.file.path;
    default:
      return grouping satisfies never;
  }
}
