import type { Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { isSessionRoot } from '../../claude/layout.js';
import { sessionIdOf } from '../../claude/scan/scan.js';
import type { Environment } from '../../claude/environment.js';
import { CcsessError } from '../../system/errors.js';
import { safeName, safeRelativePath, UnsafePath } from '../../system/safe-path.js';
import type { Target } from '../model.js';
import type { PlannedRemoval } from '../plan/planned.js';
import type { TrashedRoot, TrashedSession } from '../trash/manifest.js';
import { statIfExists, treeOf } from '../trash/tree.js';

/** Run and entry that a session is moved to. */
export interface EntryNumber {
  pruneId: string;
  /** Number of the entry in its run. */
  entry: number;
}

/**
 * Returns the description of a session for the manifest; null if its files are gone. Throws Node's error for files that
 * cannot be read, PLAN_REFUSED and `UnsafePath` for paths that a restore would not accept.
 */
export function describeSession(
  { removal, target }: Pick<PlannedRemoval, 'removal' | 'target'>,
  { pruneId, entry }: EntryNumber,
  { configDirs, now }: Pick<Environment, 'configDirs' | 'now'>,
): TrashedSession | null {
  const owners = [target.configDir, ...configDirs];
  const roots = target.roots.flatMap((path) => {
    const stats = statIfExists(path);
    return stats === undefined ? [] : [describeRoot(path, stats, target, owners)];
  });
  const id = sessionIdOf(removal.id);
  const projectDir: TrashedSession['projectDir'] = removal.projectDir === '' ? '' : safeName(removal.projectDir);
  if (roots.length === 0) return null;
  const { configDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons } = removal;
  const trashedAt = new Date(now()).toISOString();
  const about = { id, configDir, projectDir, cwd, title, kind, lastActivityAt, footprintBytes, files, reasons };
  return { schemaVersion: 1, entry, pruneId, trashedAt, ...about, roots };
}

function describeRoot(path: string, stats: Stats, { id }: Target, owners: readonly { path: string }[]): TrashedRoot {
  const owner = owners.find((configDir) => path.startsWith(configDir.path + sep));
  if (owner === undefined) throw new CcsessError('PLAN_REFUSED', `it is in none of the config dirs: ${path}.`);
  const below = safeRelativePath(path.slice(join(owner.path, sep).length));
  if (!isSessionRoot(below, id)) throw new UnsafePath(`${path} is not a file or folder of session ${id}`);
  return { configDir: owner.path, path: below, nodes: treeOf(path, stats) };
}
