import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { parseObject } from '../../system/small-file.js';
import { PRIVATE_FILE, temporaryBeside, writeAll } from '../../system/write-file.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../../transcript/lines.js';
import { isFolder } from './folders.js';
import type { Reader, Step } from './model.js';
import { projectFolder } from './refusals.js';

const RESULT_PATH = /^(.*\/projects\/)([^/]+)\/([^/]+)(\/tool-results\/[^/]+)$/s;
const MEMBER = '"persistedOutputPath"';
const NEWLINE = Buffer.from('\n');
const BATCH_BYTES = 1024 * 1024;

/**
 * Large tool results lie in files, and transcripts name these by absolute paths, which the model is told to read
 * (docs/storage.md, "Directory map"). Lets the transcripts of moved sessions and of the readers, subagents' included,
 * follow the results to their new places: only the path of a tool result that says so is replaced, there and in its text.
 * A transcript is replaced whole and keeps mode and times; it stays as it is while `isBusy` or if it changes meanwhile.
 */
export function followToolResults(
  configDir: ConfigDir,
  moved: readonly Step[],
  readers: readonly Reader[],
  isBusy: (id: string) => boolean,
): void {
  const withResults = moved.filter(
    ({ id, from, to }) => from !== to && isFolder(join(projectFolder(configDir, to), id, 'tool-results')),
  );
  if (withResults.length === 0) return;
  const newPlaces = new Map(withResults.map(({ id, from, to }) => [`${from}/${id}`, to]));
  for (const { id, to, agents } of [
    ...moved,
    ...readers.map((reader) => ({ ...reader, to: reader.projectDir, agents: [] })),
  ]) {
    for (const path of transcriptsOf(projectFolder(configDir, to), id, agents)) {
      if (namesResult(path))
        rewrite(
          path,
          (line) => withNewPlace(line, newPlaces),
          () => isBusy(id),
        );
    }
  }
}

function transcriptsOf(folder: string, id: string, agents: readonly string[]): string[] {
  const below = join(folder, id, 'subagents');
  const subagents = isFolder(below) ? readdirSync(below, { recursive: true, withFileTypes: true }) : [];
  const paths = subagents
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
    .map((entry) => join(entry.parentPath, entry.name));
  return [join(folder, `${id}.jsonl`), ...agents.map((name) => join(folder, name)), ...paths].filter(isPlainFile);
}

function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function namesResult(path: string): boolean {
  return withFile(path, (fd) => {
    for (const { bytes } of readLines(fd)) if (bytes.includes(MEMBER)) return true;
    return false;
  });
}

/** The line with its result's path renewed, byte for byte the same otherwise; `null` if there is nothing to renew. */
function withNewPlace(line: Buffer, newPlaces: ReadonlyMap<string, string>): Buffer | null {
  // A line that no string can hold stays as it is.
  if (line.length > MAX_LINE_BYTES || !line.includes(MEMBER)) return null;
  const result = parseObject(line.toString('utf8'))?.['toolUseResult'];
  const path =
    typeof result === 'object' && result !== null && 'persistedOutputPath' in result
      ? result.persistedOutputPath
      : null;
  if (typeof path !== 'string') return null;
  const [, start = '', projectDir = '', id = '', end = ''] = RESULT_PATH.exec(path) ?? [];
  const to = newPlaces.get(`${projectDir}/${id}`);
  if (to === undefined) return null;
  // One character a byte: bytes that are no UTF-8 come out as they went in.
  return Buffer.from(
    line.toString('latin1').replaceAll(asWritten(path), asWritten(`${start}${to}/${id}${end}`)),
    'latin1',
  );
}

function asWritten(path: string): string {
  return Buffer.from(JSON.stringify(path).slice(1, -1)).toString('latin1');
}

function rewrite(path: string, change: (line: Buffer) => Buffer | null, isBusy: () => boolean): void {
  const before = statSync(path);
  const temporary = temporaryBeside(path);
  try {
    const changed = writeChanged(path, temporary, change);
    if (!changed) return;
    chmodSync(temporary, before.mode);
    utimesSync(temporary, before.atime, before.mtimeMs / 1000);
    if (!isBusy() && isUnchanged(before, statSync(path))) renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeChanged(path: string, temporary: string, change: (line: Buffer) => Buffer | null): boolean {
  const out = openSync(temporary, 'wx', PRIVATE_FILE);
  try {
    let changed = false;
    let batch: Buffer[] = [];
    let held = 0;
    const flush = (): void => {
      writeAll(out, Buffer.concat(batch));
      batch = [];
      held = 0;
    };
    withFile(path, (fd) => {
      for (const { bytes, terminated } of readLines(fd)) {
        const renewed = change(bytes);
        changed ||= renewed !== null;
        batch.push(renewed ?? Buffer.from(bytes), ...(terminated ? [NEWLINE] : []));
        held += bytes.length;
        if (held > BATCH_BYTES) flush();
      }
    });
    flush();
    fsyncSync(out);
    return changed;
  } finally {
    closeSync(out);
  }
}

function isUnchanged(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
