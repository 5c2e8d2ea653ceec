import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { readHolders } from '../../claude/live/holders.js';
import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Environment } from '../../claude/environment.js';
import type { ProtectionRules, Reason, Recheck, Target } from '../model.js';
import { restoredReasons } from '../keep/restored.js';
import { ourFoldersNow, type IsOurs } from './survey/our-folders.js';
import { surveyTarget } from './survey/survey.js';
import { mayExist } from '../../system/stat.js';
import { liveReasons, timeReasons, pinReasons } from '../keep/reasons.js';

/**
 * Returns the present state of a target, from the disk and the registries. Called just before its files are moved,
 * which must not happen if the fingerprint differs from the plan's or there is any reason. `registry` is given if it
 * was read an instant ago. Never throws.
 */
export function recheck(
  target: Target,
  rules: ProtectionRules,
  environment: Environment,
  isOurs: IsOurs = ourFoldersNow(environment.configDirs),
  registry?: LiveRegistry,
): Recheck {
  const now = environment.now();
  const survey = surveyTarget(target, isOurs);
  if (survey === null) return { fingerprint: null, reasons: [] };
  const holders = registry ?? readHolders(environment.configDirs, environment.system);
  const writtenMs = target.row === null ? survey.touchedMs : survey.writtenMs;
  const reasons = [
    ...liveReasons(holders, target.id, target.row?.lastActivityMs ?? survey.touchedMs, now),
    ...(rules.minIdleMs === null
      ? []
      : timeReasons([target.row?.lastActivityMs ?? null, writtenMs], rules.minIdleMs, now)),
    ...pinReasons(sideFoldersOf(target)),
    ...(rules.restored ? restoredReasons(target.configDir, target.id, now) : []),
    ...copyReasons(target, rules, now),
    ...(target.row === null ? ownerReasons(target, environment) : []),
    ...survey.oddities,
  ];
  return { fingerprint: survey.fingerprint, reasons };
}

function sideFoldersOf({ roots, id }: Target): string[] {
  return roots.filter((root) => basename(root) === id);
}

/** Returns a reason if another copy of the id is protected, or exists although its shared files are to be removed. */
function copyReasons(
  { copies, roots, fingerprinted }: Target,
  rules: ProtectionRules,
  now: number,
): Reason<'other-copy'>[] {
  for (const path of copies.filter(mayExist)) {
    const sideFolder = path.slice(0, -'.jsonl'.length);
    const idle = rules.minIdleMs === null ? [] : timeReasons([mtimeOf(path)], rules.minIdleMs, now);
    const reasons = [...idle, ...pinReasons([sideFolder])];
    const codes = reasons.map(({ code }) => code).join(', ');
    if (reasons.length > 0) return [{ code: 'other-copy', detail: `${codes}: ${path}` }];
    if (roots.length > fingerprinted.length) return [{ code: 'other-copy', detail: path }];
  }
  return [];
}

/** Returns a reason to keep leftovers if a transcript of their id exists now. */
function ownerReasons({ id }: Target, { configDirs }: Environment): Reason<'other-copy'>[] {
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
