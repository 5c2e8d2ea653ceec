import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseWhole } from '../../grammar/count.js';
import type { TouchedFile } from '../../sessions/files/file-record.js';
import { findFile } from '../../sessions/files/find-file.js';
import { listTouchedFiles, readFileVersion } from '../../sessions/files/touched-files.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { errorCode } from '../../system/problem.js';
import { createFile, replaceFile } from '../../system/write-file.js';
import type { Context } from '../context.js';
import { fileLine, versionLine } from '../render/file-line.js';
import { batches, toJson } from '../render/text/json.js';
import { counted } from '../render/text/number.js';
import { shortPath } from '../render/text/path.js';
import { escapeUnseen } from '../render/text/sanitize.js';
import {
  addSessionArgument,
  indexAround,
  namedSession,
  sessionAndWords,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { noteProblems } from '../shared/notes.js';
import { screenOf } from '../shared/screen.js';
import { printPieces } from '../shared/print-sentences.js';

/** The flags of `files`, as typed. */
export interface FilesFlags extends LastFlag {
  version?: string;
  out?: string;
  force?: boolean;
}

/** Options of `files`. */
export interface FilesOptions extends SessionOption {
  /** The file, by the end of its path; null for all files. */
  path: string | null;
  /** Number of the version to print, from 1; null lists the versions. */
  version: number | null;
  /** File to write the version to, as typed; null prints it. */
  out: string | null;
  /** Replace `out` if it exists. */
  force: boolean;
}

/** `ccsess files`: lists the files that the tools of a session read, wrote or edited, and prints versions of them. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .argument('[path]', 'only this file, with its versions; the end of the path is enough')
    .option('--version <k>', 'print version <k> of the file')
    .option('--out <file>', 'write the version to a new <file> that only you can read (0600)')
    .option('--force', 'replace the file that --out names')
    .action((name: string | undefined, path: string | undefined, flags: FilesFlags) =>
      runFiles(readFilesOptions(name, path, flags, context), context),
    );
}

/** Reads the arguments and flags of `files`. Throws USAGE for invalid values and for flags that need others. */
export function readFilesOptions(
  name: string | undefined,
  path: string | undefined,
  flags: FilesFlags,
  context: Context,
): FilesOptions {
  const { last = false, out = null, force = false } = flags;
  const [session, wanted = null, ...more] = sessionAndWords(name, path === undefined ? [] : [path], last);
  if (more.length > 0) throw new CcsessError('USAGE', `unexpected argument '${more[0] ?? ''}'.`);
  const version = flags.version === undefined ? null : parseWhole(flags.version, '--version', 1);
  if (version !== null && wanted === null) throw new CcsessError('USAGE', '--version needs the path of a file.');
  if (out !== null && version === null) throw new CcsessError('USAGE', '--out needs --version.');
  if (force && out === null) throw new CcsessError('USAGE', '--force needs --out.');
  if (version !== null && context.global.json)
    throw new CcsessError('USAGE', '--version and --json cannot be combined.');
  return { name: session, last, path: wanted, version, out, force };
}

/**
 * Prints the files, the versions of one file, or one version. Throws as `namedSession` and `findFile`, EXISTS and IO.
 */
export async function runFiles(options: FilesOptions, context: Context): Promise<void> {
  const { path, version } = options;
  const index = await indexAround(options, context);
  const row = await namedSession(index, options, context);
  const cwd = index.records([row], { footprint: false })[0]?.cwd ?? null;
  const touched = listTouchedFiles(row, cwd);
  await noteProblems(touched.problems, context);
  const folders = [context.cwd, ...(cwd === null ? [] : [cwd])];
  const file = path === null ? null : findFile(touched.files, path, folders);
  if (file !== null && version !== null) return printVersion(row, cwd, file, version, options, context);
  await printFiles(row, file === null ? touched.files : [file], file !== null, context);
}

async function printFiles(
  row: SessionRow,
  shown: readonly TouchedFile[],
  isOne: boolean,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  if (global.json) {
    const { configDir, projectDir, id } = row.file;
    const report = { schemaVersion: 1, configDir: configDir.path, projectDir, sessionId: id, files: shown };
    return stdout.write(`${toJson(report, stdout.isTerminal)}\n`);
  }
  if (!stdout.isTerminal) {
    const lines = isOne ? shown.flatMap(({ versions }) => versions.map(versionLine)) : shown.map(fileLine);
    return printPieces(batches(lines), context);
  }
  if (shown.length === 0) {
    await stderr.write(
      'No tool of the session read, wrote or edited a file (changes by shell commands are not known).\n',
    );
    return;
  }
  const { fileLines, versionLines } = await import('../render/files.js');
  const screen = screenOf(context);
  const [only] = isOne ? shown : [];
  const lines = only === undefined ? await fileLines(shown, screen) : await versionLines(only, screen);
  await stdout.write(`${lines.join('\n')}\n`);
}

async function printVersion(
  row: SessionRow,
  cwd: string | null,
  file: TouchedFile,
  version: number,
  { out, force }: FilesOptions,
  context: Context,
): Promise<void> {
  const { stdout, stderr, home } = context;
  const content = readFileVersion(row, cwd, file.path, version);
  if (content === null) {
    const known =
      file.versions.length === 0 ? 'none can be reconstructed' : `it has versions 1 to ${file.versions.length}`;
    throw new CcsessError('NOT_FOUND', `${file.path} has no version ${version}: ${known}.`);
  }
  if (out === null) return stdout.write(stdout.isTerminal ? escapeUnseen(content.toString('utf8')) : content);
  const target = resolve(context.cwd, out);
  writeOut(target, content, force);
  await stderr.write(`Wrote ${shortPath(target, home)} (${counted(content.length, 'byte')}).\n`);
}

/** Writes a version to a file. Throws EXISTS for an existing file unless `force` is set, and IO. */
function writeOut(target: string, content: Buffer, force: boolean): void {
  try {
    if (force) return replaceFile(target, content);
    if (!existsSync(target) && createFile(target, content)) return;
  } catch (error) {
    throw new CcsessError('IO', `${target} cannot be written (${errorCode(error) ?? 'unknown error'}).`, {
      cause: error,
    });
  }
  throw new CcsessError('EXISTS', `${target} exists already: pass --force to replace it.`);
}
