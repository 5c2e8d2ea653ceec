import type { SessionFacts } from '../facts.js';
import { type CwdsEntry, type CwdsFile, encodeCwds, type FactsKey } from './cwds-file.js';

/** The facts of sessions, by the rows of a table. */
export interface CwdSource {
  keys: readonly FactsKey[];
  /** Reads the facts of rows in any order; `isStored` is false for facts read just now, which may not match the key. */
  read(rows: readonly number[], use: (row: number, facts: FolderFacts, isStored: boolean) => void): void;
}

/** Facts that name the cwds of a session. */
export type FolderFacts = Pick<SessionFacts, 'relocatedCwd' | 'cwds' | 'lastCwd'>;

/** All cwds of sessions. */
export interface KeptCwds {
  cwds: ReadonlySet<string>;
  /** The file to store for the next run; null if the stored one is complete. */
  update: Buffer | null;
}

/**
 * Returns the cwds of all sessions: the stored ones where checksum and length of a session's facts are unchanged, else
 * those in its facts.
 */
export function collectCwds({ keys, read }: CwdSource, stored: CwdsFile | null): KeptCwds {
  let expected = 0;
  const positions = keys.map((key) => {
    const position = stored?.positionOf(key, expected) ?? -1;
    // The file is in the order of the rows that it was written for.
    if (position >= 0) expected = position + 1;
    return position;
  });
  const cwds = new Set<string>();
  stored?.addTo(
    cwds,
    positions.filter((position) => position >= 0),
  );
  const unknown = [...positions.keys()].filter((row) => (positions[row] ?? -1) < 0);
  const lists = new Map<number, readonly string[]>();
  const readAgain = new Set<number>();
  read(unknown, (row, facts, isStored) => {
    const list = cwdsOf(facts);
    lists.set(row, list);
    for (const cwd of list) cwds.add(cwd);
    if (!isStored) readAgain.add(row);
  });
  if (lists.size === readAgain.size) return { cwds, update: null };
  const entries = keys.flatMap(({ crc, length }, row): CwdsEntry[] => {
    if (readAgain.has(row)) return [];
    return [{ crc, length, cwds: lists.get(row) ?? stored?.cwds(positions[row] ?? -1) ?? [] }];
  });
  return { cwds, update: encodeCwds(entries) };
}

function cwdsOf({ relocatedCwd, cwds, lastCwd }: FolderFacts): string[] {
  return [...new Set([relocatedCwd, ...cwds, lastCwd].filter((cwd) => cwd !== null))];
}
