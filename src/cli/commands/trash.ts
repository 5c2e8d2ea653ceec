import type { Command } from 'commander';
import { CcsessError } from '../../claude/errors.js';
import { findTrashed } from '../../retention/find-trashed.js';
import { emptyTrashAlone, heldBytes, readTrash, trashedBefore, type Emptied } from '../../retention/trash.js';
import type { TrashEntry } from '../../retention/trash-entry.js';
import { parseAge, pastMomentOf } from '../../sessions/grammar/age.js';
import type { Context } from '../context.js';
import { noteProblems } from '../notes.js';
import { parseChoice } from '../parse/choice.js';
import { recoverFirst } from '../recover-first.js';
import { jsonArray, toJson } from '../render/json.js';
import { counted } from '../render/number.js';
import { sanitize } from '../render/sanitize.js';
import { formatSize } from '../render/size.js';
import { trashedLine, trashedPage, trashedRecord, trashLines } from '../render/trash.js';
import { addTrashFlags, readTrashFlags, type TrashFlags } from '../trash-flags.js';

const ACTIONS = ['list', 'show', 'empty'] as const;

/** The flags of `trash`, as written. */
export interface TrashCommandFlags extends TrashFlags {
  olderThan?: string;
  yes?: boolean;
  dryRun?: boolean;
}

/** `ccsess trash`: what prune and rm have moved away. */
export function define(command: Command, context: Context): void {
  addTrashFlags(command.argument('[action]', 'list; show: one session; empty: delete for good', 'list').argument('[session]', 'show: id, start of an id or title'))
    .option('--older-than <age|date>', 'only what was moved there before that: 7d, 2026-11-01')
    .option('-y, --yes', 'empty: do not ask')
    .option('-n, --dry-run', 'empty: say what would be deleted, and do nothing')
    .action((action: string, name: string | undefined, flags: TrashCommandFlags) => trash(action, name, flags, context));
}

/** Lists the trash, shows one session in it, or deletes for good. Throws usage errors, and as `findTrashed`. */
export async function trash(action: string, name: string | undefined, flags: TrashCommandFlags, context: Context): Promise<void> {
  const asked = parseChoice(action, ACTIONS, 'trash');
  if ((asked === 'show') !== (name !== undefined)) {
    throw new CcsessError('USAGE', asked === 'show' ? 'trash show: name a session. Which there are: ccsess trash' : `trash ${asked} takes no session: ${name ?? ''}.`);
  }
  if (asked !== 'empty' && (flags.yes ?? flags.dryRun) === true) throw new CcsessError('USAGE', `trash ${asked} changes nothing: --yes and -n are for trash empty.`);
  const before = flags.olderThan === undefined ? null : await pastMomentOf(parseAge(flags.olderThan, '--older-than'), context.now(), flags.olderThan, '--older-than');
  const options = await readTrashFlags(flags, context);
  if (asked === 'empty') return empty(before, flags, context);
  const all = readTrash(context.configDirs, options.trashDir);
  const entries = before === null ? all : trashedBefore(all, before);
  return name === undefined ? list(entries, context) : show(findTrashed(entries, name), context);
}

async function list(entries: readonly TrashEntry[], { stdout, stderr, global, width, color, home, now }: Context): Promise<void> {
  if (global.json) {
    for (const piece of jsonArray(entries.map(trashedRecord), stdout.isTerminal)) await stdout.write(piece);
  } else if (!stdout.isTerminal) {
    await stdout.write(entries.map(trashedLine).join(''));
  } else if (entries.length === 0) {
    await stderr.write('The trash is empty.\n');
  } else {
    await stdout.write(`${(await trashLines(entries, { width, color, home, now: now() })).join('\n')}\n`);
  }
}

async function show(entries: readonly TrashEntry[], { stdout, global, home }: Context): Promise<void> {
  for (const entry of entries) {
    await stdout.write(global.json ? `${toJson(trashedRecord(entry), stdout.isTerminal)}\n` : `${trashedPage(entry, home).join('\n')}\n`);
  }
}

async function empty(beforeMs: number | null, flags: TrashCommandFlags, context: Context): Promise<void> {
  const options = await readTrashFlags(flags, context);
  const isDry = flags.dryRun === true;
  const questions = context.global.json || isDry || flags.yes === true ? null : await context.questions();
  if (!isDry && flags.yes !== true && questions === null) {
    throw new CcsessError('USAGE', context.global.json ? '--json never asks: add --yes to delete, or -n to see what would be.' : 'nobody to ask: add --yes to delete, or -n to see what would be.');
  }
  if (!isDry) await recoverFirst(options, context);
  const all = readTrash(context.configDirs, options.trashDir);
  const entries = beforeMs === null ? all : trashedBefore(all, beforeMs);
  const what = `${counted(entries.length, 'session')}, ${formatSize(heldBytes(entries))}`;
  const { stdout, stderr, global } = context;
  if (isDry) return global.json ? printJson(entries, { sessions: [], freedBytes: 0, problems: [] }, true, context) : stdout.write(`Would delete for good: ${what}.\nNothing was changed.\n`);
  if (entries.length === 0) return global.json ? printJson([], { sessions: [], freedBytes: 0, problems: [] }, false, context) : stderr.write('Nothing to delete.\n');
  if (questions !== null && !(await questions.confirm(`Delete ${what}, for good?`))) return stderr.write('Nothing was changed.\n');
  const records = entries.map((entry) => ({ entry, record: trashedRecord(entry) }));
  const emptied = await emptyTrashAlone(entries, options, context);
  if (emptied.problems.length > 0) context.setExitCode(3);
  if (global.json) return printJson(records.filter(({ entry }) => emptied.sessions.some((session) => session.id === entry.session.id && session.trashedAt === entry.session.trashedAt)).map(({ record }) => record), emptied, false, context);
  await stdout.write(sanitize(`Deleted for good: ${counted(emptied.sessions.length, 'session')}, ${formatSize(emptied.freedBytes)}.`) + '\n');
  await noteProblems(emptied.problems, context);
}

function printJson(sessions: readonly object[], { freedBytes, problems }: Emptied, dryRun: boolean, { stdout }: Context): Promise<void> {
  return stdout.write(`${toJson({ schemaVersion: 1, dryRun, sessions, freedBytes, problems }, stdout.isTerminal)}\n`);
}
