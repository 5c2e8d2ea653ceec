import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../../system/make-folders.js';
import { PRIVATE_FILE } from '../../../system/write-file.js';
import { isoDay } from '../../render/text/age.js';
import type { Context } from '../../context.js';

/**
 * Returns true the first time on a local day that it is called for this note, and records the day. If nothing can be
 * recorded it returns true every time.
 */
export function isFirstToday(note: string, { stateDir, now }: Pick<Context, 'stateDir' | 'now'>): boolean {
  if (stateDir === null) return true;
  const file = join(stateDir, note);
  const today = isoDay(now());
  try {
    if (readFileSync(file, 'utf8').trim() === today) return false;
  } catch {
    // It was never shown, or nobody knows when.
  }
  try {
    makeFolders(stateDir);
    writeFileSync(file, `${today}\n`, { mode: PRIVATE_FILE });
  } catch {
    // A home that cannot be written to must not keep a list from being printed.
  }
  return true;
}
