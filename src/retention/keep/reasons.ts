import { join } from 'node:path';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Reason, KeepCode } from '../model.js';
import { MINUTE_MS, isoTime } from '../../system/time.js';
import { mayExist } from '../../system/stat.js';

/** Name of the sidecar of a pinned session. */
const PINNED_MARK = 'pinned.json';

const PERHAPS = 'perhaps';

/** Tolerance for times in the future, since clocks of file systems may run ahead. */
const SKEW_MS = MINUTE_MS;

/**
 * Returns a reason if a running process or background job holds the session, or may hold it: any session, if the
 * registry does not say which one a process holds.
 */
export function liveReasons(
  registry: LiveRegistry,
  id: string,
  lastActivityMs: number | null,
  now: number,
): Reason<'live'>[] {
  const live = registry.liveOf(id, lastActivityMs, now);
  if (live !== null) return [{ code: 'live', detail: live.pid === null ? live.status : `pid ${live.pid}` }];
  const holder = registry.unnamedHolders[0];
  if (holder !== undefined)
    return [{ code: 'live', detail: `${PERHAPS} in pid ${holder.pid}: ${holder.file} does not say` }];
  const unseen = registry.problems.find(({ code }) => code === 'unreadable');
  return unseen === undefined ? [] : [{ code: 'live', detail: `${PERHAPS}: ${unseen.file} cannot be read` }];
}

/** Returns true for the reason of a session that may be live, but is not known to be. */
export function mayBeLive({ code, detail }: Reason<KeepCode>): boolean {
  return code === 'live' && detail?.startsWith(PERHAPS) === true;
}

/** Returns a reason if the newest of some times is within the idle window or in the future. */
export function timeReasons(
  times: readonly (number | null)[],
  minIdleMs: number,
  now: number,
): Reason<'recent' | 'future'>[] {
  let newest = -Infinity;
  for (const time of times) newest = Math.max(newest, time ?? -Infinity);
  if (newest > now + SKEW_MS) return [{ code: 'future', detail: isoTime(newest) }];
  return newest > now - minIdleMs
    ? [{ code: 'recent', detail: `${Math.max(0, Math.floor((now - newest) / 1000))}s` }]
    : [];
}

/** Returns a reason if a side folder has, or may have, the sidecar of a pinned session. */
export function pinReasons(sideFolders: readonly string[]): Reason<'pinned'>[] {
  return sideFolders.some((folder) => mayExist(join(folder, PINNED_MARK))) ? [{ code: 'pinned', detail: null }] : [];
}
