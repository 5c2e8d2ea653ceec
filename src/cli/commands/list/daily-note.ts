import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../../system/make-folders.js';
import { PRIVATE_FILE } from '../../../system/write-file.js';
import { isoDay } from '../../render/text/age.js';
import type { Context } from '../../context.js';

/**
 * Returns true on the first call for a note on a local day, and records the day; returns true every time if it cannot
 * be recorded.
 */
export function isFirstToday(note: string, { stateDir, now }: Pick<Context, 'stateDir' | 'now'>): boolean {
  if (stateDir === null) return true;
  const file = join(stateDir, note);
  const today = isoDay(now());
  try {
    if (readFileSync(file, 'utf8').trim() === today) return false;
  } catch {
    // The note was never shown, or it is unknown when.
  }
  try {
    makeFolders(stateDir);
    writeFileSync(file, `${today}\n`, { mode: PRIVATE_FILE });
  } catch {
    // A read-only home must not keep the list from being printed.
  }
  return true;
}
