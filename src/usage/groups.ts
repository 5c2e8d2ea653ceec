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

/** A day (counted from 1970), a name, or null where there is none. */
export type Key = number | string | null;

/** Sums under one key, or one combination of keys. */
export class Group {
  /** One for each grouping. */
  readonly keys: readonly Key[];
  readonly sums = new Sums();
  sessions = 0;
  prompts = 0;
  /** Bytes on disk now of the sessions; a session's bytes belong to the group of its newest part. */
  bytes = 0;
  /** Any session of the group, for details that the key does not hold. */
  row: SessionRow | null = null;

  readonly #toolNames: readonly string[];
  /** Calls by the tool's number. */
  readonly #calls: number[] = [];

  /** `toolNames` gives the name of each tool number and may grow. */
  constructor(keys: readonly Key[], toolNames: readonly string[]) {
    this.keys = keys;
    this.#toolNames = toolNames;
  }

  /** The first of its keys. */
  get key(): Key {
    return this.keys[0] ?? null;
  }

  /** Calls of the tools that were called, by their names. */
  get tools(): [name: string, calls: number][] {
    return this.#calls.flatMap((calls, tool) => (calls === 0 ? [] : [[this.#toolNames[tool] ?? '', calls]]));
  }

  /** Adds calls of the tool with a number. */
  addToolCalls(tool: number, calls: number): void {
    while (this.#calls.length <= tool) this.#calls.push(0);
    this.#calls[tool] = (this.#calls[tool] ?? 0) + calls;
  }

  /** Counts a session. Calls for the same session must follow one another. */
  count(row: SessionRow): void {
    if (this.row === row) return;
    this.row = row;
    this.sessions++;
  }
}

/** Groupings by their names, each once. Throws a usage error that names `option` for none or an unknown one. */
export function parseGroupings(names: readonly string[], option: string): Groupings {
  const [first, ...more] = new Set(names.map((name) => parseChoice(name, GROUPINGS, option)));
  if (first === undefined) throw new CcsessError('USAGE', `${option} needs a grouping.`);
  return [first, ...more];
}

/** The names of the groupings, joined by commas. */
export function nameOf(by: Groupings): string {
  return by.join(',');
}

/** A session that is counted. */
export interface CountedSession {
  row: SessionRow;
  /** The folder it counts under (`projectFolderOf`). */
  folder: string | null;
  branch: string | null;
}

/** Query of a count. Times are milliseconds. */
export interface StatsQuery {
  /** Responses and prompts from this time on, and before that one; those without a time are in no range. */
  sinceMs?: number;
  beforeMs?: number;
  /** Decides by a session's folder. */
  project?: ProjectFilter;
  /** Only these sessions. */
  among?: ReadonlySet<SessionRow>;
  zone: Zone;
  prices: Prices;
  nowMs: number;
  /** Groups that tool calls are counted in: each one and the totals (the default), the totals alone, or none. */
  tools?: 'groups' | 'totals' | 'nowhere';
}

/** Usage as it was counted. */
export interface Stats {
  totals: Group;
  /** The groups of each requested `By`, by its name (`nameOf`); a week and a month are named by their first day. */
  groups: ReadonlyMap<string, readonly Group[]>;
  /** Sessions and their bytes by the day of their newest part. */
  lastDays: readonly Group[];
  /** Number of sessions with responses that other sessions have too. */
  sharing: number;
  /** Counted sessions whose responses and prompts all belong to other sessions. */
  owningNothing: readonly SessionRow[];
}

/** Key of the group in which a part of a session is counted by one grouping. */
export function keyOf(
  grouping: Grouping,
  { row, folder, branch }: CountedSession,
  day: number | null,
  model: string | null,
): Key {
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
