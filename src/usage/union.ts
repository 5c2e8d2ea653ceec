import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { sharedIds, type IdPosition } from '../session-index/totals/shared-ids.js';
import { earlierTime, fullerUsage, sameResponses, type ResponseIdentity } from '../transcript/fold/ledger.js';
import type { Tier } from '../transcript/scanner/scanner.js';
import { type Holder, holdersOf, Lineage } from './holders.js';
import type { Amounts } from './prices/prices.js';

/** One response, combined from all sessions that hold it. */
export interface Response {
  model: string | null;
  tier: Tier;
  isUsOnly: boolean;
  amounts: Amounts;
  /** NaN where no line says. */
  timeMs: number;
}

/** Entries of one holder's ledger that do not count as recorded. */
class Part {
  /** Responses, and prompts, that another one owns. */
  readonly foreign = new Set<number>();
  readonly foreignPrompts = new Set<number>();
  /** Its own responses of which another one knows more. */
  readonly fuller = new Map<number, Response>();
}

/**
 * The responses and prompts of many sessions, each counted once however many of them hold it. The sessions' order makes
 * no difference.
 */
export class Union {
  readonly holders: readonly Holder[];
  /** By holder; those that share nothing are not in it. */
  readonly #parts = new Map<number, Part>();
  /** Holders of some response that others hold too. */
  readonly sharing = new Set<Holder>();

  constructor(holders: readonly Holder[], lineage = new Lineage(holders)) {
    this.holders = holders;
    for (const positions of sharedIds(holders.map(({ ledger }) => ledger.ids)))
      this.#shareResponses(positions.map(ledgerPosition), lineage);
    for (const positions of sharedIds(holders.map(({ ledger }) => ledger.promptIds)))
      this.#give(positions.map(ledgerPosition), 'foreignPrompts', lineage, () => false);
  }

  /** Shows the responses that count at a holder, one after the other: each is overwritten by the next. */
  responses(holder: number, see: (response: Response) => void): void {
    const source = this.holders[holder] as Holder;
    const part = this.#parts.get(holder);
    const response = emptyResponse();
    for (let row = 0; row < source.ledger.length; row++) {
      if (part?.foreign.has(row) === true) continue;
      see(part?.fuller.get(row) ?? readResponse(source, row, response));
    }
  }

  /** Shows the tool calls of the responses that count at a holder, by name and the response's time. */
  toolCalls(holder: number, see: (tool: string, timeMs: number) => void): void {
    const { ledger, about } = this.holders[holder] as Holder;
    const part = this.#parts.get(holder);
    for (let call = 0; call < ledger.toolCalls; call++) {
      const row = ledger.callRow(call);
      if (part?.foreign.has(row) === true) continue;
      // A response counts at the time that `responses` gives it.
      see(about.tools[ledger.callTool(call)] ?? '', part?.fuller.get(row)?.timeMs ?? ledger.time(row));
    }
  }

  /** Shows the times of the prompts that count at a holder; NaN where none is known. */
  promptTimes(holder: number, see: (timeMs: number) => void): void {
    const { ledger } = this.holders[holder] as Holder;
    const part = this.#parts.get(holder);
    for (let at = 0; at < ledger.prompts; at++) if (part?.foreignPrompts.has(at) !== true) see(ledger.promptTime(at));
  }

  #shareResponses(positions: readonly LedgerPosition[], lineage: Lineage): void {
    const claims = positions.map((position) => ({
      ...position,
      ...claimAt(this.holders[position.holder] as Holder, position.at),
    }));
    for (const group of sameResponses(claims)) {
      if (group.length === 1) continue;
      const isInherited = ({ holder, at }: LedgerPosition): boolean =>
        this.holders[holder]?.ledger.isInherited(at) === true;
      const owner = this.#give(group, 'foreign', lineage, isInherited);
      for (const { holder } of group) this.sharing.add(this.holders[holder] as Holder);
      this.#part(owner.holder).fuller.set(owner.at, group.map(({ response }) => response).reduce(combineResponses));
    }
  }

  /** Assigns a shared response or prompt to one of its positions, which is returned. */
  #give<Position extends LedgerPosition>(
    positions: readonly Position[],
    taken: 'foreign' | 'foreignPrompts',
    lineage: Lineage,
    isInherited: (position: Position) => boolean,
  ): Position {
    const holders = positions.map(({ holder }) => this.holders[holder] as Holder);
    const owner = positions[lineage.owner(holders, (at) => isInherited(positions[at] as Position))] as Position;
    for (const position of positions) if (position !== owner) this.#part(position.holder)[taken].add(position.at);
    return owner;
  }

  #part(holder: number): Part {
    const part = this.#parts.get(holder) ?? new Part();
    this.#parts.set(holder, part);
    return part;
  }
}

/** Returns the union of all sessions that share a response or prompt with the given ones, themselves included. */
export function unionAround(index: SessionIndex, rows: readonly SessionRow[]): Union {
  const sharers = index.sharers(rows);
  const holders = holdersOf(index, sharers);
  // A fork's forefathers may share nothing with it, and still decide who owns a response.
  const others =
    sharers.length === index.rows.length ? undefined : (id: string): Holder[] => holdersOf(index, index.withId(id));
  return new Union(holders, new Lineage(holders, others));
}

/** All responses of one holder, its own or not, one after the other: each is overwritten by the next. */
export function* responsesHeld(holder: Holder): Generator<Response> {
  const response = emptyResponse();
  for (let row = 0; row < holder.ledger.length; row++) yield readResponse(holder, row, response);
}

/** A response or prompt of a holder. */
interface LedgerPosition {
  holder: number;
  at: number;
}

function ledgerPosition({ list, at }: IdPosition): LedgerPosition {
  return { holder: list, at };
}

function emptyResponse(): Response {
  return {
    model: null,
    tier: 'standard',
    isUsOnly: false,
    amounts: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 },
    timeMs: NaN,
  };
}

/** A response as recorded in one holder's ledger. */
function readResponse({ ledger, about }: Holder, row: number, into: Response): Response {
  const { amounts } = into;
  into.model = about.models[ledger.model(row)] ?? null;
  into.tier = ledger.tier(row);
  into.isUsOnly = ledger.isUsOnly(row);
  into.timeMs = ledger.time(row);
  amounts.input = ledger.amount(row, 'input');
  amounts.output = ledger.amount(row, 'output');
  amounts.cacheRead = ledger.amount(row, 'cacheRead');
  amounts.cacheWrite = ledger.amount(row, 'cacheWrite');
  amounts.cacheWrite1h = ledger.amount(row, 'cacheWrite1h');
  amounts.webSearches = ledger.amount(row, 'webSearches');
  return into;
}

/** A response that several holders record. */
interface SharedIdentity extends ResponseIdentity {
  model: string | null;
  response: Response;
}

function claimAt(holder: Holder, row: number): SharedIdentity {
  const response = readResponse(holder, row, emptyResponse());
  const request = holder.ledger.request(row);
  return { ...claimOf(response), requestId: request === 0 ? null : String(request) };
}

function claimOf(response: Response): SharedIdentity {
  const { amounts, tier, isUsOnly, model } = response;
  return { response, model, requestId: null, usage: { ...amounts, tier, isUsOnly, odd: 0 } };
}

function combineResponses(a: Response, b: Response): Response {
  const { response } = fullerUsage(claimOf(a), claimOf(b));
  return { ...response, timeMs: earlierTime(orNull(a.timeMs), orNull(b.timeMs)) ?? NaN };
}

function orNull(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}
