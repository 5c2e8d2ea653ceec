import { type Dirent, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { agentIdOf } from './agent-name.js';
import { stampOf } from './known-folder.js';
import { ownUid } from '../../system/system.js';
import type { AgentFile } from '../model.js';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';

/** Returns the entries of a folder; none if it does not exist. A folder that cannot be read is added to `problems`. */
export function listEntries(folder: string, problems: Problem[]): Dirent[] {
  return readOrReport(() => readdirSync(folder, { withFileTypes: true }), folder, problems);
}

/**
 * Returns the names in a folder, as `listEntries`. For folders with thousands of files, each of which is checked later
 * anyway.
 */
export function listNames(folder: string, problems: Problem[]): string[] {
  return readOrReport(() => readdirSync(folder), folder, problems);
}

function readOrReport<T>(read: () => T[], folder: string, problems: Problem[]): T[] {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}

/**
 * Returns the file of a subagent's transcript; null for any other name. Symlinks are ignored, since their targets
 * belong to something else.
 */
export function agentFile(path: string, name: string, problems: Problem[]): AgentFile | null {
  const agentId = agentIdOf(name);
  if (agentId === null) return null;
  const stats = statOrReport(() => lstatSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats === undefined || stats.isSymbolicLink()) return null;
  if (!isTranscript(stats, path, problems)) return null;
  return { agentId, path, stamp: stampOf(stats) };
}

/** State of a transcript's file. */
export interface TranscriptState {
  /** Of the target if it is a link. */
  stats: Stats;
  /** True for a regular file that the user owns, false for links. */
  isPlain: boolean;
}

/** Returns the state of a transcript; null if it vanished, or if it is not a file, which is added to `problems`. */
export function transcriptStats(path: string, problems: Problem[]): TranscriptState | null {
  const own = statOrReport(() => lstatSync(path, { throwIfNoEntry: false }), path, problems);
  if (own === undefined) return null;
  if (!own.isSymbolicLink())
    return isTranscript(own, path, problems) ? { stats: own, isPlain: own.uid === ownUid() } : null;
  const noted = problems.length;
  const stats = statOrReport(() => statSync(path, { throwIfNoEntry: false }), path, problems);
  if (stats !== undefined) return isTranscript(stats, path, problems) ? { stats, isPlain: false } : null;
  if (problems.length === noted) problems.push(deadLink(path));
  return null;
}

/** Returns the problem of a link without a target. */
export function deadLink(path: string): Problem {
  return fileProblem('unreadable', 'A link that leads nowhere.', path);
}

function statOrReport(stat: () => Stats | undefined, path: string, problems: Problem[]): Stats | undefined {
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
