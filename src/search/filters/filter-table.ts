import { closeSync, fstatSync, openSync } from 'node:fs';
import type { FileStamp, FolderStamp } from '../../claude/model.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import type { TurnScheduler } from '../run/turns.js';
import { GROUP_TARGET, GroupReader } from './filter-file.js';
import { DamagedBits, FilterGroup } from './filter-group.js';
import type { FilterQuery } from './filter-query.js';
import { InodeMap } from './inode-map.js';

/** Maximum number of small groups, each of which takes some reads; a file with more is rewritten. */
const MAX_SMALL_GROUPS = 256;

/** Number of files, after the last one found, that are compared with the next stamp before its inode is looked up. */
const MAX_AHEAD = 64;

/** A group whose filters can be used, with the number of its first file in the table. */
interface KnownGroup {
  group: FilterGroup;
  number: number;
  first: number;
}

/** A file of a group. */
interface KnownFile {
  group: KnownGroup;
  file: number;
}

/**
 * The stored filters, and which of their files may match a query. A filter is found by the stamp of its file; names are
 * read only to find out which files still exist.
 */
export class FilterTable {
  readonly #path: string;
  readonly #query: FilterQuery | null;
  readonly #groups: KnownGroup[] = [];
  /** Number of filters, including superseded ones. */
  #count = 0;
  /** The last file that was found: the next one to be found usually follows it. */
  #last: KnownFile | null = null;
  #index: { byInode: InodeMap; superseded: number } | undefined;
  #bytes = 0;
  /** The files that may match, each with the parts that may contain the anchor of the query (null: any part). */
  readonly #spans = new Map<number, JsonSpan[] | null>();
  /** By the name of a folder of tool results: the names of its files that have a filter. */
  readonly #listed = new Map<string, Set<string>>();
  /** Files that have a filter but are no longer in their folder of tool results, by path. */
  readonly gone = new Set<string>();
  /** True if part of the file cannot be used, or if it has too many small groups. */
  isDamaged = false;
  readonly #asked = new Float64Array(FILE_STAMP.width);

  private constructor(path: string, query: FilterQuery | null) {
    this.#path = path;
    this.#query = query;
  }

  /** Reads a file of filters. Never throws: what cannot be used is left out, so that searches read more. */
  static read(path: string, query: FilterQuery | null): FilterTable {
    const table = new FilterTable(path, query);
    const reading = table.#read();
    while (reading.next().done !== true);
    return table;
  }

  /** Reads a file of filters as `read` does, with pauses for other work of the thread. */
  static async readInTurns(path: string, query: FilterQuery | null, turns: TurnScheduler): Promise<FilterTable> {
    const table = new FilterTable(path, query);
    const reading = table.#read();
    while (reading.next().done !== true) if (turns.isDue) await turns.give();
    return table;
  }

  /** Number of filters, including superseded ones. */
  get size(): number {
    return this.#count;
  }

  /** Returns true if the file with this inode has a filter, even one made before the file changed. */
  has({ ino }: Pick<FileStamp, 'ino'>): boolean {
    return this.#inodes.byInode.get(ino) >= 0;
  }

