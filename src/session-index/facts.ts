import type { TranscriptFile } from '../claude/model.js';
import type { Problem } from '../system/problem.js';
import { projectKey } from '../claude/project-key.js';
import type { TranscriptFacts } from '../transcript/fold/transcript-facts.js';
import type { SentPrompt } from '../transcript/fold/prompt-fold.js';
import { responsesOf, type LedgerRow } from '../transcript/fold/ledger.js';
import type { FoldedTranscript } from '../transcript/fold/read-transcript.js';
import type { Tokens } from './record.js';

/** Facts read from the files of one session: those of the transcript, with the subagents' share added. */
export interface SessionFacts extends TranscriptFacts {
  subagents: number;
  tokens: Tokens;
  /** API responses on the main thread, each once. */
  responses: number;
  /** Number of usage figures that cannot be true. */
  oddFigures: number;
}

/** A session's facts, with its responses and prompts one by one. */
export interface MergedSession {
  facts: SessionFacts;
  /** Every API response once, subagents' included. */
  responses: LedgerRow[];
  prompts: readonly SentPrompt[];
}

/**
 * Combines the folded files of a session. Activity, tokens (each response once), models and problems include the
 * subagents; counts of prompts and messages cover the main thread only.
 */
export function mergeFacts(
  file: TranscriptFile,
  transcript: FoldedTranscript,
  agents: readonly FoldedTranscript[],
): MergedSession {
  const facts = transcript.fold.facts;
  const folds = [transcript, ...agents].map(({ fold }) => fold);
  const lastActivityMs = folds.reduce<number | null>((newest, fold) => later(newest, fold.facts.lastActivityMs), null);
  const responses =
    agents.length === 0 ? transcript.fold.ledger.responses : responsesOf(folds.map((fold) => fold.ledger));
  const { tokens, oddFigures } = sumsOf(responses);
  // Added members come first: V8 takes ten times as long to add to a copy of many members.
  const merged: SessionFacts = {
    subagents: file.agents.length,
    tokens,
    responses: transcript.fold.ledger.mainResponses,
    oddFigures,
    ...facts,
    models: [...new Set(folds.flatMap((fold) => fold.facts.models))],
    lastActivityMs,
    problems: folds.flatMap((fold) => fold.facts.problems),
    problemCount: folds.reduce((sum, fold) => sum + fold.facts.problemCount, 0),
  };
  return { facts: merged, responses, prompts: transcript.fold.sent };
}

/**
 * Returns the folder a session belongs to: the one it was relocated to, else the recorded one that its project dir is
 * named after, else the last one. `keyOf` returns what `projectKey` does.
 */
export function folderOf({ projectDir }: TranscriptFile, facts: TranscriptFacts, keyOf = projectKey): string | null {
  return facts.relocatedCwd ?? facts.cwds.find((cwd) => keyOf(cwd) === projectDir) ?? facts.lastCwd;
}

/**
 * Returns the folder of a project dir, from the records of its sessions: the one folder it is named after, else the one
 * folder all of them name; null if they name several.
 */
export function sharedFolder(projectDir: string, cwds: readonly string[], keyOf = projectKey): string | null {
  const named = new Set(cwds.filter((cwd) => keyOf(cwd) === projectDir));
  const [folder = null, ...others] = named.size > 0 ? named : new Set(cwds);
  return others.length === 0 ? folder : null;
}

/** JSON of the end of an element, which is removed from titles, and of an empty list of folders. */
const ELEMENT_END = Buffer.from('</');
const NO_FOLDERS = Buffer.from('wds":[],');

/** Returns true for stored facts (JSON) in which the title of the session's record, or its folder, may not be found. */
export function isNamedElsewhere(stored: Buffer): boolean {
  return stored.includes(ELEMENT_END) || stored.includes(NO_FOLDERS);
}

/** Returns facts with one more problem, for files that could not be read at all. */
export function withProblem(facts: SessionFacts, problem: Problem): SessionFacts {
  return { ...facts, problems: [...facts.problems, problem], problemCount: facts.problemCount + 1 };
}

/** Returns the later of two times, either of which may be unknown. */
function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Sums over all responses, in one pass. */
function sumsOf(rows: readonly LedgerRow[]): Pick<SessionFacts, 'tokens' | 'oddFigures'> {
  let [input, output, cacheRead, cacheWrite, oddFigures] = [0, 0, 0, 0, 0];
  for (const { usage } of rows) {
    input += usage.input;
    output += usage.output;
    cacheRead += usage.cacheRead;
    cacheWrite += usage.cacheWrite;
    oddFigures += usage.odd;
  }
  return {
    tokens: { input, output, cacheRead, cacheWrite, total: input + output + cacheRead + cacheWrite },
    oddFigures,
  };
}
