import { lstatSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { childPath, namesAsBytes } from '../../system/byte-path.js';
import { makeFolders } from '../../system/make-folders.js';
import type { ConfigDir } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { appendEntries } from '../../transcript/append.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../../transcript/lines.js';
import { parseObject } from '../../system/small-file.js';
import type { MemoryStep, Step } from './model.js';
import { projectFolder } from './refusals.js';
import { exists } from '../../system/look.js';

/** Position of a session's transcript: still at its old path, at its new one, at both, or nowhere. */
export type TranscriptLocation = 'old' | 'new' | 'both' | 'gone';

/** Looks for the transcript of a step. Within one project dir both paths are the same, and it counts as old. */
export function locateTranscript(configDir: ConfigDir, { id, from, to }: Step): TranscriptLocation {
  const isIn = (projectDir: string): boolean => exists(join(projectFolder(configDir, projectDir), `${id}.jsonl`));
  if (from !== to && isIn(to)) return isIn(from) ? 'both' : 'new';
  return isIn(from) ? 'old' : 'gone';
}

/**
 * Moves the transcript alone, with one rename: from here on the session is at its new place, and `carryRest` brings
 * what belongs to it. Throws Node's error; the session is then where it was.
 */
export function carryTranscript(configDir: ConfigDir, { id, from, to }: Step): void {
  if (from === to) return;
  const target = projectFolder(configDir, to);
  makeFolders(target);
  const path = join(target, `${id}.jsonl`);
  // A rename would replace it without a word.
  if (exists(path)) throw Object.assign(new Error(`${path} is there already`), { code: 'EEXIST' });
  renameSync(join(projectFolder(configDir, from), `${id}.jsonl`), path);
}

/**
 * Takes back what `carryTranscript` and `carryRest` did. The transcript goes last, so that until then the move can
 * still be finished.
 */
export function carryBack(configDir: ConfigDir, step: Step): void {
  const back = { ...step, from: step.to, to: step.from };
  carryRest(configDir, back);
  carryTranscript(configDir, back);
  const path = join(projectFolder(configDir, step.from), `${step.id}.jsonl`);
  if (statSync(path).size === step.size) setModified(path, step.mtimeMs);
}

/**
 * Brings after a transcript what belongs to it: its side folder and legacy agent files. Where Claude Code has begun a
 * side folder at the new place already, each file goes into it whose name is free. Throws Node's error.
 */
export function carryRest(configDir: ConfigDir, { id, from, to, agents }: Step): void {
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
 * times. An empty transcript stays empty: nothing in it says a folder anyway.
 */
export function recordFolder(configDir: ConfigDir, step: Step): void {
  const path = join(projectFolder(configDir, step.to), `${step.id}.jsonl`);
  if (statSync(path).size > 0) appendEntries(path, [relocation(step)], { keepTimes: true });
}

/**
 * After a kill: puts the times back if only that was not reached, and does `recordFolder` if it was not and the session
 * has left its old project dir. As long as our line is the last one, or none has come, nobody has written since.
 */
export function settleFolder(configDir: ConfigDir, step: Step): void {
  const path = join(projectFolder(configDir, step.to), `${step.id}.jsonl`);
  const ours = JSON.stringify(relocation(step));
  let recorded: unknown = null;
  let isLast = false;
  withFile(path, (fd) => {
    for (const { bytes } of readLines(fd)) {
      const line = bytes.length <= MAX_LINE_BYTES && bytes.includes('"relocated"') ? bytes.toString('utf8') : '';
      isLast = line === ours;
      const entry = parseObject(line);
      if (entry?.['type'] === 'relocated') recorded = entry['relocatedCwd'];
    }
  });
  // A write that is killed may have changed the times and nothing else.
  if (isLast || statSync(path).size === step.size) setModified(path, step.mtimeMs);
  if (recorded !== step.cwd && step.from !== step.to) recordFolder(configDir, step);
}

function setModified(path: string, ms: number): void {
  utimesSync(path, statSync(path).atime, ms / 1000);
}

function relocation({ id, cwd }: Step): object {
  return { type: 'relocated', sessionId: id, relocatedCwd: cwd };
}

/**
 * Moves `memory/` where there is none, or an empty one; an empty one of ours is dropped elsewhere. True if none is left
 * behind.
 */
export function carryMemory(configDir: ConfigDir, { from, to }: MemoryStep): boolean {
  const [old, target] = [join(projectFolder(configDir, from), 'memory'), join(projectFolder(configDir, to), 'memory')];
  if (!exists(old)) return true;
  makeFolders(projectFolder(configDir, to));
  try {
    // An empty folder at the new place is replaced, any other is not.
    renameSync(old, target);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
    return removeIfEmpty(old);
  }
}

/** Removes a folder that nothing is left in. */
export function removeIfEmpty(folder: string | Buffer): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Removes from a folder what a killed process left half written of a file of this name. */
export function removeTemporaries(folder: string, name: string): void {
  if (!exists(folder)) return;
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(`.${name}.`) && entry.endsWith('.tmp')) rmSync(join(folder, entry), { force: true });
  }
}
