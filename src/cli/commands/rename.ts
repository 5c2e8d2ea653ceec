import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import type { SessionRecord } from '../../session-index/record.js';
import { renameSession } from '../../sessions/amend/rename.js';
import { addEditFlags, readEditFlags, reportChange, type EditFlags, type EditOptions } from '../shared/changed.js';
import type { Context } from '../context.js';
import { QuestionCancelled } from '../terminal/choose.js';
import {
  addSessionArgument,
  namedSession,
  noteNamesakes,
  sessionAndWords,
  shortIdOf,
  type SessionOption,
} from '../shared/named-session.js';

/** Options of `rename`. */
export interface RenameOptions extends SessionOption, EditOptions {
  /** The new title; null removes the current one, undefined asks for session and title at the terminal. */
  title: string | null | undefined;
}

/** `ccsess rename`: renames a session, as `/rename` does in Claude Code. */
export function define(command: Command, context: Context): void {
  addEditFlags(
    addSessionArgument(command).argument('[title...]', 'the new title').option('--clear', 'remove the title'),
  ).action(async (session: string | undefined, title: string[], flags: EditFlags) =>
    runRename(await readRenameOptions(session, title, flags, context), context),
  );
}

/** Reads the arguments and flags of `rename`. Throws USAGE unless there is one title or `--clear`. */
export async function readRenameOptions(
  session: string | undefined,
  words: readonly string[],
  flags: EditFlags,
  context: Context,
): Promise<RenameOptions> {
  const { last = false } = flags;
  const [name, ...titles] = sessionAndWords(session, words, last);
  const isAsked = await isEverythingAsked(titles, name, flags, context);
  return { name, last, title: isAsked ? undefined : wantedTitle(titles, flags), ...readEditFlags(flags) };
}

/** Sets or removes the title of a session. Throws as `namedSession` and `renameSession`. */
export async function runRename({ title, ...options }: RenameOptions, context: Context): Promise<void> {
  const index = await context.openIndex();
  const row = await namedSession(index, options, context);
  const [before] = index.records([row], { footprint: false });
  const wanted = title === undefined ? await askTitle(before, context) : title;
  const id = shortIdOf(index, row);
  if (wanted === null && before?.titleSource !== 'custom')
    return reportChange(row, `${id} has no custom title.`, options, context);
  const written = await renameSession(row, wanted, options, context);
  if (written !== null) await noteNamesakes(index, row, written, context);
  await reportChange(row, sentence(id, before, written, options), options, context);
}

/** True if the command line has neither a session nor a title, and there is a terminal to ask for both. */
async function isEverythingAsked(
  words: readonly string[],
  name: string | undefined,
  { last = false, clear = false }: EditFlags,
  context: Context,
): Promise<boolean> {
  return name === undefined && words.length === 0 && !last && !clear && (await context.terminal()) !== null;
}

/** Asks for the title of a session chosen on the screen. Throws `QuestionCancelled` for an empty one. */
async function askTitle(before: SessionRecord | undefined, context: Context): Promise<string> {
  const questions = await context.questions();
  const title = await questions?.ask(`New title of "${before?.title ?? before?.id ?? ''}":`);
  if (title === undefined || title === null || title.trim() === '') throw new QuestionCancelled();
  return title;
}

function wantedTitle([title, ...more]: readonly string[], { clear = false }: EditFlags): string | null {
  if (clear && title !== undefined) throw new CcsessError('USAGE', '--clear removes the title: do not pass a new one.');
  if (clear) return null;
  if (title === undefined)
    throw new CcsessError('USAGE', 'missing title after the session (--clear removes the current one).');
  if (more.length > 0)
    throw new CcsessError('USAGE', `quote a title of several words: "${[title, ...more].join(' ')}".`);
  return title;
}

/** Describes the change. A replaced prompt is not mentioned, since it was not a name. */
function sentence(
  id: string,
  before: SessionRecord | undefined,
  title: string | null,
  { dryRun }: EditOptions,
): string {
  const old = before?.titleSource === 'prompt' ? null : (before?.title ?? null);
  const was = old === null ? '' : ` (was "${old}")`;
  if (title === null) return `${dryRun ? 'Would clear' : 'Cleared'} the title of ${id}${was}.`;
  return `${dryRun ? 'Would rename' : 'Renamed'} ${id} to "${title}"${was}.`;
}
