import type { TranscriptFile } from '../../../claude/model.js';
import type { SessionFacts } from '../../facts.js';

/**
 * The boolean columns, one bit each in this order, and how each follows from the facts of a session; they are members
 * of `SessionRow`. A new one is added at the end, and an index with other columns is rebuilt.
 */
const FLAGS = {
  /** No prompt and no answer. */
  empty: (facts) => facts.prompts === 0 && facts.responses === 0,
  /** Claude Code can open the session, since it has a chain entry of the main thread. */
  resumable: (facts) => facts.chainEntries > 0,
  /** Some lines of the session could not be read. */
  damaged: (facts) => facts.problemCount > 0,
  /** The transcript or a subagent's could not be read at all. */
  unreadable: (facts) => facts.problems.some(({ code }) => code === 'unreadable'),
  /** The session's entries say that it was forked from another one. */
  forked: (facts) => (facts.forkedFrom ?? facts.requestedBy) !== null,
  /** The transcript is a regular file, not a link to one. */
  plain: (_, file) => file.isPlain,
  /** False only if no entry comes from Claude Desktop. */
  mayBeDesktop: (facts) => facts.desktop,
} satisfies Record<string, (facts: SessionFacts, file: TranscriptFile) => boolean>;

/** Name of a boolean column. */
export type Flag = keyof typeof FLAGS;

/** Names of the boolean columns, in the order of their bits. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly Flag[];

/** Returns the boolean columns of a session that was read. */
export function flagsFrom(facts: SessionFacts, file: TranscriptFile): Record<Flag, boolean> {
  const flags = FLAG_NAMES.map((name): [Flag, boolean] => [name, FLAGS[name](facts, file)]);
  return Object.fromEntries(flags) as Record<Flag, boolean>;
}
