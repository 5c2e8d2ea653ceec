import { fstatSync } from 'node:fs';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { packFilter } from '../filters/filter-record.js';
import type { FilterQuery } from '../filters/filter-query.js';
import { isSameStamp, type SearchLimit } from '../filters/filters.js';
import type { FileSketch } from '../raw/file-sketch.js';
import type { RawFinder } from '../raw/finder.js';
import { possibleSpans } from './possible-spans.js';

/** Lines of a file that may match, and the record of its filter. */
export interface ScannedFile {
  lines: JsonSpan[];
  /** Null if no filter is to be made, or if the file may still change unnoticed. */
  filter: Uint8Array | null;
}

/** A file that changed within this time, in milliseconds, may change again without new times. */
const SETTLED_MS = 2000;

interface ScanOptions {
  finder: RawFinder;
  /** The part of the query that filters can answer; null if they cannot help. */
  filterQuery: FilterQuery | null;
  /** When the search began. */
  nowMs: number;
  /** Name that the filter is to have; null for none. */
  filterName: string | null;
  /** Bytes that may match; null for all. */
  limit: SearchLimit | null;
}

/** Finds the lines of an open file that may match. */
export function scanFile(fd: number, size: number, options: ScanOptions): ScannedFile {
  const { finder, filterQuery, nowMs, filterName, limit } = options;
  if (limit !== null && isSameStamp(fstatSync(fd), limit.stamp))
    return { lines: finder.candidatesIn(fd, size, limit.spans), filter: null };
  if (filterName === null) return { lines: finder.candidates(fd, size), filter: null };
  const before = fstatSync(fd);
  const { lines, sketch } = sketched(fd, size, finder, filterQuery);
  const after = fstatSync(fd);
  const isSettled =
    before.size === size &&
    after.size === size &&
    after.mtimeMs === before.mtimeMs &&
    after.ctimeMs === before.ctimeMs &&
    Math.abs(nowMs - after.ctimeMs) > SETTLED_MS;
  if (!isSettled) return { lines, filter: null };
  const { mtimeMs, ctimeMs, ino } = after;
  const { isOpaque, blocks } = sketch;
  return {
    lines,
    filter: packFilter({ path: filterName, stamp: { size, mtimeMs, ctimeMs, ino }, isOpaque, blocks }),
  };
}

/** Makes a sketch of a file, which shows where the query can be, so that only those bytes are searched. */
function sketched(
  fd: number,
  size: number,
  finder: RawFinder,
  query: FilterQuery | null,
): { lines: JsonSpan[]; sketch: FileSketch } {
  if (query === null) {
    const sketch = finder.newSketch();
    return { lines: finder.candidates(fd, size, sketch), sketch };
  }
  const sketch = finder.sketch(fd, size);
  const spans = possibleSpans(query, sketch);
  return { lines: spans === null ? finder.candidates(fd, size) : finder.candidatesIn(fd, size, spans), sketch };
}
