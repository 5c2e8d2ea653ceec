import type { Live } from '../../claude/model.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';

/** Returns true for a session that cannot continue without an answer to a question, a permission prompt or a dialog. */
export function isAsking(live: Live | null): boolean {
  return live?.status === 'waiting';
}

/** Returns the word for a live session in a column of ages. */
export function liveWord(live: Live): 'asks' | 'live' {
  return isAsking(live) ? 'asks' : 'live';
}

/** Returns the colour of the sign and the word of a live session. */
export function liveColor(live: Live | null, color: Screen['color']): (text: string) => string {
  return isAsking(live) ? color.yellow : color.green;
}

/** Returns the state of a live session for its reader, for example `waiting: permission prompt · pid 4242`. */
export function stateText({ pid, status, waitingFor }: Live): string {
  const reason = waitingFor === undefined ? '' : `: ${oneLine(waitingFor)}`;
  return `${oneLine(status)}${reason} · ${pid === null ? 'holder unknown' : `pid ${pid}`}`;
}

/** Returns the holder of a session in words, for example `pid 4242, waiting (permission prompt)`. */
export function holderText({ pid, status, waitingFor }: Live): string {
  if (pid === null) return 'holder unknown';
  const reason = waitingFor === undefined ? '' : ` (${oneLine(waitingFor)})`;
  return `pid ${pid}, ${oneLine(status)}${reason}`;
}
