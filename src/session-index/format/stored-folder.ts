import type { KnownFolder } from '../../claude/scan/known-folder.js';
import type { FileStamp, FolderMemory, FolderStamp } from '../../claude/model.js';
import type { ColumnTable } from './column-table.js';

/** A flat subagent file of an old version that belongs to no session of its project dir. */
export interface Stray {
  name: string;
  stamp: FileStamp;
  /** The session its lines name. */
  sessionId: string | null;
}

/** Content of a project dir in the index, in addition to the columns of its sessions. */
export interface FolderContent extends FolderMemory {
  name: string;
  /** All of it may be relied on; if not, its names are those of its transcripts alone. */
  isWhole: boolean;
  /**
   * Paths of its sessions' subagents from there, one session's after the other, in the order of their stamps in the
   * table.
   */
  agents: readonly string[];
  strays: readonly Stray[];
}

/**
 * Project dirs as the index's file holds them: numbers, their names one after the other, and other strings with NULs
 * between them.
 */
export interface EncodedFolders {
  numbers: Float64Array;
  names: string;
  strings: string;
}

/** Stands for none: no file has such a number. */
const NO_STAMP: FolderStamp = { mtimeMs: 0, ctimeMs: 0, ino: -1 };
const SUFFIX_LENGTH = '.jsonl'.length;
const FOLDER_WIDTH = 3;
const FILE_WIDTH = 4;

/** One project dir. */
interface EncodedFolder {
  numbers: Float64Array;
  names: string;
  strings: readonly string[];
}

/** The given project dirs in the form that is stored; those that come from there are as they were. */
export function encodeFolders(folders: readonly (FolderContent | StoredFolder)[]): EncodedFolders {
  const parts = folders.map((folder) => (folder instanceof StoredFolder ? folder.encoded : encoded(folder)));
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.numbers.length, 0));
  let next = 0;
  for (const part of parts) {
    numbers.set(part.numbers, next);
    next += part.numbers.length;
  }
  return {
    numbers,
    names: parts.map(({ names }) => names).join(''),
    strings: parts.map(({ strings }) => strings.join('\0')).join('\0'),
  };
}

function encoded({
  name,
  isWhole,
  stamp: own,
  names,
  transcripts,
  folders,
  agents,
  strays,
  sides,
}: FolderContent): EncodedFolder {
  const { mtimeMs, ctimeMs, ino } = own ?? NO_STAMP;
  const numbers = [
    Number(isWhole),
    mtimeMs,
    ctimeMs,
    ino,
    names.length,
    transcripts.length,
    folders.length,
    agents.length,
    strays.length,
    sides.length,
  ];
  const strings = [name];
  // One by one: as arguments of one call they may be too many.
  for (let at = 0; at < transcripts.length; at++) numbers.push(transcripts[at] ?? 0);
  for (const { stamp } of folders) numbers.push(stamp.mtimeMs, stamp.ctimeMs, stamp.ino);
  for (const { stamp } of strays) numbers.push(stamp.size, stamp.mtimeMs, stamp.ctimeMs, stamp.ino);
  for (const { at, entries } of sides) numbers.push(at, entries.length);
  for (const { path } of folders) strings.push(path);
  for (const path of agents) strings.push(path);
  for (const stray of strays) strings.push(stray.name);
  for (const { sessionId } of strays) strings.push(sessionId ?? '');
  for (const { entries } of sides) for (const entry of entries) strings.push(entry);
  return { numbers: Float64Array.from(numbers), names, strings };
}

/** The project dirs that were encoded so; null if they do not add up to the sessions of the table. */
export function decodeFolders({ numbers, names, strings }: EncodedFolders, table: ColumnTable): StoredFolder[] | null {
  const source: Source = { numbers, names, strings: strings.split('\0'), number: 0, name: 0, string: 0 };
  const folders: StoredFolder[] = [];
  let row = 0;
  while (source.number < numbers.length) {
    const folder = new StoredFolder(source, table, row);
    folders.push(folder);
    row += folder.transcripts.length;
  }
  return row === table.length && source.number === numbers.length && source.name === names.length ? folders : null;
}

