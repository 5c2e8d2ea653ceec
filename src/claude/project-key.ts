import type { ConfigDir } from './model.js';

const MAX_PLAIN_KEY_LENGTH = 200;

const PINNED_KEY = /^[A-Za-z0-9_-]{1,64}$/;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * Returns the name of a folder's project dir, given by its real path: each UTF-16 unit but `[A-Za-z0-9]` becomes `-`,
 * and a name of more than 200 units is cut and followed by a hash of the path. Different folders may share a name, so
 * names are never decoded. Source: docs/storage.md, "Project directory name".
 */
export function projectKey(path: string): string {
  const key = path.replace(/[^A-Za-z0-9]/g, '-');
  return key.length <= MAX_PLAIN_KEY_LENGTH ? key : `${key.slice(0, MAX_PLAIN_KEY_LENGTH)}-${pathHash(path)}`;
}

/** Returns the 32-bit hash `h * 31 + unit` of the path, in base 36 without its sign. */
function pathHash(path: string): string {
  let hash = 0;
  for (let i = 0; i < path.length; i++) {
    hash = (Math.imul(hash, 31) + path.charCodeAt(i)) | 0;
  }
  return Math.abs(hash).toString(36);
}

/**
 * Returns the project dir name that `CLAUDE_CODE_PROJECT_DIR_NAME` sets for every folder; null if it is not set. It
 * applies only together with `CLAUDE_CONFIG_DIR`, and only if it is a harmless file name (docs/storage.md).
 */
export function pinnedProjectKey(env: Readonly<Record<string, string | undefined>>): string | null {
  const name = env['CLAUDE_CODE_PROJECT_DIR_NAME'] ?? '';
  if ((env['CLAUDE_CONFIG_DIR'] ?? '') === '') return null;
  return PINNED_KEY.test(name) && !WINDOWS_DEVICE.test(name) ? name : null;
}

/**
 * Returns the name of the project dir that Claude Code uses for a folder, given by its real path, when ccsess starts it
 * with this config dir (`resumeLaunch`).
 */
export function projectDirOf(
  folder: string,
  configDir: ConfigDir,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const childEnv = { ...env, CLAUDE_CONFIG_DIR: configDir.isDefault ? undefined : configDir.path };
  return pinnedProjectKey(childEnv) ?? projectKey(folder);
}
