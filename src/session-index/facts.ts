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
  /** Usage figures that cannot be true. */
  oddFigures: number;
}

/** A session's facts, and what happened in it one by one. */
export interface MergedSession {
  facts: SessionFacts;
  /** Every API response once, subagents' included. */
  responses: LedgerRow[];
  prompts: readonly SentPrompt[];
}

/**
 * Puts a session together from its folded files. Activity, tokens (each response once), models and problems include
 * the subagents; counts of prompts and messages are the main thread's alone.
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
 * The folder a session belongs to: relocated, else the recorded one its project dir is named after, else the last one.
 * `keyOf` answers as `projectKey`.
 */
export function folderOf({ projectDir }: TranscriptFile, facts: TranscriptFacts, keyOf = projectKey): string | null {
  return facts.relocatedCwd ?? facts.cwds.find((cwd) => keyOf(cwd) === projectDir) ?? facts.lastCwd;
}

/**
 * The folder of a project dir, from what its sessions record: the one folder it is named after, else the one folder all
 * of them name; null if they name several.
 */
export function sharedFolder(projectDir: string, cwds: readonly string[], keyOf = projectKey): string | null {
  const named = new Set(cwds.filter((cwd) => keyOf(cwd) === projectDir));
  const [folder = null, ...others] = named.size > 0 ? named : new Set(cwds);
  return others.length === 0 ? folder : null;
}

/** Ends of the elements that titles lose, and of a list of folders that is empty, as JSON writes them. */
const ELEMENT_END = Buffer.from('</');
const NO_FOLDERS = Buffer.from('wds":[],');

/**
 * True for facts, as stored, of a session whose title is more than blanks away from what they hold, or whose folder may
 * be that of its project dir.
 */
export function isNamedElsewhere(stored: Buffer): boolean {
  return stored.includes(ELEMENT_END) || stored.includes(NO_FOLDERS);
}

/** Facts with one more problem: for files that could not be read at all. */
export function withProblem(facts: SessionFacts, problem: Problem): SessionFacts {
  return { ...facts, problems: [...facts.problems, problem], problemCount: facts.problemCount + 1 };
}

/** The later of two times, of which none, one or both are known. */
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
