import type { Usage } from './scanner/scanner.js';

/** The model of lines that no model wrote (docs/storage.md). */
export const SYNTHETIC = '<synthetic>';

/** What tells whether two rows with one id are one response. */
export interface Claim {
  /** Tells responses apart whose ids a gateway used again; null where the lines say none. */
  requestId: string | null;
  usage: Usage;
}

/** One API response, as the lines of a transcript tell it. */
export interface LedgerRow extends Claim {
  /** `message.id`; where a line has none its request id or uuid stands in, after a `#`. */
  id: string;
  model: string | null;
  /** Time of its first line, in milliseconds; null if none of its lines has one that can be read. */
  timeMs: number | null;
  /** Some line of it belongs to the main thread. */
  main: boolean;
  /** A line says that another session made the request: it came here by a fork. */
  inherited: boolean;
}

/** One assistant line, as far as it matters here. */
export interface ResponseLine extends Omit<LedgerRow, 'id' | 'usage'> {
  id: string | null;
  uuid: string | null;
  usage: Usage | null;
}

/** The ledger as plain data, to go on from. */
export interface LedgerState {
  rows: LedgerRow[];
  nameless: number;
}

const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0, tier: 'standard', odd: 0 };

/**
 * Tokens by API response. A response spans several lines with the same `message.id`, and resumed or forked transcripts
 * repeat it: it counts once, with the line that says the most output (docs/storage.md, "Tokens and cost").
 */
export class ResponseLedger {
  /** As a rule one row an id. */
  readonly #byId = new Map<string, LedgerRow[]>();
  readonly #sessionId: string;
  /** Lines without anything to know their response by: each stands for itself. */
  #nameless: number;

  constructor(sessionId: string, state?: LedgerState) {
    this.#sessionId = sessionId;
    this.#nameless = state?.nameless ?? 0;
    for (const row of state?.rows ?? []) this.#put(row);
  }

  /** Takes in one assistant line that a model wrote. */
  add({ id, uuid, usage, ...line }: ResponseLine): void {
    this.#put({ ...line, id: id ?? `#${line.requestId ?? uuid ?? `${this.#sessionId}.${this.#nameless++}`}`, usage: usage ?? NOTHING });
  }

  #put(row: LedgerRow): void {
    const rows = this.#byId.get(row.id);
    if (rows === undefined) {
      this.#byId.set(row.id, [row]);
      return;
    }
    const at = rows.findIndex((known) => isSameClaim(known, row));
    const known = rows[at];
    if (known === undefined) rows.push(row);
    else rows[at] = mergedRow(known, row);
  }

  /** The rows by id, each once for all its lines; several under one id wait for `responsesOf`. */
  get rows(): ReadonlyMap<string, readonly LedgerRow[]> {
    return this.#byId;
  }

  get state(): LedgerState {
    return { rows: [...this.#byId.values()].flat(), nameless: this.#nameless };
  }
}

/** The responses of several transcripts together, each once, in order of first appearance. */
export function responsesOf(ledgers: readonly ResponseLedger[]): LedgerRow[] {
  const [only] = ledgers;
  if (ledgers.length === 1 && only !== undefined) return [...only.rows.values()].flatMap(oneEach);
  const byId = new Map<string, LedgerRow[]>();
  for (const ledger of ledgers) {
    for (const [id, rows] of ledger.rows) byId.set(id, [...(byId.get(id) ?? []), ...rows]);
  }
  return [...byId.values()].flatMap(oneEach);
}

function oneEach(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  return rows.length === 1 ? rows : sameResponses(rows).map((group) => group.reduce(mergedRow));
}

/**
 * Groups rows of one id by the response they are part of: those of one request id; and those without, by what they sent
 * to the model, with a request that sent the same where there is one. In no order that depends on that of the rows.
 */
export function sameResponses<Row extends Claim>(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  const join = (name: string, row: Row): void => void groups.set(name, [...(groups.get(name) ?? []), row]);
  const named = rows.filter(({ requestId }) => requestId !== null);
  // Sorted, so that where two requests sent the same it is always the same one that is joined.
  const requests = named.map(({ requestId, usage }) => ({ requestId: requestId ?? '', sent: sentOf(usage) })).sort((a, b) => (a.requestId < b.requestId ? -1 : 1));
  for (const row of named) join(`request ${row.requestId ?? ''}`, row);
  for (const row of rows) {
    if (row.requestId !== null) continue;
    const sent = sentOf(row.usage);
    const request = requests.find((other) => other.sent === sent) ?? (sent === SENT_NOTHING ? requests[0] : undefined);
    join(request === undefined ? `sent ${sent}` : `request ${request.requestId}`, row);
  }
  return [...groups.values()];
}

/** Of two lines of a response, what counts: the one with more output. Which comes first makes no difference. */
export function fullerUsage<Row extends { usage: Usage; model: string | null }>(a: Row, b: Row): Row {
  const keys = ['output', 'input', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'webSearches', 'odd'] as const;
  const key = keys.find((name) => a.usage[name] !== b.usage[name]);
  if (key !== undefined) return a.usage[key] > b.usage[key] ? a : b;
  if (a.usage.tier !== b.usage.tier) return a.usage.tier > b.usage.tier ? a : b;
  return (a.model ?? '') >= (b.model ?? '') ? a : b;
}

function mergedRow(a: LedgerRow, b: LedgerRow): LedgerRow {
  const { usage, model } = fullerUsage(a, b);
  return { id: a.id, requestId: a.requestId ?? b.requestId, model, usage, timeMs: earlier(a.timeMs, b.timeMs), main: a.main || b.main, inherited: a.inherited || b.inherited };
}

/** The earlier of two times, of which none, one or both are known. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function isSameClaim(a: Claim, b: Claim): boolean {
  return a.requestId === b.requestId && (a.requestId !== null || sentOf(a.usage) === sentOf(b.usage));
}

const SENT_NOTHING = '0 0 0';

/** What a request sent: the lines of one response agree in it even where they were written before its end. */
function sentOf({ input, cacheRead, cacheWrite }: Usage): string {
  return `${input} ${cacheRead} ${cacheWrite}`;
}
