import { join } from 'node:path';
import type { ConfigDir } from '../model.js';
import { cleanupPolicy, readManagedSettings, readProjectSettings, type CleanupPolicy } from './cleanup-policy.js';
import { readSettings, type SettingsFile } from './settings-file.js';

/** Policies of Claude Code's cleanup for several config dirs. Settings are read once. */
export interface CleanupPolicies {
  /**
   * Returns the policy by the user's and managed settings. For config dirs that share their transcripts, the shortest
   * period of all applies.
   */
  of(configDir: ConfigDir): CleanupPolicy;
  /** Returns the policies of a start in this folder, whose own settings count too; null if it has none. */
  inFolder(folder: string): ((configDir: ConfigDir) => CleanupPolicy) | null;
}

/** Reads the settings of the config dirs and those of an administrator. Never throws. */
export function readCleanupPolicies(
  configDirs: readonly ConfigDir[],
  managedFolder: string | undefined,
  now: number,
): CleanupPolicies {
  const managed = readManagedSettings(managedFolder);
  const users = configDirs.map((configDir) => ({
    configDir,
    user: readSettings(join(configDir.path, 'settings.json')),
  }));
  const policiesWith = (project: readonly SettingsFile[]): ((configDir: ConfigDir) => CleanupPolicy) => {
    const shortest = new Map<string, CleanupPolicy>();
    for (const { configDir, user } of users) {
      const policy = cleanupPolicy({ managed, user, project }, now);
      const known = shortest.get(configDir.projectsRoot);
      if (known === undefined || isShorter(policy, known)) shortest.set(configDir.projectsRoot, policy);
    }
    const none = cleanupPolicy({ managed, user: readSettings(''), project }, now);
    return ({ projectsRoot }) => shortest.get(projectsRoot) ?? none;
  };
  return {
    of: policiesWith([]),
    inFolder: (folder) => {
      const project = readProjectSettings(folder);
      return project.every(({ state }) => state === 'missing') ? null : policiesWith(project);
    },
  };
}

/** True if the first policy deletes sooner than the second. */
export function isShorter({ days }: CleanupPolicy, other: CleanupPolicy): boolean {
  return days !== null && (other.days === null || days < other.days);
}
