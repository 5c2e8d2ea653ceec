import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { LedgerAbout, SessionLedger } from '../../session-index/format/ledger/session-ledger.js';
import { AgedSession } from './session-age.js';

/** A session with its responses and prompts, its own or inherited ones. */
export class LedgerSession extends AgedSession {
  readonly ledger: SessionLedger;
  #about: LedgerAbout | undefined;

  constructor(row: SessionRow, ledger: SessionLedger) {
    super(row);
    this.ledger = ledger;
  }

  get about(): LedgerAbout {
    this.#about ??= this.ledger.about;
    return this.#about;
  }
}

/** Returns the given sessions with their ledgers; sessions without responses and prompts are left out. */
export function ledgerSessions(index: SessionIndex, rows: readonly SessionRow[]): LedgerSession[] {
  const ledgers = index.ledgers(rows);
  return rows.flatMap((row, at) => {
    const ledger = ledgers[at] ?? null;
    return ledger === null ? [] : [new LedgerSession(row, ledger)];
  });
}
