import { scrolledTo } from '../../tui/scroll.js';
import { ORDERS, type Catalog, type Order, type Scope } from './find/catalog.js';
import type { Entry, Hit } from './find/entry.js';
import { wordsOf } from './find/match.js';
import { isWaiting, sectionsOf, type Section } from './find/sections.js';
import type { Action } from './keys/key-map.js';
import { lineCount, lineOf } from './view/list.js';
import type { Layout } from './view/layout.js';

/** The list of a picker: sessions found, the selected one, and the marked ones. */
export class ListState {
  catalog: Catalog;
  words: readonly string[] = [];
  scope: Scope;
  order: Order;
  isAll = false;
  /** The git branch whose sessions alone are shown. */
  branch: string | null = null;
  entries: readonly Entry[] = [];
  sections: readonly Section[] = [];
  total = 0;
  /** Sessions outside the scope that wait for a person; 0 while sessions are read. */
  waitingElsewhere = 0;
  selected = 0;
  top = 0;
  marks = new Set<Entry>();
  /** Sessions found by their contents. */
  hits = new Map<Entry, Hit>();
  /** True until the selection is moved or a session is marked. */
  #isUntouched = true;
  /** Path of a session to select as soon as it is found, which can be after the texts of a new session are read. */
  #awaited: string | null = null;

  constructor(catalog: Catalog, scope: Scope, order: Order) {
    this.catalog = catalog;
    this.scope = scope;
    this.order = order;
  }

  get current(): Entry | undefined {
    return this.entries[this.selected];
  }

  /** The marked sessions, else the selected one. */
  get targets(): readonly Entry[] {
    if (this.marks.size > 0) return [...this.marks];
    return this.current === undefined ? [] : [this.current];
  }

  /** All sessions in the scope, whatever the words. */
  get listed(): readonly Entry[] {
    return this.#find([]).listed;
  }

  /** Filters by a new query; the best match is selected. */
  filter(query: string): void {
    this.words = wordsOf(query);
    this.#awaited = null;
    this.hits = new Map();
    this.search('first');
  }

  /** Finds the sessions again; `same` keeps the selected session, or the one at this path, if it is there. */
  search(select: 'first' | 'same', path = this.current?.row.file.path): void {
    const { entries: found, listed, total } = this.#find(this.words);
    const inLabels = new Set(this.hits.size === 0 ? [] : found);
    const inText = this.hits.size === 0 ? [] : listed.filter((entry) => this.hits.has(entry) && !inLabels.has(entry));
    // A query shows the best match first, and a sort the largest session; only the plain list is divided into sections.
    const isPlain = this.words.length === 0 && this.order === 'activity';
    this.sections = isPlain ? sectionsOf(found) : [];
    this.entries = isPlain ? this.sections.flatMap(({ entries }) => entries) : [...found, ...inText];
    this.total = total;
    this.waitingElsewhere = this.#countWaitingElsewhere(listed);
    const awaited = this.positionOf(this.#awaited);
    if (awaited >= 0) this.#awaited = null;
    const at = awaited >= 0 ? awaited : select === 'first' ? 0 : this.positionOf(path);
    this.selected = this.#within(at < 0 ? this.selected : at);
    if (select === 'first') this.top = 0;
  }

  /** Sessions whose folders are not known yet may belong to the scope. */
  #countWaitingElsewhere(listed: readonly Entry[]): number {
    const { waiting, isRead } = this.catalog;
    if (waiting.length === 0 || !isRead || this.scope === 'everywhere') return 0;
    const inScope = new Set(listed.filter(isWaiting));
    return waiting.filter((entry) => !inScope.has(entry)).length;
  }

  /**
   * Finds the sessions again after more of their data was read; a selection at the top that was not moved stays there.
   */
  searchAgain(): void {
    const isLargestFirst = this.order !== 'activity' && this.words.length === 0;
    this.search(isLargestFirst && this.#isUntouched && this.selected === 0 ? 'first' : 'same');
  }

  positionOf(path: string | null | undefined): number {
    if (path === null || path === undefined) return -1;
    return this.entries.findIndex(({ row }) => row.file.path === path);
  }

  #find(words: readonly string[]): ReturnType<Catalog['find']> {
    return this.catalog.find({ words, scope: this.scope, order: this.order, isAll: this.isAll, branch: this.branch });
  }

  /** Shows the sessions of another catalog; marks and selection stay with their sessions. */
  replace(catalog: Catalog, selected?: string): void {
    const current = this.current?.row.file.path;
    const before = new Map([...this.hits].map(([{ row }, hit]) => [row.file.path, hit]));
    const marked = new Set([...this.marks].map(({ row }) => row.file.path));
    this.catalog = catalog;
    this.marks = new Set(catalog.entries.filter(({ row }) => marked.has(row.file.path)));
    this.hits = new Map(catalog.entries.flatMap((entry) => this.#hitOf(entry, before)));
    this.#awaited = selected ?? this.#awaited;
    this.search('same', current);
  }

  #hitOf(entry: Entry, before: ReadonlyMap<string, Hit>): [Entry, Hit][] {
    const hit = before.get(entry.row.file.path);
    return hit === undefined ? [] : [[entry, hit]];
  }

  nextOrder(): void {
    this.order = ORDERS[(ORDERS.indexOf(this.order) + 1) % ORDERS.length] ?? 'activity';
    this.#isUntouched = true;
    this.search('first');
  }

  /** Marks the selection as made by the user. */
  #touch(): void {
    this.#isUntouched = false;
    this.#awaited = null;
  }

  /** Marks or unmarks the selected session, and selects the next. */
  mark(): void {
    const entry = this.current;
    if (entry === undefined) return;
    this.#touch();
    if (!this.marks.delete(entry)) this.marks.add(entry);
    this.selected = this.#within(this.selected + 1);
  }

  /** Marks all sessions found, or none if all are marked. */
  markAll(): void {
    this.#touch();
    const areMarked = this.entries.every((entry) => this.marks.has(entry));
    this.marks = new Set(areMarked ? [] : [...this.marks, ...this.entries]);
  }

  /** Moves the selection; returns false for any other action. */
  move(action: Action, { listHeight, itemHeight }: Layout): boolean {
    const page = Math.max(1, Math.floor(listHeight / itemHeight) - 1);
    const steps: Partial<Record<Action, number>> = {
      up: -1,
      down: 1,
      'page-up': -page,
      'page-down': page,
      first: -Infinity,
      last: Infinity,
    };
    const step = steps[action];
    if (step === undefined) return false;
    this.#touch();
    this.selected = this.#within(this.selected + step);
    return true;
  }

  #within(at: number): number {
    return Math.max(0, Math.min(at, this.entries.length - 1));
  }

  /** Scrolls so that the selected session is visible, with the heading above the first one. */
  scroll({ listHeight, itemHeight }: Layout): void {
    const line = lineOf(this.selected, this.sections, itemHeight);
    this.top = scrolledTo(
      { from: this.selected === 0 ? 0 : line, to: line + itemHeight },
      { top: this.top, height: listHeight, count: lineCount(this.entries.length, this.sections, itemHeight) },
    );
  }

  /** Sessions on the screen. */
  visible({ listHeight, itemHeight }: Layout): readonly Entry[] {
    const first = Math.max(0, Math.floor(this.top / itemHeight) - this.sections.length);
    return this.entries.slice(first, first + Math.ceil(listHeight / itemHeight) + this.sections.length + 1);
  }
}
