import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PRIVATE_FOLDER } from '../claude/write-file.js';

/** What was made so far, so that nothing half-made stays behind when the next step fails. */
export class Making {
  readonly #undo: (() => void)[] = [];

  /** To be called if a later step fails; after those that were made since. */
  onFailure(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Makes a folder and those above it that are missing, for their owner alone. Throws Node's error. */
  folder(path: string): void {
    const first = mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
    if (first === undefined) return;
    this.onFailure(() => {
      // One that somebody has put something into stays, and with it all above it.
      for (let folder = path; ; folder = dirname(folder)) {
        rmdirSync(folder);
        if (folder === first) return;
      }
    });
  }

  /** Takes back what was made, the last first, as far as that can be done. */
  takeBack(): void {
    for (const undo of this.#undo.reverse()) {
      try {
        undo();
      } catch {
        // What cannot be removed is in use, or not ours any more.
      }
    }
  }
}
