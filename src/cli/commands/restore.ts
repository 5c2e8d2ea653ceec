import { basename } from 'node:path';
import type { Command } from 'commander';
import { CcsessError, PARTLY_DONE } from '../../system/errors.js';
import type { Problem } from '../../system/problem.js';
import { findTrashed, LAST_PRUNE } from '../../retention/trash/find-trashed.js';
import { checkRestore, restoreSessions, type Restored } from '../../retention/restore/restore.js';
import type { LockedRunOptions } from '../../retention/restore/run-locked.js';
import { inspectTrash } from '../../retention/trash/trash.js';
import { runNameIn } from '../../retention/trash/trash-dir.js';
import type { TrashEntry } from '../../retention/trash/trash-entry.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { Context } from '../context.js';
import { namesIn, printKept } from '../shared/keep-output.js';
import { recoverFirst } from '../shared/removal/recover-first.js';
import { noteProblems } from '../shared/notes.js';
import { toJson } from '../render/text/json.js';
import { keptUntil } from '../render/kept.js';
import { trashedName } from '../render/trash.js';
import { trashedRecord } from '../../retention/trash/trashed-record.js';
import { addTrashFlags, readTrashFlags, type TrashFlags } from '../shared/removal/trash-flags.js';
import { printSentences } from '../shared/print-sentences.js';
import { absolutePath } from '../../system/real-path.js';

/** The flags of `restore`, as typed. */
export interface RestoreFlags extends TrashFlags {
  last?: boolean;
  to?: string;
  keepTimes?: boolean;
  dryRun?: boolean;
}

/** Options of `restore`. */
export interface RestoreOptions extends LockedRunOptions {
  /** Ids, id prefixes or titles of sessions in the trash, or `@last-prune`; at least one. */
  names: readonly string[];
  /** Absolute path of another config dir to restore into; null for the session's own. */
  to: string | null;
  /** Keep old file times; by default those that Claude Code's cleanup would act on are updated. */
  keepTimes: boolean;
  /** Only print what would be done. */
  dryRun: boolean;
}

const JOINED = ', with what Claude Code wrote to it after it was removed';

/** `ccsess restore`: restores sessions from the trash. */
export function define(command: Command, context: Context): void {
  addTrashFlags(
    command.argument(
      '[session...]',
      `id, id prefix or title of sessions in the trash; ${LAST_PRUNE}: all that the last prune or rm moved there`,
    ),
  )
    .option('--last', `restore all sessions that the last prune or rm moved to the trash, as ${LAST_PRUNE} does`)
    .option('--to <config dir>', 'restore into another config dir')
    .option('--keep-times', "keep old file times, even if Claude Code's cleanup will then delete the sessions")
    .option('-n, --dry-run', 'show what would be done without doing it')
    .action(async (names: string[], flags: RestoreFlags) =>
      runRestore(await readRestoreOptions(names, flags, context), context),
    );
}

/** Reads the arguments and flags of `restore`. Throws USAGE if no session is named, and as `readTrashFlags`. */
export async function readRestoreOptions(
  names: readonly string[],
  flags: RestoreFlags,
  context: Context,
): Promise<RestoreOptions> {
  const { to, keepTimes = false, dryRun = false } = flags;
  return {
    names: namesOf(names, flags),
    ...(await readTrashFlags(flags, context)),
    to: to === undefined ? null : absolute(to, context),
    keepTimes,
    dryRun,
  };
}

/**
 * Restores the named sessions and prints the outcome as `pin` does. Throws NOT_FOUND for an unknown name, with nothing
 * moved; sets exit code 3 if some could not be restored, and throws the first error if none could.
 */
