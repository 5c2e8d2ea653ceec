import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigDir } from './model.js';

/** Sources of the config dirs of a run; nothing is taken from the process itself. */
export interface ConfigDirSources {
  /** Values of `--config-dir`, in the order given; they win over everything else. */
  explicit: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
}

/**
 * The config dirs to read: those given, else `CLAUDE_CONFIG_DIR` (empty counts as unset), else `~/.claude`.
 * Relative paths are taken from `cwd`; a leading `~` is the home folder only in `--config-dir`, since Claude Code
 * does not expand it in the variable. One named twice comes once. Nothing has to exist; never throws.
 */
export function resolveConfigDirs({ explicit, env, home, cwd }: ConfigDirSources): ConfigDir[] {
  const defaultPath = join(home, '.claude');
  const fromEnv = env['CLAUDE_CONFIG_DIR'] ?? '';
  const named =
    explicit.length > 0
      ? explicit.map((value) => resolve(cwd, expandHome(value, home)))
      : fromEnv === ''
        ? []
        : [resolve(cwd, fromEnv)];

  const paths = named.length > 0 ? [...new Set(named)] : [defaultPath];
  return paths.map((path) => ({
    path,
    projectsRoot: realRoot(path),
    explicit: named.length > 0,
    isDefault: path === defaultPath,
  }));
}

function expandHome(value: string, home: string): string {
  return value === '~' || value.startsWith('~/') ? join(home, value.slice(1)) : value;
}

/** Two accounts often share their transcripts by a symlinked `projects`; the real path shows that they do. */
function realRoot(configDir: string): string {
  const projects = join(configDir, 'projects');
  try {
    return realpathSync(projects);
  } catch {
    return projects;
  }
}
