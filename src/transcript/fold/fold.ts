import { isDesktopEntrypoint } from '../../claude/cleanup/desktop.js';
import type { Problem } from '../../system/problem.js';
import { worktreeOf } from '../../claude/worktree.js';
import { asEntry, asString, type Entry } from '../messages/classify.js';
import { isLocalCommand, titleText } from '../messages/title-text.js';
import { AnswerFold, type AnswerState } from './answer-fold.js';
import type { FoldEntry } from './fold-entry.js';
import type { ResponseLedger } from './ledger.js';
import { type EntryFindings, PromptFold, type PromptState, type SentPrompt } from './prompt-fold.js';
import { KEY } from '../scanner/memory.js';
import { SummaryFold, type Summary } from './summary-fold.js';
import { TEAM_ENTRIES, teamOf } from './team.js';
import { noFacts, type TranscriptFacts } from './transcript-facts.js';

/** Maximum number of problems kept per file; the rest are only counted. */
const PROBLEM_LIMIT = 20;
/** Maximum number of unknown entry types that are distinguished. */
const UNKNOWN_LIMIT = 100;

/** A fold's state at a line boundary, as plain data. */
export interface FoldState {
  facts: TranscriptFacts;
  answers: AnswerState;
  prompts: PromptState;
  summaries: Summary[];
  /** Hashes of the uuids of compaction boundaries. */
  boundaries: number[];
  /** True if any entry had a uuid. */
  hasUuids: boolean;
}

/**
 * Folds a transcript's entries, one by one, into its facts. Storing `state` at any line and continuing from it later
 * gives the same result.
 */
export class TranscriptFold {
  readonly facts: TranscriptFacts;
  readonly #answers: AnswerFold;
  readonly #prompts: PromptFold;
  readonly #summaries: SummaryFold;
  readonly #sessionId: string;
  readonly #cwds: Set<string>;
  readonly #boundaries: Set<number>;
  /** True if any entry had a uuid. */
  #hasUuids: boolean;

  /** `sessionId` is the id in the file's name. */
  constructor(sessionId: string, state?: FoldState) {
    this.#sessionId = sessionId;
    this.facts = state === undefined ? noFacts() : structuredClone(state.facts);
    this.#answers = new AnswerFold(sessionId, this.facts, state?.answers);
    this.#prompts = new PromptFold(state?.prompts);
    this.#summaries = new SummaryFold(state?.summaries);
    this.#cwds = new Set(this.facts.cwds);
    this.#boundaries = new Set(state?.boundaries);
    this.#hasUuids = state?.hasUuids ?? false;
  }

  /** One row per response, of all threads. */
  get ledger(): ResponseLedger {
    return this.#answers.ledger;
  }

