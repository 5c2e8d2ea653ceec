import { resolveConfigDirs } from '../claude/config-dir.js';
import type { ConfigDir } from '../claude/model.js';
import type { Workplace } from '../claude/workplace.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { CcsessError } from '../claude/errors.js';
import { renewTimes, type Renewals } from './keep-times.js';
import { moveOut, takenPlaces, untouchedIn } from './move-session.js';
import { unpack } from './pack.js';
import { runAlone, type AloneOptions } from './recover.js';
import { markRestored } from './restored.js';
import { readTrash } from './trash.js';
import type { TrashedSession, TrashEntry } from './trash-entry.js';

/** How sessions are brought back. */
export interface RestoreOptions extends AloneOptions {
  /** Another config dir to bring them to, an absolute path; `null` for where they were. */
  to: string | null;
  /** Leave their files' times as they were, even if Claude Code's cleanup takes them for it. */
  keepTimes: boolean;
  /** Opens the index of config dirs. */
  openIndex(configDirs: readonly ConfigDir[]): Promise<SessionIndex>;
}

/** What became of one session that was to be restored; `failure` is null if it is back. */
export interface RestoreResult {
  session: TrashedSession;
  failure: CcsessError | null;
}

/** What restoring came to. */
export interface Restored {
  results: RestoreResult[];
  /** As of after it. */
  index: SessionIndex;
  /** The sessions that are back; leftovers have no row. */
  rows: SessionRow[];
  /** Null where times were kept. */
  renewals: Renewals | null;
}

/**
 * Brings sessions back from the trash byte for byte, with modes and times; unless `keepTimes`, times are then renewed so
 * that Claude Code's cleanup does not take them at once (`renewTimes`). One whose place is taken is left in the trash
 * (EXISTS), what fails stays there or is gone on with by the next run (IO); the rest goes on. For a while no prune takes
 * what was restored. Throws as `runAlone`.
 */
export function restoreSessions(entries: readonly TrashEntry[], options: RestoreOptions, workplace: Workplace): Promise<Restored> {
  const target = options.to === null ? null : configDirAt(options.to, workplace);
  const configDirs = target === null ? workplace.configDirs : [target];
  const all = { ...workplace, configDirs: [...workplace.configDirs, ...(target === null ? [] : [target])] };
  return runAlone(options, all, async () => {
    const wanted = new Set(entries.map(({ folder }) => folder));
    const results: RestoreResult[] = [];
    for (const entry of readTrash(workplace.configDirs, options.trashDir).filter(({ folder }) => wanted.has(folder))) {
      results.push({ session: entry.session, failure: await restoreOne(entry, target, workplace) });
    }
    const index = await options.openIndex(configDirs);
    const rows = rowsOf(index, results);
    const renewals = options.keepTimes ? null : renewTimes(rows, index, { ...workplace, configDirs }, { dryRun: false });
    return { results, index, rows, renewals };
  });
}

function configDirAt(path: string, { env, home, cwd }: Workplace): ConfigDir {
  const [configDir] = resolveConfigDirs({ explicit: [path], env, home, cwd });
  if (configDir === undefined) throw new TypeError('a path is always a config dir');
  return configDir;
}

/** Why a session cannot be restored now; null if nothing stands in its way. */
export function obstacle(entry: TrashEntry, to: string | null): CcsessError | null {
  const [taken] = takenPlaces(to === null ? entry : entry.boundFor(to));
  if (taken === undefined) return null;
  return new CcsessError('EXISTS', `${entry.session.id} is not restored: ${taken} exists.`, { hint: 'to another config dir: --to <folder>' });
}

async function restoreOne(entry: TrashEntry, target: ConfigDir | null, { configDirs, now }: Workplace): Promise<CcsessError | null> {
  const to = target?.path ?? null;
  const { id, configDir } = entry.session;
  let bound = entry;
  try {
    const before = obstacle(entry, to);
    if (before !== null) return before;
    await unpack(entry);
    bound = entry.bindTo(to);
    const home = target ?? configDirs.find(({ path }) => path === configDir);
    if (home !== undefined) markRestored(home, id, now());
    // Unpacking takes its time.
    const after = obstacle(entry, to);
    if (after !== null) return after;
    bound.enter('restoring');
    moveOut(bound);
    return null;
  } catch (error) {
    return notRestored(bound, error);
  }
}

function notRestored(entry: TrashEntry, error: unknown): CcsessError {
  const why = error instanceof Error ? error.message : String(error);
  const { id } = entry.session;
  if (entry.state === 'restoring' && !untouchedIn(entry)) {
    return new CcsessError('IO', `${id} is restored in part: ${why}.`, { hint: 'once that is put right, ccsess recover goes on', cause: error });
  }
  if (entry.state === 'restoring') entry.enter('kept');
  return new CcsessError('IO', `${id} is not restored: ${why}.`, { cause: error });
}

function rowsOf(index: SessionIndex, results: readonly RestoreResult[]): SessionRow[] {
  const back = new Set(results.filter(({ failure }) => failure === null).map(({ session: { projectDir, id } }) => `${projectDir}\0${id}`));
  return index.rows.filter(({ file }) => back.has(`${file.projectDir}\0${file.id}`));
}
