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
import { mayExist } from '../../system/look.js';

/** The mark of a session that is never to go. */
const PINNED_MARK = 'pinned.json';

const PERHAPS = 'perhaps';
/** Clocks of file systems run a little ahead. */
const SKEW_MS = MINUTE_MS;

/**
 * How a target stands at this moment: the disk and the registries are looked at anew. To be called just before its
 * files are moved; if the fingerprint is not the plan's, or there is any reason, they must not be. One `isOurs` may
 * serve many targets; `registry` is what was read an instant ago. Never throws.
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
 * True if a process or a background job that has not ended holds the session. While it is unknown what some running
 * process holds, it may be any session.
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

/** True if a session may be live, as every one may be while the registry cannot be read. */
export function mayBeLive({ code, detail }: Reason<KeepCode>): boolean {
  return code === 'live' && detail?.startsWith(PERHAPS) === true;
}

/** Protection by the newest of some times: within the idle window, or in the future. */
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

/** True if one of the side folders holds the mark of a pinned session, also in doubt. */
export function pinReasons(sideFolders: readonly string[]): Reason<'pinned'>[] {
  return sideFolders.some((folder) => mayExist(join(folder, PINNED_MARK))) ? [{ code: 'pinned', detail: null }] : [];
}

function sideFoldersOf({ roots, id }: Target): string[] {
  return roots.filter((root) => basename(root) === id);
}

/** Shared files are removed with the last copy only, and the protection of one copy protects all. */
function copyReasons({ copies, roots, judged }: Target, rules: ProtectionRules, now: number): Reason<'other-copy'>[] {
  for (const path of copies.filter(mayExist)) {
    const sideFolder = path.slice(0, -'.jsonl'.length);
    const idle = rules.minIdleMs === null ? [] : timeReasons([mtimeOf(path)], rules.minIdleMs, now);
    const held = [...idle, ...pinReasons([sideFolder])];
    if (held.length > 0) return [{ code: 'other-copy', detail: `${held.map(({ code }) => code).join(', ')}: ${path}` }];
    if (roots.length > judged.length) return [{ code: 'other-copy', detail: path }];
  }
  return [];
}

/** A leftover stops being one once there is a transcript. */
function ownerReasons({ id }: Target, { configDirs }: Workplace): Reason<'other-copy'>[] {
  return findTranscripts(configDirs, id)
    .slice(0, 1)
    .map((path) => ({ code: 'other-copy', detail: path }));
}

/** One that cannot be looked at may have been written this moment. */
function mtimeOf(path: string): number {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return Infinity;
  }
}
