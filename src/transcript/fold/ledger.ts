import type { Usage } from '../scanner/scanner.js';

/** The model of lines that no model wrote (docs/storage.md). */
export const SYNTHETIC = '<synthetic>';

/** Fields that decide if two rows with one id are one response. */
export interface ResponseIdentity {
  /** Distinguishes responses whose ids a gateway used again; null if the lines have none. */
  requestId: string | null;
  usage: Usage;
}

/** One API response, combined from the lines of a transcript. */
export interface LedgerRow extends ResponseIdentity {
  /** `message.id`; where a line has none its request id or uuid stands in, after a `#`. */
  id: string;
  model: string | null;
  /** Time of its first line, in milliseconds; null if none of its lines has one that can be read. */
  timeMs: number | null;
  /** Some line of it belongs to the main thread. */
  main: boolean;
  /** Tools it calls, one name for each call. */
  tools: readonly string[];
  /** A line says that another session made the request: it came here by a fork. */
  inherited: boolean;
}

/** The ledger as plain data, to continue from. */
export interface LedgerState {
  rows: LedgerRow[];
  nameless: number;
}

/** The usage of a line that says none. */
export const NOTHING: Usage = {
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
 * Tokens by API response. A response spans several lines with the same `message.id`, and resumed or forked transcripts
 * repeat it: it counts once, with the line that says the most output (docs/storage.md, "Tokens and cost").
 */
export class ResponseLedger {
  /** The first response of each id, and the few others of ids that were used again. */
  readonly #first = new Map<string, LedgerRow>();
  readonly #again = new Map<string, Map<string, LedgerRow>>();
  readonly #sessionId: string;
  /** Lines without anything to know their response by: each stands for itself. */
  #nameless: number;
  /** The line added last. */
  #last: LedgerRow | null = null;

  constructor(sessionId: string, state?: LedgerState) {
    this.#sessionId = sessionId;
    this.#nameless = state?.nameless ?? 0;
    for (const row of state?.rows ?? []) this.add({ ...row });
  }

  /** The id for a line that has none. */
  standIn(requestId: string | null, uuid: string | null): string {
    return `#${requestId ?? uuid ?? `${this.#sessionId}.${this.#nameless++}`}`;
  }

  /**
   * True if a line that is not inherited says nothing that the one added last did not: most do, and need not be added.
   */
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

  /** Takes in one assistant line that a model wrote, as a row of its own; the ledger keeps the object. */
  add(row: LedgerRow): void {
    this.#last = row;
    const first = this.#first.get(row.id);
    if (first === undefined) this.#first.set(row.id, row);
    else if (isSameIdentity(first, row)) absorb(first, row);
    else this.#addAgain(row);
  }

  #addAgain(row: LedgerRow): void {
    const others = this.#again.get(row.id) ?? new Map<string, LedgerRow>();
    const name = identityName(row);
    const known = others.get(name);
    if (known !== undefined) absorb(known, row);
    else this.#again.set(row.id, others.set(name, row));
  }

  /** Ids in order of their first line. */
  get ids(): Iterable<string> {
    return this.#first.keys();
  }

  /**
   * The rows of an id, each once for all its lines; if there are several, `sameResponses` finds those that belong
   * together.
   */
  rowsOf(id: string): readonly LedgerRow[] {
    const first = this.#first.get(id);
    return first === undefined ? [] : [first, ...(this.#again.get(id)?.values() ?? [])];
  }

  /** All responses, each once, in order of their first line. */
  get responses(): LedgerRow[] {
    if (this.#again.size === 0) return [...this.#first.values()];
    return [...this.#first.keys()].flatMap((id) => oneEach(this.rowsOf(id)));
  }

  /** How many of them have a line on the main thread. */
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

/** The responses of several transcripts together, each once, in order of first appearance. */
export function responsesOf(ledgers: readonly ResponseLedger[]): LedgerRow[] {
  const rows = new Map<string, LedgerRow[]>();
  for (const ledger of ledgers) {
    for (const id of ledger.ids) {
      const known = rows.get(id);
      if (known === undefined) rows.set(id, [...ledger.rowsOf(id)]);
      else known.push(...ledger.rowsOf(id));
    }
  }
  return Array.from(rows.values()).flatMap(oneEach);
}

function oneEach(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  return rows.length === 1 ? rows : sameResponses(rows).map((group) => group.reduce(mergedRow));
}

/**
 * Groups rows of one id by the response they are part of: those of one request id; and those without, by what they sent
 * to the model, with a request that sent the same where there is one. In no order that depends on that of the rows.
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
  // If two requests sent the same, always the same one is joined: the one with the smallest name.
  const requests = new Map<string, string>();
  for (const row of named)
    for (const sent of [sentOf(row.usage), ANYTHING])
      requests.set(sent, smaller(requests.get(sent), identityName(row)));
  for (const row of rows) {
    if (row.requestId !== null) continue;
    const sent = sentOf(row.usage);
    join(requests.get(sent) ?? (sent === SENT_NOTHING ? requests.get(ANYTHING) : undefined) ?? identityName(row), row);
  }
  return [...groups.values()];
}

/** Of two lines of a response, what counts: the one with more output. Which comes first makes no difference. */
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
  absorb(row, b);
  return row;
}

/** Adds to a row what another one of the same response says. */
function absorb(row: LedgerRow, other: LedgerRow): void {
  const { usage, model } = fullerUsage(row, other);
  row.usage = usage;
  row.model = model;
  row.requestId ??= other.requestId;
  row.timeMs = earlier(row.timeMs, other.timeMs);
  row.main ||= other.main;
  row.inherited ||= other.inherited;
  if (other.tools.length > 0) row.tools = [...row.tools, ...other.tools];
}

/** The earlier of two times, of which none, one or both are known. */
export function earlier(a: number | null, b: number | null): number | null {
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

/** One name for all rows of an id that `isSameIdentity` holds for. */
function identityName({ requestId, usage }: ResponseIdentity): string {
  return requestId === null ? `sent ${sentOf(usage)}` : `request ${requestId}`;
}

function smaller(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a;
}

const SENT_NOTHING = '0 0 0';
/** Whatever a request sent. */
const ANYTHING = '';

/**
 * The tokens that a request sent: the lines of one response agree in it even where they were written before its end.
 */
function sentOf({ input, cacheRead, cacheWrite }: Usage): string {
  return `${input} ${cacheRead} ${cacheWrite}`;
}
