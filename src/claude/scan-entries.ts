import { type Dirent, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import type { AgentFile, FileStamp, Problem } from './model.js';
import { errorCode, fileProblem, unreadable } from './problem.js';

const AGENT_FILE = /^agent-(.+)\.jsonl$/;

/** The entries of a folder; none when it does not exist, none and a problem when it cannot be read. */
export function list(folder: string, problems: Problem[]): Dirent[] {
  return listed(() => readdirSync(folder, { withFileTypes: true }), folder, problems);
}

/** As `list`, the names alone: for folders of thousands, where what they name is looked at anyway. */
export function listNames(folder: string, problems: Problem[]): string[] {
  return listed(() => readdirSync(folder), folder, problems);
}

function listed<T>(read: () => T[], folder: string, problems: Problem[]): T[] {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}

/**
 * A subagent's transcript, or null for any other name. Symlinks are not followed here: a link beside subagents leads
 * to a file that belongs to something else.
 */
export function agentFile(path: string, name: string, problems: Problem[]): AgentFile | null {
  const agentId = AGENT_FILE.exec(name)?.[1];
  if (agentId === undefined) return null;
  const stats = look(() => lstatSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats === undefined || stats.isSymbolicLink()) return null;
  const stamp = stampOf(stats, path, problems);
  return stamp === null ? null : { agentId, path, stamp };
}

/** The stamp of a transcript, or of what a link leads to; null with a problem noted if it is none, or if it vanished. */
export function transcriptStamp(path: string, problems: Problem[]): FileStamp | null {
  const noted = problems.length;
  const stats = look(() => statSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats !== undefined) return stampOf(stats, path, problems);
  const isLink = problems.length === noted && look(() => lstatSync(path, { throwIfNoEntry: false }), path, problems) !== undefined;
  if (isLink) problems.push(deadLink(path));
  return null;
}

/** The problem of a link whose target does not exist. */
export function deadLink(path: string): Problem {
  return fileProblem('unreadable', 'A link that leads nowhere.', path);
}

function look(stat: () => Stats | undefined, path: string, problems: Problem[]): Stats | undefined {
  try {
    return stat();
  } catch (error) {
    problems.push(unreadable(path, error));
    return undefined;
  }
}

function stampOf(stats: Stats, path: string, problems: Problem[]): FileStamp | null {
  if (!stats.isFile()) {
    problems.push(fileProblem('not-a-file', 'Named like a transcript but not a regular file.', path));
    return null;
  }
  return { size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, ino: stats.ino };
}
