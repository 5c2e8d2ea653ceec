import {
  findOrphan,
  findOrphans,
  nameFiles,
  onlyFiles,
  type OrphanedHistory,
} from '../../checkpoints/orphans/find-orphans.js';
import { writeOrphans } from '../../checkpoints/orphans/write-orphans.js';
import type { Problem } from '../../system/problem.js';
import { absolutePath } from '../../system/real-path.js';
import { throwAsIo } from '../support/as-io.js';
import { checkOptions, listOf, type OneOrMore, type OptionNames } from '../support/options.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, surroundingsOf, type LibraryOptions } from '../surroundings.js';

/** Which file history without a session, and where to write it. */
export interface OrphanedHistoryOptions extends LibraryOptions {
  /** Only that of this session: its id, or the start of it. */
  session?: string;
  /** Only copies of these files; relative paths start from the current folder. */
  file?: OneOrMore<string>;
  /** A new folder to write all copies into. */
  toDir?: string;
}

const NAMES: OptionNames<OrphanedHistoryOptions> = { ...LIBRARY_OPTIONS, session: true, file: true, toDir: true };

/**
 * Returns the file history of sessions whose transcripts are gone, the newest first; with `toDir` its copies are
 * written there. Folders that cannot be listed are left out and handed to `onProblem`. Rejects with NOT_FOUND or
 * AMBIGUOUS for the session, with EXISTS unless the folder is new, and with IO.
 */
export async function orphanedHistory(options: OrphanedHistoryOptions = {}): Promise<OrphanedHistory[]> {
  checkOptions(options, NAMES);
  const { session, file = [], toDir } = options;
  const surroundings = surroundingsOf(options);
  const unread: Problem[] = [];
  const all = findOrphans(await openIndex(surroundings), surroundings.configDirs, unread);
  reportProblems(unread, surroundings);
  const meant = session === undefined ? all : [findOrphan(all, session)];
  const typed = listOf(file, 'file').map((path) => absolutePath(path, surroundings));
  const chosen = typed.length === 0 ? meant : onlyFiles(meant, typed);
  const paths = chosen.length === 0 ? [] : (await openIndex(surroundings, { paths: true })).touchedPaths();
  const named = nameFiles(chosen, [...typed, ...paths]);
  return toDir === undefined || named.length === 0
    ? named
    : throwAsIo(() => writeOrphans(named, absolutePath(toDir, surroundings)));
}
