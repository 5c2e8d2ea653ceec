import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { readHolders } from '../../claude/live/holders.js';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Workplace } from '../../claude/workplace.js';
import type { ProtectionRules, Reason, Recheck, KeepCode, Target } from '../model.js';
import { restoredReasons } from '../keep/restored.js';
import { ourFoldersNow, type IsOurs } from './survey/our-folders.js';
import { surveyTarget } from './survey/survey.js';
import { MINUTE_MS, isoTime } from '../../system/time.js';
import { mayExist } from '../../system/stat.js';

/** Name of the sidecar of a pinned session. */
const PINNED_MARK = 'pinned.json';

const PERHAPS = 'perhaps';
/** Tolerance for times in the future, since clocks of file systems may run ahead. */
const SKEW_MS = MINUTE_MS;

/**
 * Returns the present state of a target, from the disk and the registries. Called just before its files are moved,
 * which must not happen if the fingerprint differs from the plan's or there is any reason. `registry` is given if it
 * was read an instant ago. Never throws.
 */
export function recheck(
  target: Target,
  rules: ProtectionRules,
  workplace: Workplace,
  isOurs: IsOurs = ourFoldersNow(workplace.configDirs),
  registry?: LiveRegistry,
): Recheck {
  const now = workplace.now();
  const survey = surveyTarget(target, isOurs);
  if (survey === null) return { fingerprint: null, reasons: [] };
  const holders = registry ?? readHolders(workplace.configDirs, workplace.system);
  const writtenMs = target.row === null ? survey.touchedMs : survey.writtenMs;
  const reasons = [
    ...liveReasons(holders, target.id, target.row?.lastActivityMs ?? survey.touchedMs, now),
    ...(rules.minIdleMs === null
      ? []
      : timeReasons([target.row?.lastActivityMs ?? null, writtenMs], rules.minIdleMs, now)),
    ...pinReasons(sideFoldersOf(target)),
    ...(rules.restored ? restoredReasons(target.configDir, target.id, now) : []),
    ...copyReasons(target, rules, now),
    ...(target.row === null ? ownerReasons(target, workplace) : []),
    ...survey.oddities,
  ];
  return { fingerprint: survey.fingerprint, reasons };
}

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

/** Returns a reason if a side folder has the mark of a pinned session, or may have it. */
export function pinReasons(sideFolders: readonly string[]): Reason<'pinned'>[] {
  return sideFolders.some((folder) => mayExist(join(folder, PINNED_MARK))) ? [{ code: 'pinned', detail: null }] : [];
}

function sideFoldersOf({ roots, id }: Target): string[] {
  return roots.filter((root) => basename(root) === id);
}

/** Returns a reason if another copy of the id is protected, or exists although its shared files are to be removed. */
function copyReasons({ copies, roots, judged }: Target, rules: ProtectionRules, now: number): Reason<'other-copy'>[] {
  for (const path of copies.filter(mayExist)) {
    const sideFolder = path.slice(0, -'.jsonl'.length);
    const idle = rules.minIdleMs === null ? [] : timeReasons([mtimeOf(path)], rules.minIdleMs, now);
    const reasons = [...idle, ...pinReasons([sideFolder])];
    const codes = reasons.map(({ code }) => code).join(', ');
    if (reasons.length > 0) return [{ code: 'other-copy', detail: `${codes}: ${path}` }];
    if (roots.length > judged.length) return [{ code: 'other-copy', detail: path }];
  }
  return [];
}

/** Returns a reason to keep leftovers if a transcript of their id exists now. */
function ownerReasons({ id }: Target, { configDirs }: Workplace): Reason<'other-copy'>[] {
  return findTranscripts(configDirs, id)
    .slice(0, 1)
    .map((path) => ({ code: 'other-copy', detail: path }));
}

/** Returns a file's mtime; Infinity if it cannot be read, since the file may have been written just now. */
function mtimeOf(path: string): number {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return Infinity;
  }
}
