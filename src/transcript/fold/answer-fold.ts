import { asEntry, asString, contentBlocks, type Entry } from '../messages/classify.js';
import { KEY } from '../scanner/memory.js';
import type { AdvisorCall, FoldEntry } from './fold-entry.js';
import { NO_USAGE, ResponseLedger, SYNTHETIC, type LedgerRow, type LedgerState } from './ledger.js';
import { cutText } from './prompt-fold.js';
import type { TranscriptFacts } from './transcript-facts.js';

/** The state of an `AnswerFold` as plain data. */
export interface AnswerState {
  ledger: LedgerState;
  /** Hashes of the uuids of entries that call tools. */
  calls: number[];
}

const NO_TOOLS: readonly string[] = [];

/**
 * Folds the answers of a transcript into a ledger of responses and into the given facts: models, tools and the end of
 * the last answer.
 */
export class AnswerFold {
  /** One row per response, of all threads. */
  readonly ledger: ResponseLedger;
  readonly #facts: TranscriptFacts;
  readonly #sessionId: string;
  readonly #models: Set<string>;
  readonly #calls: Set<number>;

  /** `sessionId` is the id in the file's name; `state` continues an earlier fold. */
  constructor(sessionId: string, facts: TranscriptFacts, state?: AnswerState) {
    this.#sessionId = sessionId;
    this.#facts = facts;
    this.ledger = new ResponseLedger(sessionId, state?.ledger);
    this.#models = new Set(facts.models);
    this.#calls = new Set(state?.calls);
  }

  get state(): AnswerState {
    return { ledger: this.ledger.state, calls: [...this.#calls] };
  }

  /** Adds the next `assistant` entry. */
  add(entry: FoldEntry): void {
    const facts = this.#facts;
    // Some gateways write empty names where they have none.
    const model = entry.messageText('model') || null;
    const main = !entry.isTrue(KEY.isSidechain);
    const tools = this.#isRepeatedCall(entry) ? NO_TOOLS : entry.toolNames;
    if (main) this.#addTools(tools);
    // An entry that Claude Code made up ("No response requested.", an API error) is not a response.
    if (model === SYNTHETIC) {
      if (main) this.#addError(entry.parse());
      return;
    }
    if (main) {
      facts.lastStopReason = entry.messageText('stop_reason');
      facts.lastError = null;
    }
    this.#addModel(model);
    facts.answeredSinceReport = true;
    const id = entry.messageText('id') || null;
    const requestId = entry.text(KEY.requestId) || null;
    const usage = entry.usage ?? NO_USAGE;
    const requester = entry.text(KEY.requestSessionId);
    if (
      requester === null &&
      tools.length === 0 &&
      this.ledger.isRepeated(id, requestId, model, usage, entry.time, main)
    )
      return;
    // An object literal: copying an object would take several times as long, and there is one per answer.
    const row: LedgerRow = {
      id: id ?? this.ledger.standIn(requestId, entry.text(KEY.uuid)),
      requestId,
      model,
      usage,
      timeMs: orNull(entry.time),
      main,
      tools,
      inherited: requester !== null && requester !== this.#sessionId,
    };
    this.ledger.add(row);
    const { advisorCalls } = entry;
    if (advisorCalls.length > 0) this.#addAdvisorCalls(row, advisorCalls);
  }

  /** Adds each advisor call as a response of its own model, which is not a message of the conversation. */
  #addAdvisorCalls(answer: LedgerRow, calls: readonly AdvisorCall[]): void {
    const { id, requestId, timeMs, inherited } = answer;
    for (const [number, { model, usage }] of calls.entries()) {
      this.#addModel(model);
      const advice = {
        id: `${id} advisor ${number}`,
        requestId,
        model,
        usage,
        timeMs,
        main: false,
        tools: [],
        inherited,
      };
      this.ledger.add(advice);
    }
  }

  /** Adds an API error; placeholders such as "No response requested." change nothing. */
  #addError(entry: Entry): void {
    const kind = asString(entry['error']);
    if (entry['isApiErrorMessage'] !== true && kind === null) return;
    this.#facts.lastStopReason = null;
    const texts = contentBlocks(entry).map((block) => asString(asEntry(block)?.['text']));
    this.#facts.lastError = cutText(texts.find((text) => text) ?? kind ?? 'unknown');
  }

  /** True for an entry with tool calls that was added before. */
  #isRepeatedCall(entry: FoldEntry): boolean {
    if (entry.toolUses === 0) return false;
    const hash = entry.hash(KEY.uuid);
    if (hash === null) return false;
    if (this.#calls.has(hash)) return true;
    this.#calls.add(hash);
    return false;
  }

  #addTools(names: readonly string[]): void {
    this.#facts.toolCalls += names.length;
    for (const name of names) {
      const known = this.#facts.tools.find(([tool]) => tool === name);
      if (known === undefined) this.#facts.tools.push([name, 1]);
      else known[1]++;
    }
  }

  #addModel(model: string | null): void {
    if (model === null || this.#models.has(model)) return;
    this.#models.add(model);
    this.#facts.models.push(model);
  }
}

function orNull(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}
