import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../model.js';
import { isSessionId } from './scan.js';

/**
 * The transcripts that a full session id names, found by one look into each project dir and nothing else: several
 * if several hold the id, none if `id` is not a full id. Never throws.
 */
export function findTranscripts(configDirs: readonly ConfigDir[], id: string): string[] {
  if (!isSessionId(id)) return [];
  const found = new Map<string, string>();
  for (const { path } of configDirs) {
    const projects = join(path, 'projects');
    for (const name of namesIn(projects)) {
      const transcript = join(projects, name, `${id}.jsonl`);
      const stats = look(transcript);
      // A linked folder leads to the same file twice.
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

function look(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
