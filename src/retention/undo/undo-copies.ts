import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { makeFolders } from '../../system/make-folders.js';
import { statOrNull } from '../../system/stat.js';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';
import { realPathOrSelf } from '../../system/real-path.js';
import { ownUid } from '../../system/system.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';
import { isOwnTrash, type TrashSource, trashSources } from '../trash/trash-dir.js';
import { bytesBelow, removeTree } from '../trash/tree.js';
import { readUndoManifest, UNDO_ID } from './manifest.js';
import { UNDO_STATES, type UndoManifest, type UndoState } from './model.js';

/** Folder of a trash for undo copies. It is not named like a run, so undo copies are never taken for sessions. */
const FOLDER = 'rewinds';

/** The files that one rewind replaced, in the trash. */
export class UndoCopy {
  #state: UndoState;

  constructor(
    private readonly parent: string,
    readonly manifest: UndoManifest,
    state: UndoState,
  ) {
    this.#state = state;
  }

  get id(): string {
    return this.manifest.id;
  }

  get state(): UndoState {
    return this.#state;
  }

  /** Path of its folder in its present state. */
  get folder(): string {
    return folderIn(this.parent, this.id, this.#state);
  }

  /** Path of the content of a file, by its number in the manifest. */
  content(number: number): string {
    return join(this.folder, String(number));
  }

  /** Size of its files in bytes. */
  get bytes(): number {
    return bytesBelow(this.folder);
  }

  /** Changes the state in one atomic step. */
  setState(state: UndoState): void {
    renameSync(this.folder, folderIn(this.parent, this.id, state));
    this.#state = state;
  }

  /** Deletes the undo copy. After a kill, a later sweep or expiry deletes the rest. */
  delete(): void {
    if (this.#state !== 'emptying') this.setState('emptying');
    removeTree(this.folder);
  }
}

function folderIn(parent: string, id: string, state: UndoState): string {
  return join(parent, state === 'done' ? id : `${id}.${state}`);
}

/** Creates the folder of a new undo copy in a trash, in state `saving`. Throws Node's error. */
export function makeUndoFolder(trashDir: string, nowMs: number): { id: string; parent: string; folder: string } {
  const parent = join(trashDir, FOLDER);
  makeFolders(parent);
  if (statOrNull(parent)?.isDirectory() !== true)
    throw Object.assign(new Error(`not a folder: ${parent}`), { code: 'ENOTDIR' });
  const moment = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
  const taken = new Set(readdirSync(parent).map((name) => name.replace(/\.[a-z]+$/, '')));
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? moment : `${moment}-${n}`;
    if (taken.has(id)) continue;
    const folder = folderIn(parent, id, 'saving');
    mkdirSync(folder, { mode: PRIVATE_FOLDER });
    return { id, parent, folder };
  }
}

/** The undo copies of a trash, and the problems met when they were read. */
export interface UndoReading {
  /** Newest first. */
  copies: UndoCopy[];
  problems: Problem[];
}

/** Reads the undo copies of the given config dirs, in their own trash and in a named one. Never throws. */
export function readUndoCopies(configDirs: readonly ConfigDir[], trashDir: string | null): UndoReading {
  const reading: UndoReading = { copies: [], problems: [] };
  for (const source of trashSources(configDirs, [trashDir])) {
    if (source.owner !== null && !isOwnTrash(source.owner, [])) continue;
    readSource(source, reading);
  }
  reading.copies.sort((a, b) => compare(b.manifest.savedAt, a.manifest.savedAt) || compareIds(b.id, a.id));
  return reading;
}

function readSource(source: TrashSource, { copies, problems }: UndoReading): void {
  const parent = join(source.dir, FOLDER);
  for (const { name, id, state } of foldersIn(parent, problems)) {
    const path = join(parent, name);
    try {
      const manifest = state === 'saving' ? null : readUndoManifest(path, id);
      const configDir = manifest === null ? null : ownerOf(manifest, source);
      if (manifest !== null && configDir !== null) copies.push(new UndoCopy(parent, { ...manifest, configDir }, state));
      else if (manifest === null && state !== 'saving' && state !== 'emptying')
        problems.push(fileProblem('damaged-manifest', 'The manifest of an undo copy is missing or damaged.', path));
    } catch (error) {
      problems.push(unreadable(path, error));
    }
  }
}

/** Returns the config dir in use that an undo copy belongs to: the owner of the trash, else the one in the manifest. */
function ownerOf({ configDir }: UndoManifest, { owner, configDirs }: TrashSource): string | null {
  if (owner !== null) return owner.path;
  const real = realPathOrSelf(configDir);
  return configDirs.find((path) => path === configDir || realPathOrSelf(path) === real) ?? null;
}

/** Lists the folders of undo copies, without links and folders of other users. */
function foldersIn(parent: string, problems: Problem[]): { name: string; id: string; state: UndoState }[] {
  return namesIn(parent, problems).flatMap((name) => {
    const [, id = '', ending = 'done'] = /^(.+?)(?:\.([a-z]+))?$/.exec(name) ?? [];
    const state = UNDO_STATES.find((known) => known === ending);
    const stats = statOrNull(join(parent, name));
    if (!UNDO_ID.test(id) || state === undefined || stats?.isDirectory() !== true) return [];
    return stats.uid === ownUid() ? [{ name, id, state }] : [];
  });
}

function namesIn(parent: string, problems: Problem[]): string[] {
  if (statOrNull(parent)?.isDirectory() !== true) return [];
  try {
    return readdirSync(parent);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(parent, error));
    return [];
  }
}

/** Removes undo copies that killed runs were making or deleting. Called under the lock. */
export function sweepUndoCopies(configDirs: readonly ConfigDir[], trashDir: string | null): void {
  for (const { dir, owner } of trashSources(configDirs, [trashDir])) {
    // Trashes named by the user are left alone: another ccsess may be saving an undo copy of another config dir there.
    if (owner === null || !isOwnTrash(owner, [])) continue;
    const parent = join(dir, FOLDER);
    for (const { name, state } of foldersIn(parent, []))
      if (state === 'saving' || state === 'emptying') removeTree(join(parent, name));
  }
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

/** Compares two ids made in the same second by their numbers. */
function compareIds(a: string, b: string): number {
  const number = (id: string): number => Number(/Z-(\d+)$/.exec(id)?.[1] ?? 1);
  return number(a) - number(b);
}
