import { resolve } from 'node:path';
import {
  findOrphan,
  findOrphans,
  nameFiles,
  onlyFiles,
  type OrphanedHistory,
} from '../../../checkpoints/orphans/find-orphans.js';
import { writeOrphans } from '../../../checkpoints/orphans/write-orphans.js';
import { CcsessError, PARTLY_DONE } from '../../../system/errors.js';
import type { Problem } from '../../../system/problem.js';
import { absolutePath } from '../../../system/real-path.js';
import type { Context } from '../../context.js';
import { orphanedFileLine, orphanLines, writtenSentence } from '../../render/orphaned-history.js';
import { toJson } from '../../render/text/json.js';
import { noteProblems } from '../notes.js';
import { screenOf } from '../screen.js';

/** The flags of `checkpoints` for orphaned history, as typed. */
export interface OrphansFlags {
  orphans?: boolean;
  toDir?: string;
}

/** A request for orphaned history. */
export interface OrphansRequest {
  /** Id of one session, or the start of it; null for all. */
  name: string | null;
  /** Files as typed; empty for all. */
  files: readonly string[];
  /** A new folder for the copies, as typed; null for none. */
  toDir: string | null;
}

/**
 * Reads the flags of `checkpoints --orphans`; returns null without it. Throws USAGE for flags that cannot be combined.
 */
export function readOrphans(
  name: string | undefined,
  { orphans = false, toDir, ...flags }: OrphansFlags & Record<string, unknown>,
): OrphansRequest | null {
  if (!orphans) {
    if (toDir !== undefined) throw new CcsessError('USAGE', '--to-dir needs --orphans.');
    return null;
  }
  for (const other of ['at', 'diff', 'all', 'last'])
    if (flags[other] !== undefined) throw new CcsessError('USAGE', `--orphans and --${other} cannot be combined.`);
  if (toDir === '') throw new CcsessError('USAGE', '--to-dir needs a folder.');
  const { file } = flags;
  return { name: name ?? null, files: Array.isArray(file) ? (file as string[]) : [], toDir: toDir ?? null };
}

/**
 * Prints orphaned history, or writes it into a new folder, with exit code 3 or 1 if some or all of it cannot be read.
 * Throws NOT_FOUND or AMBIGUOUS for the session, EXISTS and IO for the folder.
 */
export async function runOrphans({ name, files, toDir }: OrphansRequest, context: Context): Promise<void> {
  const { stdout, stderr, global, configDirs } = context;
  const index = await context.openIndex();
  const unread: Problem[] = [];
  const all = findOrphans(index, configDirs, unread);
  const problems = [...index.problems, ...unread];
  await noteProblems(problems, context);
  const meant = name === null ? all : [findOrphan(all, name)];
  const typed = files.map((file) => absolutePath(file, context));
  const chosen = files.length === 0 ? meant : onlyFiles(meant, typed);
  // Paths that other sessions touched are candidates for the hashed names.
  const paths = chosen.length === 0 ? [] : (await context.openIndex({ paths: true })).touchedPaths();
  const named = nameFiles(chosen, [...typed, ...paths]);
  const shown = toDir === null || named.length === 0 ? named : writeOrphans(named, resolve(context.cwd, toDir));
  if (toDir !== null && unread.length > 0) context.setExitCode(shown.length > 0 ? PARTLY_DONE : 1);
  if (global.json)
    return stdout.write(`${toJson({ schemaVersion: 1, orphans: shown, problems }, stdout.isTerminal)}\n`);
  if (shown.length === 0 && unread.length > 0) return;
  if (shown.length === 0)
    return stderr.write(
      files.length === 0
        ? 'No orphaned file history.\n'
        : `No orphaned file history has copies of ${files.length === 1 ? 'this file' : 'these files'}.\n`,
    );
  if (toDir !== null) return reportWritten(shown, resolve(context.cwd, toDir), context);
  if (!stdout.isTerminal)
    return stdout.write(shown.flatMap((orphan) => orphan.files.map((file) => orphanedFileLine(orphan, file))).join(''));
  const lines = await orphanLines(shown, name !== null || files.length > 0, screenOf(context));
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}

async function reportWritten(
  shown: readonly OrphanedHistory[],
  toDir: string,
  { stdout, stderr, home }: Context,
): Promise<void> {
  const sentence = `${writtenSentence(shown, toDir, home)}\n`;
  if (stdout.isTerminal) return stdout.write(sentence);
  await stdout.write(shown.flatMap((orphan) => orphan.files.map((file) => orphanedFileLine(orphan, file))).join(''));
  await stderr.write(sentence);
}
