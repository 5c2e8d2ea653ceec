import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { sharedIds, type IdPosition } from '../../session-index/totals/shared-ids.js';
import { earlierTime, fullerUsage, sameResponses, type ResponseIdentity } from '../../transcript/fold/ledger.js';
import type { Tier } from '../../transcript/scanner/scanner.js';
import { type LedgerSession, ledgerSessions } from './ledger-session.js';
import { Lineage } from './lineage.js';
import { promptIds } from './prompt-ids.js';
import type { Amounts } from '../prices/prices.js';

/** One response, combined from all sessions that contain it. */
export interface Response {
  model: string | null;
  tier: Tier;
  isUsOnly: boolean;
  amounts: Amounts;
  /** NaN if unknown. */
  timeMs: number;
}

/** Entries of one session's ledger that count otherwise than they are recorded. */
class LedgerCorrections {
  /** Responses, and prompts, that another session owns. */
  readonly foreign = new Set<number>();
  readonly foreignPrompts = new Set<number>();
  /** Responses of the session itself of which another session has a more complete copy, combined from all copies. */
  readonly fuller = new Map<number, Response>();
}

/**
 * The responses and prompts of many sessions, each counted once however many of them contain it. The result does not
 * depend on the order of sessions.
 */
export class Union {
  readonly sessions: readonly LedgerSession[];
  /** Corrections by session; sessions that share no response have none. */
  readonly #corrections = new Map<number, LedgerCorrections>();
  /** Sessions with a response that others have too. */
  readonly sharing = new Set<LedgerSession>();

  constructor(sessions: readonly LedgerSession[], lineage = new Lineage(sessions)) {
    this.sessions = sessions;
    for (const positions of sharedIds(sessions.map(({ ledger }) => ledger.ids)))
      this.#shareResponses(positions.map(ledgerPosition), lineage);
    for (const positions of sharedIds(promptIds(sessions, this.sharing)))
      this.#assignOwner(positions.map(ledgerPosition), 'foreignPrompts', lineage, () => false);
  }

  /** Calls `visit` with each response that counts in a session. The object is reused for the next response. */
  forEachResponse(session: number, visit: (response: Response) => void): void {
    const source = this.sessions[session] as LedgerSession;
    const corrections = this.#corrections.get(session);
    const response = emptyResponse();
    for (let row = 0; row < source.ledger.length; row++) {
      if (corrections?.foreign.has(row) === true) continue;
      visit(corrections?.fuller.get(row) ?? readResponse(source, row, response));
    }
  }

  /** Calls `visit` with each tool call of the responses that count in a session: its name and the response's time. */
  forEachToolCall(session: number, visit: (tool: string, timeMs: number) => void): void {
    const { ledger, about } = this.sessions[session] as LedgerSession;
    const corrections = this.#corrections.get(session);
    for (let call = 0; call < ledger.toolCalls; call++) {
      const row = ledger.callRow(call);
      if (corrections?.foreign.has(row) === true) continue;
      // A response counts at the time that `responses` gives it.
      visit(about.tools[ledger.callTool(call)] ?? '', corrections?.fuller.get(row)?.timeMs ?? ledger.time(row));
    }
  }

  /** Calls `visit` with the time of each prompt that counts in a session; NaN if unknown. */
  forEachPromptTime(session: number, visit: (timeMs: number) => void): void {
    const { ledger } = this.sessions[session] as LedgerSession;
    const corrections = this.#corrections.get(session);
    for (let at = 0; at < ledger.prompts; at++)
      if (corrections?.foreignPrompts.has(at) !== true) visit(ledger.promptTime(at));
  }

  #shareResponses(positions: readonly LedgerPosition[], lineage: Lineage): void {
    const identities = positions.map((position) => ({
      ...position,
      ...identityAt(this.sessions[position.session] as LedgerSession, position.at),
    }));
    for (const group of sameResponses(identities)) {
      if (group.length === 1) continue;
      const isInherited = ({ session, at }: LedgerPosition): boolean =>
        this.sessions[session]?.ledger.isInherited(at) === true;
      const owner = this.#assignOwner(group, 'foreign', lineage, isInherited);
      for (const { session } of group) this.sharing.add(this.sessions[session] as LedgerSession);
      this.#correctionsOf(owner.session).fuller.set(
        owner.at,
        group.map(({ response }) => response).reduce(combineResponses),
      );
    }
  }

  /** Makes one position the owner of a shared response or prompt, and returns it. */
  #assignOwner<Position extends LedgerPosition>(
    positions: readonly Position[],
    kind: 'foreign' | 'foreignPrompts',
    lineage: Lineage,
    isInherited: (position: Position) => boolean,
  ): Position {
    const sessions = positions.map(({ session }) => this.sessions[session] as LedgerSession);
    const owner = positions[lineage.owner(sessions, (at) => isInherited(positions[at] as Position))] as Position;
    for (const position of positions)
      if (position !== owner) this.#correctionsOf(position.session)[kind].add(position.at);
    return owner;
  }

  #correctionsOf(session: number): LedgerCorrections {
    const corrections = this.#corrections.get(session) ?? new LedgerCorrections();
    this.#corrections.set(session, corrections);
    return corrections;
  }
}

/** Returns the union of the given sessions and all that share a response or prompt with them. */
export function unionAround(index: SessionIndex, rows: readonly SessionRow[]): Union {
  const sharers = index.withSharedResponses(rows);
  const sessions = ledgerSessions(index, sharers);
  // Ancestors of a fork help to decide who owns a response, even if they share none.
  const others =
    sharers.length === index.rows.length
      ? undefined
      : (id: string): LedgerSession[] => ledgerSessions(index, index.withId(id));
  return new Union(sessions, new Lineage(sessions, others));
}

/** Yields all responses in a session, its own or not. The object is reused for the next response. */
export function* responsesIn(session: LedgerSession): Generator<Response> {
  const response = emptyResponse();
  for (let row = 0; row < session.ledger.length; row++) yield readResponse(session, row, response);
}

/** Position of a response or prompt in the ledger of a session, given by its position. */
interface LedgerPosition {
  session: number;
  at: number;
}

function ledgerPosition({ list, at }: IdPosition): LedgerPosition {
  return { session: list, at };
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

/** Copies a response from a session's ledger into `into`. */
function readResponse({ ledger, about }: LedgerSession, row: number, into: Response): Response {
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

/** Identity of a response that several sessions contain. */
interface SharedIdentity extends ResponseIdentity {
  model: string | null;
  response: Response;
}

function identityAt(session: LedgerSession, row: number): SharedIdentity {
  const response = readResponse(session, row, emptyResponse());
  const request = session.ledger.request(row);
  return { ...identityOf(response), requestId: request === 0 ? null : String(request) };
}

function identityOf(response: Response): SharedIdentity {
  const { amounts, tier, isUsOnly, model } = response;
  return { response, model, requestId: null, usage: { ...amounts, tier, isUsOnly, odd: 0 } };
}

function combineResponses(a: Response, b: Response): Response {
  const { response } = fullerUsage(identityOf(a), identityOf(b));
  return { ...response, timeMs: earlierTime(orNull(a.timeMs), orNull(b.timeMs)) ?? NaN };
}

function orNull(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}
