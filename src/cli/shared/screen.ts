import type { Context } from '../context.js';
import { configDirNames } from '../render/folder-text.js';
import type { Screen } from '../render/text/screen.js';

/** Returns the screen of a context. */
export function screenOf({ width, color, home, invocation, now, configDirs }: Context): Screen {
  return {
    width,
    color,
    home,
    invocation,
    now: now(),
    configDirNames: configDirNames(
      configDirs.map(({ path }) => path),
      home,
    ),
  };
}

/** True if sessions of several config dirs are read, so that lines in a pipe must name the config dir. */
export function hasSeveralConfigDirs({ configDirs }: Pick<Context, 'configDirs'>): boolean {
  return configDirs.length > 1;
}
