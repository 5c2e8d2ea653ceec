import { projectKey } from '../../../claude/project-key.js';
import type { ProjectFilter } from '../../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import { listing } from '../../../sessions/select/listing.js';
import { realPathOrSelf } from '../../../system/real-path.js';
import type { Screen } from '../../render/text/screen.js';
import { textOf, type Entry } from './entry.js';
import { Matches } from './matches.js';
import { isWaiting } from './sections.js';

/** Scopes of the list: this folder alone, this folder and its worktrees, or all folders. */
export const SCOPES = ['folder', 'here', 'everywhere'] as const;
export type Scope = (typeof SCOPES)[number];

/** Orders of the list. */
export const ORDERS = ['activity', 'size', 'cost'] as const;
export type Order = (typeof ORDERS)[number];

/** Filters that decide which sessions belong to the current folder, with and without its worktrees. */
export interface ScopeFilters {
  /** The current folder. */
  cwd: string;
  /** The current folder and its worktrees, absolute. */
  folders: readonly string[];
  here: ProjectFilter;
  folder: ProjectFilter;
}

/** Filter and order of a catalog's sessions. */
export interface CatalogQuery {
  words: readonly string[];
  scope: Scope;
  order: Order;
  /** Headless, archived and non-resumable sessions too. */
  isAll: boolean;
  /** Sessions of this git branch alone; null for all. */
  branch: string | null;
}

/** Sessions in the order of the list, and the number there are in the scope. */
export interface Found {
  entries: readonly Entry[];
  /** All sessions in the scope, whatever the words, in their order. */
  listed: readonly Entry[];
  total: number;
}

/** Sessions read in one step: a few milliseconds of work, so that keys are never kept waiting. */
const STEP = 200;
/** Start of a worktree's project dir name, after the name of the project dir of its repository. */
const WORKTREES = projectKey('/.claude/worktrees/');

/** All sessions of a picker, newest activity first. Texts are read step by step, those of the folder first. */
export class Catalog {
  readonly entries: readonly Entry[];
  /** Sessions of the plain list that wait for a person. */
  readonly waiting: readonly Entry[];
  /** Entries of project dirs named after the current folder: their texts are read first. */
  readonly #near: readonly Entry[];
  readonly #index: SessionIndex;
  readonly #screen: Pick<Screen, 'home' | 'configDirNames'>;
  readonly #filters: ScopeFilters;
  /** Entries whose texts were not read when the catalog was made. */
  readonly #unread: readonly Entry[];
  #read = 0;
  /** Counts the values read so far: each of them may change the order and the scope of sessions. */
  #texts = 0;
  #values = 0;
  /** The matches in a list of sessions, as long as no texts were read since. */
  #matches: { ordered: readonly Entry[]; texts: number; of: Matches<Entry> } | null = null;
  #scoped: { key: string; entries: readonly Entry[] } = { key: '', entries: [] };
  #sorted: { key: string; entries: readonly Entry[] } = { key: '', entries: [] };

  /** `before` is an earlier catalog of the same sessions; texts of unchanged sessions are taken from it. */
  constructor(
    index: SessionIndex,
    screen: Pick<Screen, 'home' | 'configDirNames'>,
    filters: ScopeFilters,
    before: Catalog | null = null,
  ) {
    this.#index = index;
    this.#screen = screen;
    this.#filters = filters;
    const known = new Map(before?.entries.map((entry) => [entry.row.file.path, entry]));
    this.entries = newestFirst(index.rows).map((row) => entryOf(row, known.get(row.file.path)));
    this.waiting = plain(this.entries.filter(isWaiting));
    const keys = [...new Set(filters.folders.flatMap((folder) => [folder, realPathOrSelf(folder)]).map(projectKey))];
    const isNear = ({ file: { projectDir } }: SessionRow): boolean =>
      keys.some((key) => projectDir === key || projectDir.startsWith(key + WORKTREES));
    this.#near = this.entries.filter(({ row }) => isNear(row));
    this.readTexts(this.#near);
    this.#unread = this.entries.filter(({ text }) => text === null);
  }

  /** The current folder. */
  get folder(): string {
    return this.#filters.cwd;
  }

  /** True once the texts of all sessions were read. */
  get isRead(): boolean {
    return this.#read >= this.#unread.length;
  }

  /** Reads the texts of the next sessions. */
  readMore(): void {
    const next = this.#unread.slice(this.#read, this.#read + STEP);
    this.#read += next.length;
    this.readTexts(next);
  }

  /** Reads those texts of these sessions that have not been read yet. */
  readTexts(entries: readonly Entry[]): void {
    const unread = entries.filter(({ text }) => text === null);
    if (unread.length === 0) return;
    const records = this.#index.records(
      unread.map(({ row }) => row),
      { footprint: false },
    );
    for (const [at, entry] of unread.entries()) {
      const record = records[at];
      if (record !== undefined) entry.text = textOf(record, this.#screen);
    }
    this.#texts++;
  }

  /** Measures the files of those of these sessions that have not been measured yet. */
  measure(entries: readonly Entry[]): void {
    const unknown = entries.filter(({ bytes }) => bytes === null);
    if (unknown.length === 0) return;
    const records = this.#index.records(
      unknown.map(({ row }) => row),
      { footprint: true },
    );
    for (const [at, entry] of unknown.entries()) entry.bytes = records[at]?.footprintBytes ?? 0;
    this.#values++;
  }

