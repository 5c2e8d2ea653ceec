import type { Usage } from '../scanner/scanner.js';

/** The model of lines that Claude Code wrote without a model (docs/storage.md). */
export const SYNTHETIC = '<synthetic>';

/** The fields that decide whether two rows with one id are the same response. */
export interface ResponseIdentity {
  /** Distinguishes responses whose id a gateway used twice; null if the lines have none. */
  requestId: string | null;
  usage: Usage;
}

/** One API response, combined from the lines of a transcript. */
export interface LedgerRow extends ResponseIdentity {
  /** `message.id`. For a line without one, its request id or uuid after a `#`. */
  id: string;
  model: string | null;
  /** Time of its first line, in milliseconds; null if none of its lines has a readable time. */
  timeMs: number | null;
  /** True if any of its lines belongs to the main thread. */
  main: boolean;
  /** Names of the tools it calls, one per call. */
  tools: readonly string[];
  /** True if a line names another session as the source of the request: a fork copied it. */
  inherited: boolean;
}

/** A ledger as plain data, from which it can continue. */
export interface LedgerState {
  rows: LedgerRow[];
  nameless: number;
}

/** The usage of a line that has none. */
export const NO_USAGE: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  webSearches: 0,
  tier: 'standard',
  isUsOnly: false,
  odd: 0,
};

/**
 * Usage by API response. A response spans several lines with the same `message.id`, which resumed and forked
 * transcripts repeat; it counts once, by the line with the most output (docs/storage.md, "Tokens and cost").
 */
export class ResponseLedger {
  /** The first response of each id, and further responses of ids that were used again. */
  readonly #first = new Map<string, LedgerRow>();
  readonly #again = new Map<string, Map<string, LedgerRow>>();
  readonly #sessionId: string;
  /** Number of lines without any identifier; each counts as a response. */
  #nameless: number;
  /** The line added last. */
  #last: LedgerRow | null = null;

  constructor(sessionId: string, state?: LedgerState) {
    this.#sessionId = sessionId;
    this.#nameless = state?.nameless ?? 0;
    for (const row of state?.rows ?? []) this.add({ ...row });
  }

  /** Returns an id for a line without one. */
  standIn(requestId: string | null, uuid: string | null): string {
    return `#${requestId ?? uuid ?? `${this.#sessionId}.${this.#nameless++}`}`;
  }

  /** True for a line that adds nothing to the line before it, as most lines of a response. */
  isRepeated(
    id: string | null,
    requestId: string | null,
    model: string | null,
    usage: Usage,
    time: number,
    main: boolean,
  ): boolean {
    const last = this.#last;
    if (last === null || last.usage !== usage || last.id !== id || last.requestId !== requestId) return false;
    return last.model === model && last.main === main && last.timeMs !== null && time >= last.timeMs;
  }

  /** Adds one line of a response. The ledger keeps the object. */
  add(row: LedgerRow): void {
    this.#last = row;
    const first = this.#first.get(row.id);
    if (first === undefined) this.#first.set(row.id, row);
    else if (isSameIdentity(first, row)) mergeInto(first, row);
    else this.#addAgain(row);
  }

  #addAgain(row: LedgerRow): void {
    const others = this.#again.get(row.id) ?? new Map<string, LedgerRow>();
    const name = identityName(row);
    const known = others.get(name);
    if (known !== undefined) mergeInto(known, row);
    else this.#again.set(row.id, others.set(name, row));
  }

  /** Ids in the order of their first lines. */
  get ids(): Iterable<string> {
    return this.#first.keys();
  }

