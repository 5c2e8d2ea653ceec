import type { FileStamp, TranscriptFile } from '../../claude/model.js';
import type { BlobRef, Columns } from './columns.js';
import type { SessionKind } from '../record.js';

const WIDTH = 25;
const AGENT_WIDTH = 4;
const KINDS: readonly SessionKind[] = ['interactive', 'headless', 'background', 'teammate'];

/** The numbers of a column table; the same place in every row. */
const COLUMN = {
  size: 0,
  mtimeMs: 1,
  ctimeMs: 2,
  ino: 3,
  lastActivityMs: 4,
  createdMs: 5,
  lastPromptMs: 6,
  prompts: 7,
  turns: 8,
  tokens: 9,
  flags: 10,
  facts: 11,
  resume: 15,
  ledger: 19,
  agents: 23,
  firstAgent: 24,
} as const;

/**
 * The columns of many sessions as one array of numbers: a row a session, then a stamp an agent. Rows are read where
 * they are stored; twenty thousand sessions cost no objects.
 */
export class ColumnTable {
  private readonly all: Float64Array;
  /** Number of sessions. */
  readonly length: number;

  private constructor(numbers: Float64Array, length: number) {
    this.all = numbers;
    this.length = length;
  }

  /** A table of the given sessions, in their order. */
  static of(sessions: readonly Columns[]): ColumnTable {
    const agents = sessions.reduce((sum, columns) => sum + columns.agentStamps.length, 0);
    const numbers = new Float64Array(sessions.length * WIDTH + agents * AGENT_WIDTH);
    let agentAt = sessions.length * WIDTH;
    sessions.forEach((c, row) => {
      const flags =
        KINDS.indexOf(c.kind) |
        (c.empty ? 4 : 0) |
        (c.resumable ? 8 : 0) |
        (c.damaged ? 16 : 0) |
        (c.unreadable ? 32 : 0) |
        (c.forked ? 64 : 0) |
        (c.plain ? 128 : 0) |
        (c.desktop ? 256 : 0);
      const at = row * WIDTH;
      putStamp(c.stamp, numbers, at + COLUMN.size);
      numbers[at + COLUMN.lastActivityMs] = c.lastActivityMs ?? NaN;
      numbers[at + COLUMN.createdMs] = c.createdMs ?? NaN;
      numbers[at + COLUMN.lastPromptMs] = c.lastPromptMs ?? NaN;
      numbers[at + COLUMN.prompts] = c.prompts;
      numbers[at + COLUMN.turns] = c.turns;
      numbers[at + COLUMN.tokens] = c.tokens;
      numbers[at + COLUMN.flags] = flags;
      putBlob(c.facts, numbers, at + COLUMN.facts);
      putBlob(c.resume, numbers, at + COLUMN.resume);
      putBlob(c.ledger, numbers, at + COLUMN.ledger);
      numbers[at + COLUMN.agents] = c.agentStamps.length;
      numbers[at + COLUMN.firstAgent] = agentAt;
      for (const stamp of c.agentStamps) {
        putStamp(stamp, numbers, agentAt);
        agentAt += AGENT_WIDTH;
      }
    });
    return new ColumnTable(numbers, sessions.length);
  }

  /** The table that was stored as these numbers; null if they do not add up to `length` sessions. */
  static from(numbers: Float64Array, length: number): ColumnTable | null {
    const table = new ColumnTable(numbers, length);
    let agentAt = length * WIDTH;
    for (let at = 0; at < length * WIDTH; at += WIDTH) {
      if (numbers[at + COLUMN.firstAgent] !== agentAt) return null;
      agentAt += (numbers[at + COLUMN.agents] ?? 0) * AGENT_WIDTH;
    }
    return agentAt === numbers.length ? table : null;
  }

