import { closeSync } from 'node:fs';
import { parseChoice } from '../grammar/choice.js';
import { sessionGoneError } from '../sessions/amend/amend.js';
import { errorCode } from '../system/problem.js';
import { MAX_LINE_BYTES, openRegularFile, readLines } from '../transcript/lines.js';
import { readHugeEntry } from '../transcript/messages/huge-entry.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import { readMessages, type MessageSelection } from '../transcript/messages/messages.js';
import { parseLine } from '../transcript/skeleton.js';
import { asIo } from './support/as-io.js';
import { checkCount, checkOptions, type OptionNames } from './support/options.js';

/** Selection of messages; by default those of the active branch, as a resume shows them. */
export interface MessageOptions {
  /** `all`: every message in the file, including abandoned branches and sidechains. */
  which?: 'active' | 'all';
  /** Number of the first prompt to return, from 1. */
  from?: number;
  /** Number of messages to skip. */
  offset?: number;
  /** Maximum number of messages after the skipped ones. */
  head?: number;
  /** Number of last messages to return, read from the end of the file. Their prompts are numbered from 1. */
  tail?: number;
}

/** A conversation in a file, of a session or a subagent; `id` is that of the session. */
export interface ConversationFile {
  id: string;
  path: string;
  signal: AbortSignal | null;
}

const NAMES: OptionNames<MessageOptions> = {
  which: 'string',
  from: 'number',
  offset: 'number',
  head: 'number',
  tail: 'number',
};

/**
 * Yields the messages of a conversation, with one in memory at a time. Throws USAGE for invalid options, and NOT_FOUND
 * if the file is gone or has no prompt `from`.
 */
export async function* messagesIn(
  { id, path, signal }: ConversationFile,
  options: MessageOptions,
  sidechains: boolean,
): AsyncGenerator<SessionMessage> {
  checkOptions(options, NAMES);
  const { which = 'active', from, head, tail } = options;
  const offset = checkCount(options.offset ?? 0, 'offset');
  const selection: MessageSelection = { which: parseChoice(which, ['active', 'all'], 'which'), sidechains };
  if (from !== undefined) selection.from = checkCount(from, 'from');
  if (head !== undefined) selection.head = offset + checkCount(head, 'head');
  if (tail !== undefined) selection.tail = checkCount(tail, 'tail');
  let left = offset;
  try {
    for await (const message of readMessages(path, selection)) {
      signal?.throwIfAborted();
      if (left === 0) yield message;
      else left -= 1;
    }
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? sessionGoneError(id) : asIo(error);
  }
}

/**
 * Yields the entries of a conversation's file as Claude Code wrote them, one by one. Throws NOT_FOUND if the file is
 * gone.
 */
export async function* entriesIn({
  id,
  path,
  signal,
}: ConversationFile): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const fd = openTranscript(id, path);
  try {
    for (const { start, end, bytes, isHeld, terminated } of readLines(fd, { limit: MAX_LINE_BYTES })) {
      signal?.throwIfAborted();
      if (bytes.length > 0) yield* parseLine(bytes, !terminated);
      const huge = isHeld ? null : readHugeEntry(fd, { start, end });
      if (huge !== null) yield huge;
    }
  } finally {
    closeSync(fd);
  }
}

function openTranscript(id: string, path: string): number {
  try {
    return openRegularFile(path).fd;
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? sessionGoneError(id) : asIo(error);
  }
}
