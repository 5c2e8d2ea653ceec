import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../system/problem.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';

/** Files created so far, to be removed if a later step fails. */
export class NewFiles {
  readonly #undo: (() => void)[] = [];

  /** Registers an undo step for a later failure. Steps run in reverse order, the last one first. */
  onFailure(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Creates a folder and its missing parents, accessible to their owner only. Throws Node's error. */
  folder(path: string): void {
    if (existsSync(path)) return;
    this.folder(dirname(path));
    try {
      mkdirSync(path, PRIVATE_FOLDER);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return;
      throw error;
    }
    // A folder with new contents stays.
    this.onFailure(() => rmdirSync(path));
  }

  /** Removes what was created, the last first, as far as possible. */
  removeAll(): void {
    for (const undo of this.#undo.reverse()) {
      try {
        undo();
      } catch {
        // A file that cannot be removed is in use, or no longer ours.
      }
    }
  }
}
