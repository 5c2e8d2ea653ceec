import type { FileStamp, TranscriptFile } from '../claude/model.js';
import type { SessionFacts } from './facts.js';
import type { SessionKind } from './record.js';

/** Where a blob lies: in which segment of the index, and its check sum. */
export interface BlobRef {
  segment: number;
  offset: number;
  length: number;
  crc: number;
}

/** One session as the index keeps it in columns: what sorting and counting need, and where the rest lies. */
export interface Columns {
  stamp: FileStamp;
  agentStamps: readonly FileStamp[];
  lastActivityMs: number | null;
  createdMs: number | null;
  lastPromptMs: number | null;
  prompts: number;
  turns: number;
  tokens: number;
  kind: SessionKind;
  empty: boolean;
  resumable: boolean;
  damaged: boolean;
  /** The transcript or a subagent's could not be read at all. */
  unreadable: boolean;
  /** Its entries say that it was forked from another session. */
  forked: boolean;
  /** The session's facts, as JSON. */
  facts: BlobRef;
  /** Its resume point, as JSON; null for all but big transcripts. */
  resume: BlobRef | null;
  /** Its responses and prompts (`SessionLedger`); null if there are none. */
  ledger: BlobRef | null;
}

/** The columns of a session just read; `blobs` says where those were put. */
export function columnsOf(file: TranscriptFile, facts: SessionFacts, blobs: Pick<Columns, 'facts' | 'resume' | 'ledger'>): Columns {
  return {
    stamp: file.stamp,
    agentStamps: file.agents.map((agent) => agent.stamp),
    lastActivityMs: facts.lastActivityMs,
    createdMs: facts.createdMs,
    lastPromptMs: facts.lastPromptMs,
    prompts: facts.prompts,
    turns: facts.turns,
    tokens: facts.tokens.total,
    kind: kindOf(facts),
    empty: facts.prompts === 0 && facts.responses === 0,
    resumable: facts.chainEntries > 0,
    damaged: facts.problemCount > 0,
    unreadable: facts.problems.some(({ code }) => code === 'unreadable'),
    forked: (facts.forkedFrom ?? facts.requestedBy) !== null,
    facts: blobs.facts,
    resume: blobs.resume,
    ledger: blobs.ledger,
  };
}

/** How the session was run, by design: background if Claude Code says so, headless if no prompt was typed. */
function kindOf(facts: SessionFacts): SessionKind {
  if (facts.background) return 'background';
  const typed = facts.prompts > 0 ? facts.typedPrompts > 0 : !(facts.entrypoint ?? '').startsWith('sdk-');
  return typed ? 'interactive' : 'headless';
}

/** True if both were taken of the same state of a file. Never a tolerance. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

const WIDTH = 25;
const AGENT_WIDTH = 4;
const KINDS: readonly SessionKind[] = ['interactive', 'headless', 'background'];

/** The numbers of a column table; the same place in every row. */
const COLUMN = {
  size: 0, mtimeMs: 1, ctimeMs: 2, ino: 3, lastActivityMs: 4, createdMs: 5, lastPromptMs: 6, prompts: 7, turns: 8,
  tokens: 9, flags: 10, facts: 11, resume: 15, ledger: 19, agents: 23, firstAgent: 24,
} as const;

/**
 * The columns of many sessions as one array of numbers: a row a session, then a stamp an agent. Rows are read where
 * they lie; twenty thousand sessions cost no objects.
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
        KINDS.indexOf(c.kind) | (c.empty ? 4 : 0) | (c.resumable ? 8 : 0) | (c.damaged ? 16 : 0) | (c.unreadable ? 32 : 0) | (c.forked ? 64 : 0);
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
    rows.forEach((known, place) => {
      const addedRow = addedRows.get(place);
      const table = addedRow === undefined ? this : added;
      const row = addedRow ?? known;
      const agents = table.#at(row, COLUMN.agents) * AGENT_WIDTH;
      copy(table.all, row * WIDTH, WIDTH, numbers, place * WIDTH);
      copy(table.all, table.#at(row, COLUMN.firstAgent), agents, numbers, agentAt);
      numbers[place * WIDTH + COLUMN.firstAgent] = agentAt;
      agentAt += agents;
    });
    return new ColumnTable(numbers.subarray(0, agentAt), rows.length);
  }

  /** What `from` takes. */
  get numbers(): Float64Array {
    return this.all;
  }

  /** True if the session's files are the very ones the row was made of. Agents are compared in scan order. */
  isCurrent(row: number, { stamp, agents }: TranscriptFile): boolean {
    if (agents.length !== this.#at(row, COLUMN.agents) || !this.#isStamp(row * WIDTH, stamp)) return false;
    const first = this.#at(row, COLUMN.firstAgent);
    return agents.every((agent, i) => this.#isStamp(first + i * AGENT_WIDTH, agent.stamp));
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

  facts(row: number): BlobRef {
    return this.#blob(row, COLUMN.facts);
  }

  resume(row: number): BlobRef | null {
    return this.#at(row, COLUMN.resume) < 0 ? null : this.#blob(row, COLUMN.resume);
  }

  ledger(row: number): BlobRef | null {
    return this.#at(row, COLUMN.ledger) < 0 ? null : this.#blob(row, COLUMN.ledger);
  }

  /** One row as an object. */
  row(row: number): Columns {
    const firstAgent = this.#at(row, COLUMN.firstAgent);
    return {
      stamp: this.#stamp(row * WIDTH),
      agentStamps: Array.from({ length: this.#at(row, COLUMN.agents) }, (_, i) => this.#stamp(firstAgent + i * AGENT_WIDTH)),
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
      numbers[at] === stamp.size && numbers[at + 1] === stamp.mtimeMs && numbers[at + 2] === stamp.ctimeMs && numbers[at + 3] === stamp.ino
    );
  }

  #stamp(at: number): FileStamp {
    const numbers = this.all;
    return { size: numbers[at] ?? NaN, mtimeMs: numbers[at + 1] ?? NaN, ctimeMs: numbers[at + 2] ?? NaN, ino: numbers[at + 3] ?? NaN };
  }

  #blob(row: number, column: number): BlobRef {
    return { segment: this.#at(row, column), offset: this.#at(row, column + 1), length: this.#at(row, column + 2), crc: this.#at(row, column + 3) };
  }
}

/** Row by row, a loop is quicker than views of what is to be copied. */
function copy(from: Float64Array, at: number, length: number, to: Float64Array, toAt: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[at + i] ?? NaN;
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
