import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from './model.js';
import { errorCode } from './problem.js';
import { parseObject } from './small-file.js';

const DEFAULT_DAYS = 30;

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
  return DEFAULT_DAYS;
}

/** `undefined` when the file does not exist or says nothing about it, `null` when it is invalid. */
function periodIn(file: string): number | null | undefined {
  try {
    if (!statSync(file).isFile()) return null;
    const settings = parseObject(readFileSync(file, 'utf8'));
    if (settings === null) return null;
    const days = settings['cleanupPeriodDays'];
    if (days === undefined) return undefined;
    return typeof days === 'number' && days >= 1 ? days : null;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : null;
  }
}