  /** Rows of an id, each combined from its lines. `sameResponses` groups several rows by response. */
  rowsOf(id: string): readonly LedgerRow[] {
    const first = this.#first.get(id);
    return first === undefined ? [] : [first, ...(this.#again.get(id)?.values() ?? [])];
  }

  /** All responses, each once, in the order of their first lines. */
  get responses(): LedgerRow[] {
    if (this.#again.size === 0) return [...this.#first.values()];
    return [...this.#first.keys()].flatMap((id) => mergeRows(this.rowsOf(id)));
  }

  /** Number of responses with a line on the main thread. */
  get mainResponses(): number {
    let count = 0;
    for (const { main } of this.#again.size === 0 ? this.#first.values() : this.responses) if (main) count++;
    return count;
  }

  get state(): LedgerState {
    return {
      rows: [...this.#first.keys()].flatMap((id) => this.rowsOf(id).map((row) => ({ ...row }))),
      nameless: this.#nameless,
    };
  }
}

/** Returns the responses of several transcripts, each once, in the order of first appearance. */
export function responsesOf(ledgers: readonly ResponseLedger[]): LedgerRow[] {
  const rows = new Map<string, LedgerRow[]>();
  for (const ledger of ledgers) {
    for (const id of ledger.ids) {
      const known = rows.get(id);
      if (known === undefined) rows.set(id, [...ledger.rowsOf(id)]);
      else known.push(...ledger.rowsOf(id));
    }
  }
  return Array.from(rows.values()).flatMap(mergeRows);
}

function mergeRows(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  return rows.length === 1 ? rows : sameResponses(rows).map((group) => group.reduce(mergedRow));
}

/**
 * Groups the rows of one id by response: rows with one request id, and rows without a request id that sent the same
 * tokens (joined with a request that sent the same, if there is one). Rows that sent nothing, which gateways write when
 * an answer begins, join any other response. The result does not depend on the order of rows.
 */
export function sameResponses<Row extends ResponseIdentity>(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  const join = (name: string, row: Row): void => {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  };
  const named = rows.filter(({ requestId }) => requestId !== null);
  for (const row of named) join(identityName(row), row);
  // If two requests sent the same, the smaller id is chosen, whatever their order.
  const requests = new Map<string, string>();
  for (const row of named)
    for (const sent of [sentOf(row.usage), ANY_TOKENS])
      requests.set(sent, smaller(requests.get(sent), identityName(row)));
  const nameless = rows.filter(({ requestId }) => requestId === null);
  const anySender = requests.get(ANY_TOKENS) ?? firstSender(nameless);
  for (const row of nameless) {
    const sent = sentOf(row.usage);
    join(requests.get(sent) ?? (sent === SENT_NOTHING ? anySender : undefined) ?? identityName(row), row);
  }
  return [...groups.values()];
}

/** Returns the smallest name of the rows that sent tokens; undefined if there is none. */
function firstSender(rows: readonly ResponseIdentity[]): string | undefined {
  let first: string | undefined;
  for (const row of rows) if (sentOf(row.usage) !== SENT_NOTHING) first = smaller(first, identityName(row));
  return first;
}

/** Returns the line with more output of two; the result does not depend on their order. */
export function fullerUsage<Row extends { usage: Usage; model: string | null }>(a: Row, b: Row): Row {
  if (a.usage.output !== b.usage.output) return a.usage.output > b.usage.output ? a : b;
  const keys = ['input', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearches', 'odd'] as const;
  const key = keys.find((name) => a.usage[name] !== b.usage[name]);
  if (key !== undefined) return a.usage[key] > b.usage[key] ? a : b;
  if (a.usage.tier !== b.usage.tier) return a.usage.tier > b.usage.tier ? a : b;
  if (a.usage.isUsOnly !== b.usage.isUsOnly) return a.usage.isUsOnly ? a : b;
  return (a.model ?? '') >= (b.model ?? '') ? a : b;
}

function mergedRow(a: LedgerRow, b: LedgerRow): LedgerRow {
  const row = { ...a };
  mergeInto(row, b);
  return row;
}

/** Merges another row of the same response into `row`. */
function mergeInto(row: LedgerRow, other: LedgerRow): void {
  const { usage, model } = fullerUsage(row, other);
  row.usage = usage;
  row.model = model;
  row.requestId ??= other.requestId;
  row.timeMs = earlierTime(row.timeMs, other.timeMs);
  row.main ||= other.main;
  row.inherited ||= other.inherited;
  if (other.tools.length > 0) row.tools = [...row.tools, ...other.tools];
}

/** Returns the earlier of two times, either of which may be unknown. */
export function earlierTime(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function isSameIdentity(a: ResponseIdentity, b: ResponseIdentity): boolean {
  if (a.requestId !== null || b.requestId !== null) return a.requestId === b.requestId;
  return (
    a.usage.input === b.usage.input &&
    a.usage.cacheRead === b.usage.cacheRead &&
    a.usage.cacheWrite === b.usage.cacheWrite
  );
}

/** Returns one name for all rows of an id that are the same by `isSameIdentity`. */
function identityName({ requestId, usage }: ResponseIdentity): string {
  return requestId === null ? `sent ${sentOf(usage)}` : `request ${requestId}`;
}

function smaller(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a;
}

const SENT_NOTHING = '0 0 0';
/** Key for requests with any tokens. */
const ANY_TOKENS = '';

/** Returns the tokens that a request sent, which are the same in all lines of a response. */
function sentOf({ input, cacheRead, cacheWrite }: Usage): string {
  return `${input} ${cacheRead} ${cacheWrite}`;
}
