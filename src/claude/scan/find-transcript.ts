import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../model.js';
import { isSessionId } from './scan.js';

/**
 * Returns the paths of the transcripts with a session id, by one `stat` per project dir; several if copies exist, none
 * if `id` is not a full id. Never throws.
 */
export function findTranscripts(configDirs: readonly ConfigDir[], id: string): string[] {
  if (!isSessionId(id)) return [];
  const found = new Map<string, string>();
  for (const { path } of configDirs) {
    const projects = join(path, 'projects');
    for (const name of namesIn(projects)) {
      const transcript = join(projects, name, `${id}.jsonl`);
      const stats = statOrUndefined(transcript);
      // Two folders may lead to the same file by a link.
      if (stats?.isFile() === true) found.set(`${stats.dev}:${stats.ino}`, transcript);
    }
  }
  return [...found.values()];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statOrUndefined(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
