import type { ConfigDir } from '../../claude/model.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import type { PruneCandidate } from './candidates.js';
import type { SummarizedPrune, SummarizedRemoval } from './planned.js';

/** Removed and kept sessions of one project dir. Sizes are bytes. */
export interface ProjectShare {
  readonly configDir: string;
  /** The folder of its sessions, read when asked for; `null` where no session names one. */
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
  const shares = new Shares(candidates, index);
  for (const [at, candidate] of candidates.entries()) shares.shareOf(candidate, at).addKept(candidate);
  for (const removal of removals) shares.shareOf(removal.candidate).markRemoved(removal);
  return shares.all
    .filter(({ removed }) => removed > 0)
    .sort((a, b) => b.removedBytes - a.removedBytes || (a.projectDir < b.projectDir ? -1 : 1));
}

/** The shares of a plan by config dir and project dir. */
class Shares {
  readonly #candidates: readonly PruneCandidate[];
  readonly #index: SessionIndex;
  readonly #byProject = new Map<ConfigDir, Map<string, Share>>();
  #last: Share | undefined;

  constructor(candidates: readonly PruneCandidate[], index: SessionIndex) {
    this.#candidates = candidates;
    this.#index = index;
  }

  get all(): Share[] {
    return [...this.#byProject.values()].flatMap((shares) => [...shares.values()]);
  }

  /** Returns the share of a candidate's project dir; `at` is the candidate's position. */
  shareOf({ configDir, projectDir }: PruneCandidate, at = 0): Share {
    // Most candidates of one project dir follow one another.
    if (this.#last?.inConfigDir === configDir && this.#last.projectDir === projectDir) return this.#last;
    let shares = this.#byProject.get(configDir);
    if (shares === undefined) this.#byProject.set(configDir, (shares = new Map<string, Share>()));
    let share = shares.get(projectDir);
    if (share === undefined) {
      share = new Share(configDir, projectDir, { candidates: this.#candidates, first: at, index: this.#index });
      shares.set(projectDir, share);
    }
    return (this.#last = share);
  }
}

/** Sources of a share's folder; `first` is the position of the first candidate of the project dir. */
interface ShareSources {
  candidates: readonly PruneCandidate[];
  first: number;
  index: SessionIndex;
}

class Share implements ProjectShare {
  readonly inConfigDir: ConfigDir;
  readonly projectDir: string;
  removed = 0;
  removedBytes = 0;
  kept = 0;
  keptBytes = 0;
  readonly #sources: ShareSources;

  constructor(configDir: ConfigDir, projectDir: string, sources: ShareSources) {
    this.inConfigDir = configDir;
    this.projectDir = projectDir;
    this.#sources = sources;
  }

  get configDir(): string {
    return this.inConfigDir.path;
  }

  get cwd(): string | null {
    const { candidates, first, index } = this.#sources;
    for (let at = first; at < candidates.length; at++) {
      const { row = null, configDir, projectDir } = candidates[at] ?? {};
      if (row === null || configDir !== this.inConfigDir || projectDir !== this.projectDir) continue;
      const cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
      if (cwd !== null) return cwd;
    }
    return null;
  }

  addKept({ ownBytes, sharedBytes }: PruneCandidate): void {
    this.kept += 1;
    this.keptBytes += ownBytes + sharedBytes;
  }

  /** Counts a candidate that was added as removed instead. */
  markRemoved({ candidate: { ownBytes, sharedBytes }, removal }: SummarizedRemoval): void {
    this.kept -= 1;
    this.keptBytes -= ownBytes + sharedBytes;
    this.removed += 1;
    this.removedBytes += removal.footprintBytes;
  }
}

/** Returns the removals that free the most bytes, largest first. */
export function largestOf(removals: readonly SummarizedRemoval[], count: number): SummarizedRemoval[] {
  const largest: SummarizedRemoval[] = [];
  let least = -Infinity;
  for (const each of removals) {
    if (each.removal.footprintBytes <= least) continue;
    largest.push(each);
    largest.sort((a, b) => b.removal.footprintBytes - a.removal.footprintBytes);
    largest.length = Math.min(largest.length, count);
    if (largest.length === count) least = largest.at(-1)?.removal.footprintBytes ?? -Infinity;
  }
  return largest;
}