  /** The named rows of this table, each at most once, in that order; in the places `fresh` has columns for, those. */
  updated(rows: readonly number[], fresh: ReadonlyMap<number, Columns>): ColumnTable {
    const added = ColumnTable.of([...fresh.values()]);
    const addedRows = new Map(Array.from(fresh.keys(), (place, row) => [place, row]));
    const agentNumbers = (table: ColumnTable): number => table.all.length - table.length * WIDTH;
    const numbers = new Float64Array(rows.length * WIDTH + agentNumbers(this) + agentNumbers(added));
    let agentAt = rows.length * WIDTH;
    for (let place = 0; place < rows.length; ) {
      const addedRow = addedRows.get(place);
      const row = addedRow ?? rows[place] ?? 0;
      // Most rows follow one another as before, and are copied together.
      const count = addedRow === undefined ? runLength(rows, place, addedRows) : 1;
      agentAt = (addedRow === undefined ? this : added).#copy(row, count, { numbers, place, agentAt });
      place += count;
    }
    return new ColumnTable(numbers.subarray(0, agentAt), rows.length);
  }

  /** Copies rows that follow one another, with their agents; returns the end of these. */
  #copy(
    row: number,
    count: number,
    { numbers, place, agentAt }: { numbers: Float64Array; place: number; agentAt: number },
  ): number {
    const firstAgent = this.#at(row, COLUMN.firstAgent);
    const lastAgent = row + count < this.length ? this.#at(row + count, COLUMN.firstAgent) : this.all.length;
    numbers.set(this.all.subarray(row * WIDTH, (row + count) * WIDTH), place * WIDTH);
    numbers.set(this.all.subarray(firstAgent, lastAgent), agentAt);
    for (let i = 0; i < count; i++) {
      numbers[(place + i) * WIDTH + COLUMN.firstAgent] = this.#at(row + i, COLUMN.firstAgent) - firstAgent + agentAt;
    }
    return agentAt + lastAgent - firstAgent;
  }

  /** Parts that `from` builds a table of. */
  get numbers(): Float64Array {
    return this.all;
  }

  /** True if the session's files are the very ones the row was made of. Agents are compared in scan order. */
  isCurrent(row: number, { stamp, isPlain, agents }: TranscriptFile): boolean {
    if (
      isPlain !== this.isPlain(row) ||
      agents.length !== this.#at(row, COLUMN.agents) ||
      !this.#isStamp(row * WIDTH, stamp)
    )
      return false;
    const first = this.#at(row, COLUMN.firstAgent);
    return agents.every((agent, i) => this.#isStamp(first + i * AGENT_WIDTH, agent.stamp));
  }

  /** True if the session's transcript was in this state. */
  isStamp(row: number, stamp: FileStamp): boolean {
    return this.#isStamp(row * WIDTH, stamp);
  }

  /** True if an agent was in this state. `agent` is an index from the row's first agent; it may run past this row. */
  isAgentStamp(row: number, agent: number, stamp: FileStamp): boolean {
    return this.#isStamp(this.#at(row, COLUMN.firstAgent) + agent * AGENT_WIDTH, stamp);
  }

  /** Number of agents that the sessions before a row have; of all, before the end of the table. */
  agentsBefore(row: number): number {
    const at = row < this.length ? this.#at(row, COLUMN.firstAgent) : this.all.length;
    return (at - this.length * WIDTH) / AGENT_WIDTH;
  }

  /** The state of the session's transcript. */
  stamp(row: number): FileStamp {
    return this.#stamp(row * WIDTH);
  }

  /** The states of its agents. */
  agentStamps(row: number): FileStamp[] {
    const firstAgent = this.#at(row, COLUMN.firstAgent);
    return Array.from({ length: this.#at(row, COLUMN.agents) }, (_, i) => this.#stamp(firstAgent + i * AGENT_WIDTH));
  }

  lastActivityMs(row: number): number | null {
    return orNull(this.#at(row, COLUMN.lastActivityMs));
  }

  createdMs(row: number): number | null {
    return orNull(this.#at(row, COLUMN.createdMs));
  }

  lastPromptMs(row: number): number | null {
    return orNull(this.#at(row, COLUMN.lastPromptMs));
  }

  prompts(row: number): number {
    return this.#at(row, COLUMN.prompts);
  }

  turns(row: number): number {
    return this.#at(row, COLUMN.turns);
  }

  tokens(row: number): number {
    return this.#at(row, COLUMN.tokens);
  }

  kind(row: number): SessionKind {
    return KINDS[this.#at(row, COLUMN.flags) & 3] ?? 'interactive';
  }

  isEmpty(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 4) !== 0;
  }

  isResumable(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 8) !== 0;
  }

  isDamaged(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 16) !== 0;
  }

  isUnreadable(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 32) !== 0;
  }

  isForked(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 64) !== 0;
  }

  isDesktop(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 256) !== 0;
  }

  isPlain(row: number): boolean {
    return (this.#at(row, COLUMN.flags) & 128) !== 0;
  }

  facts(row: number): BlobRef {
    return this.#blob(row, COLUMN.facts);
  }

  resume(row: number): BlobRef | null {
    return this.#at(row, COLUMN.resume) < 0 ? null : this.#blob(row, COLUMN.resume);
  }

  ledger(row: number): BlobRef | null {
    return this.#at(row, COLUMN.ledger) < 0 ? null : this.#blob(row, COLUMN.ledger);
  }

  /** Rows of sessions of which something could not be read at all. */
  get unreadable(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.length; row++) if (this.isUnreadable(row)) rows.push(row);
    return rows;
  }

  /** Bytes of all blobs that are referred to. */
  get blobBytes(): number {
    const { all, length } = this;
    let bytes = 0;
    for (let at = 0; at < length * WIDTH; at += WIDTH) {
      bytes +=
        (all[at + COLUMN.facts + 2] ?? 0) + (all[at + COLUMN.resume + 2] ?? 0) + (all[at + COLUMN.ledger + 2] ?? 0);
    }
    return bytes;
  }

  /** One row as an object. */
  row(row: number): Columns {
    return {
      stamp: this.stamp(row),
      agentStamps: this.agentStamps(row),
      lastActivityMs: this.lastActivityMs(row),
      createdMs: this.createdMs(row),
      lastPromptMs: this.lastPromptMs(row),
      prompts: this.prompts(row),
      turns: this.turns(row),
      tokens: this.tokens(row),
      kind: this.kind(row),
      empty: this.isEmpty(row),
      resumable: this.isResumable(row),
      damaged: this.isDamaged(row),
      unreadable: this.isUnreadable(row),
      forked: this.isForked(row),
      plain: this.isPlain(row),
      desktop: this.isDesktop(row),
      facts: this.facts(row),
      resume: this.resume(row),
      ledger: this.ledger(row),
    };
  }

  #at(row: number, column: number): number {
    return this.all[row * WIDTH + column] ?? NaN;
  }

  #isStamp(at: number, stamp: FileStamp): boolean {
    const numbers = this.all;
    return (
      numbers[at] === stamp.size &&
      numbers[at + 1] === stamp.mtimeMs &&
      numbers[at + 2] === stamp.ctimeMs &&
      numbers[at + 3] === stamp.ino
    );
  }

  #stamp(at: number): FileStamp {
    const numbers = this.all;
    return {
      size: numbers[at] ?? NaN,
      mtimeMs: numbers[at + 1] ?? NaN,
      ctimeMs: numbers[at + 2] ?? NaN,
      ino: numbers[at + 3] ?? NaN,
    };
  }

  #blob(row: number, column: number): BlobRef {
    return {
      segment: this.#at(row, column),
      offset: this.#at(row, column + 1),
      length: this.#at(row, column + 2),
      crc: this.#at(row, column + 3),
    };
  }
}

/** How many rows from a place on follow one another, none of them put in. */
function runLength(rows: readonly number[], place: number, addedRows: ReadonlyMap<number, number>): number {
  const row = rows[place] ?? 0;
  let count = 1;
  while (rows[place + count] === row + count && !addedRows.has(place + count)) count += 1;
  return count;
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}

function putStamp({ size, mtimeMs, ctimeMs, ino }: FileStamp, to: Float64Array, at: number): void {
  to[at] = size;
  to[at + 1] = mtimeMs;
  to[at + 2] = ctimeMs;
  to[at + 3] = ino;
}

function putBlob(blob: BlobRef | null, to: Float64Array, at: number): void {
  to[at] = blob?.segment ?? -1;
  to[at + 1] = blob?.offset ?? 0;
  to[at + 2] = blob?.length ?? 0;
  to[at + 3] = blob?.crc ?? 0;
}
