import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSessionRoot, requireInConfigDir } from '../../claude/layout.js';
import type { ConfigDir } from '../../claude/model.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { messageOf } from '../../system/problem.js';
import { isSafeName, pathBelow, safeName, type SafeName, type SafeRelativePath } from '../../system/safe-path.js';
import { requirePlain } from '../trash/safe-paths.js';
import { putBack } from './put-back.js';

/** Length of a session id. */
const ID_LENGTH = 36;

/** Pattern of the names that `TrashEntry.stagedPath` gives. */
const WAITING = /^\.ccsess-[\w-]+~(.+)~$/s;

/** Outcome for one session; `error` says why it was not put back. */
export interface StrandedSession {
  id: string;
  configDir: string;
  projectDir: string;
  error: string | null;
}

/**
 * Puts back staged files of a killed run whose trash is gone, for example because its disk is not mounted, so that no
 * manifest names them. `known` are the staged paths of known entries. Called under the lock. Never throws.
 */
export function putBackStranded(configDirs: readonly ConfigDir[], known: ReadonlySet<string>): StrandedSession[] {
  const sessions = new Map<string, StrandedSession>();
  for (const { configDir, folder, name, id, own } of listStaged(configDirs)) {
    const from = join(configDir, folder, name);
    if (known.has(from)) continue;
    const { projectDir = '', error = null } = sessions.get(id) ?? {};
    const failure = failureOf(() => {
      requireInConfigDir(configDir, pathBelow(folder, own));
      requirePlain(from, own);
      putBack(from, join(configDir, folder, own));
    });
    const isInProject = folder.startsWith(PROJECTS);
    sessions.set(id, {
      id,
      configDir,
      projectDir: isInProject ? folder.slice(PROJECTS.length) : projectDir,
      error: failure ?? error,
    });
  }
  return [...sessions.values()];
}

/** Returns true if one of the config dirs has a staged file. Never throws. */
export function hasStranded(configDirs: readonly ConfigDir[]): boolean {
  return listStaged(configDirs).length > 0;
}

/** A staged file, with its session and its own name. */
interface StagedFile {
  configDir: string;
  folder: SafeRelativePath;
  name: string;
  id: string;
  own: SafeName;
}

function listStaged(configDirs: readonly ConfigDir[]): StagedFile[] {
  return configDirs.flatMap(({ path: configDir }) =>
    sessionFoldersIn(configDir).flatMap((folder) =>
      namesIn(join(configDir, folder)).flatMap((name) => {
        const owner = ownerOf(folder, name);
        return owner === null ? [] : [{ configDir, folder, name, ...owner }];
      }),
    ),
  );
}

const PROJECTS = 'projects/';

/** Returns the project dirs and the folders next to `projects`, relative to the config dir. */
function sessionFoldersIn(configDir: string): SafeRelativePath[] {
  const projectDirs = namesIn(join(configDir, 'projects')).filter(isSafeName);
  const projects = safeName('projects');
  return [...namesIn(configDir).filter(isSafeName), ...projectDirs.map((name) => pathBelow(projects, name))];
}

/** Returns the session and the own name of a staged file; null for names that ccsess does not give. */
function ownerOf(folder: SafeRelativePath, name: string): { id: string; own: SafeName } | null {
  const own = WAITING.exec(name)?.[1];
  if (!isSafeName(own)) return null;
  const start = own.slice(0, ID_LENGTH);
  const id = isSessionId(start) ? start : own.replace(/\.\w+$/, '');
  return isSessionRoot(pathBelow(folder, own), id) ? { id, own } : null;
}

function failureOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
