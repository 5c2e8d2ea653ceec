import { sep } from 'node:path';
import type { FootprintEntry } from '../footprint-entries.js';
import type { CleanupPolicy } from './cleanup-policy.js';
import { isDesktopTranscript, readRelease } from './desktop.js';
import { DAY_MS } from '../../system/time.js';
import { isFolder } from '../../system/stat.js';

/** Facts that decide when a transcript is deleted. */
export interface TranscriptAging {
  path: string;
  size: number;
  mtimeMs: number;
  /** False only if no entry comes from Claude Desktop. */
  mayBeDesktop: boolean;
}

/**
 * Returns when Claude Code's cleanup may delete a transcript, in milliseconds; null if it never does, as for Claude
 * Desktop's sessions and for empty transcripts without a side folder. Source: docs/storage.md, "Cleanup".
 */
export function transcriptExpiry(file: TranscriptAging, { days, desktopDays }: CleanupPolicy): number | null {
  if (days === null) return null;
  const expiresMs = file.mtimeMs + days * DAY_MS;
  if (desktopDays === days || !(file.mayBeDesktop || file.size === 0)) return expiresMs;
  const ceilingMs = desktopDays === null ? null : file.mtimeMs + desktopDays * DAY_MS;
  const exemptMs = exemptUntil(file, days);
  if (exemptMs === null) return ceilingMs;
  const laterMs = Math.max(expiresMs, exemptMs);
  return ceilingMs === null ? laterMs : Math.min(ceilingMs, laterMs);
}

/** Returns until when a transcript is exempt from the cleanup; -Infinity if it is not, null if it always is. */
function exemptUntil({ path, size }: TranscriptAging, days: number): number | null {
  const release = readRelease(path);
  if (release !== null) return release.reason === 'delete' ? -Infinity : release.markedMs + days * DAY_MS;
  if (size === 0) return isFolder(path.slice(0, -'.jsonl'.length)) ? -Infinity : null;
  return isDesktopTranscript(path) ? null : -Infinity;
}

/** Facts that decide when the parts of one session are deleted. */
export interface PartAging {
  policy: CleanupPolicy;
  /** When the transcript is deleted; null if it is kept. */
  sessionMs: number | null;
  /** The folder next to the transcript. */
  sideFolder: string;
  /** As `TranscriptAging.mayBeDesktop`. */
  mayBeDesktop: boolean;
  now: number;
}

/**
 * Returns when Claude Code's cleanup may delete an entry of a session, in milliseconds; null if it keeps it. Kept
 * output and some small files expire by their own time, other files of the side folder with the transcript, and files
 * elsewhere by the time of their topmost folder (docs/storage.md, "Cleanup").
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
    const ownMs = hasOwnExpiry(path.slice(sideFolder.length + 1)) ? mtimeMs + days * DAY_MS : null;
    return sessionMs === null || ownMs === null ? (ownMs ?? sessionMs) : Math.min(sessionMs, ownMs);
  }
  if (part === 'subagents') return transcriptExpiry({ path, size: stats.size, mtimeMs, mayBeDesktop }, policy);
  // Every cleanup empties the image cache, whatever its age.
  return part === 'image-cache' ? now : rootMtimeMs + days * DAY_MS;
}

const OWN_EXPIRY = new RegExp(
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

/** True for files of a side folder that expire on their own while the session is kept. */
function hasOwnExpiry(path: string): boolean {
  return OWN_EXPIRY.test(path.replaceAll(sep, '/'));
}
