import { shortId } from '../claude/layout.js';
import { CcsessError } from '../system/errors.js';
import { phrase, sessionCall } from '../system/phrase.js';
import type { Checkpoint, History } from './model.js';

const MIN_PREFIX_LENGTH = 4;
const MAX_NAMED = 3;

/**
 * Returns the checkpoint with this prompt number (as in `show`), or with this message uuid or start of one. Throws
 * NOT_FOUND with the nearest prompts that have a checkpoint, or AMBIGUOUS.
 */
export function findCheckpoint({ checkpoints }: History, at: string, sessionId: string): Checkpoint {
  if (/^\d{1,9}$/.test(at)) {
    const found = checkpoints.find(({ prompt }) => prompt === Number(at));
    if (found !== undefined) return found;
    // A uuid may also start with digits, but a short number is not the start of one.
    if (at.length < MIN_PREFIX_LENGTH) throw unknown(checkpoints, at, sessionId);
  }
  const wanted = at.toLowerCase();
  const exact = checkpoints.find(({ messageUuid }) => messageUuid.toLowerCase() === wanted);
  const matches =
    exact !== undefined
      ? [exact]
      : wanted.length < MIN_PREFIX_LENGTH
        ? []
        : checkpoints.filter(({ messageUuid }) => messageUuid.toLowerCase().startsWith(wanted));
  const [only, ...more] = matches;
  if (only === undefined) throw unknown(checkpoints, at, sessionId);
  if (more.length === 0) return only;
  throw new CcsessError('AMBIGUOUS', `the uuids of ${matches.length} messages begin with '${at}':`, {
    hint: matches.map(({ messageUuid }) => messageUuid).join('\n'),
  });
}

function unknown(checkpoints: readonly Checkpoint[], at: string, sessionId: string): CcsessError {
  const listing = sessionCall('checkpoints', shortId(sessionId));
  const isNumber = /^\d+$/.test(at);
  const numbers = checkpoints.flatMap(({ prompt }) => prompt ?? []);
  const near = isNumber
    ? numbers
        .toSorted((a, b) => Math.abs(a - Number(at)) - Math.abs(b - Number(at)))
        .slice(0, MAX_NAMED)
        .sort((a, b) => a - b)
    : [];
  const what = isNumber ? `prompt ${at} has no checkpoint` : `no message '${at}' with a checkpoint`;
  const hint =
    near.length === 0
      ? phrase`those it has: ${listing}`
      : phrase`the nearest prompts that have one: ${near.join(', ')}; all: ${listing}`;
  return new CcsessError('NOT_FOUND', `${what}.`, { hint });
}
