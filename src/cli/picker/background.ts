import { widthOf } from '../../tui/text.js';
import type { Entry, Hit } from './find/entry.js';
import type { ListState } from './list-state.js';
import type { PickerServices } from './services.js';
import type { Preview } from './state.js';

/** Sessions measured or priced in one step. */
const MEASURED = 25;
const PRICED = 200;
/** Steps of reading after which the list is searched anew. */
const STEPS_PER_SEARCH = 12;
const PREVIEW_WAIT_MS = 40;
const PRICE_WAIT_MS = 120;
const MAX_PREVIEWS = 50;
/** Pause in typing after which contents are searched. */
const CONTENT_WAIT_MS = 200;
/** Shortest query that contents are searched for, in columns: three letters, or two characters of Han. */
const MIN_CONTENT_QUERY = 3;
/** Time between two frames while matches in contents come in. */
const HITS_WAIT_MS = 100;

/**
 * Reads what a picker shows (texts, sizes, costs, previews, contents) while nothing is typed, in steps of a few
 * milliseconds.
 */
export class Background {
  readonly #list: ListState;
  readonly #services: PickerServices;
  readonly #visible: () => readonly Entry[];
  readonly #redraw: () => void;
  readonly #fail: (error: unknown) => void;
  #previews = new Map<string, Preview>();
  #previewTimer: NodeJS.Timeout | null = null;
  #hitsTimer: NodeJS.Timeout | null = null;
  #work: NodeJS.Immediate | null = null;
  #contents: AbortController | null = null;
  #steps = 0;
  /** True if values were read that change what the list holds, or its order. */
  #isStale = false;
  #priceTimer: NodeJS.Timeout | null = null;
  #isPricing = false;
  #isOver = false;

  constructor(
    list: ListState,
    services: PickerServices,
    { visible, redraw, fail }: { visible: () => readonly Entry[]; redraw: () => void; fail: (error: unknown) => void },
  ) {
    this.#list = list;
    this.#services = services;
    this.#visible = visible;
    this.#redraw = redraw;
    this.#fail = fail;
  }

  /** True while contents or misspelt words are searched. */
  get isSearching(): boolean {
    return this.#contents !== null || this.#list.catalog.isIncomplete;
  }

