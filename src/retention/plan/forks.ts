import { closeSync, openSync, readSync } from 'node:fs';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Reason } from '../model.js';

const TOOL_RESULTS = 'tool-results';
const MARK = Buffer.from(`/${TOOL_RESULTS}/`);
const ID_LENGTH = 36;
const CHUNK = 256 * 1024;

/** A session, or leftovers of one (`row` null), as far as forks are concerned. */
export interface ForkCandidate {
  readonly id: string;
  readonly row: SessionRow | null;
  /** Path of its transcript. */
  readonly path: string;
}

/** A session that a fork reads from, and the reason to keep it. */
type ParentInUse<Each> = [parent: Each, reason: Reason<'forked-from'>];

/**
 * Finds the sessions that forks read from: a fork's copied lines name its parent's `tool-results/` by absolute path.
 */
export class Forks<Each extends ForkCandidate> {
  readonly #index: SessionIndex;
  readonly #all: readonly Each[];
  readonly #referred = new Map<Each, ReadonlySet<string>>();
  #parents: ReadonlyMap<string, readonly string[]> | undefined;
  #ids: ReadonlySet<string> | undefined;

  /** `all` need only have the forks and the sessions with tool results. */
  constructor(index: SessionIndex, all: readonly Each[]) {
    this.#index = index;
    this.#all = all;
  }

  /**
   * Returns the sessions to be removed whose tool results a remaining fork still names, however many forks are in
   * between. Only transcripts of forks are searched. Format: docs/storage.md, "What belongs to one session".
   */
  findParentsInUse(isRemoved: (candidate: Each) => boolean): ParentInUse<Each>[] {
    const parents = this.#all.filter(
      (candidate) => isRemoved(candidate) && candidate.row?.file.sideEntries.includes(TOOL_RESULTS) === true,
    );
    if (parents.length === 0) return [];
    const ids = new Set(parents.map(({ id }) => id));
    const forks = this.#all.filter(
      (candidate) => candidate.row?.forked === true && !isRemoved(candidate) && this.#mayDescendFrom(candidate.id, ids),
    );
    return forks.flatMap((fork) => {
      const referred = this.#referredBy(fork);
      return parents
        .filter(({ id }) => id !== fork.id && referred.has(id))
        .map((parent): ParentInUse<Each> => [parent, { code: 'forked-from', detail: fork.id }]);
    });
  }

  /** Returns true if a fork descends from one of these ids, or an ancestor is gone, so that it may. */
  #mayDescendFrom(id: string, ids: ReadonlySet<string>): boolean {
    const parents = (this.#parents ??= this.#parentsOfForks());
    const known = (this.#ids ??= new Set(this.#index.ids()));
    const seen = new Set<string>();
    const next = [id];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      if (at !== id && (ids.has(at) || !known.has(at))) return true;
      next.push(...(parents.get(at) ?? []));
    }
    return false;
  }

  #parentsOfForks(): Map<string, string[]> {
    const rows = this.#all.flatMap(({ row }) => (row?.forked === true ? [row] : []));
    const parents = new Map<string, string[]>();
    for (const { id, forkedFrom } of this.#index.records(rows, { footprint: false })) {
      if (forkedFrom !== null) parents.set(id, [...(parents.get(id) ?? []), forkedFrom.id]);
    }
    return parents;
  }

  #referredBy(fork: Each): ReadonlySet<string> {
    let referred = this.#referred.get(fork);
    if (referred === undefined) {
      referred = referredIds(fork.path);
      this.#referred.set(fork, referred);
    }
    return referred;
  }
}

/** Returns the ids of all sessions whose `tool-results/` a file names; none if it cannot be read. */
function referredIds(path: string): Set<string> {
  const ids = new Set<string>();
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return ids;
  }
  try {
    const buffer = Buffer.alloc(CHUNK);
    let kept = 0;
    for (;;) {
      const read = readSync(fd, buffer, kept, buffer.length - kept, null);
      if (read === 0) return ids;
      const bytes = buffer.subarray(0, kept + read);
      for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
        ids.add(bytes.toString('latin1', at - ID_LENGTH, at));
      }
      // A mark, or the id before it, may span two chunks.
      kept = Math.min(bytes.length, ID_LENGTH + MARK.length);
      buffer.copyWithin(0, bytes.length - kept, bytes.length);
    }
  } catch {
    return ids;
  } finally {
    closeSync(fd);
  }
}
