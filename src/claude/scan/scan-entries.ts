import { type Dirent, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { agentIdOf } from './agent-name.js';
import { stampOf } from './known-folder.js';
import { ownUid } from '../../system/system.js';
import type { AgentFile } from '../model.js';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';

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
 * A subagent's transcript, or null for any other name. Symlinks are not followed here: a link among subagents leads
 * to a file that belongs to something else.
 */
export function agentFile(path: string, name: string, problems: Problem[]): AgentFile | null {
  const agentId = agentIdOf(name);
  if (agentId === null) return null;
  const stats = look(() => lstatSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats === undefined || stats.isSymbolicLink()) return null;
  if (!isTranscript(stats, path, problems)) return null;
  return { agentId, path, stamp: stampOf(stats) };
}

/** The state of a transcript. */
export interface TranscriptLook {
  /** Of what a link leads to. */
  stats: Stats;
  /** A file of the user's own and no link to one. */
  isPlain: boolean;
}

/** The state of a transcript; null with a problem noted if it is none, or if it vanished. */
export function transcriptStats(path: string, problems: Problem[]): TranscriptLook | null {
  const own = look(() => lstatSync(path, { throwIfNoEntry: false }), path, problems);
  if (own === undefined) return null;
  if (!own.isSymbolicLink())
    return isTranscript(own, path, problems) ? { stats: own, isPlain: own.uid === ownUid() } : null;
  const noted = problems.length;
  const stats = look(() => statSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats !== undefined) return isTranscript(stats, path, problems) ? { stats, isPlain: false } : null;
  if (problems.length === noted) problems.push(deadLink(path));
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

function isTranscript(stats: Stats, path: string, problems: Problem[]): boolean {
  if (stats.isFile()) return true;
  problems.push(fileProblem('not-a-file', 'Named like a transcript but not a regular file.', path));
  return false;
}
