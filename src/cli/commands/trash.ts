import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { findTrashed, LAST_PRUNE } from '../../retention/trash/find-trashed.js';
import type { LockedRunOptions } from '../../retention/restore/run-locked.js';
import { inspectTrash, trashedBefore } from '../../retention/trash/trash.js';
import { readUndoCopies, type UndoCopy } from '../../retention/undo/undo-copies.js';
import type { TrashEntry } from '../../retention/trash/trash-entry.js';
import { parseAge, parsePastTime } from '../../grammar/age.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';
import type { Context } from '../context.js';
import { emptyTrash } from '../shared/removal/empty-trash.js';
import { noteInterrupted, noteProblems } from '../shared/notes.js';
import { parseChoice } from '../../grammar/choice.js';
import { lookUp } from '../command-words.js';
import { idLengths } from '../render/text/short-id.js';
import { jsonArray, toJson } from '../render/text/json.js';
import { trashedRecord } from '../../retention/trash/trashed-record.js';
import { trashedLine, trashedPage, trashLines } from '../render/trash.js';
import { undoCopyLine, undoCopyLines, undoCopyPage, undoCopyRecord } from '../render/undo-copies.js';
import { addTrashFlags, readTrashFlags, trashCommand, type TrashFlags } from '../shared/removal/trash-flags.js';
import { printSentences, printPieces } from '../shared/print-sentences.js';

