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
import { checkOptions, checkPath, type OneOrMore, type OptionNames, toList } from '../support/options.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, contextOf, type LibraryOptions } from '../context.js';

/** Selection of orphaned history, and where to write it. */
export interface OrphanedHistoryOptions extends LibraryOptions {
  /** Only the history of this session, by its id or the start of it. */
  session?: string;
  /** Only copies of these files. Relative paths start from the current folder. */
  file?: OneOrMore<string>;
  /** A new folder into which all selected copies are written. */
  toDir?: string;
}

const NAMES: OptionNames<OrphanedHistoryOptions> = {
  ...LIBRARY_OPTIONS,
  session: 'string',
  file: 'other',
  toDir: 'string',
};

/**
 * Resolves to the file history of sessions whose transcripts are gone, newest first, and writes its copies with
 * `toDir`; unreadable folders are left out. Rejects with NOT_FOUND or AMBIGUOUS for the session, with EXISTS unless the
 * folder is new, and with IO.
 */
export async function orphanedHistory(options: OrphanedHistoryOptions = {}): Promise<OrphanedHistory[]> {
  checkOptions(options, NAMES);
  const { session, file = [], toDir } = options;
  if (toDir !== undefined) checkPath(toDir, 'toDir');
  const context = contextOf(options);
  const unread: Problem[] = [];
  const all = findOrphans(await openIndex(context), context.configDirs, unread);
  reportProblems(unread, context);
  const ofSession = session === undefined ? all : [findOrphan(all, session)];
  const typed = toList(file, 'file').map((path) => absolutePath(path, context));
  const selected = typed.length === 0 ? ofSession : onlyFiles(ofSession, typed);
  const paths = selected.length === 0 ? [] : (await openIndex(context, { paths: true })).touchedPaths();
  const named = nameFiles(selected, [...typed, ...paths]);
  return toDir === undefined || named.length === 0
    ? named
    : throwAsIo(() => writeOrphans(named, absolutePath(toDir, context)));
}
