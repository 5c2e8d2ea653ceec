import type { FileStamp, TranscriptFile } from '../../../claude/model.js';
import type { SessionFacts } from '../../facts.js';
import { givenTitle, titleHash } from '../../given-title.js';
import type { SessionKind } from '../../record.js';
import type { BlobRef, COLUMNS } from './column-layout.js';
import { flagsFrom } from './flags.js';

/** One session as the index keeps it in columns, with the stamps of its subagents. */
export type Columns = ReturnType<(typeof COLUMNS)['read']> & { readonly agentStamps: readonly FileStamp[] };

/** References to a session's blobs: facts as JSON, the resume point of a large transcript as JSON, and its ledger. */
export interface SessionBlobs {
  facts: BlobRef;
  resume: BlobRef | null;
  ledger: BlobRef | null;
}

/** Returns the columns of a session that was read. */
export function columnsOf(file: TranscriptFile, facts: SessionFacts, blobs: SessionBlobs): Columns {
  return {
    stamp: file.stamp,
    agentStamps: file.agents.map((agent) => agent.stamp),
    lastActivityMs: facts.lastActivityMs,
    createdMs: facts.createdMs,
    lastPromptMs: facts.lastPromptMs,
    prompts: facts.prompts,
    turns: facts.turns,
    tokens: facts.tokens.total,
    titleHash: hashOf(givenTitle(facts)),
    kind: kindOf(facts),
    flags: flagsFrom(facts, file),
    ...blobs,
  };
}

function hashOf(given: ReturnType<typeof givenTitle>): number | null {
  return given === null ? null : titleHash(given.title);
}

/**
 * Returns how the session was run: as a teammate or in the background if its entries say so; headless if `claude -p` or
 * an SDK started it and no prompt was typed.
 */
function kindOf(facts: SessionFacts): SessionKind {
  if (facts.team !== null) return 'teammate';
  if (facts.background) return 'background';
  const typed = facts.typedPrompts > 0 || !(facts.entrypoint ?? '').startsWith('sdk-');
  return typed ? 'interactive' : 'headless';
}
