import { sep } from 'node:path';
import type { FootprintEntry } from '../footprint-entries.js';
import type { CleanupPolicy } from './cleanup-policy.js';
import { isDesktopTranscript, readRelease } from './desktop.js';
import { DAY_MS } from '../../system/time.js';
import { isFolder } from '../../system/look.js';

/** Times that decide when a transcript is deleted. */
export interface Aging {
  path: string;
  size: number;
  mtimeMs: number;
  /** False only if no entry comes from Claude Desktop. */
  mayBeDesktop: boolean;
}

/**
 * Returns when Claude Code's cleanup may delete a transcript, milliseconds; null if it keeps it. Sessions of Claude
 * Desktop and empty transcripts without a side folder stay. Source: docs/storage.md, "Cleanup". Never throws.
 */
export function transcriptExpiry(file: Aging, { days, desktopDays }: CleanupPolicy): number | null {
  if (days === null) return null;
  const expiresMs = file.mtimeMs + days * DAY_MS;
  if (desktopDays === days || !(file.mayBeDesktop || file.size === 0)) return expiresMs;
  const ceilingMs = desktopDays === null ? null : file.mtimeMs + desktopDays * DAY_MS;
  const exemptMs = exemptUntil(file, days);
  if (exemptMs === null) return ceilingMs;
  const laterMs = Math.max(expiresMs, exemptMs);
  return ceilingMs === null ? laterMs : Math.min(ceilingMs, laterMs);
}

/** Until when a transcript is exempt, -Infinity if it is not; null if for good. */
function exemptUntil({ path, size }: Aging, days: number): number | null {
  const release = readRelease(path);
  if (release !== null) return release.reason === 'delete' ? -Infinity : release.markedMs + days * DAY_MS;
  if (size === 0) return isFolder(path.slice(0, -'.jsonl'.length)) ? -Infinity : null;
  return isDesktopTranscript(path, size) ? null : -Infinity;
}

/** Times that decide when the parts of one session are deleted. */
export interface PartAging {
  policy: CleanupPolicy;
  /** When the transcript goes; null if it stays. */
  sessionMs: number | null;
  /** The folder next to the transcript. */
  sideFolder: string;
  /** As `Aging.mayBeDesktop`. */
  mayBeDesktop: boolean;
  now: number;
}

/**
 * Returns when Claude Code's cleanup may delete an entry of a session, milliseconds; null if it keeps it. Kept output
 * and some small files go by their own times, other files of the side folder with the transcript, and files elsewhere
 * by the time of their topmost folder. `timeOf` gives the modification time that counts for a path. Source:
 * docs/storage.md, "Cleanup".
 */
export function partExpiry(
  { part, path, stats, root }: FootprintEntry,
  { policy, sessionMs, sideFolder, mayBeDesktop, now }: PartAging,
  rootMtimeMs = root.stats.mtimeMs,
  mtimeMs = stats.mtimeMs,
): number | null {
  const { days } = policy;
  if (days === null) return null;
  if (part === 'transcript') return stats.isFile() ? sessionMs : null;
  if (path === sideFolder || path.startsWith(sideFolder + sep)) {
    const ownMs = agesAlone(path.slice(sideFolder.length + 1)) ? mtimeMs + days * DAY_MS : null;
    return sessionMs === null || ownMs === null ? (ownMs ?? sessionMs) : Math.min(sessionMs, ownMs);
  }
  if (part === 'subagents') return transcriptExpiry({ path, size: stats.size, mtimeMs, mayBeDesktop }, policy);
  // Every cleanup empties it, whatever its age.
  return part === 'image-cache' ? now : rootMtimeMs + days * DAY_MS;
}

const ALONE = new RegExp(
  [
    'tool-results/(?:[^/]+/)?[^/]+',
    'mcp-tasks/[^/]+\\.json',
    '(?:ccr-tip|precompact|sent-prefix)\\.json',
    'resume-head\\.jsonl',
    'auto-mode-(?:classifier-error\\.txt|dump\\.[^/]*\\.json|env-edit-[^/]*\\.md)',
  ]
    .join('|')
    .replace(/.*/s, '^(?:$&)$'),
);

/** Returns true for files of a side folder that age on their own while the session stays. */
function agesAlone(path: string): boolean {
  return ALONE.test(path.replaceAll(sep, '/'));
}
