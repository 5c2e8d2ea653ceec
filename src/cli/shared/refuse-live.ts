import { CcsessError } from '../../system/errors.js';
import { liveNow } from '../../claude/live/live-now.js';
import type { Context } from '../context.js';
import { shortPath } from '../render/text/path.js';

/**
 * Throws LIVE if the session is live: a second process would write to it as well, and the turns of one of them would be
 * hidden afterwards (docs/storage.md, "Is a session in use"). `name` identifies the session in the message.
 */
export function refuseLive(
  session: { id: string; cwd: string | null; lastActivityMs: number | null },
  name: string,
  context: Context,
): void {
  const live = liveNow(context, session.id, session.lastActivityMs);
  if (live === null) return;
  const folder = session.cwd === null ? '' : ` (${shortPath(session.cwd, context.home)})`;
  const hint = `${context.invocation} resume ${name} --fork      resume a fork instead        --force   resume anyway`;
  throw new CcsessError(
    'LIVE',
    `${name} is ${held(live.pid, live.status)}${folder}. A second process would hide its turns.`,
    { hint },
  );
}

function held(pid: number | null, status: string): string {
  if (pid !== null) return `open in pid ${pid}`;
  return status === 'unknown'
    ? 'open in a process that cannot be checked from here'
    : `a background session that is ${status}`;
}
