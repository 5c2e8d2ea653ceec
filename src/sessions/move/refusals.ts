import { lstatSync, statSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { readHolders } from '../../claude/live/holders.js';
import { sideFolderOf } from '../../claude/layout.js';
import type { ConfigDir, Live, TranscriptFile } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRow } from '../../session-index/session-index.js';
import type { SessionMove } from './model.js';

const MAX_NAMED = 5;

/** A project dir of a config dir, by its real path. */
export function projectFolder({ projectsRoot }: ConfigDir, projectDir: string): string {
  return join(projectsRoot, projectDir);
}

/** Names of the subagent files of a session in its project dir, as old versions of Claude Code left them. */
export function legacyAgentNames(file: TranscriptFile): string[] {
  const sideFolder = `${sideFolderOf(file)}/`;
  return file.agents.filter(({ path }) => !path.startsWith(sideFolder)).map(({ path }) => basename(path));
}

/** True if two paths lead to one folder. */
export function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [statSync(one, { throwIfNoEntry: false }), statSync(other, { throwIfNoEntry: false })];
  return one === other || (a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino);
}

/**
 * Throws if any of the sessions cannot be moved now, so that no move is done in part: LIVE (a process holds it), EXISTS
 * (its id is taken in the new project dir), IO (a link, another file system, Windows). The hint names the sessions.
 */
export function refuseUnmovable(rows: ReadonlyMap<SessionMove, SessionRow>, environment: Environment): void {
  // Finding running sessions is tested on Linux and macOS only.
  if (environment.system.platform === 'win32')
    throw new CcsessError('IO', 'moving sessions is not supported on Windows.');
  const moves = [...rows].map(([move, row]) => ({ move, row }));
  const holders = holdersOf(environment);
  const live = moves.flatMap(({ move, row }) => {
    const holder = holders(row.file.id, row.lastActivityMs);
    return holder === null
      ? []
      : [
          `${move.id}  ${holder.pid === null ? holder.status : `pid ${holder.pid}`}  ` +
            `${move.fromCwd ?? move.fromProjectDir}`,
        ];
  });
  if (live.length > 0)
    throw new CcsessError(
      'LIVE',
      `${sessions(live.length)} live, so nothing is moved. Leave Claude Code there first:`,
      { hint: named(live) },
    );

  const odd = [...new Set(moves.flatMap(({ move, row }) => notPlain(row.file, move.toProjectDir)))];
  if (odd.length > 0)
    throw new CcsessError('IO', 'only plain files and folders are moved; these are links or something else:', {
      hint: named(odd),
    });

  const taken = collisions(moves);
  if (taken.length > 0) {
    throw new CcsessError('EXISTS', `${sessions(taken.length)} there already under the same id, so nothing is moved:`, {
      hint: named(taken),
    });
  }
  const far = moves.find(({ move, row: { file } }) => isElsewhere(file, move.toProjectDir));
  if (far !== undefined)
    throw new CcsessError(
      'IO',
      `${far.row.file.path} is on another file system than its new path: ccsess does not copy sessions.`,
    );
}

/**
 * Returns the holder of a session according to the registries read now (`lastActivityMs` as in `LiveRegistry.liveOf`).
 * A process whose session is unknown counts as the holder of every session.
 */
export function holdersOf({
  configDirs,
  system,
  now,
}: Environment): (id: string, lastActivityMs: number | null) => Live | null {
  const registry = readHolders(configDirs, system);
  const [unnamed] = registry.unnamedHolders;
  return (id, lastActivityMs) =>
    registry.liveOf(id, lastActivityMs, now()) ??
    (unnamed === undefined ? null : { pid: unnamed.pid, status: 'unknown' });
}

function sessions(count: number): string {
  return count === 1 ? '1 session is' : `${count} sessions are`;
}

function named(lines: readonly string[]): string {
  const more = lines.length - MAX_NAMED;
  return [...lines.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/**
 * Returns the paths of a session that are links or not of the expected kind. A relative link would lead elsewhere from
 * its new path, and the contents of a linked project dir are outside this config dir.
 */
function notPlain(file: TranscriptFile, toProjectDir: string): string[] {
  const folders = [file.projectDir, toProjectDir].map((name) => projectFolder(file.configDir, name));
  const odd = [...folders, sideFolderOf(file)].filter((path) => look(path)?.isDirectory() === false);
  return look(file.path)?.isFile() === false ? [...odd, file.path] : odd;
}

function collisions(moves: readonly { move: SessionMove; row: SessionRow }[]): string[] {
  const claimed = new Set<string>();
  return moves.flatMap(({ move, row: { file } }) => {
    if (move.fromProjectDir === move.toProjectDir) return [];
    const folder = projectFolder(file.configDir, move.toProjectDir);
    const wanted = [`${file.id}.jsonl`, file.id, ...legacyAgentNames(file)].map((name) => join(folder, name));
    const taken = wanted.find((path) => claimed.has(path) || look(path) !== undefined);
    for (const path of wanted) claimed.add(path);
    return taken === undefined ? [] : [`${file.path} → ${taken}`];
  });
}

function isElsewhere(file: TranscriptFile, toProjectDir: string): boolean {
  const target =
    statSync(projectFolder(file.configDir, toProjectDir), { throwIfNoEntry: false }) ??
    statSync(file.configDir.projectsRoot);
  const source = statSync(file.path, { throwIfNoEntry: false });
  return source !== undefined && source.dev !== target.dev;
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
