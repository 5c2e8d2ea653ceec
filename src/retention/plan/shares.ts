import type { ConfigDir } from '../../claude/model.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { bytesGoing } from './decide.js';
import type { Found } from './candidates.js';
import type { PlannedPrune } from './planned.js';

/** Removed and kept sessions of one project. Sizes are bytes. */
export interface ProjectShare {
  configDir: string;
  /** Its folder; `null` where no session says. */
  cwd: string | null;
  projectDir: string;
  goes: number;
  goesBytes: number;
  stays: number;
  staysBytes: number;
}

/** A plan summed up by project dir, those of which most goes first. */
export function sharesOf({ found, going }: Pick<PlannedPrune, 'found' | 'going'>, index: SessionIndex): ProjectShare[] {
  const ofConfigDir = new Map<ConfigDir, Map<string, ProjectShare>>();
  for (const each of found) {
    const { configDir, projectDir, row } = each;
    const shares = ofConfigDir.get(configDir) ?? new Map<string, ProjectShare>();
    ofConfigDir.set(configDir, shares);
    const share = shares.get(projectDir) ?? newShare(configDir.path, projectDir);
    shares.set(projectDir, share);
    if (share.cwd === null && row !== null) share.cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
    const removal = going.get(each);
    if (removal === undefined) {
      share.stays += 1;
      share.staysBytes += bytesGoing(each, () => true);
    } else {
      share.goes += 1;
      share.goesBytes += removal.footprintBytes;
    }
  }
  const all = [...ofConfigDir.values()].flatMap((shares) => [...shares.values()]);
  return all
    .filter(({ goes }) => goes > 0)
    .sort((a, b) => b.goesBytes - a.goesBytes || (a.projectDir < b.projectDir ? -1 : 1));
}

function newShare(configDir: string, projectDir: string): ProjectShare {
  return { configDir, cwd: null, projectDir, goes: 0, goesBytes: 0, stays: 0, staysBytes: 0 };
}

/** Sessions of a plan that lose the most bytes, largest first. */
export function largestOf(going: PlannedPrune['going'], count: number): Found[] {
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
