import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { isSessionId } from '../../claude/scan/scan.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { byActivity } from '../../sessions/select/listing.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { resolveSession } from '../../sessions/resolve/resolve.js';
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
  const row = await currentSession(index, context);
  if (typeof row === 'string') {
    const pending = { schemaVersion: 1, id: row, transcript: null };
    return stdout.write(`${global.json ? toJson(pending, stdout.isTerminal) : row}\n`);
  }
  if (!global.json) return stdout.write(`${row.file.id}\n`);
  await stdout.write(`${toJson((await fullRecords(index, [row], context.now()))[0], stdout.isTerminal)}\n`);
}

/**
 * The session that Claude Code names in the environment of the commands it runs (docs/storage.md), else the live one of
 * this folder. Before its first prompt a session has no transcript: it is given by its id.
 */
async function currentSession(index: SessionIndex, context: Context): Promise<SessionRow | string> {
  const naming = await namingOf(index, context);
  const id = context.env['CLAUDE_CODE_SESSION_ID'];
  if (id !== undefined && id !== '') {
    if (index.rows.some((row) => row.file.id === id)) return resolveSession(index, id, naming);
    if (isSessionId(id)) return id;
    throw new CcsessError('NOT_FOUND', `CLAUDE_CODE_SESSION_ID is not the id of a session: '${id}'.`, {
      hint: 'unset CLAUDE_CODE_SESSION_ID',
    });
  }
  const isHere = projectFilter(['.'], { ...naming.place, worktreesOf: null });
  const live = index.rows.filter((row) => row.live !== null).sort(byActivity);
  const records = index.records(live, { footprint: false });
  const here = live.filter((_row, at) => {
    const record = records[at];
    return record !== undefined && isHere(record);
  });
  const [only] = here;
  if (only === undefined)
    throw new CcsessError(
      'NOT_FOUND',
      'no session: this shell is not run by Claude Code, and no live session works in this folder.',
      { hint: 'ccsess list --live' },
    );
  if (here.length === 1) return only;
  const lines = here.flatMap((row) =>
    index.records([row], { footprint: false }).map((record) => naming.describe(row, record)),
  );
  throw new CcsessError('AMBIGUOUS', `${here.length} live sessions work in this folder. Name one:`, {
    hint: lines.join('\n'),
  });
}
