import type { FileStamp, TranscriptFile } from '../../../claude/model.js';
import type { SessionKind } from '../../record.js';
import { isAbsent, NUMBER, numberOrNull } from '../layout.js';
import { Rejected } from '../rejection.js';
import { FILE_STAMP, fileStampAt, isFileStampAt } from '../stamps.js';
import { BLOB_AT, COLUMNS, FLAG_BITS, KIND, ROW, type BlobRef } from './column-layout.js';
import type { Flag } from './flags.js';
import type { Columns } from './columns.js';

const { at: COLUMN } = COLUMNS;
const BLOB_COLUMNS = [COLUMN.facts, COLUMN.resume, COLUMN.ledger] as const;
/** The columns of a session come first in its row. */
const AGENTS = ROW.at.agents;
const FIRST_AGENT = ROW.at.firstAgent;

/**
 * The columns of many sessions as one array of numbers: a row per session (`ROW`), then the stamps of all subagents.
 * Values are read in place, so that twenty thousand sessions need no objects.
 */
export class ColumnTable {
  /** All numbers, as they are stored. */
  readonly numbers: Float64Array;
  /** Number of sessions. */
  readonly length: number;

  private constructor(numbers: Float64Array, length: number) {
    this.numbers = numbers;
    this.length = length;
  }

  /** Returns a table of the given sessions, in their order. */
  static of(sessions: readonly Columns[]): ColumnTable {
    const agents = sessions.reduce((sum, columns) => sum + columns.agentStamps.length, 0);
    const numbers = new Float64Array(sessions.length * ROW.width + agents * FILE_STAMP.width);
    let firstAgent = sessions.length * ROW.width;
    sessions.forEach((columns, row) => {
      const { agentStamps } = columns;
      ROW.write({ columns, agents: agentStamps.length, firstAgent }, numbers, row * ROW.width);
      for (const stamp of agentStamps) {
        FILE_STAMP.write(stamp, numbers, firstAgent);
        firstAgent += FILE_STAMP.width;
      }
    });
    return new ColumnTable(numbers, sessions.length);
  }

  /** Returns the table of `length` sessions that was stored as these numbers. Rejects numbers that do not fit. */
  static from(numbers: Float64Array, length: number): ColumnTable {
    const rowsEnd = length * ROW.width;
    if (!Number.isSafeInteger(length) || length < 0 || rowsEnd > numbers.length) throw new Rejected('table');
    let firstAgent = rowsEnd;
    for (let at = 0; at < rowsEnd; at += ROW.width) {
      const agents = numbers[at + AGENTS] ?? NaN;
      if (numbers[at + FIRST_AGENT] !== firstAgent || !Number.isSafeInteger(agents) || agents < 0)
        throw new Rejected('table');
      firstAgent += agents * FILE_STAMP.width;
    }
    if (firstAgent !== numbers.length) throw new Rejected('table');
    return new ColumnTable(numbers, length);
  }

  /** Returns a table of the given rows of this one; `fresh` replaces them by those of other tables at `positions`. */
  updated(
    rows: readonly number[],
    fresh: readonly { readonly positions: readonly number[]; readonly table: ColumnTable }[],
  ): ColumnTable {
    /** For each position, the part of `fresh` and the row in it; -1 for a row of this table. */
    const partAt = new Int32Array(rows.length).fill(-1);
    const rowAt = Int32Array.from(rows);
    for (const [part, { positions }] of fresh.entries()) {
      for (const position of positions) partAt[position] = part;
      for (const [row, position] of positions.entries()) rowAt[position] = row;
    }
    const agentNumbers = (table: ColumnTable): number => table.numbers.length - table.length * ROW.width;
    const allAgents = fresh.reduce((sum, { table }) => sum + agentNumbers(table), agentNumbers(this));
    const numbers = new Float64Array(rows.length * ROW.width + allAgents);
    let firstAgent = rows.length * ROW.width;
    for (let position = 0; position < rows.length; ) {
      const part = partAt[position] ?? -1;
      const row = rowAt[position] ?? 0;
      // Rows that still follow one another are copied together.
      let count = 1;
      while (partAt[position + count] === part && rowAt[position + count] === row + count) count += 1;
      const source = fresh[part]?.table ?? this;
      firstAgent = source.#copyRows(row, count, { numbers, position, firstAgent });
      position += count;
    }
    return new ColumnTable(numbers.subarray(0, firstAgent), rows.length);
  }

