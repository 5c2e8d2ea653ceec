import { CcsessError } from '../system/errors.js';
import { clearIndex as clearFiles, indexStatus as statusOfFiles } from '../session-index/status.js';
import { checkOptions } from './support/options.js';
import { LIBRARY_OPTIONS, surroundingsOf, type LibraryOptions } from './surroundings.js';
import { isoTime } from '../system/time.js';

/** The index of one config dir, which is kept between calls. */
export interface IndexFiles {
  configDir: string;
  /** Absolute path of the folder it is in. */
  cacheDir: string;
  /** Sessions in it; null if there is none that can be used. */
  sessions: number | null;
  bytes: number;
  /** When it was last written, ISO 8601; null if there is none. */
  writtenAt: string | null;
}

/** The state of the index of each config dir; reads no session. */
export function indexStatus(options: LibraryOptions = {}): IndexFiles[] {
  const { cacheDir, configDirs } = indexOf(options);
  return statusOfFiles(cacheDir, configDirs).map(({ writtenMs, ...status }) => ({
    ...status,
    writtenAt: isoTime(writtenMs),
  }));
}

/** Deletes the index, which the next call makes again, and returns the bytes that freed. */
export function clearIndex(options: LibraryOptions = {}): number {
  const { cacheDir, configDirs } = indexOf(options);
  return clearFiles(cacheDir, configDirs);
}

function indexOf(options: LibraryOptions): { cacheDir: string; configDirs: Parameters<typeof clearFiles>[1] } {
  checkOptions(options, LIBRARY_OPTIONS);
  const { cacheDir, configDirs } = surroundingsOf(options);
  if (cacheDir === null) throw new CcsessError('USAGE', 'cacheDir null: there is no index then.');
  return { cacheDir, configDirs };
}
