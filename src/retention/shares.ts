import type { SessionIndex } from '../session-index/session-index.js';
import { bytesGoing } from './decide.js';
import type { PlannedPrune } from './plan.js';

/** What of one project goes and what stays. Sizes are bytes. */
export interface ProjectShare {
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
  const shares = new Map<string, ProjectShare>();
  for (const each of found) {
    const key = `${each.configDir.path}\0${each.projectDir}`;
    const share = shares.get(key) ?? { cwd: null, projectDir: each.projectDir, goes: 0, goesBytes: 0, stays: 0, staysBytes: 0 };
    if (share.cwd === null && each.row !== null) share.cwd = index.records([each.row], { footprint: false })[0]?.cwd ?? null;
    shares.set(key, share);
    const removal = going.get(each);
    if (removal === undefined) {
      share.stays += 1;
      share.staysBytes += bytesGoing(each, () => true);
    } else {
      share.goes += 1;
      share.goesBytes += removal.footprintBytes;
    }
  }
  return [...shares.values()].filter(({ goes }) => goes > 0).sort((a, b) => b.goesBytes - a.goesBytes || (a.projectDir < b.projectDir ? -1 : 1));
}
