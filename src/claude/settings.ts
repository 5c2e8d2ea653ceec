import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from './model.js';
import { errorCode } from '../system/problem.js';
import { parseObject } from '../system/small-file.js';

/** After how many days Claude Code's cleanup deletes where no settings say. */
export const DEFAULT_CLEANUP_DAYS = 30;

/** Where an administrator's settings lie on Linux and macOS; they win over the user's. */
export const MANAGED_SETTINGS_PATHS: Readonly<Partial<Record<string, string>>> = {
  linux: '/etc/claude-code/managed-settings.json',
  darwin: '/Library/Application Support/ClaudeCode/managed-settings.json',
};

/**
 * After how many days without a change Claude Code's own cleanup deletes a transcript of this config dir: managed
 * settings, else the user's, else 30. `null` when no cleanup runs, because the settings are invalid (a period below 1
 * makes Claude Code reject the whole file). A project's own settings can shorten it and are not seen here.
 * Source: docs/storage.md, "Cleanup".
 */
export function cleanupPeriodDays(configDir: ConfigDir, managedSettingsPath?: string): number | null {
  const files = [join(configDir.path, 'settings.json')];
  if (managedSettingsPath !== undefined) files.unshift(managedSettingsPath);
  for (const file of files) {
    const days = periodIn(file);
    if (days !== undefined) return days;
  }
  return DEFAULT_CLEANUP_DAYS;
}

/** After how many days Claude Code's cleanup deletes, for several config dirs. */
export interface CleanupPeriods {
  /** As `cleanupPeriodDays`; of config dirs that share their transcripts the shortest counts for all. */
  daysOf(configDir: ConfigDir): number | null;
  /** An administrator has set it: no project can shorten it. */
  isManaged: boolean;
}

/** Reads the settings of the config dirs once. Never throws. */
export function cleanupPeriods(
  configDirs: readonly ConfigDir[],
  managedSettingsPath: string | undefined,
): CleanupPeriods {
  const shortest = new Map<string, number | null>();
  for (const configDir of configDirs) {
    const days = cleanupPeriodDays(configDir, managedSettingsPath);
    const known = shortest.get(configDir.projectsRoot) ?? null;
    shortest.set(configDir.projectsRoot, days === null || known === null ? (days ?? known) : Math.min(days, known));
  }
  return {
    daysOf: ({ projectsRoot }) => shortest.get(projectsRoot) ?? null,
    get isManaged() {
      return managedSettingsPath !== undefined && periodIn(managedSettingsPath) !== undefined;
    },
  };
}

/** A cleanup period that a project's own settings ask for. */
export interface ProjectPeriod {
  days: number;
  /** The settings file that says so. */
  file: string;
}

/**
 * The cleanup period in a folder's own settings, the local ones first; `null` if they say none, or are invalid, so that a
 * start there cleans up nothing. A start of Claude Code in that folder applies it to the sessions of all projects, unless
 * managed settings say otherwise. Source: docs/storage.md, "Cleanup".
 */
export function projectCleanupPeriod(folder: string): ProjectPeriod | null {
  const found = ['settings.local.json', 'settings.json'].map((name) => {
    const file = join(folder, '.claude', name);
    return { file, days: periodIn(file) };
  });
  if (found.some(({ days }) => days === null)) return null;
  return found.flatMap(({ file, days }) => (typeof days === 'number' ? [{ file, days }] : []))[0] ?? null;
}

/** `undefined` when the file does not exist or says nothing about it, `null` when it is invalid. */
function periodIn(file: string): number | null | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return stats === undefined ? undefined : null;
    const settings = parseObject(readFileSync(file, 'utf8'));
    if (settings === null) return null;
    const days = settings['cleanupPeriodDays'];
    if (days === undefined) return undefined;
    return typeof days === 'number' && days >= 1 ? days : null;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : null;
  }
}
