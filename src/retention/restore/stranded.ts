import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { putBack } from './put-back.js';

/** As `TrashEntry.waiting` names what is copied to another file system. */
const WAITING = /^\.ccsess-[\w-]+~(.+)~$/s;

/** What was put back of one session, or not: then `error` says why. */
export interface Stray {
  id: string;
  configDir: string;
  projectDir: string;
  error: string | null;
}

/**
 * Puts back what a killed run left waiting beside its place to be copied into a trash that is not there any more, as when
 * its disk is not mounted: then no manifest tells of it. `known` are the paths of what an entry at hand tells of. To be
 * called under the lock. Never throws.
 */
export function putBackStrays(configDirs: readonly ConfigDir[], known: ReadonlySet<string>): Stray[] {
  const strays = new Map<string, Stray>();
  for (const { path: configDir } of configDirs) {
    // Named as entries name them, also where it is a link.
    const projects = join(configDir, 'projects');
    for (const folder of [configDir, projects].flatMap((parent) => namesIn(parent).map((name) => join(parent, name)))) {
      for (const name of namesIn(folder)) {
        const own = WAITING.exec(name)?.[1];
        const from = join(folder, name);
        if (own === undefined || known.has(from)) continue;
        const id = own.replace(/\.\w+$/, '');
        const { projectDir = '', error = null } = strays.get(id) ?? {};
        const failure = failureOf(() => putBack(from, join(folder, own)));
        strays.set(id, {
          id,
          configDir,
          projectDir: dirname(folder) === projects ? basename(folder) : projectDir,
          error: failure ?? error,
        });
      }
    }
  }
  return [...strays.values()];
}

function failureOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
