import type { FileStamp, FolderStamp } from '../../../claude/model.js';
import type { KnownFolder } from '../../../claude/scan/known-folder.js';
import type { FolderContent } from './folder-content.js';
import { FOLDER_HEAD, NUMBER_LISTS, SIDE, TEXT_LISTS } from './folder-layout.js';
import type { ListReader } from '../cursor.js';
import { FILE_STAMP, fileStampAt, FOLDER_STAMP, folderStampAt, isFileStampAt, isFolderStampAt } from '../stamps.js';
import type { ColumnTable } from '../table/column-table.js';

const SUFFIX_LENGTH = '.jsonl'.length;
/** Shared by the many sessions that are only a transcript. */
const NONE: readonly never[] = [];

/** One project dir in the form that is stored. */
export interface EncodedFolder {
  numbers: Float64Array;
  names: string;
  texts: readonly string[];
}

/** Lists that project dirs are decoded from; each is read up to its current position. */
export interface FolderSource {
  readonly numbers: ListReader<Float64Array>;
  readonly names: ListReader<string>;
  readonly texts: ListReader<readonly string[]>;
}

/** The part of a list that belongs to one project dir. */
interface Part {
  readonly from: number;
  readonly end: number;
}

/**
 * A project dir of an index, whose sessions are rows of the index's table from `first` on. Parts that a warm list does
 * not need are decoded on demand.
 */
export class StoredFolder implements KnownFolder {
  readonly name: string;
  readonly isWhole: boolean;
  readonly stamp: FolderStamp | null;
  readonly names: string;
  readonly transcripts: Float64Array;
  readonly first: number;
  private readonly table: ColumnTable;
  private readonly numbers: Readonly<Record<keyof typeof NUMBER_LISTS, Float64Array>>;
  private readonly texts: Readonly<Record<keyof typeof TEXT_LISTS, readonly string[]>>;
  private readonly source: FolderSource;
  private readonly numbersPart: Part;
  private readonly textsPart: Part;
  #ids: string[] | undefined;
  #unassignedPositions: ReadonlyMap<string, number> | undefined;
  #agentPositions: ReadonlyMap<string, number> | undefined;
  #folderPositions: ReadonlyMap<string, number> | undefined;
  #rows: ReadonlyMap<string, number> | undefined;
  #sides: ReadonlyMap<number, readonly string[]> | undefined;

  /** Takes the next project dir of the source. Rejects lists that end too early. */
  constructor(source: FolderSource, table: ColumnTable, first: number) {
    const [firstNumber, firstText] = [source.numbers.at, source.texts.at];
    const head = FOLDER_HEAD.read(source.numbers.take(FOLDER_HEAD.width), 0);
    this.isWhole = head.isWhole;
    this.stamp = head.stamp;
    this.names = source.names.take(head.nameLength);
    this.numbers = mapValues(NUMBER_LISTS, ({ field, count }) => source.numbers.take(count(head) * field.width));
    this.texts = mapValues(TEXT_LISTS, ({ count }) => source.texts.take(count(head)));
    this.transcripts = this.numbers.transcripts;
    this.name = this.texts.name[0] ?? '';
    this.table = table;
    this.first = first;
    this.source = source;
    this.numbersPart = { from: firstNumber, end: source.numbers.at };
    this.textsPart = { from: firstText, end: source.texts.at };
  }

  /** Paths of the listed folders, relative to the dir, as in the next two members. */
  get folders(): readonly string[] {
    return this.texts.folders;
  }

  get agents(): readonly string[] {
    return this.texts.agents;
  }

  get unassigned(): readonly string[] {
    return this.texts.unassigned;
  }

  /** The encoded form, unchanged. */
  get encoded(): EncodedFolder {
    const { source, numbersPart, textsPart, names } = this;
    return {
      numbers: source.numbers.slice(numbersPart.from, numbersPart.end),
      names,
      texts: source.texts.slice(textsPart.from, textsPart.end),
    };
  }

  isSame(at: number, stamp: FileStamp): boolean {
    return this.table.isStamp(this.first + at, stamp);
  }

  isSameFolder(at: number, stamp: FolderStamp): boolean {
    return isFolderStampAt(this.numbers.folderStamps, at * FOLDER_STAMP.width, stamp);
  }

  isSameAgent(at: number, stamp: FileStamp): boolean {
    return this.table.isAgentStamp(this.first, at, stamp);
  }

  isSameUnassigned(at: number, stamp: FileStamp): boolean {
    return isFileStampAt(this.numbers.unassignedStamps, at * FILE_STAMP.width, stamp);
  }

  folderStamp(path: string): FolderStamp | undefined {
    this.#folderPositions ??= positionsOf(this.folders);
    const at = this.#folderPositions.get(path);
    return at === undefined ? undefined : folderStampAt(this.numbers.folderStamps, at * FOLDER_STAMP.width);
  }

  /** State of a listed folder, by its position in `folders`. */
  folderStampAt(at: number): FolderStamp {
    return folderStampAt(this.numbers.folderStamps, at * FOLDER_STAMP.width);
  }