export async function runRestore({ names, dryRun, ...options }: RestoreOptions, context: Context): Promise<void> {
  const { to } = options;
  if (!dryRun) await recoverFirst(options, context);
  const trash = inspectTrash(context.configDirs, options.trashDir);
  await noteProblems(trash.problems, context);
  const entries = [...new Set(names.flatMap((name) => findTrashed(trash, name)))];
  if (names.includes(LAST_PRUNE) && isPartOfRunUnread(entries, trash.problems)) context.setExitCode(PARTLY_DONE);
  if (dryRun) return printDryRun(entries, to, context);
  if (entries.length === 0) return printNothing(context);
  const restored = await restoreSessions(entries, { ...options, openIndex: opener(to, context) }, context);
  await printRestored(restored, to, context);
}

/** True if a run has sessions that cannot be read, in addition to these entries. */
function isPartOfRunUnread(entries: readonly TrashEntry[], problems: readonly Problem[]): boolean {
  return problems.some(
    ({ code, file }) =>
      code === 'unreadable' && entries.some(({ runFolder }) => runNameIn(file) === basename(runFolder)),
  );
}

/** Returns the names, including that of `--last`. Throws USAGE if there are none. */
function namesOf(names: readonly string[], { last }: RestoreFlags): readonly string[] {
  if (last === true) return [...names, LAST_PRUNE];
  if (names.length > 0) return names;
  throw new CcsessError(
    'USAGE',
    'no session given: pass an id, an id prefix or a title (see ccsess trash), or --last.',
  );
}

function absolute(path: string, { cwd, home }: Context): string {
  if (path === '') throw new CcsessError('USAGE', '--to needs a config dir.');
  return absolutePath(path, { cwd, home });
}

/** Returns a function that opens the index; that of another config dir is neither read nor stored. */
function opener(to: string | null, context: Context): Parameters<typeof restoreSessions>[1]['openIndex'] {
  return async (configDirs) => {
    if (to === null) return context.openIndex();
    const { openSessionIndex } = await import('../../session-index/open.js');
    return openSessionIndex({ configDirs, cacheDir: null, now: () => context.now(), system: context.system });
  };
}

async function printNothing({ stdout, stderr, global }: Context): Promise<void> {
  if (global.json) await stdout.write('[]\n');
  await stderr.write('Nothing to restore: the trash has no earlier run.\n');
}

async function printDryRun(entries: readonly TrashEntry[], to: string | null, context: Context): Promise<void> {
  const { stdout, global } = context;
  if (global.json) return stdout.write(`${toJson(entries.map(trashedRecord), stdout.isTerminal)}\n`);
  const lines: string[] = [];
  for (const entry of entries) {
    const { failure, isJoined } = await checkRestore(entry, to, context);
    const restored = `${trashedName(entry.session)}${isJoined ? JOINED : ''}`;
    lines.push(failure === null ? `Would restore ${restored}.` : `Would not restore: ${failure.message}`);
  }
  await printSentences([...lines, 'Nothing was changed.'], context);
}

async function printRestored(
  { results, index, rows, renewals }: Restored,
  to: string | null,
  context: Context,
): Promise<void> {
  const failures = results.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (failures.length === results.length && first !== undefined) throw first;
  const where = to === null ? '' : ` into ${to}`;
  const joined = new Set<string>(results.filter(({ isJoined }) => isJoined).map(({ session }) => session.id));
  const back = new Set(rows.map(({ file }) => file.id));
  const leftovers = results.filter(({ failure, session }) => failure === null && !back.has(session.id));
  const nameOf = namesIn(index);
  const describe = (record: SessionRecord): string => `${nameOf(record)}${where}${joined.has(record.id) ? JOINED : ''}`;
  const sentences = [
    ...index.records(rows, { footprint: false }).map((record) => `Restored ${describe(record)}.`),
    ...leftovers.map(({ session }) => `Restored ${trashedName(session)}${where}.`),
    ...(renewals === null || rows.length === 0 ? [] : [keptUntil(renewals.sessions)]),
  ];
  const damages = results.flatMap(({ damaged }) => damaged.map(({ message }) => new CcsessError('IO', message)));
  await printKept(index, { rows, sentences, renewals, failures: [...failures, ...damages], dryRun: false }, context);
}
