import type { Problem, TranscriptFile } from '../claude/model.js';
import type { TranscriptFacts } from '../transcript/fold.js';
import type { FoldedTranscript } from '../transcript/read-transcript.js';
import type { Usage } from '../transcript/scanner/scanner.js';
import type { Tokens } from './record.js';

/** What is known of one session from reading its files: the transcript's facts, with the subagents' share added. */
export interface SessionFacts extends TranscriptFacts {
  subagents: number;
  tokens: Tokens;
}

/**
 * Puts a session together from its folded files. Activity, tokens (each response once), models and problems include
 * the subagents; counts of prompts and messages are the main thread's alone.
 */
export function mergeFacts(file: TranscriptFile, transcript: FoldedTranscript, agents: readonly FoldedTranscript[]): SessionFacts {
  const facts = transcript.fold.facts;
  const folds = [transcript, ...agents].map(({ fold }) => fold);
  const activity = folds.map((fold) => fold.facts.lastActivityMs).filter((time) => time !== null);
  return {
    ...facts,
    subagents: file.agents.length,
    tokens: sumTokens(folds.map((fold) => fold.ledger.rows)),
    models: [...new Set(folds.flatMap((fold) => fold.facts.models))],
    lastActivityMs: activity.length === 0 ? null : Math.max(...activity),
    problems: folds.flatMap((fold) => fold.facts.problems),
    problemCount: folds.reduce((sum, fold) => sum + fold.facts.problemCount, 0),
  };
}

/** Facts with one more problem: for files that could not be read at all. */
export function withProblem(facts: SessionFacts, problem: Problem): SessionFacts {
  return { ...facts, problems: [...facts.problems, problem], problemCount: facts.problemCount + 1 };
}

function sumTokens(ledgers: readonly ReadonlyMap<string, Usage>[]): Tokens {
  const tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  const add = (usage: Usage, sign: 1 | -1): void => {
    tokens.input += sign * usage.input;
    tokens.output += sign * usage.output;
    tokens.cacheRead += sign * usage.cacheRead;
    tokens.cacheWrite += sign * usage.cacheWrite;
  };
  const union = new Map<string, Usage>();
  for (const ledger of ledgers) {
    for (const [id, usage] of ledger) {
      // Responses without an id are this file's own; only ids can be met again.
      const known = id.startsWith('#') ? undefined : union.get(id);
      if (known !== undefined && usage.output <= known.output) continue;
      if (known !== undefined) add(known, -1);
      add(usage, 1);
      if (ledgers.length > 1) union.set(id, usage);
    }
  }
  tokens.total = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
  return tokens;
}