  /** Ends all work; no result is reported afterwards. */
  end(): void {
    this.#isOver = true;
    this.#contents?.abort();
    for (const timer of [this.#previewTimer, this.#hitsTimer, this.#priceTimer])
      if (timer !== null) clearTimeout(timer);
    if (this.#work !== null) clearImmediate(this.#work);
  }

  /**
   * Returns the preview if it was read; else starts reading it after a short delay, so that keys held down do not wait
   * for files.
   */
  previewOf(entry: Entry, width: number): Preview | null {
    const key = previewKey(entry, width);
    const known = this.#previews.get(key);
    if (known !== undefined) return known;
    if (this.#previewTimer !== null) clearTimeout(this.#previewTimer);
    this.#previewTimer = setTimeout(() => {
      this.#previewTimer = null;
      this.#guard(async () => {
        const preview = await this.#services.preview(entry, width);
        if (this.#previews.size >= MAX_PREVIEWS) this.#previews.clear();
        this.#previews.set(key, preview);
        this.#redraw();
      });
    }, PREVIEW_WAIT_MS);
    return null;
  }

  /** Starts the steps, unless they are under way. Costs wait for a pause in typing. */
  start(): void {
    if (this.#priceTimer !== null) clearTimeout(this.#priceTimer);
    this.#priceTimer = null;
    if (this.#work !== null || this.#isOver) return;
    this.#work = setImmediate(() => {
      this.#work = null;
      try {
        if (!this.#isOver && this.#step()) this.start();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Does one step; returns false if there is nothing left to do. */
  #step(): boolean {
    const { catalog, order, words, scope } = this.#list;
    if (catalog.isRead && catalog.isIncomplete) {
      catalog.findMore();
      this.#list.search('same');
      this.#redraw();
      return true;
    }
    const unmeasured = this.#unmeasured();
    if (unmeasured.length > 0) catalog.measure(unmeasured);
    else if (!catalog.isRead) catalog.readMore();
    else {
      this.#priceTimer ??= setTimeout(() => {
        this.#priceTimer = null;
        this.#price();
      }, PRICE_WAIT_MS);
      return false;
    }
    const isLastMeasured = unmeasured.length > 0 && unmeasured.length < MEASURED;
    const isDue = ++this.#steps % STEPS_PER_SEARCH === 0 || catalog.isRead;
    // Sizes may all be known long before the last texts are read.
    this.#isStale ||= unmeasured.length > 0 ? order === 'size' : words.length > 0 || scope !== 'everywhere';
    if (this.#isStale && (isDue || isLastMeasured)) {
      this.#isStale = false;
      this.#list.searchAgain();
    }
    if (isDue || unmeasured.length > 0) this.#redraw();
    return true;
  }

  #unmeasured(): readonly Entry[] {
    const { order, marks, entries } = this.#list;
    const found: Entry[] = [];
    for (const group of [this.#visible(), marks, order === 'size' ? entries : []])
      for (const entry of group) {
        if (entry.bytes !== null) continue;
        found.push(entry);
        if (found.length === MEASURED) return found;
      }
    return found;
  }

  /** Works out costs of the sessions on the screen, or of all if they are sorted by it. */
  #price(): void {
    if (this.#isPricing || this.#isOver) return;
    const { order, entries, catalog } = this.#list;
    const wanted = order === 'cost' ? [...this.#visible(), ...entries] : this.#visible();
    const unpriced = [...new Set(wanted)].filter(({ costUsd }) => costUsd === undefined).slice(0, PRICED);
    if (unpriced.length === 0) return;
    this.#isPricing = true;
    this.#guard(async () => {
      const costs = await this.#services.price(unpriced);
      this.#isPricing = false;
      if (this.#isOver) return;
      catalog.setCosts(unpriced, costs);
      if (this.#list.order === 'cost') this.#list.searchAgain();
      this.#redraw();
      this.start();
    });
  }

  /** Searches the contents after a pause in typing; what is found is shown below the other sessions. */
  searchContents(query: string): void {
    this.#contents?.abort();
    this.#contents = null;
    if (widthOf(query.trim()) < MIN_CONTENT_QUERY || this.#isOver) return;
    const abort = new AbortController();
    this.#contents = abort;
    const timer = setTimeout(() => this.#guard(() => this.#runContentSearch(query.trim(), abort)), CONTENT_WAIT_MS);
    abort.signal.addEventListener('abort', () => clearTimeout(timer));
  }

  async #runContentSearch(query: string, abort: AbortController): Promise<void> {
    const { hits, listed } = this.#list;
    const onFound = (entry: Entry, hit: Hit): void => {
      hits.set(entry, hit);
      this.#showHits();
    };
    await this.#services.search(query, listed, onFound, abort.signal);
    if (this.#contents !== abort) return;
    this.#contents = null;
    this.#list.search('same');
    this.#redraw();
  }

  /** Runs a task whose failure ends the picker. */
  #guard(task: () => Promise<void>): void {
    task().catch((error: unknown) => this.#fail(error));
  }

  /** Many matches may arrive at once, so they are shown together, except for the first one. */
  #showHits(): void {
    const wait = this.#list.hits.size === 1 ? 0 : HITS_WAIT_MS;
    this.#hitsTimer ??= setTimeout(() => {
      this.#hitsTimer = null;
      this.#list.search('same');
      this.#redraw();
      this.start();
    }, wait);
  }
}

/** Everything that a preview depends on. */
function previewKey({ row, text, bytes, costUsd }: Entry, width: number): string {
  const { file, live, pinned, archived } = row;
  const { size, mtimeMs } = file.stamp;
  const { pid, status, waitingFor } = live ?? {};
  const parts = [bytes, costUsd, size, mtimeMs, pid, status, waitingFor, pinned, archived, text?.title, text?.tag];
  return [file.path, width, ...parts].join(':');
}
