import type { ConfigDir } from '../../claude/model.js';
import { cleanupPeriods, MANAGED_SETTINGS_PATHS, projectCleanupPeriod } from '../../claude/settings.js';
import type { Workplace } from '../../claude/workplace.js';
import type { SessionIndex } from '../../session-index/session-index.js';

/** A folder whose own settings make Claude Code delete sooner: a start there applies them to the sessions of all projects. */
export interface ShorterPeriod {
  folder: string;
  /** The settings file that says so. */
  file: string;
  days: number;
}

/** After how many days Claude Code's cleanup deletes, by config dir, and the folders that shorten it. */
export interface Periods {
  /** By the user's and managed settings; null if no cleanup runs. */
  daysOf(configDir: ConfigDir): number | null;
  /** The shortest any start of Claude Code may apply; null if no cleanup runs. */
  shortestDaysOf(configDir: ConfigDir): number | null;
  /** Shortest first. */
  shorter: readonly ShorterPeriod[];
}

/** Reads all settings that bear on the cleanup: those of the config dirs, and of each folder that a session ran in. Never throws. */
export function readPeriods(
  index: SessionIndex,
  { configDirs, system }: Pick<Workplace, 'configDirs' | 'system'>,
): Periods {
  const { daysOf, isManaged } = cleanupPeriods(configDirs, MANAGED_SETTINGS_PATHS[system.platform]);
  const longest = Math.max(0, ...configDirs.map((configDir) => daysOf(configDir) ?? 0));
  const shorter = (isManaged ? [] : foldersOf(index))
    .flatMap((folder) => {
      const period = projectCleanupPeriod(folder);
      return period === null || period.days >= longest ? [] : [{ folder, ...period }];
    })
    .sort((a, b) => a.days - b.days);
  const shortest = shorter[0]?.days ?? Infinity;
  const shortestDaysOf = (configDir: ConfigDir): number | null => {
    const days = daysOf(configDir);
    return days === null ? null : Math.min(days, shortest);
  };
  return { daysOf, shortestDaysOf, shorter };
}

function foldersOf(index: SessionIndex): string[] {
  return [
    ...new Set(
      index
        .records(index.rows, { footprint: false })
        .flatMap(({ cwd, cwds }) => (cwd === null ? cwds : [cwd, ...cwds])),
    ),
  ];
}
