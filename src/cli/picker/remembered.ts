import { join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import { SCOPES, type Scope } from './find/catalog.js';

/** Choices that the next picker starts with. */
export interface Remembered {
  scope: Scope;
  preview: boolean;
}

const FILE = 'picker.json';
const MAX_BYTES = 4096;

/**
 * Reads the remembered choices from the state folder; returns the defaults if there are none or they cannot be read.
 */
export function recall(stateDir: string | null): Remembered {
  const text = stateDir === null ? '' : (readStart(join(stateDir, FILE), MAX_BYTES)?.text ?? '');
  const { scope, preview } = parseObject(text) ?? {};
  return { scope: SCOPES.find((known) => known === scope) ?? 'here', preview: preview !== false };
}

/** Remembers choices. A state folder that cannot be written to is ignored: nothing depends on it. */
export function remember(choices: Remembered, stateDir: string | null): void {
  if (stateDir === null) return;
  try {
    makeFolders(stateDir);
    replaceFile(join(stateDir, FILE), `${JSON.stringify(choices)}\n`);
  } catch {
    // The next picker starts with the defaults.
  }
}
