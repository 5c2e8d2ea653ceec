import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { tagSession } from '../../sessions/amend/tag.js';
import { fullRecords } from '../../usage/full-records.js';
import { addEditFlags, readEditFlags, reportChange, type EditFlags, type EditOptions } from '../shared/changed.js';
import type { Context } from '../context.js';
import {
  addSessionArgument,
  namedSession,
  sessionAndWords,
  shortIdOf,
  type SessionOption,
} from '../shared/named-session.js';
import { toJson } from '../render/text/json.js';
import { oneLine } from '../render/text/sanitize.js';

/** Options of `tag`. */
export interface TagOptions extends SessionOption, EditOptions {
  /** The new tag; null removes the current one, undefined prints it. */
  tag: string | null | undefined;
}

/** `ccsess tag`: sets, prints or removes the tag of a session. */
export function define(command: Command, context: Context): void {
  addEditFlags(
    addSessionArgument(command)
      .argument('[tag...]', 'the new tag; without it, the current tag is printed')
      .option('--clear', 'remove the tag'),
  ).action((session: string | undefined, tags: string[], flags: EditFlags) =>
    runTag(readTagOptions(session, tags, flags), context),
  );
}

/** Reads the arguments and flags of `tag`. Throws USAGE for two tags, or a tag together with `--clear`. */
export function readTagOptions(session: string | undefined, tags: readonly string[], flags: EditFlags): TagOptions {
  const { last = false, clear = false } = flags;
  const [name, wanted, ...more] = sessionAndWords(session, tags, last);
  if (more.length > 0)
    throw new CcsessError(
      'USAGE',
      `a session has one tag; quote a tag of several words: "${[wanted, ...more].join(' ')}".`,
    );
  if (clear && wanted !== undefined) throw new CcsessError('USAGE', '--clear removes the tag: do not pass a new one.');
  return { name, last, tag: clear ? null : wanted, ...readEditFlags(flags) };
}

/** Tags the session, or prints the tag it has. Throws as `namedSession` and `tagSession`. */
export async function runTag({ tag, ...options }: TagOptions, context: Context): Promise<void> {
  const index = await context.openIndex();
  const row = await namedSession(index, options, context);
  if (tag === undefined) return printTag(index, row, context);
  const before = index.records([row], { footprint: false })[0]?.tag ?? null;
  const id = shortIdOf(index, row);
  if (tag === null && before === null) return reportChange(row, `${id} has no tag.`, options, context);
  const given = await tagSession(row, tag, options, context);
  await reportChange(row, sentence(id, before, given, options), options, context);
}

function sentence(id: string, before: string | null, given: string | null, { dryRun }: EditOptions): string {
  const was = before === null ? '' : ` (was "${before}")`;
  if (given === null) return `${dryRun ? 'Would clear' : 'Cleared'} the tag of ${id}${was}.`;
  return `${dryRun ? 'Would tag' : 'Tagged'} ${id} "${given}"${was}.`;
}

/** Prints the tag. A pipe gets the tag alone, or nothing if there is none. */
async function printTag(index: SessionIndex, row: SessionRow, { stdout, global, now }: Context): Promise<void> {
  if (global.json) return stdout.write(`${toJson((await fullRecords(index, [row], now()))[0], stdout.isTerminal)}\n`);
  const found = index.records([row], { footprint: false })[0]?.tag ?? null;
  if (found !== null) return stdout.write(`${oneLine(found)}\n`);
  if (stdout.isTerminal) await stdout.write(`${shortIdOf(index, row)} has no tag.\n`);
}
