import { statSync } from 'node:fs';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { LedgerAbout, SessionLedger } from '../session-index/format/ledger/session-ledger.js';

/** A session whose age is compared (`compareAge`). */
export class AgedSession {
  readonly row: SessionRow;
  #birthMs: number | undefined;

  constructor(row: SessionRow) {
    this.row = row;
  }

  /** When the transcript's file was made; 0 where the file system does not say. */
  get birthMs(): number {
    this.#birthMs ??= statSync(this.row.file.path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
    return this.#birthMs;
  }
}

/** A session that holds responses or prompts, its own or inherited ones. */
export class Holder extends AgedSession {
  readonly ledger: SessionLedger;
  #about: LedgerAbout | undefined;

  constructor(row: SessionRow, ledger: SessionLedger) {
    super(row);
    this.ledger = ledger;
  }

  get about(): LedgerAbout {
    this.#about ??= this.ledger.about;
    return this.#about;
  }
}

/** The given sessions with what happened in them; those in which nothing did are left out. */
export function holdersOf(index: SessionIndex, rows: readonly SessionRow[]): Holder[] {
  const ledgers = index.ledgers(rows);
  return rows.flatMap((row, at) => {
    const ledger = ledgers[at] ?? null;
    return ledger === null ? [] : [new Holder(row, ledger)];
  });
}

/**
 * Decides whose a response is that several sessions hold (docs/usage.md, "Whose a response is"). The answer depends on
 * the sessions alone, not on their order.
 */
export class Lineage {
  readonly #holders: readonly Holder[];
  readonly #others: (id: string) => readonly Holder[];
  /** By id, the first of copies that share one. */
  #byId: Map<string, Holder | null> | undefined;

  /** `others` finds by their id holders that are not among the given ones. */
  constructor(holders: readonly Holder[], others: (id: string) => readonly Holder[] = () => []) {
    this.#holders = holders;
    this.#others = others;
  }

  /**
   * The owner among holders of one response; `inherited` says of which of them a line names another session as its
   * source.
   */
  owner(holders: readonly Holder[], inherited: (at: number) => boolean): number {
    const all = holders.map((_, at) => at);
    const ids = new Set(holders.map(({ row }) => row.file.id));
    const parents = orAll(
      all.filter((at) => !this.#descends(holders[at] as Holder, ids)),
      all,
    );
    const makers = orAll(
      parents.filter((at) => !inherited(at)),
      parents,
    );
    return makers.reduce((best, at) => (compareAge(holders[at] as Holder, holders[best] as Holder) < 0 ? at : best));
  }

  /** True if a session was forked, maybe over several steps, from one of the given ids. */
  #descends(holder: Holder, ids: ReadonlySet<string>): boolean {
    const seen = new Set([holder.row.file.id]);
    for (
      let id = holder.about.forkedFrom;
      id !== null && !seen.has(id);
      id = this.#holderOf(id)?.about.forkedFrom ?? null
    ) {
      if (ids.has(id)) return true;
      seen.add(id);
    }
    return false;
  }

  #holderOf(id: string): Holder | null {
    // Most sessions share nothing, and then nobody asks.
    this.#byId ??= new Map(this.#holders.toReversed().map((holder) => [holder.row.file.id, holder]));
    let holder = this.#byId.get(id);
    if (holder === undefined) {
      holder = this.#others(id)[0] ?? null;
      this.#byId.set(id, holder);
    }
    return holder;
  }
}

function orAll(some: readonly number[], all: readonly number[]): readonly number[] {
  return some.length === 0 ? all : some;
}

/**
 * Older first: by the first entry's time, by the file's birth, by id and path. It finds the original of a copy that has
 * no mark, as those of `--fork-session` and `/fork` (docs/storage.md).
 */
export function compareAge(a: AgedSession, b: AgedSession): number {
  return (
    compare(a.row.createdMs ?? Infinity, b.row.createdMs ?? Infinity) ||
    compare(a.birthMs, b.birthMs) ||
    compare(a.row.file.id, b.row.file.id) ||
    compare(a.row.file.path, b.row.file.path)
  );
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
