import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../system/problem.js';
import { readSettings, type SettingsFile } from './settings-file.js';
import { DAY_MS } from '../../system/time.js';

/** Days after which Claude Code's cleanup deletes sessions if no settings name a period. */
export const DEFAULT_CLEANUP_DAYS = 30;

/** Folders of an administrator's settings, which override all others. */
export const MANAGED_SETTINGS_FOLDERS: Readonly<Partial<Record<string, string>>> = {
  linux: '/etc/claude-code',
  darwin: '/Library/Application Support/ClaudeCode',
  win32: 'C:\\Program Files\\ClaudeCode',
};

const PERIOD = 'cleanupPeriodDays';
const DESKTOP_PERIOD = 'desktopSessionCleanupPeriodDays';

/** The reason why a start of Claude Code skips the cleanup. */
export interface SkippedCleanup {
  /**
   * `unreadable-settings`: a file that may hold the period cannot be read; `invalid-settings`: a file has an invalid
   * value, and some file sets the period; `empty-settings`: the user's file was emptied within the last 30 days;
   * `no-start`: managed settings that cannot be read keep Claude Code from starting.
   */
  code: 'unreadable-settings' | 'invalid-settings' | 'empty-settings' | 'no-start';
  /** The settings file at fault. */
  file: string;
  /** The fault, as the end of a sentence about the file. */
  fault: string;
}

/** Ages at which one start of Claude Code deletes sessions. */
export interface CleanupPolicy {
  /** Days after which transcripts are deleted; null if the cleanup is skipped. */
  days: number | null;
  /** Days after which transcripts of Claude Desktop are deleted; null if they are kept. */
  desktopDays: number | null;
  skipped: SkippedCleanup | null;
  /** The settings file that sets `days`; null for the default. */
  file: string | null;
}

/** The settings files that one start of Claude Code reads. */
export interface SettingsSources {
  managed: ManagedSettings;
  user: SettingsFile;
  /** Settings files of the start folder, the shared one first. */
  project: readonly SettingsFile[];
}

/** An administrator's drop-in files and base file, in order of precedence. */
export interface ManagedSettings {
  files: readonly SettingsFile[];
  /** The folder of drop-ins if it cannot be listed. */
  unlisted: string | null;
}

/** Reads `managed-settings.json` and `managed-settings.d/*.json` of a folder. Never throws. */
export function readManagedSettings(folder: string | undefined): ManagedSettings {
  if (folder === undefined) return { files: [], unlisted: null };
  const base = readSettings(join(folder, 'managed-settings.json'));
  const dropIns = join(folder, 'managed-settings.d');
  try {
    const names = readdirSync(dropIns, { withFileTypes: true })
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /^[^.].*\.json$/s.test(entry.name))
      .map(({ name }) => name)
      .sort()
      .reverse();
    return { files: [...names.map((name) => readSettings(join(dropIns, name))), base], unlisted: null };
  } catch (error) {
    const code = errorCode(error);
    return { files: [base], unlisted: code === 'ENOENT' || code === 'ENOTDIR' ? null : dropIns };
  }
}

/** Reads a folder's own settings: `settings.json`, then `settings.local.json`. Never throws. */
export function readProjectSettings(folder: string): SettingsFile[] {
  return ['settings.json', 'settings.local.json'].map((name) => readSettings(join(folder, '.claude', name)));
}

/** Returns the policy that follows from these settings. Source: docs/storage.md, "Cleanup". */
export function cleanupPolicy({ managed, user, project }: SettingsSources, now: number): CleanupPolicy {
  const broken = managed.files.find(({ state, fault }) => state === 'unreadable' && fault === 'is not a JSON object');
  if (broken !== undefined) return skip('no-start', broken);
  const period = firstValue(managed.files, PERIOD, isPeriod);
  // An administrator's period applies despite all other faults, also to sessions of Claude Desktop.
  if (period !== null) return { days: period.value, desktopDays: period.value, skipped: null, file: period.file };
  const isGoverned = managed.files.some(({ members }) => hasInvalidPeriod(members));
  const skipped = skipReason({ managed, user, project }, isGoverned, now);
  if (skipped !== null) return { days: null, desktopDays: null, skipped, file: null };
  const own = firstValue(
    [...project.toReversed(), user].filter(({ state }) => state === 'valid'),
    PERIOD,
    isPeriod,
  );
  const days = own?.value ?? DEFAULT_CLEANUP_DAYS;
  const ceiling =
    firstValue(managed.files, DESKTOP_PERIOD, isCeiling) ??
    firstValue(user.state === 'valid' ? [user] : [], DESKTOP_PERIOD, isCeiling);
  const desktopDays = isGoverned ? days : (ceiling?.value ?? 0) === 0 ? null : Math.max(ceiling?.value ?? 0, days);
  return { days, desktopDays, skipped: null, file: own?.file ?? null };
}

function skip(code: SkippedCleanup['code'], { path, fault }: Pick<SettingsFile, 'path' | 'fault'>): CleanupPolicy {
  return { days: null, desktopDays: null, skipped: { code, file: path, fault: fault ?? '' }, file: null };
}

function skipReason(
  { managed, user, project }: SettingsSources,
  isGoverned: boolean,
  now: number,
): SkippedCleanup | null {
  const own = [user, ...project];
  const hasPeriod = own.some(({ state, members }) => state === 'valid' && members[PERIOD] !== undefined);
  if (!hasPeriod && !isGoverned && isNewlyEmpty(user, now))
    return { code: 'empty-settings', file: user.path, fault: 'was emptied less than 30 days ago' };
  const unread = managed.files.find(({ state }) => state === 'unreadable');
  if (unread !== undefined) return { code: 'unreadable-settings', file: unread.path, fault: unread.fault ?? '' };
  if (managed.unlisted !== null)
    return { code: 'unreadable-settings', file: managed.unlisted, fault: 'cannot be listed' };
  const unreadable = own.find(({ state }) => state === 'unreadable');
  if (unreadable !== undefined)
    return { code: 'unreadable-settings', file: unreadable.path, fault: unreadable.fault ?? '' };
  const invalid = own.find(({ state }) => state === 'invalid');
  const namesPeriod = own.some(({ members }) => PERIOD in members) || DESKTOP_PERIOD in user.members;
  if (invalid === undefined || !namesPeriod) return null;
  return { code: 'invalid-settings', file: invalid.path, fault: invalid.fault ?? '' };
}

/** Claude Code assumes that a recently emptied file has lost its period. */
function isNewlyEmpty({ emptiedMs }: SettingsFile, now: number): boolean {
  return emptiedMs !== null && emptiedMs <= now && emptiedMs > now - DEFAULT_CLEANUP_DAYS * DAY_MS;
}

function firstValue(
  files: readonly SettingsFile[],
  key: string,
  isValid: (value: unknown) => value is number,
): { value: number; file: string } | null {
  for (const { members, path } of files) {
    const value = members[key];
    if (isValid(value)) return { value, file: path };
  }
  return null;
}

function hasInvalidPeriod(members: Readonly<Record<string, unknown>>): boolean {
  return (
    (members[PERIOD] !== undefined && !isPeriod(members[PERIOD])) ||
    (members[DESKTOP_PERIOD] !== undefined && !isCeiling(members[DESKTOP_PERIOD]))
  );
}

function isPeriod(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isCeiling(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
