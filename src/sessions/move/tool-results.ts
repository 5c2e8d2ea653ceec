import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  type Stats,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { temporaryNextTo } from '../../system/temporaries.js';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import type { ReplacedTranscripts } from '../../retention/replaced.js';
import type { CopiedPart } from '../../transcript/late-lines.js';
import { readLines, withFile } from '../../transcript/lines.js';
import { mayNameResult, renewResultPath } from '../../transcript/result-path.js';
import { safeName, type SafeName } from '../../system/safe-path.js';
import { isFolder } from '../../system/stat.js';
import type { DependentFork, SessionStep } from './model.js';
import { projectFolder } from './refusals.js';

const NEWLINE = Buffer.from('\n');
const BATCH_BYTES = 1024 * 1024;

/** Sessions whose paths of tool results are to follow a move. */
export interface Followers {
  moved: readonly SessionStep[];
  readers: readonly DependentFork[];
  /** Returns true for a session that must not be rewritten now. */
  isBusy(id: string): boolean;
}

/**
 * Replaces the old paths of large tool results, which the model is asked to read (docs/storage.md, "Directory map"), in
 * the transcripts of moved sessions and of the readers, subagents' included. Only paths recorded as the path of a tool
 * result are replaced, and in the text of that result. A transcript is replaced as a whole and keeps its mode, its
 * times and every line appended meanwhile; it is not changed while `isBusy`.
 */
export function followToolResults(configDir: ConfigDir, followers: Followers, replaced: ReplacedTranscripts): void {
  const { moved, readers, isBusy } = followers;
  const hasResults = ({ id, to }: SessionStep): boolean =>
    isFolder(join(projectFolder(configDir, to), id, 'tool-results'));
  const withResults = moved.filter((step) => step.from !== step.to && hasResults(step));
  if (withResults.length === 0) return;
  const newProjectDirs = new Map(withResults.map(({ id, from, to }) => [`${from}/${id}`, to]));
  for (const { id, from, to, agents } of [...moved, ...readers.map(asStep)]) {
    const own = newProjectDirs.get(`${from}/${id}`);
    for (const path of transcriptsOf(projectFolder(configDir, to), id, agents)) {
      if (!namesResult(path)) continue;
      const results = new Map(own === undefined ? [] : [[`${from}/${id}`, own]]);
      const renew = (line: Buffer): Buffer | null =>
        renewResultPath(line, (key) => lookUpAndAdd(newProjectDirs, key, results));
      rewrite(path, renew, (temporary, original, copied) => {
        const names = relative(configDir.projectsRoot, path).split(sep).map(safeName);
        return !isBusy(id) && replaced.replace(temporary, original, { path: names, copied, results });
      });
    }
  }
}

function asStep({ id, projectDir }: DependentFork): Pick<SessionStep, 'id' | 'from' | 'to' | 'agents'> {
  return { id, from: projectDir, to: projectDir, agents: [] };
}

/** Returns the value of a key and adds it to `found`. */
function lookUpAndAdd(
  values: ReadonlyMap<string, SafeName>,
  key: string,
  found: Map<string, SafeName>,
): SafeName | undefined {
  const value = values.get(key);
  if (value !== undefined) found.set(key, value);
  return value;
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
    for (const { bytes } of readLines(fd)) if (mayNameResult(bytes)) return true;
    return false;
  });
}

type Replace = (temporary: string, original: Stats, copied: CopiedPart) => boolean;

function rewrite(path: string, renew: (line: Buffer) => Buffer | null, replace: Replace): void {
  const original = statSync(path);
  const temporary = temporaryNextTo(path);
  try {
    const { changed, ...copied } = writeRenewed(path, temporary, renew);
    if (!changed) return;
    chmodSync(temporary, original.mode);
    utimesSync(temporary, original.atime, original.mtimeMs / 1000);
    replace(temporary, original, copied);
  } finally {
    rmSync(temporary, { force: true });
  }
}

type Renewed = CopiedPart & { changed: boolean };

function writeRenewed(path: string, temporary: string, renew: (line: Buffer) => Buffer | null): Renewed {
  const out = openSync(temporary, 'wx', PRIVATE_FILE);
  try {
    const copied = { lines: 0, bytes: 0, size: 0, changed: false };
    let batch: Buffer[] = [];
    let held = 0;
    const flush = (): void => {
      writeAll(out, Buffer.concat(batch));
      batch = [];
      held = 0;
    };
    withFile(path, (fd) => {
      for (const { bytes, end, terminated } of readLines(fd)) {
        const renewed = renew(bytes);
        copied.changed ||= renewed !== null;
        copied.size = end;
        if (terminated) Object.assign(copied, { lines: copied.lines + 1, bytes: end });
        batch.push(renewed ?? Buffer.from(bytes), ...(terminated ? [NEWLINE] : []));
        held += bytes.length;
        if (held > BATCH_BYTES) flush();
      }
    });
    flush();
    fsyncSync(out);
    return copied;
  } finally {
    closeSync(out);
  }
}
