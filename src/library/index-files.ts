import { CcsessError } from '../system/errors.js';
import { clearIndex as clearFiles, indexStatus as statusOfFiles } from '../session-index/status.js';
import { checkOptions } from './support/options.js';
import { LIBRARY_OPTIONS, contextOf, type LibraryOptions } from './context.js';
import { isoTime } from '../system/time.js';

/** The index of one config dir, which is kept between calls. */
export interface IndexFiles {
  configDir: string;
  /** Absolute path of the index's folder. */
  cacheDir: string;
  /** Number of sessions in it; null if there is no usable index. */
  sessions: number | null;
  bytes: number;
  /** Time of the last write, ISO 8601; null if there is no usable index. */
  writtenAt: string | null;
}

/** Returns the state of each config dir's index without reading sessions. */
export function indexStatus(options: LibraryOptions = {}): IndexFiles[] {
  const { cacheDir, configDirs } = indexLocation(options);
  return statusOfFiles(cacheDir, configDirs).map(({ writtenMs, ...status }) => ({
    ...status,
    writtenAt: isoTime(writtenMs),
  }));
}

/** Deletes the index and returns the number of bytes freed. The next call rebuilds it. */
export function clearIndex(options: LibraryOptions = {}): number {
  const { cacheDir, configDirs } = indexLocation(options);
  return clearFiles(cacheDir, configDirs);
}

function indexLocation(options: LibraryOptions): { cacheDir: string; configDirs: Parameters<typeof clearFiles>[1] } {
  checkOptions(options, LIBRARY_OPTIONS);
  const { cacheDir, configDirs } = contextOf(options);
  if (cacheDir === null) throw new CcsessError('USAGE', 'cacheDir must not be null: without it there is no index.');
  return { cacheDir, configDirs };
}
