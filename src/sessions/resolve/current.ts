import { isSessionId } from '../../claude/scan/scan.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
import { byActivity } from '../select/listing.js';
import { projectFilter } from '../select/project-filter.js';
import { resolveSession, type Naming } from './resolve.js';

/**
 * Returns the session that Claude Code names in the environment of the commands it runs (docs/storage.md), else the
 * live one of this folder. Before its first prompt a session has no transcript: then it is the id alone. Throws
 * NOT_FOUND or AMBIGUOUS.
 */
export function currentSession(
  index: SessionIndex,
  naming: Naming,
  { env }: Pick<Environment, 'env'>,
): SessionRow | string {
  const id = env['CLAUDE_CODE_SESSION_ID'];
  if (id !== undefined && id !== '') {
    if (index.rows.some((row) => row.file.id === id)) return resolveSession(index, id, naming);
    if (isSessionId(id)) return id;
    throw new CcsessError('NOT_FOUND', `CLAUDE_CODE_SESSION_ID is not the id of a session: '${id}'.`, {
      hint: 'unset CLAUDE_CODE_SESSION_ID',
    });
  }
  const isHere = projectFilter(['.'], { ...naming.start, worktreesOf: null });
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
      { hint: phrase`${call('listSessions', [], { live: true })}` },
    );
  if (here.length === 1) return only;
  const lines = here.flatMap((row) =>
    index.records([row], { footprint: false }).map((record) => naming.describe(row, record)),
  );
  throw new CcsessError('AMBIGUOUS', `${here.length} live sessions work in this folder. Name one:`, {
    hint: lines.join('\n'),
  });
}
