import { isAbsolute, normalize, resolve } from 'node:path';
import type { TranscriptFile } from '../../claude/model.js';
import { readTouchedPaths } from '../../transcript/file-calls/touched-paths.js';
import type { ReportRejection } from '../format/rejection.js';
import { saveFile } from '../format/save-file.js';
import type { ColumnTable } from '../format/table/column-table.js';
import type { SessionFiles } from '../refresh/session-files.js';
import type { PathFilter } from './path-filter.js';
import { encodePaths, PathsFile, STATE_WIDTH, stateKey, writeState } from './paths-file.js';

/** Position of a session whose paths are not stored. */
const UNKNOWN = -1;
/** Bytes that are read between two turns of the event loop. */
const PAUSE_BYTES = 4 * 1024 * 1024;

/** The sessions of a table, and the file with their paths. */
export interface PathSource {
  table: ColumnTable;
  files: SessionFiles;
  /** The folder of a session, which paths of its file history may start from. */
  folderOf(row: number): string | null;
  /** Path of the stored file; null if nothing is stored. */
  path: string | null;
}

/** Options of `collectPaths`. */
export interface PathOptions {
  readOnly?: boolean;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  onRejected?: ReportRejection;
}

/** The paths that sessions touched, by the rows of their table. */
export interface TouchedPaths {
  /** Returns the rows of sessions with a path that the filter matches, ascending. */
  rowsTouching(filter: PathFilter): number[];
  /** Returns the paths of all sessions, perhaps with those of deleted ones. */
  all(): string[];
}

/**
 * Returns the paths that the tools of sessions touched: the stored ones if a session's files are unchanged, else those
 * read from its transcripts, which are then stored. Transcripts that cannot be read have none. Rejects when aborted.
 */
export async function collectPaths(source: PathSource, options: PathOptions = {}): Promise<TouchedPaths> {
  const { table, path } = source;
  const stored = path === null ? null : PathsFile.load(path, options.onRejected ?? (() => {}));
  const positions = positionsOf(table, stored);
  const unknown = [...positions.keys()].filter((row) => positions[row] === UNKNOWN);
  const read = await readPaths(source, unknown, options);
  if (stored !== null && read.size === 0) return inRows(stored, positions);
  const paths = stored?.paths() ?? [];
  const rows = [...positions.keys()].filter((row) => positions[row] !== UNKNOWN || read.has(row));
  const pieces = encodePaths(
    rows.map((row) => {
      const state = new Float64Array(STATE_WIDTH);
      writeState(table, row, state, 0);
      return { state, paths: read.get(row) ?? paths[positions[row] ?? UNKNOWN] ?? [] };
    }),
  );
  if (path !== null && options.readOnly !== true) saveFile(path, pieces);
  const updated = new Int32Array(table.length).fill(UNKNOWN);
  rows.forEach((row, at) => (updated[row] = at));
  return inRows(PathsFile.decode(Buffer.concat(pieces)), updated);
}

/** Returns the position of each row's session in a file of paths, if its files are unchanged. */
function positionsOf(table: ColumnTable, stored: PathsFile | null): Int32Array {
  const positions = new Int32Array(table.length).fill(UNKNOWN);
  if (stored === null) return positions;
  const state = new Float64Array(STATE_WIDTH);
  let byState: Map<string, number> | undefined;
  for (let row = 0; row < table.length; row++) {
    writeState(table, row, state, 0);
    // Most sessions are still in the same row.
    if (stored.isState(row, state)) positions[row] = row;
    else positions[row] = (byState ??= stored.positions()).get(stateKey(state)) ?? UNKNOWN;
  }
  return positions;
}

/** The paths of a file, by the rows that its sessions have in a table. */
function inRows(file: PathsFile, positions: Int32Array): TouchedPaths {
  return {
    all: () => file.texts(),
    rowsTouching(filter) {
      const matching = file.matching(filter);
      return matching.size === 0 ? [] : [...positions.keys()].filter((row) => matching.has(positions[row] ?? UNKNOWN));
    },
  };
}

/** Reads the paths of sessions by their rows; those that cannot be read are left out. */
async function readPaths(
  { files, folderOf }: PathSource,
  rows: readonly number[],
  { onProgress, signal }: PathOptions,
): Promise<Map<number, string[]>> {
  const read = new Map<number, string[]>();
  const sessions = rows.map((row) => ({ row, file: files.at(row) }));
  const total = sessions.reduce((sum, { file }) => sum + bytesOf(file), 0);
  let done = 0;
  let paused = 0;
  for (const { row, file } of sessions) {
    if (done - paused >= PAUSE_BYTES) {
      paused = done;
      onProgress?.(done, total);
      await new Promise((resume) => void setImmediate(resume));
    }
    signal?.throwIfAborted();
    const paths = pathsOf(file, () => folderOf(row));
    if (paths !== null) read.set(row, paths);
    done += bytesOf(file);
  }
  return read;
}

/** The paths in the transcripts of a session and its subagents, each once; null if one of them cannot be read. */
function pathsOf({ path, agents }: TranscriptFile, folderOf: () => string | null): string[] | null {
  const paths = new Set<string>();
  try {
    for (const transcript of [path, ...agents.map((agent) => agent.path)])
      for (const touched of readTouchedPaths(transcript)) {
        const absolute = absolutePath(touched, folderOf);
        if (absolute !== null) paths.add(absolute);
      }
  } catch {
    return null;
  }
  return [...paths];
}

/** Returns null for a path with a NUL, and for a relative path in a session without a folder. */
function absolutePath(path: string, folderOf: () => string | null): string | null {
  if (path.includes('\0')) return null;
  if (isAbsolute(path)) return normalize(path);
  const folder = folderOf();
  return folder === null ? null : resolve(folder, path);
}

function bytesOf({ stamp, agents }: TranscriptFile): number {
  return agents.reduce((sum, agent) => sum + agent.stamp.size, stamp.size);
}
