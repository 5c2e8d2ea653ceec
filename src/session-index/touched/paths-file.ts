import { sep } from 'node:path';
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter } from '../format/cursor.js';
import { layoutOf, NUMBER } from '../format/layout.js';
import { Rejected, loadOrReject, type ReportRejection } from '../format/rejection.js';
import { FILE_STAMP } from '../format/stamps.js';
import type { ColumnTable } from '../format/table/column-table.js';
import type { PathFilter } from './path-filter.js';

const MAGIC = 'ccsess-paths';
/** Raised with every change to what follows, and to what counts as touched. */
const VERSION = 1;
/** State of a session's files: that of its transcript, the number of its subagents, and a checksum of their states. */
const STATE = layoutOf({ stamp: FILE_STAMP, agents: NUMBER, agentsCrc: NUMBER });
const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
/** Separator of paths, also before the first and after the last one; no path can contain it. */
const NUL = '\0';

/** Width of a session's state, in numbers. */
export const STATE_WIDTH = STATE.width;

/** Writes the state that the files of a row of a table are in. */
export function writeState(table: ColumnTable, row: number, to: Float64Array, at: number): void {
  table.writeStamp(row, to, at + STATE.at.stamp);
  const agents = table.agentNumbers(row);
  to[at + STATE.at.agents] = agents.length;
  to[at + STATE.at.agentsCrc] =
    agents.length === 0 ? 0 : crc32(new Uint8Array(agents.buffer, agents.byteOffset, agents.byteLength));
}

/** A session's state, as `writeState` writes it, with the paths its tools touched. */
export interface TouchedEntry {
  state: Float64Array;
  paths: readonly string[];
}

/** The stored paths that sessions touched. They are searched as bytes, without making a string of each. */
export class PathsFile {
  /** Number of sessions. */
  readonly length: number;
  readonly #states: Float64Array;
  /** Offset of the first byte of each path in `#texts`, ascending. */
  readonly #starts: Uint32Array;
  /** End of each path's part of `#sessions`. */
  readonly #ends: Uint32Array;
  /** The sessions that touched each path. */
  readonly #sessions: Uint32Array;
  readonly #texts: Buffer;

  private constructor(bytes: Buffer) {
    const reader = new ByteReader(bytes);
    if (reader.text(MAGIC.length) !== MAGIC) throw new Rejected('foreign');
    if (reader.word() !== VERSION) throw new Rejected('version');
    if (reader.word() !== crc32(reader.rest)) throw new Rejected('checksum');
    this.length = reader.word();
    this.#states = reader.floats(this.length * STATE.width * FLOAT_BYTES);
    const paths = reader.word();
    this.#starts = reader.words(paths * WORD_BYTES);
    this.#ends = reader.words(paths * WORD_BYTES);
    this.#sessions = reader.words((this.#ends[paths - 1] ?? 0) * WORD_BYTES);
    this.#texts = reader.rest;
    const [first, last] = [this.#texts[0], this.#texts[this.#texts.length - 1]];
    if (first !== 0 || last !== 0 || (this.#starts[paths - 1] ?? 0) >= this.#texts.length) throw new Rejected('paths');
  }

  /** Reads a stored file; null if there is none, or if it is rejected, which is reported. */
  static load(path: string, report: ReportRejection): PathsFile | null {
    return loadOrReject(path, report, (bytes) => PathsFile.decode(bytes));
  }

  /** Reads the bytes of a file. Rejects what is not as it was written. */
  static decode(bytes: Buffer): PathsFile {
    return new PathsFile(bytes);
  }

  /** True if the files of the session at a position were in this state. */
  isState(at: number, state: Float64Array): boolean {
    const start = at * STATE.width;
    for (let number = 0; number < STATE.width; number++)
      if (this.#states[start + number] !== state[number]) return false;
    return at < this.length;
  }

  /** Positions of sessions by the text of their state (`stateKey`). */
  positions(): Map<string, number> {
    const positions = new Map<string, number>();
    for (let at = 0; at < this.length; at++)
      positions.set(stateKey(this.#states.subarray(at * STATE.width, (at + 1) * STATE.width)), at);
    return positions;
  }

  /** The paths of all sessions, by their positions. */
  paths(): string[][] {
    const paths = Array.from({ length: this.length }, (): string[] => []);
    this.#starts.forEach((start, path) => {
      const text = this.#textAt(start);
      for (const session of this.#sessionsOf(path)) paths[session]?.push(text);
    });
    return paths;
  }

  /** The paths, each once. */
  texts(): string[] {
    return this.#texts.toString('utf8').split(NUL).slice(1, -1);
  }

  /** Returns the positions of the sessions with a path that a filter matches. */
  matching({ paths, globs }: PathFilter): Set<number> {
    const found = new Set<number>();
    const add = (start: number): void => {
      const path = positionIn(this.#starts, start);
      if (path >= 0) for (const session of this.#sessionsOf(path)) found.add(session);
    };
    for (const path of paths) {
      for (const start of this.#beginningWith(path + NUL)) add(start);
      for (const start of this.#beginningWith(path.endsWith(sep) ? path : path + sep)) add(start);
    }
    for (const { start, isMatch } of globs)
      for (const position of this.#beginningWith(start)) if (isMatch(this.#textAt(position))) add(position);
    return found;
  }

  /** Yields the offsets of the paths that begin with a text. */
  *#beginningWith(text: string): Generator<number> {
    const wanted = Buffer.from(NUL + text);
    for (let at = this.#texts.indexOf(wanted); at >= 0; at = this.#texts.indexOf(wanted, at + 1)) yield at + 1;
  }

  #sessionsOf(path: number): Uint32Array {
    return this.#sessions.subarray(path === 0 ? 0 : this.#ends[path - 1], this.#ends[path]);
  }

  #textAt(start: number): string {
    return this.#texts.toString('utf8', start, this.#texts.indexOf(0, start));
  }
}

/** Returns the position of a number in an ascending list; -1 if it is not there. */
function positionIn(list: Uint32Array, wanted: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return list[low] === wanted ? low : -1;
}

/** A state as a text: equal for equal states. */
export function stateKey(state: Float64Array): string {
  return state.join(' ');
}

/** Returns a file of these sessions, in pieces. */
export function encodePaths(sessions: readonly TouchedEntry[]): Buffer[] {
  const states = new Float64Array(sessions.length * STATE.width);
  const touching = new Map<string, number[]>();
  sessions.forEach(({ state, paths }, at) => {
    states.set(state, at * STATE.width);
    for (const path of paths) {
      const others = touching.get(path);
      if (others === undefined) touching.set(path, [at]);
      else others.push(at);
    }
  });
  const starts = new Uint32Array(touching.size);
  const ends = new Uint32Array(touching.size);
  let start = NUL.length;
  let end = 0;
  [...touching].forEach(([path, list], at) => {
    starts[at] = start;
    ends[at] = end += list.length;
    start += Buffer.byteLength(path) + NUL.length;
  });
  const checked = new ByteWriter();
  checked.word(sessions.length);
  checked.floats(states);
  checked.word(touching.size);
  for (const words of [starts, ends, Uint32Array.from([...touching.values()].flat())])
    checked.add(Buffer.from(words.buffer, words.byteOffset, words.byteLength));
  checked.text(`${NUL}${Array.from(touching.keys(), (path) => path + NUL).join('')}`);
  const file = new ByteWriter();
  file.text(MAGIC);
  file.word(VERSION);
  file.word(checked.pieces.reduce((crc, piece) => crc32(piece, crc), 0));
  return [...file.pieces, ...checked.pieces];
}