/** Source that project dirs are decoded from, and the position in it. */
interface Source {
  readonly numbers: Float64Array;
  readonly names: string;
  readonly strings: readonly string[];
  number: number;
  name: number;
  string: number;
}

/**
 * A project dir of an index; its sessions are rows of the index's table, from `first` on. What a warm list does not
 * need is decoded when it is asked for.
 */
export class StoredFolder implements KnownFolder {
  readonly name: string;
  readonly isWhole: boolean;
  readonly stamp: FolderStamp | null;
  readonly names: string;
  readonly transcripts: Float64Array;
  readonly folders: readonly string[];
  readonly agents: readonly string[];
  readonly strays: readonly string[];
  readonly first: number;
  private readonly table: ColumnTable;
  private readonly folderStamps: Float64Array;
  private readonly strayStamps: Float64Array;
  private readonly straySessions: readonly string[];
  private readonly sideSizes: Float64Array;
  private readonly sideEntries: readonly string[];
  /** Start and end of its part of the source. */
  private readonly part: { source: Source; numbers: readonly [number, number]; strings: readonly [number, number] };
  #ids: string[] | undefined;
  #strayPlaces: ReadonlyMap<string, number> | undefined;
  #agentPlaces: ReadonlyMap<string, number> | undefined;
  #rows: ReadonlyMap<string, number> | undefined;
  #sides: ReadonlyMap<number, readonly string[]> | undefined;

  /** Takes its part of the source. */
  constructor(source: Source, table: ColumnTable, first: number) {
    const [firstNumber, firstString] = [source.number, source.string];
    const numbers = (count: number): Float64Array => source.numbers.subarray(source.number, (source.number += count));
    const strings = (count: number): readonly string[] => source.strings.slice(source.string, (source.string += count));
    const [
      isWhole = 0,
      mtimeMs = 0,
      ctimeMs = 0,
      ino = 0,
      length = 0,
      transcripts = 0,
      folders = 0,
      agents = 0,
      strays = 0,
      sides = 0,
    ] = numbers(10);
    this.isWhole = isWhole === 1;
    this.stamp = ino === NO_STAMP.ino ? null : { mtimeMs, ctimeMs, ino };
    this.names = source.names.slice(source.name, (source.name += length));
    this.transcripts = numbers(transcripts);
    this.folderStamps = numbers(folders * FOLDER_WIDTH);
    this.strayStamps = numbers(strays * FILE_WIDTH);
    this.sideSizes = numbers(sides * 2);
    this.name = strings(1)[0] ?? '';
    this.folders = strings(folders);
    this.agents = strings(agents);
    this.strays = strings(strays);
    this.straySessions = strings(strays);
    this.sideEntries = strings(entriesIn(this.sideSizes));
    this.table = table;
    this.first = first;
    this.part = { source, numbers: [firstNumber, source.number], strings: [firstString, source.string] };
  }

  /** The encoded form, unchanged. */
  get encoded(): EncodedFolder {
    const { source, numbers, strings } = this.part;
    return {
      numbers: source.numbers.subarray(...numbers),
      names: this.names,
      strings: source.strings.slice(...strings),
    };
  }

  isSame(at: number, stamp: FileStamp): boolean {
    return this.table.isStamp(this.first + at, stamp);
  }

  isSameFolder(at: number, { mtimeMs, ctimeMs, ino }: FolderStamp): boolean {
    const stamps = this.folderStamps;
    const start = at * FOLDER_WIDTH;
    return stamps[start] === mtimeMs && stamps[start + 1] === ctimeMs && stamps[start + 2] === ino;
  }

  isSameAgent(at: number, stamp: FileStamp): boolean {
    return this.table.isAgentStamp(this.first, at, stamp);
  }

  isSameStray(at: number, { size, mtimeMs, ctimeMs, ino }: FileStamp): boolean {
    const stamps = this.strayStamps;
    const start = at * FILE_WIDTH;
    return (
      stamps[start] === size &&
      stamps[start + 1] === mtimeMs &&
      stamps[start + 2] === ctimeMs &&
      stamps[start + 3] === ino
    );
  }

