import type { ConfigDir } from '../../claude/model.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { removedBytes } from './decide.js';
import type { Found } from './candidates.js';
import type { SummarizedPrune } from './planned.js';

/** Removed and kept sessions of one project. Sizes are bytes. */
export interface ProjectShare {
  readonly configDir: string;
  /** Its folder, looked up when asked for; `null` where no session says. */
  readonly cwd: string | null;
  readonly projectDir: string;
  readonly removed: number;
  readonly removedBytes: number;
  readonly kept: number;
  readonly keptBytes: number;
}

/** A plan summed up by project dir; those that lose most bytes come first. */
export function sharesOf({ found, going }: Omit<SummarizedPrune, 'plan'>, index: SessionIndex): ProjectShare[] {
  const ofConfigDir = new Map<ConfigDir, Map<string, Share>>();
  let share: Share | undefined;
  for (const [at, each] of found.entries()) {
    const { configDir, projectDir } = each;
    // Sessions of one project dir follow one another.
    if (share?.inConfigDir !== configDir || share.projectDir !== projectDir) {
      let shares = ofConfigDir.get(configDir);
      if (shares === undefined) ofConfigDir.set(configDir, (shares = new Map<string, Share>()));
      share = shares.get(projectDir);
      if (share === undefined)
        shares.set(projectDir, (share = new Share(configDir, projectDir, { found, first: at, index })));
    }
    const removal = going.get(each);
    if (removal === undefined) {
      share.kept += 1;
      share.keptBytes += each.copies.length === 0 ? each.ownBytes : removedBytes(each, () => true);
    } else {
      share.removed += 1;
      share.removedBytes += removal.footprintBytes;
    }
  }
  const all = [...ofConfigDir.values()].flatMap((shares) => [...shares.values()]);
  return all
    .filter(({ removed }) => removed > 0)
    .sort((a, b) => b.removedBytes - a.removedBytes || (a.projectDir < b.projectDir ? -1 : 1));
}

/** Sessions of a plan; `first` is the position of the first one of the project dir. */
interface ShareSources {
  found: readonly Found[];
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
    const { found, first, index } = this.#sources;
    for (let at = first; at < found.length; at++) {
      const { row = null, configDir, projectDir } = found[at] ?? {};
      if (row === null || configDir !== this.inConfigDir || projectDir !== this.projectDir) continue;
      const cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
      if (cwd !== null) return cwd;
    }
    return null;
  }
}

/** Sessions of a plan that lose the most bytes, largest first. */
export function largestOf(going: SummarizedPrune['going'], count: number): Found[] {
  const largest: [found: Found, bytes: number][] = [];
  let least = -Infinity;
  for (const [found, { footprintBytes }] of going) {
    if (footprintBytes <= least) continue;
    largest.push([found, footprintBytes]);
    largest.sort(([, a], [, b]) => b - a);
    largest.length = Math.min(largest.length, count);
    if (largest.length === count) least = largest.at(-1)?.[1] ?? -Infinity;
  }
  return largest.map(([found]) => found);
}
