import type { FileStamp, TranscriptFile } from '../../claude/model.js';
import type { SessionFacts } from '../facts.js';
import type { SessionKind } from '../record.js';

/** Reference to a blob: its segment, position, length and checksum. */
export interface BlobRef {
  segment: number;
  offset: number;
  length: number;
  crc: number;
}

/** One session as the index keeps it in columns: figures for sorting and counting, and references to the rest. */
export interface Columns {
  stamp: FileStamp;
  agentStamps: readonly FileStamp[];
  lastActivityMs: number | null;
  createdMs: number | null;
  lastPromptMs: number | null;
  prompts: number;
  turns: number;
  tokens: number;
  kind: SessionKind;
  empty: boolean;
  resumable: boolean;
  damaged: boolean;
  /** The transcript or a subagent's could not be read at all. */
  unreadable: boolean;
  /** Its transcript is a file of the user's own and no link to one. */
  plain: boolean;
  /** Its entries say that it was forked from another session. */
  forked: boolean;
  /** Some of its entries come from Claude Desktop. */
  desktop: boolean;
  /** The session's facts, as JSON. */
  facts: BlobRef;
  /** Its resume point, as JSON; null for all but big transcripts. */
  resume: BlobRef | null;
  /** Its responses and prompts (`SessionLedger`); null if there are none. */
  ledger: BlobRef | null;
}

/** The columns of a session just read; `blobs` says where those were put. */
export function columnsOf(
  file: TranscriptFile,
  facts: SessionFacts,
  blobs: Pick<Columns, 'facts' | 'resume' | 'ledger'>,
): Columns {
  return {
    stamp: file.stamp,
    agentStamps: file.agents.map((agent) => agent.stamp),
    lastActivityMs: facts.lastActivityMs,
    createdMs: facts.createdMs,
    lastPromptMs: facts.lastPromptMs,
    prompts: facts.prompts,
    turns: facts.turns,
    tokens: facts.tokens.total,
    kind: kindOf(facts),
    empty: facts.prompts === 0 && facts.responses === 0,
    resumable: facts.chainEntries > 0,
    damaged: facts.problemCount > 0,
    unreadable: facts.problems.some(({ code }) => code === 'unreadable'),
    plain: file.isPlain,
    forked: (facts.forkedFrom ?? facts.requestedBy) !== null,
    desktop: facts.desktop,
    facts: blobs.facts,
    resume: blobs.resume,
    ledger: blobs.ledger,
  };
}

/** How the session was run: as a team mate or in the background if its entries say so, headless if no prompt was typed. */
function kindOf(facts: SessionFacts): SessionKind {
  if (facts.team !== null) return 'teammate';
  if (facts.background) return 'background';
  const typed = facts.prompts > 0 ? facts.typedPrompts > 0 : !(facts.entrypoint ?? '').startsWith('sdk-');
  return typed ? 'interactive' : 'headless';
}
