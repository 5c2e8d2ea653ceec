import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { requirePlainFolder, UnsafePath } from '../../system/safe-path.js';
import type { MoveJournal } from './model.js';
import { projectFolder } from './refusals.js';

/** The steps of a journal, divided into those that can be recovered and the others. */
export interface DividedSteps {
  /** The steps that stay within the projects root. */
  safe: MoveJournal;
  /** One sentence for each other step, without its full stop. */
  refused: string[];
}

/**
 * Separates the steps of a journal that lead through a linked project dir, side folder or transcript: `move` never
 * writes such steps, and recovering one would change files outside the config dir. Reads the disk and changes nothing.
 */
export function divideSteps({ configDir, sessions, memory, readers }: MoveJournal): DividedSteps {
  const refused: string[] = [];
  const isSafe = (name: string, look: () => void): boolean => {
    try {
      look();
      return true;
    } catch (error) {
      if (!(error instanceof UnsafePath)) throw error;
      refused.push(`${name} is left as it is: ${error.message}`);
      return false;
    }
  };
  const safe: MoveJournal = {
    configDir,
    sessions: sessions.filter(({ id, from, to }) =>
      isSafe(id, () => [from, to].forEach((name) => requirePlainSession(configDir, name, id))),
    ),
    memory: memory.filter(({ from, to }) =>
      isSafe(`memory of ${from}`, () =>
        [from, to].forEach((name) => requirePlainFolder(projectFolder(configDir, name))),
      ),
    ),
    readers: readers.filter(({ id, projectDir }) => isSafe(id, () => requirePlainSession(configDir, projectDir, id))),
  };
  return { safe, refused };
}

function requirePlainSession(configDir: ConfigDir, projectDir: string, id: string): void {
  const folder = projectFolder(configDir, projectDir);
  for (const path of [folder, join(folder, id), join(folder, id, 'subagents')]) requirePlainFolder(path);
  const transcript = join(folder, `${id}.jsonl`);
  if (lstatSync(transcript, { throwIfNoEntry: false })?.isFile() === false) {
    throw new UnsafePath(`${transcript} is not a regular file`);
  }
}