  id(at: number): string {
    this.#ids ??= this.names.split('\0');
    return (this.#ids[this.transcripts[at] ?? 0] ?? '').slice(0, -SUFFIX_LENGTH);
  }

  stampOf(at: number): FileStamp {
    return this.table.stamp(this.first + at);
  }

  isPlain(at: number): boolean {
    return this.table.isPlain(this.first + at);
  }

  sideEntriesOf(at: number): readonly string[] {
    return this.sides.get(at) ?? NONE;
  }

  agentsOf(at: number): readonly { path: string; stamp: FileStamp }[] {
    const row = this.first + at;
    const { table } = this;
    const start = table.agentsBefore(row);
    const end = table.agentsBefore(row + 1);
    if (start === end) return NONE;
    const before = start - table.agentsBefore(this.first);
    return table.agentStamps(row).map((stamp, agent) => ({ path: this.agents[before + agent] ?? '', stamp }));
  }

  /** The session that a flat subagent file was found to belong to, if the file is still in that state. */
  sessionOf(name: string, stamp: FileStamp): string | null | undefined {
    this.#strayPlaces ??= placesOf(this.strays);
    const stray = this.#strayPlaces.get(name);
    if (stray !== undefined) return this.isSameStray(stray, stamp) ? this.straySessions[stray] || null : undefined;
    this.#agentPlaces ??= placesOf(this.agents);
    const agent = this.#agentPlaces.get(name);
    if (agent === undefined || !this.isSameAgent(agent, stamp)) return undefined;
    return this.id(this.#sessionOfAgent(agent));
  }

  /** Place of the session that has the subagent of this number: the last one with no more subagents before it. */
  #sessionOfAgent(agent: number): number {
    const all = this.table.agentsBefore(this.first) + agent;
    let low = 0;
    let high = this.transcripts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.table.agentsBefore(this.first + middle) <= all) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Row of a session in the index's table; undefined if it is not in this project dir. */
  rowOf(id: string): number | undefined {
    // Of hundreds of dirs most do not have it, and need not be taken apart to say so.
    if (this.#rows === undefined && !this.names.includes(id)) return undefined;
    this.#rows ??= new Map(Array.from(this.transcripts, (_, at) => [this.id(at), this.first + at]));
    return this.#rows.get(id);
  }

  /** All of it, to be stored again. */
  content(): FolderContent {
    const { name, isWhole, stamp, names, transcripts, agents, folderStamps, strayStamps } = this;
    const folders = this.folders.map((path, at) => {
      const [mtimeMs = 0, ctimeMs = 0, ino = 0] = folderStamps.subarray(at * FOLDER_WIDTH);
      return { path, stamp: { mtimeMs, ctimeMs, ino } };
    });
    const strays = this.strays.map((stray, at) => {
      const [size = 0, mtimeMs = 0, ctimeMs = 0, ino = 0] = strayStamps.subarray(at * FILE_WIDTH);
      return { name: stray, stamp: { size, mtimeMs, ctimeMs, ino }, sessionId: this.straySessions[at] || null };
    });
    const sides = Array.from(this.sides, ([at, entries]) => ({ at, entries }));
    return { name, isWhole, stamp, names, transcripts, folders, agents, strays, sides };
  }

  /** Positions of the transcripts whose side folder has a name. */
  withSideEntry(name: string): number[] {
    if (!this.sideEntries.includes(name)) return [];
    return Array.from(this.sides).flatMap(([at, entries]) => (entries.includes(name) ? [at] : []));
  }

  /** Names in side folders, by the place of their transcript. */
  get sides(): ReadonlyMap<number, readonly string[]> {
    if (this.#sides !== undefined) return this.#sides;
    const sides = new Map<number, readonly string[]>();
    let next = 0;
    for (let side = 0; side < this.sideSizes.length; side += 2) {
      const entries = this.sideEntries.slice(next, (next += this.sideSizes[side + 1] ?? 0));
      sides.set(this.sideSizes[side] ?? 0, entries);
    }
    return (this.#sides = sides);
  }
}

/** Of most sessions there is nothing but a transcript. */
const NONE: readonly never[] = [];

/** The first place of each name. */
function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [place, name] of names.entries()) if (!places.has(name)) places.set(name, place);
  return places;
}

function entriesIn(sideSizes: Float64Array): number {
  let count = 0;
  for (let at = 1; at < sideSizes.length; at += 2) count += sideSizes[at] ?? 0;
  return count;
}
