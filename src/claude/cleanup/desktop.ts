import { lstatSync } from 'node:fs';
import { parseObject, readStart } from '../../system/small-file.js';
import { linesAtEnds } from '../scan/transcript-ends.js';

/** Maximum size of a release marker, which is one small object. */
const MAX_MARKER_BYTES = 4096;
const DESKTOP = new Set(['claude-desktop', 'claude-desktop-3p', 'local-agent', 'local_agent']);
const MEMBER = '"entrypoint":';

/** True for the entrypoint of a session that Claude Desktop or Cowork runs. */
export function isDesktopEntrypoint(entrypoint: string | null): boolean {
  return entrypoint !== null && DESKTOP.has(entrypoint);
}

/** True if the first or last entrypoint near the ends of a transcript is one of Claude Desktop. Never throws. */
export function isDesktopTranscript(path: string): boolean {
  const { head, tail } = linesAtEnds(path);
  return [head, tail.toReversed()].some((lines) => isDesktopEntrypoint(firstEntrypoint(lines)));
}

/** Claude Desktop's marker next to a transcript, which allows the cleanup to delete the session. */
export interface DesktopRelease {
  /** `delete`: at once; `archive`: when the marker is old enough. */
  reason: 'delete' | 'archive';
  markedMs: number;
}

/** Returns Claude Desktop's release of a session; null if there is none. Never throws. */
export function readRelease(transcript: string): DesktopRelease | null {
  const path = `${transcript.slice(0, -'.jsonl'.length)}.desktop-released.json`;
  const marker = readStart(path, MAX_MARKER_BYTES);
  const reason = marker?.whole === true ? parseObject(marker.text)?.['reason'] : null;
  if (reason !== 'delete' && reason !== 'archive') return null;
  const markedMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return markedMs === undefined ? null : { reason, markedMs };
}

function firstEntrypoint(lines: readonly string[]): string | null {
  for (const line of lines) {
    const entrypoint = line.includes(MEMBER) ? parseObject(line)?.['entrypoint'] : null;
    if (typeof entrypoint === 'string') return entrypoint;
  }
  return null;
}