  /** The state to continue from, as a copy. */
  get state(): FoldState {
    return {
      facts: structuredClone(this.facts),
      answers: this.#answers.state,
      prompts: this.#prompts.state,
      summaries: this.#summaries.state,
      boundaries: [...this.#boundaries],
      hasUuids: this.#hasUuids,
    };
  }

  /** The prompts, in file order. */
  get sent(): readonly SentPrompt[] {
    return this.#prompts.sent;
  }

  /** Adds the next entry. */
  add(entry: FoldEntry): void {
    const { facts } = this;
    const { type, time } = entry;
    facts.entries++;
    if (!Number.isNaN(time)) {
      facts.createdMs ??= time;
      if (facts.lastActivityMs === null || time > facts.lastActivityMs) facts.lastActivityMs = time;
    }
    if (!entry.isSameEnvironment) this.#addEnvironment(entry);
    if (this.#summaries.isOpen) this.#summaries.noteUuid(entry.text(KEY.uuid));
    this.#hasUuids ||= entry.has(KEY.uuid);
    switch (type) {
      case 'user':
        this.#addChainEntry(entry);
        if (!entry.isTrue(KEY.isSidechain)) this.#addFindings(this.#prompts.addUser(entry));
        return;
      case 'assistant':
        this.#addChainEntry(entry);
        this.#answers.add(entry);
        return;
      case 'system':
        this.#addChainEntry(entry);
        if (entry.text(KEY.subtype) === 'compact_boundary' && !entry.isTrue(KEY.isSidechain)) this.#addBoundary(entry);
        return;
      case 'attachment':
        this.#addChainEntry(entry);
        if (!entry.isTrue(KEY.isSidechain)) this.#addFindings(this.#prompts.addAttachment(entry));
        return;
      case 'custom-title':
        facts.customTitle = entry.text(KEY.customTitle)?.trim() ?? facts.customTitle;
        return;
      case 'ai-title':
        facts.aiTitle = entry.text(KEY.aiTitle) ?? facts.aiTitle;
        return;
      case 'summary':
        this.#summaries.add(entry.text(KEY.summary) ?? '', entry.text(KEY.leafUuid), this.#hasUuids);
        facts.summary = this.#summaries.text;
        return;
      case 'last-prompt':
        facts.lastPromptEntry = entry.text(KEY.lastPrompt) ?? facts.lastPromptEntry;
        return;
      case 'tag':
        facts.tag = entry.text(KEY.tag) || null;
        return;
      case 'cost-state':
        this.#addReport(entry);
        return;
      case 'relocated':
        facts.relocatedCwd = entry.text(KEY.relocatedCwd) ?? facts.relocatedCwd;
        return;
      case 'worktree-state':
        facts.worktree = worktreeOf(asEntry(entry.parse()['worktreeSession']));
        return;
      default:
        if (!BOOKKEEPING.has(type)) this.#addUnknown(type);
    }
  }

  /** Completes the facts after the whole file was read. */
  finish(fd: number): void {
    if (!this.#summaries.isOpen) return;
    // A transcript without a conversation may use the summary of another one.
    this.facts.summary = this.facts.chainEntries === 0 ? this.#summaries.last : this.#summaries.resolve(fd);
  }

  /** Adds a problem found between the entries. */
  addProblem(problem: Problem): void {
    this.facts.problemCount++;
    if (this.facts.problems.length < PROBLEM_LIMIT) this.facts.problems.push(problem);
  }

  #addUnknown(type: string): void {
    const { unknownTypes } = this.facts;
    const known = unknownTypes.find(([name]) => name === type);
    if (known !== undefined) known[1]++;
    else if (unknownTypes.length < UNKNOWN_LIMIT) unknownTypes.push([type, 1]);
  }

  #addEnvironment(entry: FoldEntry): void {
    const { facts } = this;
    const cwd = entry.text(KEY.cwd) || null;
    if (cwd !== null && cwd !== facts.lastCwd) {
      facts.lastCwd = cwd;
      if (!this.#cwds.has(cwd)) {
        this.#cwds.add(cwd);
        facts.cwds.push(cwd);
      }
    }
    facts.entrypoint ??= entry.text(KEY.entrypoint);
    if (!facts.desktop) facts.desktop = isDesktopEntrypoint(entry.text(KEY.entrypoint));
    facts.gitBranch = entry.text(KEY.gitBranch) || facts.gitBranch;
    facts.version = entry.text(KEY.version) ?? facts.version;
    if (!facts.background) facts.background = entry.text(KEY.sessionKind) === 'bg';
  }

  #addChainEntry(entry: FoldEntry): void {
    const { facts } = this;
    if (entry.isTrue(KEY.isSidechain)) return;
    facts.chainEntries++;
    facts.rootUuid ??= entry.text(KEY.uuid);
    if (facts.chainEntries <= TEAM_ENTRIES) facts.team ??= teamOf(entry);
    if (entry.has(KEY.forkedFrom)) {
      const origin = asEntry(entry.parse()['forkedFrom']);
      const id = asString(origin?.['sessionId']);
      if (id !== null && id !== this.#sessionId)
        facts.forkedFrom = { id, messageUuid: asString(origin?.['messageUuid']) };
    }
    const requester = entry.text(KEY.requestSessionId);
    if (requester !== null && requester !== this.#sessionId)
      facts.requestedBy = { id: requester, messageUuid: entry.text(KEY.uuid) };
  }

  #addBoundary(entry: FoldEntry): void {
    const hash = entry.hash(KEY.uuid);
    if (hash !== null && this.#boundaries.has(hash)) return;
    if (hash !== null) this.#boundaries.add(hash);
    this.facts.compactions++;
  }

  #addFindings({ prompt, isToolResult, command }: EntryFindings): void {
    const { facts } = this;
    facts.command ??= command;
    if (command !== null && !isLocalCommand(command)) this.#addName(command);
    if (isToolResult || prompt !== null) facts.turns++;
    if (prompt === null) return;
    facts.prompts++;
    if (prompt.isTyped) facts.typedPrompts++;
    const { text } = prompt;
    this.#addName(text);
    facts.firstPrompt ||= text || null;
    facts.lastPrompt = text || facts.lastPrompt;
    if (prompt.timeMs !== null) facts.lastPromptMs = Math.max(facts.lastPromptMs ?? prompt.timeMs, prompt.timeMs);
  }

  /** Sets the name of an untitled session from its first prompt or command with words in it. */
  #addName(text: string): void {
    const { facts } = this;
    if (facts.name === null && text !== 'Image' && text !== 'Document' && titleText(text) !== '') facts.name = text;
  }

  /**
   * Adds a cost report of Claude Code. Reports are cumulative, so the last one counts (docs/storage.md, "Tokens and
   * cost").
   */
  #addReport(entry: FoldEntry): void {
    const { totalCostUSD: cost, modelUsage, hasUnknownModelCost } = entry.parse();
    if (typeof cost !== 'number' || !Number.isFinite(cost) || cost < 0) return;
    this.facts.reportedCostUsd = cost;
    this.facts.reportedTokens = reportedTokens(asEntry(modelUsage));
    this.facts.isReportGuessed = hasUnknownModelCost === true;
    this.facts.answeredSinceReport = false;
  }
}

const REPORTED_COUNTS = ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'];

/** Returns the tokens of all models together; null if there is no model or a count is not a number. */
function reportedTokens(modelUsage: Entry | null): number | null {
  const models = Object.values(modelUsage ?? {}).map(asEntry);
  const counts = models.flatMap((usage) => REPORTED_COUNTS.map((name) => usage?.[name]));
  if (counts.length === 0 || !counts.every((count) => typeof count === 'number' && Number.isFinite(count))) return null;
  return counts.reduce<number>((sum, count) => sum + Number(count), 0);
}

/** Known types without facts for the session record. */
const BOOKKEEPING = new Set([
  'progress',
  'agent-name',
  'file-history-snapshot',
  'file-history-delta',
  'queue-operation',
  'mode',
  'permission-mode',
  'atis-latch',
  'tools-used',
  'api-request',
  'api-request-shape',
  'api-request-blob',
  'content-replacement',
  'started',
  'result',
  'pr-link',
]);
