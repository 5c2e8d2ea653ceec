import { sidecarTitle } from '../sidecars.js';
import { linesAtEnds } from '../scan/transcript-ends.js';
import { parseObject } from '../../system/small-file.js';

const TITLE_TYPE = '"custom-title"';

/**
 * Returns true if Claude Code may open a transcript by one of these titles: it is in the sidecar, or in a title entry
 * near the start or the end, even if a later entry gives another title.
 */
export function mayHaveTitle(path: string, titles: readonly string[]): boolean {
  const wanted = new Set(titles.map(normalized));
  const sidecar = sidecarTitle({ path });
  if (sidecar !== null && wanted.has(normalized(sidecar))) return true;
  const { head, tail } = linesAtEnds(path);
  return [...head, ...tail].some((line) => {
    const title = line.includes(TITLE_TYPE) ? parseObject(line)?.['customTitle'] : null;
    return typeof title === 'string' && wanted.has(normalized(title));
  });
}

function normalized(title: string): string {
  return title.trim().toLowerCase();
}
