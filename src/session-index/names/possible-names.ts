import type { BlobRef } from '../format/table/column-layout.js';
import type { ColumnTable } from '../format/table/column-table.js';
import { encodeNames, type NamesEntry, type NamesFile } from './names-file.js';
import { namingPartOf } from './naming-part.js';

/** Finds the lines that may match in a text of JSON lines, in their order. */
export type FindLines = (text: Buffer) => readonly { start: number; end: number }[];

/** The facts of sessions, by the rows of a table. */
export interface NamesSource {
  table: Pick<ColumnTable, 'length' | 'facts' | 'factsCrc' | 'factsLength'>;
  /** Reads stored facts; null for damaged ones. */
  read(refs: readonly BlobRef[]): (Buffer | null)[];
  /** Rows of sessions whose title may not be in their facts. */
  titled: readonly number[];
}

/** Maximum number of facts in memory at the same time. */
const FACTS_AT_ONCE = 500;
/** Minimum number of sessions missing from the stored file for which it is written again. */
const MIN_FRESH = 64;
const NEWLINE = Buffer.from('\n');
/** Answers for a row. */
const UNKNOWN = 0;
const IMPOSSIBLE = 1;
const POSSIBLE = 2;

/**
 * The sessions whose title, tag, folders or branch may match a search. Stored names are searched together, once; the
 * facts of other sessions are read by `readFacts`.
 */
export class PossibleNames {
  readonly #source: NamesSource;
  readonly #stored: NamesFile | null;
  readonly #find: FindLines;
  readonly #answers: Uint8Array;
  /** Position of each row in the stored file; -1 if it is not there. */
  readonly #positions: Int32Array;
  readonly #fresh = new Map<number, NamesEntry>();
  /** Lines of the sessions in `#fresh`, each stored once, since most sessions have the same ones. */
  readonly #lines = new Map<string, string>();

  constructor(source: NamesSource, stored: NamesFile | null, find: FindLines) {
    this.#source = source;
    this.#stored = stored;
    this.#find = find;
    const { table } = source;
    this.#answers = new Uint8Array(table.length);
    this.#positions = new Int32Array(table.length).fill(-1);
    if (stored !== null) {
      const possible = stored.withLines(find(stored.texts));
      let expected = 0;
      for (let row = 0; row < table.length; row += 1) {
        const position = stored.positionOf(table.factsCrc(row), table.factsLength(row), expected);
        if (position < 0) continue;
        this.#positions[row] = position;
        this.#answers[row] = possible[position] === 0 ? IMPOSSIBLE : POSSIBLE;
        // The file is in the order of the rows that it was written for.
        expected = position + 1;
      }
    }
    for (const row of source.titled) this.#answers[row] = POSSIBLE;
  }

  /** Returns true if the names of a row may match; null if its facts must be read first. */
  isIn(row: number): boolean | null {
    const answer = this.#answers[row];
    return answer === UNKNOWN ? null : answer === POSSIBLE;
  }

  /** The file to store for the next run; null if too few sessions are missing from the stored one. */
  get update(): Buffer | null {
    const stored = this.#stored;
    if (this.#fresh.size === 0 || (stored !== null && this.#fresh.size < MIN_FRESH)) return null;
    return encodeNames(
      [...this.#positions].flatMap((position, row) => {
        if (position >= 0 && stored !== null) return [stored.entry(position)];
        return this.#fresh.get(row) ?? [];
      }),
    );
  }

  #shared(line: Buffer): string {
    const text = line.toString('latin1');
    const known = this.#lines.get(text);
    if (known === undefined) this.#lines.set(text, text);
    return known ?? text;
  }

  /** Reads the facts of rows for which `isIn` returns null. */
  readFacts(rows: readonly number[]): void {
    const { table, read } = this.#source;
    const unknown = rows
      .filter((row) => this.#answers[row] === UNKNOWN)
      .map((row) => ({ row, ref: table.facts(row) }))
      .sort((a, b) => a.ref.segment - b.ref.segment || a.ref.offset - b.ref.offset);
    // In groups, to limit the memory used.
    for (let start = 0; start < unknown.length; start += FACTS_AT_ONCE) {
      const some = unknown.slice(start, start + FACTS_AT_ONCE);
      const facts = read(some.map(({ ref }) => ref));
      const pieces: Buffer[] = [];
      const rowsOfLines: number[] = [];
      for (const [at, { row, ref }] of some.entries()) {
        const blob = facts[at] ?? null;
        this.#answers[row] = blob === null ? POSSIBLE : IMPOSSIBLE;
        if (blob === null) continue;
        const { titles, folders, isNamedElsewhere } = namingPartOf(blob);
        const { crc, length } = ref;
        const lines = isNamedElsewhere ? null : ([this.#shared(titles), this.#shared(folders)] as const);
        this.#fresh.set(row, { crc, length, lines });
        if (isNamedElsewhere) this.#answers[row] = POSSIBLE;
        pieces.push(titles, NEWLINE, folders, NEWLINE);
        rowsOfLines.push(row, row);
      }
      const text = Buffer.concat(pieces);
      let line = 0;
      let end = text.indexOf(NEWLINE) + 1;
      for (const span of this.#find(text)) {
        for (; end <= span.start; end = text.indexOf(NEWLINE, end) + 1) line += 1;
        this.#answers[rowsOfLines[line] ?? -1] = POSSIBLE;
      }
    }
  }
}