const ACTIONS = ['list', 'show', 'empty'] as const;
/** Words that other commands use, or that delete, with the command line to type. They never run. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  restore: 'ccsess restore <session>',
  undo: 'ccsess restore @last-prune',
  rm: 'ccsess trash empty',
  delete: 'ccsess trash empty',
  remove: 'ccsess trash empty',
  clear: 'ccsess trash empty',
  purge: 'ccsess trash empty',
};

/** The flags of `trash`, as typed. */
export interface TrashCommandFlags extends TrashFlags {
  olderThan?: string;
  rewinds?: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

/** Options of `trash`. */
export interface TrashOptions extends LockedRunOptions {
  /** `list` prints the contents of the trash, `show` one session or undo copy, `empty` deletes permanently. */
  action: (typeof ACTIONS)[number];
  /** A session or undo copy, for `show`; else null. */
  name: string | null;
  /** List the undo copies of rewinds instead of sessions. */
  rewinds: boolean;
  /** Only what was moved to the trash before this time, in milliseconds; null for everything. */
  beforeMs: number | null;
  /** Do not ask for confirmation. */
  yes: boolean;
  /** Only print what would be deleted. */
  dryRun: boolean;
}

/** `ccsess trash`: lists, shows or deletes the sessions that prune and rm moved to the trash. */
export function define(command: Command, context: Context): void {
  addTrashFlags(
    command
      .argument('[action]', 'list (default), show <session>, or empty (delete permanently)')
      .argument('[session]', 'for show: id, id prefix or title, or the id of an undo copy'),
  )
    .option('--rewinds', 'for list: list undo copies of rewinds instead of sessions')
    .option('--older-than <age|date>', 'only what was moved to the trash before: 7d, 2026-11-01')
    .option('-y, --yes', 'for empty: do not ask for confirmation')
    .option('-n, --dry-run', 'for empty: show what would be deleted without deleting it')
    .action(async (action: string | undefined, name: string | undefined, flags: TrashCommandFlags) =>
      runTrash(await readTrashOptions(action, name, flags, context), context),
    );
}

/** Reads the arguments and flags of `trash`. Throws USAGE for an invalid value, and for flags of another action. */
export async function readTrashOptions(
  action: string | undefined,
  name: string | undefined,
  flags: TrashCommandFlags,
  context: Context,
): Promise<TrashOptions> {
  const { olderThan, rewinds = false, yes = false, dryRun = false } = flags;
  const typed = action ?? 'list';
  const meant = lookUp(OTHER_WORDS, typed);
  if (meant !== undefined) throw new CcsessError('USAGE', `trash ${typed}: not an action. Type: ${meant}`);
  const wanted = parseChoice(typed === 'ls' ? 'list' : typed, ACTIONS, 'trash');
  if ((wanted === 'show') !== (name !== undefined)) {
    throw new CcsessError(
      'USAGE',
      wanted === 'show'
        ? 'trash show needs a session; ccsess trash lists them.'
        : `trash ${wanted} takes no session: ${name ?? ''}.`,
    );
  }
  if (wanted !== 'empty' && (yes || dryRun))
    throw new CcsessError('USAGE', `trash ${wanted} changes nothing: --yes and -n are for trash empty.`);
  const beforeMs =
    olderThan === undefined
      ? null
      : await parsePastTime(parseAge(olderThan, '--older-than'), context.now(), olderThan, '--older-than');
  const options = await readTrashFlags(flags, context);
  if (rewinds && wanted === 'show')
    throw new CcsessError('USAGE', `--rewinds is for trash list, not for trash ${wanted}.`);
  return { ...options, action: wanted, name: name ?? null, rewinds, beforeMs, yes, dryRun };
}

/** Lists the trash, shows a session in it, or deletes permanently. Throws as `findTrashed` and `emptyTrash`. */
export async function runTrash(options: TrashOptions, context: Context): Promise<void> {
  const { action, name, rewinds, beforeMs: before } = options;
  if (action === 'empty') return emptyTrash(options, context);
  await noteInterrupted(context);
  const undo = readUndoCopies(context.configDirs, options.trashDir);
  const copies = undo.copies.filter(
    ({ state, manifest }) => state !== 'emptying' && (before === null || Date.parse(manifest.savedAt) < before),
  );
  const copy = name === null ? undefined : copies.find(({ id }) => id === name);
  if (rewinds || copy !== undefined) {
    await noteProblems(undo.problems, context);
    return copy === undefined ? listCopies(copies, context) : showCopy(copy, context);
  }
  const { entries: all, problems } = inspectTrash(context.configDirs, options.trashDir);
  await noteProblems([...problems, ...undo.problems], context);
  const entries = before === null ? all : trashedBefore(all, before);
  const restore = trashCommand('restore', options, context);
  if (name === null) return list({ entries, copies }, restore, context);
  return show(findTrashed({ entries, problems }, name), { name, restore }, context);
}

/** Prints the trash; `restore` is the command that restores a session. */
async function list(
  { entries, copies }: { entries: readonly TrashEntry[]; copies: readonly UndoCopy[] },
  restore: string,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  if (global.json) {
    await printPieces(jsonArray(entries.map(trashedRecord), stdout.isTerminal), context);
  } else if (!stdout.isTerminal) {
    await stdout.write(entries.map((entry) => trashedLine(entry, hasSeveralConfigDirs(context))).join(''));
  } else if (entries.length + copies.length === 0) {
    await stderr.write('The trash is empty.\n');
  } else {
    const screen = screenOf(context);
    const ids = entries.map(({ session }) => session.id);
    const lengths = idLengths(ids, ids);
    const items = entries.map((entry, at) => ({ entry, idLength: lengths[at] ?? entry.session.id.length }));
    const sessions = items.length === 0 ? [] : await trashLines(items, screen, restore);
    const rewinds = copies.length === 0 ? [] : await undoCopyLines(copies, screen);
    const gap = sessions.length > 0 && rewinds.length > 0 ? [''] : [];
    await printSentences([...sessions, ...gap, ...rewinds], context);
  }
}

async function listCopies(copies: readonly UndoCopy[], context: Context): Promise<void> {
  const { stdout, stderr, global } = context;
  if (global.json) {
    await printPieces(jsonArray(copies.map(undoCopyRecord), stdout.isTerminal), context);
  } else if (!stdout.isTerminal) {
    await stdout.write(copies.map(undoCopyLine).join(''));
  } else if (copies.length === 0) {
    await stderr.write('The trash has no undo copies.\n');
  } else {
    await stdout.write(`${(await undoCopyLines(copies, screenOf(context))).join('\n')}\n`);
  }
}

async function showCopy(copy: UndoCopy, context: Context): Promise<void> {
  const { stdout, global } = context;
  const text = global.json ? toJson(undoCopyRecord(copy), stdout.isTerminal) : undoCopyPage(copy, context).join('\n');
  await stdout.write(`${text}\n`);
}

/** Prints one session as an object, all sessions of a run as an array; `restore` is the command that restores one. */
async function show(
  entries: readonly TrashEntry[],
  { name, restore }: { name: string; restore: string },
  context: Context,
): Promise<void> {
  const { stdout, global, home } = context;
  if (!global.json) {
    for (const entry of entries) await printSentences(trashedPage(entry, home, restore), context);
    return;
  }
  const [only] = entries;
  if (name !== LAST_PRUNE && only !== undefined)
    return stdout.write(`${toJson(trashedRecord(only), stdout.isTerminal)}\n`);
  await printPieces(jsonArray(entries.map(trashedRecord), stdout.isTerminal), context);
}