  /** Returns the number of the filter made of a file with this stamp; undefined if there is none. */
  find(stamp: FileStamp): number | undefined {
    FILE_STAMP.write(stamp, this.#asked, 0);
    const file = this.findAt(this.#asked);
    return file < 0 ? undefined : file;
  }

  /** As `find`, with the stamp as numbers (`FILE_STAMP`); -1 if there is none. */
  findAt(stamp: Float64Array): number {
    const file = this.#fileNear(stamp) ?? this.#fileOf(stamp);
    if (file !== null) this.#last = file;
    return file === null ? -1 : file.group.first + file.file;
  }

  /** Looks for a stamp among the files after the last one found. */
  #fileNear(stamp: Float64Array): KnownFile | null {
    if (this.#last === null) return null;
    let { group, file } = this.#last;
    for (let left = MAX_AHEAD; left > 0; left -= 1) {
      if (file >= group.group.fileCount) {
        const next = this.#groups[group.number + 1];
        if (next === undefined) return null;
        group = next;
        file = 0;
      }
      if (isStampAt(group.group.stamps, file, stamp)) return { group, file };
      file += 1;
    }
    return null;
  }

  /** Looks for a stamp by its inode. */
  #fileOf(stamp: Float64Array): KnownFile | null {
    const number = this.#inodes.byInode.get(stamp[FILE_STAMP.at.ino] ?? NaN);
    const group = number < 0 ? undefined : this.#groups.findLast(({ first }) => first <= number);
    if (group === undefined) return null;
    const file = number - group.first;
    return isStampAt(group.group.stamps, file, stamp) ? { group, file } : null;
  }

  /** Returns the names of the files in a folder of tool results; null if it has changed since they were stored. */
  listed(name: string, { mtimeMs, ctimeMs, ino }: FolderStamp): readonly string[] | null {
    const names = this.#listed.get(name);
    if (names === undefined) return null;
    FILE_STAMP.write({ size: names.size, mtimeMs, ctimeMs, ino }, this.#asked, 0);
    // `#last` is not moved here: the files of the folder come before it, and are looked up next.
    return (this.#fileNear(this.#asked) ?? this.#fileOf(this.#asked)) === null ? null : [...names];
  }

  /** Adds to `gone` the files that have a filter but are not in `files`, the listing of a folder of tool results. */
  noteListing(name: string, files: readonly string[]): void {
    const left = new Set(files);
    for (const file of this.#listed.get(name) ?? []) if (!left.has(file)) this.gone.add(`${name}/${file}`);
  }

  mayMatch(file: number): boolean {
    return this.#query === null || this.#spans.has(file);
  }

  /** Returns the only parts of the file that may contain the anchor of the query; null if any part may. */
  spans(file: number): readonly JsonSpan[] | null {
    return this.#spans.get(file) ?? null;
  }

  /** Returns the names of the files that have a filter and whose inode is not in `inodes`; none if they are damaged. */
  namesBeyond(inodes: ReadonlySet<number>): string[] {
    const others = new Set<number>();
    for (const [ino, file] of this.#inodes.byInode.entries()) if (!inodes.has(ino)) others.add(file);
    if (others.size === 0) return [];
    try {
      const fd = openSync(this.#path, 'r');
      try {
        const { size } = fstatSync(fd);
        return this.#groups.flatMap(({ group, first }) => {
          const names = FilterGroup.read(fd, group.position, size)?.names() ?? [];
          return names.filter((_, at) => others.has(first + at));
        });
      } finally {
        closeSync(fd);
      }
    } catch {
      return [];
    }
  }

  /**
   * True if the file of filters should be rewritten: it is damaged, more than half of it is superseded, or it has
   * filters of files that are gone, whose folders each search would list again.
   */
  get isWasteful(): boolean {
    return (
      this.isDamaged || this.gone.size > 0 || this.#bytes > 2 * (this.#bytes - this.#inodes.superseded) + GROUP_TARGET
    );
  }

  /** All files by their inodes, and the bytes of filters that a later one supersedes. */
  get #inodes(): { byInode: InodeMap; superseded: number } {
    if (this.#index !== undefined) return this.#index;
    const byInode = new InodeMap();
    let superseded = 0;
    for (const { group, first } of this.#groups) {
      for (let file = 0; file < group.fileCount; file += 1) {
        const before = byInode.set(group.stamps[file * FILE_STAMP.width + FILE_STAMP.at.ino] ?? NaN, first + file);
        if (before < 0) continue;
        const holder = this.#groups.findLast((one) => one.first <= before);
        superseded += holder?.group.fileBytes(before - holder.first) ?? 0;
      }
    }
    return (this.#index = { byInode, superseded });
  }

  /** Reads all groups, and pauses after each. */
  *#read(): Generator<void> {
    try {
      const fd = openSync(this.#path, 'r');
      try {
        const reader = new GroupReader(fd);
        let small = 0;
        for (let group = reader.next(); group !== null; group = reader.next()) {
          this.#add(group);
          this.#bytes += group.length;
          if (group.length < GROUP_TARGET / 2) small += 1;
          yield;
        }
        this.isDamaged ||= !reader.isAtEnd || small > MAX_SMALL_GROUPS;
      } finally {
        closeSync(fd);
      }
    } catch {
      // Without filters everything is read.
    }
  }

  #add(group: FilterGroup): void {
    const first = this.#count;
    try {
      const possible: [file: number, spans: JsonSpan[] | null][] = [];
      if (this.#query !== null) group.eachPossible(this.#query, (...one) => void possible.push(one));
      for (const [file, spans] of possible) this.#spans.set(first + file, spans);
    } catch (error) {
      if (!(error instanceof DamagedBits)) throw error;
      this.isDamaged = true;
      return;
    }
    for (const name of group.listedNames()) this.#addListed(name);
    this.#groups.push({ group, number: this.#groups.length, first });
    const [head] = this.#groups;
    if (head !== undefined) this.#last ??= { group: head, file: 0 };
    this.#count += group.fileCount;
  }

  #addListed(name: string): void {
    const folderEnd = name.indexOf('/', name.indexOf('/tool-results') + 1);
    const folder = folderEnd < 0 ? name : name.slice(0, folderEnd);
    let names = this.#listed.get(folder);
    if (names === undefined) this.#listed.set(folder, (names = new Set()));
    if (folderEnd >= 0) names.add(name.slice(folderEnd + 1));
  }
}

/** Returns true if the stamp of a file, in a list of stamps, equals `stamp`. */
function isStampAt(stamps: Float64Array, file: number, stamp: Float64Array): boolean {
  const at = file * FILE_STAMP.width;
  for (let number = 0; number < FILE_STAMP.width; number += 1) if (stamps[at + number] !== stamp[number]) return false;
  return true;
}
