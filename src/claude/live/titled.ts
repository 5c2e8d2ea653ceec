import { fstatSync, readSync } from 'node:fs';
import { sidecarTitle } from '../sidecars.js';
import { parseObject, withPlainFile } from '../../system/small-file.js';

/** Claude Code looks for titles in this many bytes at either end of a transcript (docs/storage.md, "Titles"). */
const WINDOW_BYTES = 64 * 1024;
const TITLE_TYPE = '"custom-title"';

/**
 * Returns true if Claude Code may open a transcript by one of these titles: it is in the sidecar, or in a title entry
 * near the start or the end, even if a later entry gives another title.
 */
export function mayHaveTitle(path: string, titles: readonly string[]): boolean {
  const wanted = new Set(titles.map(normalized));
  const sidecar = sidecarTitle({ path });
  if (sidecar !== null && wanted.has(normalized(sidecar))) return true;
  return titleLines(path).some((line) => {
    const title = parseObject(line)?.['customTitle'];
    return typeof title === 'string' && wanted.has(normalized(title));
  });
}

function normalized(title: string): string {
  return title.trim().toLowerCase();
}

function titleLines(path: string): string[] {
  try {
    const windows = withPlainFile(path, (fd) => {
      const { size } = fstatSync(fd);
      const tail = Math.max(0, size - WINDOW_BYTES);
      return [...new Set([0, tail])].map((start) => textAt(fd, start, Math.min(size, WINDOW_BYTES)));
    });
    return (windows ?? []).flatMap((text) => text.split('\n')).filter((line) => line.includes(TITLE_TYPE));
  } catch {
    return [];
  }
}

function textAt(fd: number, start: number, length: number): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, length, start));
}
