import type { ConfigDir } from '../../../claude/model.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import type { SummarizedPrune, SummarizedRemoval } from '../planned.js';

/** Removed and kept sessions of one project. Sizes are bytes. */
export interface ProjectShare {
  readonly configDir: string;
  /** The folder of the sessions, read from their records at each access; `null` if no session names one. */
  readonly cwd: string | null;
  readonly projectDir: string;
  readonly removed: number;
  readonly removedBytes: number;
  readonly kept: number;
  readonly keptBytes: number;
}

/** Returns the sums of a plan by project dir, the one that loses most bytes first. */
export function sharesOf(
  { candidates, removals }: Pick<SummarizedPrune, 'candidates' | 'removals'>,
  index: SessionIndex,
): ProjectShare[] {
  const shares = new Shares(index);
  for (const { configDir, projectDir, row, ownBytes, sharedBytes } of candidates) {
    const share = shares.of(configDir, projectDir);
    if (row !== null) share.rows.push(row);
    share.addKept(ownBytes + sharedBytes);
  }
  for (const { candidate, removal } of removals) {
    const share = shares.of(candidate.configDir, candidate.projectDir);
    share.addKept(-candidate.ownBytes - candidate.sharedBytes, -1);
    share.addRemoved(removal.footprintBytes);
  }
  return shares.largestFirst;
}

/** The shares of a plan by config dir and project dir. */
export class Shares {
  readonly #index: SessionIndex;
  readonly #byProject = new Map<ConfigDir, Map<string, Share>>();
  #last: Share | undefined;

  constructor(index: SessionIndex) {
    this.#index = index;
  }

  /** The project dirs that lose sessions, the one that loses most bytes first. */
  get largestFirst(): ProjectShare[] {
    return [...this.#byProject.values()]
      .flatMap((shares) => [...shares.values()])
      .filter(({ removed }) => removed > 0)
      .sort((a, b) => b.removedBytes - a.removedBytes || (a.projectDir < b.projectDir ? -1 : 1));
  }

  /** Returns the share of a project dir. */
  of(configDir: ConfigDir, projectDir: string): Share {
    // Most sessions of one project dir follow one another.
    if (this.#last?.inConfigDir === configDir && this.#last.projectDir === projectDir) return this.#last;
    let shares = this.#byProject.get(configDir);
    if (shares === undefined) this.#byProject.set(configDir, (shares = new Map<string, Share>()));
    let share = shares.get(projectDir);
    if (share === undefined) shares.set(projectDir, (share = new Share(configDir, projectDir, this.#index)));
    return (this.#last = share);
  }
}

/** A share that sessions are added to. */
export class Share implements ProjectShare {
  readonly inConfigDir: ConfigDir;
  readonly projectDir: string;
  removed = 0;
  removedBytes = 0;
  kept = 0;
  keptBytes = 0;
  /** The project's sessions in scope; their records name its folder. */
  readonly rows: SessionRow[] = [];
  readonly #index: SessionIndex;

  constructor(configDir: ConfigDir, projectDir: string, index: SessionIndex) {
    this.inConfigDir = configDir;
    this.projectDir = projectDir;
    this.#index = index;
  }

  get configDir(): string {
    return this.inConfigDir.path;
  }

  get cwd(): string | null {
    for (const row of this.rows) {
      const cwd = this.#index.records([row], { footprint: false })[0]?.cwd ?? null;
      if (cwd !== null) return cwd;
    }
    return null;
  }

  addKept(bytes: number, sessions = 1): void {
    this.kept += sessions;
    this.keptBytes += bytes;
  }

  addRemoved(bytes: number): void {
    this.removed += 1;
    this.removedBytes += bytes;
  }
}

/** Number of sessions that the screen of a plan names. */
const MAX_NAMED = 10;

/** Returns the removals that free the most bytes, largest first; of equal ones the first. */
export function largestOf(removals: readonly SummarizedRemoval[]): SummarizedRemoval[] {
  return largestPositions(removals.map(({ removal }) => removal.footprintBytes)).flatMap((at) => removals[at] ?? []);
}

/**
 * Returns the positions of the largest numbers, largest first and equal ones in the order of `compareEqual`; NaN is
 * never included.
 */
export function largestPositions(
  numbers: ArrayLike<number>,
  compareEqual: (a: number, b: number) => number = (a, b) => a - b,
): number[] {
  const largest: number[] = [];
  const compare = (a: number, b: number): number => (numbers[b] ?? 0) - (numbers[a] ?? 0) || compareEqual(a, b);
  for (let at = 0; at < numbers.length; at++) {
    const last = largest[MAX_NAMED - 1];
    if (Number.isNaN(numbers[at]) || (last !== undefined && compare(at, last) > 0)) continue;
    largest.push(at);
    largest.sort(compare);
    largest.length = Math.min(largest.length, MAX_NAMED);
  }
  return largest;
}
