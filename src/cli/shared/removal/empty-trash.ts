import { runLocked, type LockedRunOptions } from '../../../retention/restore/run-locked.js';
import { deleteUndoCopies, removableCopies, type DeletedCopies } from '../../../retention/undo/expire.js';
import type { TrashEntry } from '../../../retention/trash/trash-entry.js';
import {
  emptyTrashLocked,
  heldBytes,
  inspectTrash,
  trashedBefore,
  type Emptied,
} from '../../../retention/trash/trash.js';
import type { Context } from '../../context.js';
import { noteProblems } from '../notes.js';
import { requireQuestions } from '../changed.js';
import { recoverFirst } from './recover-first.js';
import { toJson } from '../../render/text/json.js';
import { counted } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { trashedRecord } from '../../../retention/trash/trashed-record.js';
import { printSentences } from '../print-sentences.js';
import { PARTLY_DONE } from '../../../system/errors.js';

/** Options of emptying the trash. */
export interface EmptyOptions extends LockedRunOptions {
  /** Only entries that were moved there before this time in milliseconds; null for all. */
  beforeMs: number | null;
  /** Do not ask for confirmation. */
  yes: boolean;
  dryRun: boolean;
}

const NOTHING: Emptied = { sessions: [], freedBytes: 0, problems: [] };

/**
 * Deletes trashed sessions permanently, after asking, and prints the freed bytes, or JSON; sets exit code 3 if some
 * could not be deleted. Throws USAGE if nobody can be asked.
 */
export async function emptyTrash(options: EmptyOptions, context: Context): Promise<void> {
  const { yes, dryRun, beforeMs, trashDir } = options;
  const { stdout, stderr, global } = context;
  if (!dryRun) await recoverFirst(options, context);
  const { entries: all, problems } = inspectTrash(context.configDirs, trashDir);
  await noteProblems(problems, context);
  const entries = beforeMs === null ? all : trashedBefore(all, beforeMs);
  const copies = removableCopies(context.configDirs, trashDir, beforeMs);
  const bytes = heldBytes(entries) + copies.reduce((sum, copy) => sum + copy.bytes, 0);
  const what = `${amountOf(entries.length, copies.length)}, ${formatSize(bytes)}`;
  const hasAny = entries.length + copies.length > 0;
  const questions = yes || dryRun || !hasAny ? null : await requireQuestions(context);
  if (questions !== null && !(await questions.confirm(`Permanently delete ${what}?`)))
    return stderr.write('Nothing was changed.\n');
  const records = new Map(entries.map((entry) => [keyOf(entry), trashedRecord(entry)]));
  const emptied = dryRun || entries.length === 0 ? NOTHING : await emptyTrashLocked(entries, options, context);
  const undo =
    dryRun || copies.length === 0
      ? { ids: dryRun ? copies.map(({ id }) => id) : [], freedBytes: 0, problems: [] }
      : await deleteCopiesAlone(beforeMs, options, context);
  const freedBytes = emptied.freedBytes + undo.freedBytes;
  const failures = [...emptied.problems, ...undo.problems];
  const deleted = dryRun
    ? [...records.values()]
    : emptied.sessions.flatMap((session) => records.get(keyOf({ session })) ?? []);
  if (failures.length > 0) context.setExitCode(PARTLY_DONE);
  if (global.json) {
    const result = {
      schemaVersion: 1,
      dryRun,
      sessions: deleted,
      undoCopies: undo.ids,
      freedBytes,
      problems: failures,
    };
    return stdout.write(`${toJson(result, stdout.isTerminal)}\n`);
  }
  await printSentences(
    dryRun
      ? [`Would permanently delete: ${what}.`, 'Nothing was changed.']
      : [`Permanently deleted: ${amountOf(deleted.length, undo.ids.length)}, ${formatSize(freedBytes)}.`],
    context,
  );
  await noteProblems(failures, context);
}

/** Returns `2 sessions`, with the number of undo copies if there are any. */
function amountOf(sessions: number, copies: number): string {
  const amount = counted(sessions, 'session');
  return copies === 0 ? amount : `${amount}, ${counted(copies, 'undo copy', 'undo copies')}`;
}

function deleteCopiesAlone(beforeMs: number | null, options: EmptyOptions, context: Context): Promise<DeletedCopies> {
  return runLocked({ ...options, onlyDeletes: true }, context, () =>
    Promise.resolve(deleteUndoCopies(removableCopies(context.configDirs, options.trashDir, beforeMs))),
  );
}

function keyOf({ session: { pruneId, entry, id } }: Pick<TrashEntry, 'session'>): string {
  return `${pruneId} ${entry} ${id}`;
}