  /** Copies consecutive rows with their agents, and returns the end of the agents. */
  #copyRows(
    row: number,
    count: number,
    { numbers, position, firstAgent }: { numbers: Float64Array; position: number; firstAgent: number },
  ): number {
    const from = this.#firstAgent(row);
    const end = this.#firstAgent(row + count);
    numbers.set(this.numbers.subarray(row * ROW.width, (row + count) * ROW.width), position * ROW.width);
    numbers.set(this.numbers.subarray(from, end), firstAgent);
    for (let i = 0; i < count; i++)
      numbers[(position + i) * ROW.width + FIRST_AGENT] = this.#firstAgent(row + i) - from + firstAgent;
    return firstAgent + end - from;
  }

  /** Returns true if the session's files are unchanged since the row was made. Agents are compared in scan order. */
  isCurrent(row: number, { stamp, isPlain, agents }: TranscriptFile): boolean {
    if (isPlain !== this.is(row, 'plain') || agents.length !== this.#at(row, AGENTS) || !this.isStamp(row, stamp))
      return false;
    return agents.every((agent, i) => this.isAgentStamp(row, i, agent.stamp));
  }

  /** Returns true if the session's transcript was in this state. */
  isStamp(row: number, stamp: FileStamp): boolean {
    return isFileStampAt(this.numbers, row * ROW.width + COLUMN.stamp, stamp);
  }

  /**
   * Returns true if an agent was in this state. `agent` is an index from the row's first agent; it may run past this
   * row.
   */
  isAgentStamp(row: number, agent: number, stamp: FileStamp): boolean {
    return isFileStampAt(this.numbers, this.#firstAgent(row) + agent * FILE_STAMP.width, stamp);
  }

  /** Number of agents of all sessions before a row. */
  agentsBefore(row: number): number {
    return (this.#firstAgent(row) - this.length * ROW.width) / FILE_STAMP.width;
  }

  /** The state of the session's transcript. */
  stamp(row: number): FileStamp {
    return fileStampAt(this.numbers, row * ROW.width + COLUMN.stamp);
  }

  /** The size of the session's transcript. */
  size(row: number): number {
    return this.#at(row, COLUMN.stamp + FILE_STAMP.at.size);
  }

  /**
   * Writes sizes and mtimes of the transcripts of consecutive rows, from a position on, except of those that are not
   * plain files of the user's.
   */
  writeSizes(first: number, count: number, to: { bytes: Float64Array; writtenMs: Float64Array }, at: number): void {
    const { numbers } = this;
    const plain = FLAG_BITS.mask.plain;
    for (let row = 0; row < count; row++) {
      const start = (first + row) * ROW.width;
      if (((numbers[start + COLUMN.flags] ?? 0) & plain) === 0) continue;
      to.bytes[at + row] = numbers[start + COLUMN.stamp + FILE_STAMP.at.size] ?? NaN;
      to.writtenMs[at + row] = numbers[start + COLUMN.stamp + FILE_STAMP.at.mtimeMs] ?? NaN;
    }
  }

  /** Writes columns of all rows to lists by position, from a position on; rows with a flag are added to its list. */
  writeColumns(
    to: Readonly<Record<'lastActivityMs' | 'prompts', Float64Array>>,
    flagged: Readonly<Partial<Record<Flag, number[]>>>,
    at: number,
  ): void {
    const { numbers } = this;
    const lists = Object.entries(flagged).map(([flag, list]) => ({ mask: FLAG_BITS.mask[flag as Flag], list }));
    const any = lists.reduce((bits, { mask }) => bits | mask, 0);
    for (let row = 0; row < this.length; row++) {
      const start = row * ROW.width;
      to.lastActivityMs[at + row] = numbers[start + COLUMN.lastActivityMs] ?? NaN;
      to.prompts[at + row] = numbers[start + COLUMN.prompts] ?? NaN;
      const bits = numbers[start + COLUMN.flags] ?? 0;
      if ((bits & any) !== 0) for (const { mask, list } of lists) if ((bits & mask) !== 0) list.push(at + row);
    }
  }

  /** The states of its agents. */
  agentStamps(row: number): FileStamp[] {
    const first = this.#firstAgent(row);
    return Array.from({ length: this.#at(row, AGENTS) }, (_, i) =>
      fileStampAt(this.numbers, first + i * FILE_STAMP.width),
    );
  }

  /** Writes the state of the session's transcript, as `FILE_STAMP` does. */
  writeStamp(row: number, to: Float64Array, at: number): void {
    const start = row * ROW.width + COLUMN.stamp;
    for (let number = 0; number < FILE_STAMP.width; number++) to[at + number] = this.numbers[start + number] ?? NaN;
  }

  /** The numbers of all states of its agents, as they are stored. */
  agentNumbers(row: number): Float64Array {
    return this.numbers.subarray(this.#firstAgent(row), this.#firstAgent(row + 1));
  }

  /** Returns the rows with a title of this hash (`titleHash`) in their transcript. */
  withTitleHash(hash: number): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.length; row++) if (this.titleHash(row) === hash) rows.push(row);
    return rows;
  }

  lastActivityMs(row: number): number | null {
    return numberOrNull(this.#at(row, COLUMN.lastActivityMs));
  }

  createdMs(row: number): number | null {
    return numberOrNull(this.#at(row, COLUMN.createdMs));
  }

  lastPromptMs(row: number): number | null {
    return numberOrNull(this.#at(row, COLUMN.lastPromptMs));
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

  titleHash(row: number): number | null {
    const at = row * ROW.width + COLUMN.titleHash;
    return isAbsent(this.numbers, at) ? null : NUMBER.read(this.numbers, at);
  }

  kind(row: number): SessionKind {
    return KIND.read(this.numbers, row * ROW.width + COLUMN.kind);
  }

  /** A boolean column. */
  is(row: number, flag: Flag): boolean {
    return (this.#at(row, COLUMN.flags) & FLAG_BITS.mask[flag]) !== 0;
  }

  facts(row: number): BlobRef {
    return this.#blob(row, COLUMN.facts);
  }

  /** Checksum and length of a session's facts, which identify them. */
  factsCrc(row: number): number {
    return this.#at(row, COLUMN.facts + BLOB_AT.crc);
  }

  factsLength(row: number): number {
    return this.#at(row, COLUMN.facts + BLOB_AT.length);
  }

  resume(row: number): BlobRef | null {
    return this.#blobOrNull(row, COLUMN.resume);
  }

  ledger(row: number): BlobRef | null {
    return this.#blobOrNull(row, COLUMN.ledger);
  }

  /** Rows of sessions with files that could not be read at all. */
  get unreadable(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.length; row++) if (this.is(row, 'unreadable')) rows.push(row);
    return rows;
  }

  /** Bytes of all blobs that are referred to. */
  get blobBytes(): number {
    let bytes = 0;
    for (let row = 0; row < this.length; row++)
      for (const column of BLOB_COLUMNS) bytes += this.#at(row, column + BLOB_AT.length);
    return bytes;
  }

  /** Returns one row as an object. */
  row(row: number): Columns {
    return { ...COLUMNS.read(this.numbers, row * ROW.width), agentStamps: this.agentStamps(row) };
  }

  #at(row: number, column: number): number {
    return this.numbers[row * ROW.width + column] ?? NaN;
  }

  #firstAgent(row: number): number {
    return row < this.length ? this.#at(row, FIRST_AGENT) : this.numbers.length;
  }

  #blobOrNull(row: number, column: number): BlobRef | null {
    return isAbsent(this.numbers, row * ROW.width + column) ? null : this.#blob(row, column);
  }

  #blob(row: number, column: number): BlobRef {
    return {
      segment: this.#at(row, column + BLOB_AT.segment),
      offset: this.#at(row, column + BLOB_AT.offset),
      length: this.#at(row, column + BLOB_AT.length),
      crc: this.#at(row, column + BLOB_AT.crc),
    };
  }
}
