import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { FILTERS_SUFFIX, storeName } from '../../session-index/format/store.js';
import { removeTemporary, unique } from '../../session-index/format/save-file.js';
import { makeFolders } from '../../system/make-folders.js';
import { writeAll } from '../../system/write-file.js';
import { encodeGroup } from './encode-group.js';
import { FilterGroup } from './filter-group.js';
import type { FileFilter } from './filter-record.js';

/** Fields of the head of the file, with their offsets (docs/index-format.md). */
const FILE_HEAD = { magic: 'ccsess-filters', version: 14, bytes: 16 };
const VERSION = 5;

/**
 * Bytes of filters that make a group; the last one of a run may be smaller. A group is held twice while it is encoded,
 * and each one costs a search a few reads.
 */
export const GROUP_TARGET = 2 * 1024 * 1024;

/** Path of the file with the filters of a projects folder. */
export function filtersPath(directory: string, root: string): string {
  return join(directory, storeName(root) + FILTERS_SUFFIX);
}

/** True if a search has left filters of a projects folder. */
export function hasFilters(directory: string, root: string): boolean {
  return existsSync(filtersPath(directory, root));
}

/** Number of bytes that a filter takes, without its name. */
function bytesOf({ blocks }: FileFilter): number {
  return blocks.reduce((sum, { bits }) => sum + bits.length, 0);
}

/** Reads the groups of an open file one after the other, up to the first whose directory is damaged. */
export class GroupReader {
  readonly #fd: number;
  readonly #size: number;
  #next: number;

  constructor(fd: number) {
    this.#fd = fd;
    this.#size = fstatSync(fd).size;
    const head = Buffer.alloc(FILE_HEAD.bytes);
    const isFilters =
      readSync(fd, head, 0, head.length, 0) === head.length &&
      head.toString('latin1', 0, FILE_HEAD.version) === FILE_HEAD.magic &&
      head.readUInt16LE(FILE_HEAD.version) === VERSION;
    this.#next = isFilters ? FILE_HEAD.bytes : Infinity;
  }

  /** Null at the end, or where a group is damaged. */
  next(): FilterGroup | null {
    const group = this.#next < this.#size ? FilterGroup.read(this.#fd, this.#next, this.#size) : null;
    if (group !== null) this.#next += group.length;
    return group;
  }

  /** True after the last group, if all of them are whole. */
  get isAtEnd(): boolean {
    return this.#next === this.#size;
  }
}

/** Appends filters to a file, created if necessary, as one group. Returns false if it cannot be written. */
export function appendFilters(directory: string, path: string, filters: readonly FileFilter[]): boolean {
  try {
    makeFolders(directory);
    const fd = openSync(path, 'a+', 0o600);
    try {
      const isNew = readSync(fd, Buffer.alloc(1), 0, 1, 0) === 0;
      if (isNew) writeAll(fd, fileHead());
      // One write, so that no group of another run can end up within ours.
      writeAll(fd, encodeGroup(filters));
    } finally {
      closeSync(fd);
    }
    return true;
  } catch {
    return false;
  }
}

/** Replaces a file of filters by one that has only the last filter of each path that `isKept` accepts. Never throws. */
export function compactFilters(path: string, isKept: (path: string) => boolean): void {
  const temporary = `${path}.${unique()}.tmp`;
  try {
    const from = openSync(path, 'r');
    try {
      const last = lastOfEach(from, isKept);
      const to = openSync(temporary, 'wx', 0o600);
      try {
        writeAll(to, fileHead());
        let held: FileFilter[] = [];
        let bytes = 0;
        const flush = (): void => {
          if (held.length > 0) writeAll(to, encodeGroup(held));
          held = [];
          bytes = 0;
        };
        const reader = new GroupReader(from);
        for (let group = reader.next(), number = 0; group !== null; group = reader.next(), number += 1) {
          for (const [file, filter] of (group.filters() ?? []).entries()) {
            if (last.get(filter.path) !== `${number}:${file}`) continue;
            held.push(filter);
            bytes += bytesOf(filter);
            if (bytes >= GROUP_TARGET) flush();
          }
        }
        flush();
      } finally {
        closeSync(to);
      }
    } finally {
      closeSync(from);
    }
    renameSync(temporary, path);
  } catch {
    removeTemporary(temporary);
  }
}

/** For each path that is kept, the number of the group with its last filter, and its position in that group. */
function lastOfEach(fd: number, isKept: (path: string) => boolean): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  const reader = new GroupReader(fd);
  for (let group = reader.next(), number = 0; group !== null; group = reader.next(), number += 1)
    for (const [file, { path }] of (group.filters() ?? []).entries())
      if (isKept(path)) last.set(path, `${number}:${file}`);
  return last;
}

function fileHead(): Buffer {
  const head = Buffer.alloc(FILE_HEAD.bytes);
  head.write(FILE_HEAD.magic, 'latin1');
  head.writeUInt16LE(VERSION, FILE_HEAD.version);
  return head;
}
