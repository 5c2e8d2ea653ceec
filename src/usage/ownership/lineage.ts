import type { LedgerSession } from './ledger-session.js';
import { compareAge } from './session-age.js';

/**
 * Decides which of several sessions owns a response (docs/usage.md, "Which session owns a response"), regardless of
 * their order.
 */
export class Lineage {
  readonly #sessions: readonly LedgerSession[];
  readonly #others: (id: string) => readonly LedgerSession[];
  /** Sessions by id: the first of those that share one. */
  #byId: Map<string, LedgerSession | null> | undefined;

  /** `others` returns the sessions with an id that is not among the given ones. */
  constructor(sessions: readonly LedgerSession[], others: (id: string) => readonly LedgerSession[] = () => []) {
    this.#sessions = sessions;
    this.#others = others;
  }

  /**
   * Returns the position of the owner among sessions that contain a response. `isInherited` is true if a session's
   * transcript names another one as the response's source.
   */
  owner(sessions: readonly LedgerSession[], isInherited: (at: number) => boolean): number {
    const all = sessions.map((_, at) => at);
    const ids = new Set(sessions.map(({ row }) => row.file.id));
    const parents = orAll(
      all.filter((at) => !this.#descends(sessions[at] as LedgerSession, ids)),
      all,
    );
    const makers = orAll(
      parents.filter((at) => !isInherited(at)),
      parents,
    );
    return makers.reduce((best, at) =>
      compareAge(sessions[at] as LedgerSession, sessions[best] as LedgerSession) < 0 ? at : best,
    );
  }

  /** True if a session was forked, directly or indirectly, from one of the given ids. */
  #descends(session: LedgerSession, ids: ReadonlySet<string>): boolean {
    const seen = new Set([session.row.file.id]);
    for (
      let id = session.about.forkedFrom;
      id !== null && !seen.has(id);
      id = this.#sessionOf(id)?.about.forkedFrom ?? null
    ) {
      if (ids.has(id)) return true;
      seen.add(id);
    }
    return false;
  }

  #sessionOf(id: string): LedgerSession | null {
    // Built when first needed: most sessions share no response.
    this.#byId ??= new Map(this.#sessions.toReversed().map((session) => [session.row.file.id, session]));
    let session = this.#byId.get(id);
    if (session === undefined) {
      session = this.#others(id)[0] ?? null;
      this.#byId.set(id, session);
    }
    return session;
  }
}

function orAll(some: readonly number[], all: readonly number[]): readonly number[] {
  return some.length === 0 ? all : some;
}