  /** Stores the costs of sessions, given in their order. */
  setCosts(entries: readonly Entry[], costs: readonly (number | null)[]): void {
    for (const [at, entry] of entries.entries()) entry.costUsd = costs[at] ?? null;
    this.#values++;
  }

  /**
   * Returns the sessions of a query, including those with misspelt words that `findMore` has found so far. Sessions
   * whose texts were not read yet match no words and no folder.
   */
  find(query: CatalogQuery): Found {
    const { words } = query;
    const ordered = this.#list(query);
    const entries = words.length === 0 ? ordered : this.#matchesIn(ordered).find(words);
    return { entries, listed: ordered, total: ordered.length };
  }

  /** True while sessions with misspelt words of the last query are looked for. */
  get isIncomplete(): boolean {
    return this.#matches?.of.isIncomplete ?? false;
  }

  /** Looks for misspelt words of the last query in the next sessions. */
  findMore(): void {
    this.#matches?.of.findMore();
  }

  #matchesIn(ordered: readonly Entry[]): Matches<Entry> {
    if (this.#matches?.ordered !== ordered || this.#matches.texts !== this.#texts)
      this.#matches = { ordered, texts: this.#texts, of: new Matches(ordered) };
    return this.#matches.of;
  }

  /** Returns the sessions of a scope in an order. The result is kept, since most keys only change the words. */
  #list({ scope, order, isAll, branch }: CatalogQuery): readonly Entry[] {
    const needsTexts = scope !== 'everywhere' || branch !== null;
    const scopeKey = JSON.stringify([scope, isAll, branch, needsTexts ? this.#texts : 0]);
    if (scopeKey !== this.#scoped.key) {
      const inScope = scope === 'everywhere' ? this.entries : this.entries.filter((entry) => this.#isIn(entry, scope));
      const onBranch = branch === null ? inScope : inScope.filter(({ text }) => text?.branch === branch);
      this.#scoped = { key: scopeKey, entries: isAll ? onBranch : plain(onBranch) };
    }
    if (order === 'activity') return this.#scoped.entries;
    const key = [scopeKey, order, this.#values].join();
    if (key !== this.#sorted.key) this.#sorted = { key, entries: largestFirst(this.#scoped.entries, order) };
    return this.#sorted.entries;
  }

  /** Returns true if sessions of the current folder are known. */
  get hasNear(): boolean {
    return this.#near.some((entry) => this.#isIn(entry, 'here'));
  }

  #isIn({ row, text }: Entry, scope: 'folder' | 'here'): boolean {
    return text !== null && this.#filters[scope]({ ...text, projectDir: row.file.projectDir });
  }
}

/** Returns the entry of a session, with the data read before if the session has not changed since. */
function entryOf(row: SessionRow, before: Entry | undefined): Entry {
  if (before === undefined || !isSame(row, before.row)) return { row, text: null, bytes: null, costUsd: undefined };
  return { row, text: before.text, bytes: before.bytes, costUsd: before.costUsd };
}

/** True if the transcript is unchanged and the title comes from it, not from a sidecar. */
function isSame({ file }: SessionRow, { file: { stamp } }: SessionRow): boolean {
  const { size, mtimeMs, ctimeMs, ino } = file.stamp;
  const isUnchanged =
    size === stamp.size && mtimeMs === stamp.mtimeMs && ctimeMs === stamp.ctimeMs && ino === stamp.ino;
  return isUnchanged && !file.sideEntries.includes('custom-title.json');
}

/** Numbers alone are sorted in a fraction of the time that comparing sessions takes. */
function newestFirst(rows: readonly SessionRow[]): SessionRow[] {
  const order = Array.from(rows.keys());
  const times = Float64Array.from(rows, ({ lastActivityMs }) => lastActivityMs ?? -Infinity);
  order.sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0) || a - b);
  return order.flatMap((at) => rows[at] ?? []);
}

function largestFirst(entries: readonly Entry[], order: 'size' | 'cost'): Entry[] {
  const valueOf = ({ bytes, costUsd }: Entry): number => (order === 'size' ? bytes : costUsd) ?? -1;
  return [...entries].sort((a, b) => valueOf(b) - valueOf(a));
}

/** The sessions of the plain list, in their order. */
function plain(entries: readonly Entry[]): readonly Entry[] {
  const listed = new Set(listing(entries.map(({ row }) => row)).listed);
  return entries.filter(({ row }) => listed.has(row));
}