  id(at: number): string {
    this.#ids ??= this.names.split('\0');
    return (this.#ids[this.transcripts[at] ?? 0] ?? '').slice(0, -SUFFIX_LENGTH);
  }

  stampOf(at: number): FileStamp {
    return this.table.stamp(this.first + at);
  }

  /** The transcript's size. */
  size(at: number): number {
    return this.table.size(this.first + at);
  }

  /** Writes sizes and times of the dir's transcripts, as `ColumnTable.writeSizes`. */
  writeSizes(to: { bytes: Float64Array; writtenMs: Float64Array }, at: number): void {
    this.table.writeSizes(this.first, this.transcripts.length, to, at);
  }

  /** Number of the session's subagents. */
  agentCount(at: number): number {
    const row = this.first + at;
    return this.table.agentsBefore(row + 1) - this.table.agentsBefore(row);
  }

  /** Returns true if no other file of the session was found. */
  isAlone(at: number): boolean {
    return !this.sides.has(at) && this.agentCount(at) === 0;
  }

  isPlain(at: number): boolean {
    return this.table.is(this.first + at, 'plain');
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

  /** The paths of a session's subagents, relative to the dir, and the numbers of their stamps one after the other. */
  agentsAt(at: number): { paths: readonly string[]; stamps: Float64Array } {
    const row = this.first + at;
    const before = this.table.agentsBefore(row) - this.table.agentsBefore(this.first);
    return {
      paths: this.agents.slice(before, before + this.agentCount(at)),
      stamps: this.table.agentNumbers(row),
    };
  }

  /** Returns the session of a legacy agent file; undefined if the file is unknown or has another stamp. */
  sessionOf(name: string, stamp: FileStamp): string | null | undefined {
    this.#unassignedPositions ??= positionsOf(this.unassigned);
    const position = this.#unassignedPositions.get(name);
    if (position !== undefined)
      return this.isSameUnassigned(position, stamp) ? this.texts.unassignedSessions[position] || null : undefined;
    this.#agentPositions ??= positionsOf(this.agents);
    const agent = this.#agentPositions.get(name);
    if (agent === undefined || !this.isSameAgent(agent, stamp)) return undefined;
    return this.id(this.#sessionOfAgent(agent));
  }

  /** Returns the position of a subagent's session: the last one with no more subagents before it. */
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
    // A search in the undecoded names is enough for the hundreds of dirs that do not have the id.
    if (this.#rows === undefined && !this.names.includes(id)) return undefined;
    this.#rows ??= new Map(Array.from(this.transcripts, (_, at) => [this.id(at), this.first + at]));
    return this.#rows.get(id);
  }

  /** Positions of the sessions whose id begins with these characters. */
  positionsWithPrefix(start: string): number[] {
    // A search in the undecoded names is enough for the hundreds of dirs without such an id.
    if (!this.names.startsWith(start) && !this.names.includes(`\0${start}`)) return [];
    return Array.from(this.transcripts.keys()).filter((at) => this.id(at).startsWith(start));
  }

  /** Returns its whole content. */
  content(): FolderContent {
    const { name, isWhole, stamp, names, transcripts, agents, numbers } = this;
    const folders = this.folders.map((path, at) => ({
      path,
      stamp: folderStampAt(numbers.folderStamps, at * FOLDER_STAMP.width),
    }));
    const unassigned = this.unassigned.map((agent, at) => ({
      name: agent,
      stamp: fileStampAt(numbers.unassignedStamps, at * FILE_STAMP.width),
      sessionId: this.texts.unassignedSessions[at] || null,
    }));
    const sides = Array.from(this.sides, ([at, entries]) => ({ at, entries }));
    return { name, isWhole, stamp, names, transcripts, folders, agents, unassigned, sides };
  }

  /** Returns the positions of the transcripts whose side folder has an entry of this name. */
  withSideEntry(name: string): number[] {
    const found: number[] = [];
    let next = this.texts.sideEntries.indexOf(name);
    if (next < 0) return found;
    const { sides } = this.numbers;
    let end = 0;
    for (let start = 0; next >= 0 && start < sides.length; start += SIDE.width) {
      end += sides[start + SIDE.at.entries] ?? 0;
      if (next >= end) continue;
      found.push(sides[start + SIDE.at.at] ?? 0);
      next = this.texts.sideEntries.indexOf(name, end);
    }
    return found;
  }

  /** Names in side folders, by the position of their transcript. */
  get sides(): ReadonlyMap<number, readonly string[]> {
    if (this.#sides !== undefined) return this.#sides;
    const sides = new Map<number, readonly string[]>();
    const { numbers, texts } = this;
    let next = 0;
    for (let start = 0; start < numbers.sides.length; start += SIDE.width) {
      const entries = numbers.sides[start + SIDE.at.entries] ?? 0;
      sides.set(numbers.sides[start + SIDE.at.at] ?? 0, texts.sideEntries.slice(next, (next += entries)));
    }
    return (this.#sides = sides);
  }
}

/** The first position of each name. */
function positionsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) if (!positions.has(name)) positions.set(name, position);
  return positions;
}

function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  to: (value: From) => To,
): Record<Name, To> {
  return Object.fromEntries(Object.entries<From>(record).map(([name, value]) => [name, to(value)])) as Record<Name, To>;
}
