import type { KnownFolder, KnownTranscript } from '../claude/known-folder.js';
import type { FileStamp, FolderMemory, FolderStamp, SideMemory } from '../claude/model.js';
import type { ColumnTable } from './columns.js';

/** What a flat subagent file of an old version was found to belong to, and the state of the file that said so. */
export interface LooseAgent {
  name: string;
  stamp: FileStamp;
  sessionId: string | null;
}

/** What the index keeps of a project dir beside the columns of its sessions. */
export interface FolderContent extends FolderMemory {
  name: string;
  /** All of it may be relied on; if not, its names are those of its transcripts alone. */
  isWhole: boolean;
  looseAgents: readonly LooseAgent[];
}

/** Stands for none: no file has such a number. */
const NO_STAMP: FolderStamp = { mtimeMs: 0, ctimeMs: 0, ino: -1 };
const SUFFIX_LENGTH = '.jsonl'.length;

/** A project dir of an index; its sessions are rows of the index's table, from `first` on. */
export class StoredFolder implements FolderContent, KnownFolder {
  readonly name: string;
  readonly isWhole: boolean;
  readonly stamp: FolderStamp | null;
  readonly names: string;
  readonly transcripts: ArrayLike<number>;
  readonly sides: readonly SideMemory[];
  readonly looseAgents: readonly LooseAgent[];
  readonly first: number;
  readonly #table: ColumnTable;
  #ids: string[] | undefined;
  #rows: ReadonlyMap<string, number> | undefined;

  constructor(content: FolderContent, table: ColumnTable, first: number) {
    this.name = content.name;
    this.isWhole = content.isWhole;
    this.stamp = content.stamp;
    this.names = content.names;
    this.transcripts = content.transcripts;
    this.sides = content.sides;
    this.looseAgents = content.looseAgents;
    this.#table = table;
    this.first = first;
  }

  isSame(at: number, stamp: FileStamp): boolean {
    return this.#table.isStamp(this.first + at, stamp);
  }

  isSameAgent(at: number, agent: number, stamp: FileStamp): boolean {
    return this.#table.isAgentStamp(this.first + at, agent, stamp);
  }

  transcript(at: number): KnownTranscript {
    const id = this.idOf(at);
    const side = this.sides.find((one) => one.at === at);
    const loose = this.looseAgents.filter(({ sessionId }) => sessionId === id).map(({ name }) => name);
    const paths = [...(side?.agents ?? []), ...loose];
    const agents = this.#table.agentStamps(this.first + at).map((stamp, agent) => ({ path: paths[agent] ?? '', stamp }));
    return { stamp: this.#table.stamp(this.first + at), agents, sideEntries: side?.entries ?? [] };
  }

  /** Row of a session in the index's table; undefined if it is not in this project dir. */
  rowOf(id: string): number | undefined {
    // Of hundreds of dirs most do not have it, and need not be taken apart to say so.
    if (this.#rows === undefined && !this.names.includes(id)) return undefined;
    this.#rows ??= new Map(Array.from(this.transcripts, (_, at) => [this.idOf(at), this.first + at]));
    return this.#rows.get(id);
  }

  idOf(at: number): string {
    this.#ids ??= this.names.split('\0');
    return (this.#ids[this.transcripts[at] ?? 0] ?? '').slice(0, -SUFFIX_LENGTH);
  }
}

/** Project dirs as the index's file holds them: numbers, their names one after the other, and other strings with NULs between them. */
export interface EncodedFolders {
  numbers: Float64Array;
  names: string;
  strings: string;
}

/** The given project dirs in the form that is stored. */
export function encodeFolders(folders: readonly FolderContent[]): EncodedFolders {
  const numbers: number[] = [folders.length];
  const strings: string[] = [];
  const putList = (list: readonly string[]): void => {
    numbers.push(list.length);
    strings.push(...list);
  };
  const putStamp = ({ mtimeMs, ctimeMs, ino }: FolderStamp): void => void numbers.push(mtimeMs, ctimeMs, ino);
  for (const { name, isWhole, stamp, names, transcripts, sides, looseAgents } of folders) {
    strings.push(name);
    putStamp(stamp ?? NO_STAMP);
    numbers.push(Number(isWhole), names.length, transcripts.length, ...Array.from(transcripts), sides.length);
    for (const { at, entries, folders: listed, agents } of sides) {
      numbers.push(at);
      putList(entries);
      putList(agents);
      putList(listed.map(({ path }) => path));
      for (const folder of listed) putStamp(folder.stamp);
    }
    putList(looseAgents.map((agent) => agent.name));
    for (const { stamp: { size, ...times }, sessionId } of looseAgents) {
      numbers.push(size);
      putStamp(times);
      putList(sessionId === null ? [] : [sessionId]);
    }
  }
  return { numbers: Float64Array.from(numbers), names: folders.map(({ names }) => names).join(''), strings: strings.join('\0') };
}

/** The project dirs that were encoded so; null if they do not add up to the sessions of the table. */
export function decodeFolders(encoded: EncodedFolders, table: ColumnTable): StoredFolder[] | null {
  const source = new Source(encoded);
  let row = 0;
  const folders = Array.from({ length: source.number() }, () => {
    const folder = new StoredFolder(source.folder(), table, row);
    row += folder.transcripts.length;
    return folder;
  });
  return row === table.length && source.isAtEnd ? folders : null;
}

/** Gives back what was put, in the same order. */
class Source {
  readonly #numbers: Float64Array;
  readonly #names: string;
  readonly #strings: readonly string[];
  #number = 0;
  #name = 0;
  #string = 0;

  constructor({ numbers, names, strings }: EncodedFolders) {
    this.#numbers = numbers;
    this.#names = names;
    this.#strings = strings.split('\0');
  }

  get isAtEnd(): boolean {
    return this.#number === this.#numbers.length && this.#name === this.#names.length;
  }

  number(): number {
    return this.#numbers[this.#number++] ?? NaN;
  }

  folder(): FolderContent {
    const name = this.#strings[this.#string++] ?? '';
    const stamp = this.#stamp();
    const isWhole = this.number() === 1;
    const names = this.#names.slice(this.#name, (this.#name += this.number()));
    const count = this.number();
    const transcripts = this.#numbers.subarray(this.#number, (this.#number += count));
    const sides = this.#list(() => this.#side());
    const looseNames = this.#texts();
    const looseAgents = looseNames.map((loose) => {
      const looseStamp = { size: this.number(), ...this.#stamp() };
      return { name: loose, stamp: looseStamp, sessionId: this.#texts()[0] ?? null };
    });
    return { name, isWhole, stamp: stamp.ino === NO_STAMP.ino ? null : stamp, names, transcripts, sides, looseAgents };
  }

  #side(): SideMemory {
    const at = this.number();
    const entries = this.#texts();
    const agents = this.#texts();
    const folders = this.#texts().map((path) => ({ path, stamp: this.#stamp() }));
    return { at, entries, folders, agents };
  }

  #stamp(): FolderStamp {
    return { mtimeMs: this.number(), ctimeMs: this.number(), ino: this.number() };
  }

  #texts(): string[] {
    return this.#list(() => this.#strings[this.#string++] ?? '');
  }

  #list<T>(one: () => T): T[] {
    return Array.from({ length: this.number() }, one);
  }
}
