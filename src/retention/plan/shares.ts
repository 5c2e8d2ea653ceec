import type { ConfigDir } from '../../claude/model.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { bytesGoing } from './decide.js';
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
  for (const each of found) {
    const { configDir, projectDir, row } = each;
    let shares = ofConfigDir.get(configDir);
    if (shares === undefined) ofConfigDir.set(configDir, (shares = new Map<string, Share>()));
    let share = shares.get(projectDir);
    if (share === undefined) shares.set(projectDir, (share = new Share(configDir.path, projectDir, index)));
    if (row !== null) share.rows.push(row);
    const removal = going.get(each);
    if (removal === undefined) {
      share.kept += 1;
      share.keptBytes += bytesGoing(each, () => true);
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

class Share implements ProjectShare {
  readonly configDir: string;
  readonly projectDir: string;
  readonly rows: SessionRow[] = [];
  removed = 0;
  removedBytes = 0;
  kept = 0;
  keptBytes = 0;
  readonly #index: SessionIndex;

  constructor(configDir: string, projectDir: string, index: SessionIndex) {
    this.configDir = configDir;
    this.projectDir = projectDir;
    this.#index = index;
  }

  get cwd(): string | null {
    for (const row of this.rows) {
      const cwd = this.#index.records([row], { footprint: false })[0]?.cwd ?? null;
      if (cwd !== null) return cwd;
    }
    return null;
  }
}

/** Sessions of a plan that lose the most bytes, largest first. */
export function largestOf(going: SummarizedPrune['going'], count: number): Found[] {
  const largest: [found: Found, bytes: number][] = [];
  for (const [found, { footprintBytes }] of going) {
    const least = largest.at(-1);
    if (largest.length === count && least !== undefined && footprintBytes <= least[1]) continue;
    largest.push([found, footprintBytes]);
    largest.sort(([, a], [, b]) => b - a);
    largest.length = Math.min(largest.length, count);
  }
  return largest.map(([found]) => found);
}
