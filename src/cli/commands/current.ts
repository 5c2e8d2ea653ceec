import type { Command } from 'commander';
import { currentSession } from '../../sessions/resolve/current.js';
import { fullRecords } from '../../usage/full-records.js';
import type { Context } from '../context.js';
import { namingOf } from '../shared/named-session.js';
import { toJson } from '../render/text/json.js';

/** `ccsess current`: the session this shell runs in, or the live one of this folder. */
export function define(command: Command, context: Context): void {
  command.action(() => current(context));
}

/**
 * Prints the session's id, or with `--json` its record; of a session without a transcript, the id is all there is.
 * Throws NOT_FOUND or AMBIGUOUS.
 */
export async function current(context: Context): Promise<void> {
  const { stdout, global } = context;
  const index = await context.openIndex({ processes: true });
  const row = currentSession(index, await namingOf(index, context), context);
  if (typeof row === 'string') {
    const pending = { schemaVersion: 1, id: row, transcript: null };
    return stdout.write(`${global.json ? toJson(pending, stdout.isTerminal) : row}\n`);
  }
  if (!global.json) return stdout.write(`${row.file.id}\n`);
  await stdout.write(`${toJson((await fullRecords(index, [row], context.now()))[0], stdout.isTerminal)}\n`);
}
