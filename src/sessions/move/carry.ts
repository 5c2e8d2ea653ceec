import { lstatSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { childPath, namesAsBytes } from '../../system/byte-path.js';
import { makeFolders } from '../../system/make-folders.js';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { appendEntries } from '../../transcript/append.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../../transcript/lines.js';
import { parseObject } from '../../system/small-file.js';
import type { MemoryStep, SessionStep } from './model.js';
import { projectFolder } from './refusals.js';
import { exists } from '../../system/stat.js';

/** Location of a session's transcript: its old path, its new one, both, or neither. */
export type TranscriptLocation = 'old' | 'new' | 'both' | 'gone';

/** Returns the location of a step's transcript. Within one project dir both paths are the same, which counts as old. */
export function locateTranscript(configDir: ConfigDir, { id, from, to }: SessionStep): TranscriptLocation {
  const isIn = (projectDir: string): boolean => exists(join(projectFolder(configDir, projectDir), `${id}.jsonl`));
  if (from !== to && isIn(to)) return isIn(from) ? 'both' : 'new';
  return isIn(from) ? 'old' : 'gone';
}

/**
 * Moves the transcript alone, with one rename: after it the session is at its new path, and `carryRest` moves what
 * belongs to it. Throws Node's error; the session is then still at its old path.
 */
export function carryTranscript(configDir: ConfigDir, { id, from, to }: SessionStep): void {
  if (from === to) return;
  const target = projectFolder(configDir, to);
  makeFolders(target);
  const path = join(target, `${id}.jsonl`);
  // A rename would silently replace it.
  if (exists(path)) throw Object.assign(new Error(`${path} is there already`), { code: 'EEXIST' });
  renameSync(join(projectFolder(configDir, from), `${id}.jsonl`), path);
}

/**
 * Reverts `carryTranscript` and `carryRest`. The transcript is moved back last, so that the move can be finished until
 * then.
 */
export function carryBack(configDir: ConfigDir, step: SessionStep): void {
  const back = { ...step, from: step.to, to: step.from };
  carryRest(configDir, back);
  carryTranscript(configDir, back);
  const path = join(projectFolder(configDir, step.from), `${step.id}.jsonl`);
  if (statSync(path).size === step.size) setModified(path, step.mtimeMs);
}

/**
 * Moves what belongs to a moved transcript: its side folder and legacy agent files. If Claude Code has already created
 * a side folder at the new path, files whose names are free there are moved into it. Throws Node's error.
 */
export function carryRest(configDir: ConfigDir, { id, from, to, agents }: SessionStep): void {
  if (from === to) return;
  for (const name of [id, ...agents])
    carryInto(
      Buffer.from(join(projectFolder(configDir, from), name)),
      Buffer.from(join(projectFolder(configDir, to), name)),
    );
}

/** Paths are bytes, since names of files need not be UTF-8. */
function carryInto(old: Buffer, target: Buffer): void {
  const [moving, taken] = [old, target].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (moving === undefined) return;
  if (taken === undefined) return renameSync(old, target);
  if (!moving.isDirectory() || !taken.isDirectory()) return;
  for (const name of namesAsBytes(old)) carryInto(childPath(old, name), childPath(target, name));
  removeIfEmpty(old);
}

/**
 * Records the new folder the way Claude Code's own `/cd` does (docs/storage.md, "Lifecycle"), and keeps the file's
 * times. An empty transcript stays empty, since it records no folder.
 */
export function recordFolder(configDir: ConfigDir, step: SessionStep): void {
  const path = join(projectFolder(configDir, step.to), `${step.id}.jsonl`);
  if (statSync(path).size > 0) appendEntries(path, [relocation(step)], { keepTimes: true });
}

/**
 * Finishes `recordFolder` after a kill: restores the times if only that is missing, and records the folder if that is
 * missing and the session has left its old project dir. While our line is the last one, or no line was added, nobody
 * else has written to the file.
 */
export function finishRecordFolder(configDir: ConfigDir, step: SessionStep): void {
  const path = join(projectFolder(configDir, step.to), `${step.id}.jsonl`);
  const ours = JSON.stringify(relocation(step));
  let recorded: unknown = null;
  let isLast = false;
  withFile(path, (fd) => {
    for (const { bytes } of readLines(fd, { limit: MAX_LINE_BYTES })) {
      const line = bytes.includes('"relocated"') ? bytes.toString('utf8') : '';
      isLast = line === ours;
      const entry = parseObject(line);
      if (entry?.['type'] === 'relocated') recorded = entry['relocatedCwd'];
    }
  });
  // A killed write may have changed only the times.
  if (isLast || statSync(path).size === step.size) setModified(path, step.mtimeMs);
  if (recorded !== step.cwd && step.from !== step.to) recordFolder(configDir, step);
}

function setModified(path: string, ms: number): void {
  utimesSync(path, statSync(path).atime, ms / 1000);
}

function relocation({ id, cwd }: SessionStep): object {
  return { type: 'relocated', sessionId: id, relocatedCwd: cwd };
}

/**
 * Moves `memory/` if there is none at the new path, or an empty one. If there is another, an empty one of ours is
 * removed. Returns true if none is left at the old path.
 */
export function carryMemory(configDir: ConfigDir, { from, to }: MemoryStep): boolean {
  const [old, target] = [join(projectFolder(configDir, from), 'memory'), join(projectFolder(configDir, to), 'memory')];
  if (!exists(old)) return true;
  makeFolders(projectFolder(configDir, to));
  try {
    // A rename replaces an empty folder at the new path, but no other.
    renameSync(old, target);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
    return removeIfEmpty(old);
  }
}

/** Removes a folder if it is empty. */
export function removeIfEmpty(folder: string | Buffer): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Removes the half-written copies of a file of this name that a killed process left in a folder. */
export function removeTemporaries(folder: string, name: string): void {
  if (!exists(folder)) return;
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(`.${name}.`) && entry.endsWith('.tmp')) rmSync(join(folder, entry), { force: true });
  }
}
