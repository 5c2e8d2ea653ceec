import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { folderSum, isWriteOnceFolder, type FolderSums } from '../../session-index/sums/folder-sums.js';
import type { ConfigDir, FileStamp, TranscriptFile } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { ownUid } from '../../system/system.js';
import type { Reason, StayCode, Target } from '../model.js';

/** Fields of each file in a fingerprint: path, type, inode, size, mtime. */
const STATE_MEMBERS = 5;
const NOTHING_ODD: readonly Reason<StayCode>[] = [];
const ABSENT_IS_NONE = { throwIfNoEntry: false } as const;

/** All files of a target as they are at one moment. Times are milliseconds. */
export interface Survey {
  /**
   * `sha256:…` over place, type, size, mtime and inode of whatever `Target.judged` holds but folders. Worked out when
   * asked for.
   */
  readonly fingerprint: string;
  /** Regular files and their bytes, hard links once. */
  files: number;
  bytes: number;
  /** Newest mtime of a transcript or a subagent's. */
  writtenMs: number | null;
  /** Newest mtime of anything, folders too. */
  touchedMs: number;
  /** The transcript has the size, mtime and inode that the index knows; true where there is none. */
  readonly asIndexed: boolean;
  /** Reasons why files may not be moved: unexpected types, links, other owners, paths outside. */
  readonly oddities: readonly Reason<StayCode>[];
}

/**
 * Looks at every file of a target without following links. `null` if nothing of it is there any more, its transcript
 * if it has one. Never throws: what cannot be looked at is an oddity. `isOurs` may be that of many targets. With `sums`,
 * remembered sums stand for the files of folders that are written once.
 */
export function surveyTarget(target: Target, isOurs: IsOurs, sums: FolderSums | null = null): Survey | null {
  const walk = new Walk(target, sums);
  for (const root of target.roots) walk.visit(root, true);
  if (walk.seen === 0 || (target.row !== null && !walk.seenTranscript)) return null;
  const folders = target.roots.map(folderOf);
  const outside = folders.find((folder, at) => folder !== folders[at - 1] && !isOurs(folder, target.configDir));
  if (outside !== undefined)
    walk.oddities = [
      ...walk.oddities,
      { code: 'not-ours', detail: `outside the config dir, or reached through a link: ${outside}` },
    ];
  return walk;
}

/**
 * As `surveyTarget`, for a session that is its transcript alone: as the scan saw nothing else of it, and whose file the
 * transcript is, no other look is needed. What changes after that shows when it is judged again. An empty side folder
 * makes no difference to the fingerprint, and one that fills later does.
 */
export function surveyTranscript(file: TranscriptFile, isOurs: IsOurs): Survey | null {
  const { path, configDir, isPlain } = file;
  const stats = isPlain ? null : lookOrNull(path);
  if (stats === null && !isPlain) return null;
  const odd: Reason<StayCode>[] = [];
  if (stats?.isFile() === false)
    odd.push({
      code: 'unrecognised',
      detail: `${stats.isSymbolicLink() ? 'a link' : 'neither file nor folder'}: ${path}`,
    });
  if (stats !== null && stats.uid !== ownUid())
    odd.push({ code: 'not-ours', detail: `owned by another user: ${path}` });
  else if (!isOurs(folderOf(path), configDir))
    odd.push({ code: 'not-ours', detail: `outside the config dir, or reached through a link: ${folderOf(path)}` });
  return new TranscriptSurvey(
    file,
    stats ?? file.stamp,
    odd.length === 0 ? NOTHING_ODD : odd,
    stats?.isFile() !== false,
  );
}

/** As `dirname`, for a path that needs no tidying. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf(sep));
}

/** Thousands are made for a plan, so it keeps little. */
class TranscriptSurvey implements Survey {
  readonly files = 1;
  readonly bytes: number;
  readonly touchedMs: number;
  readonly writtenMs: number | null;
  readonly oddities: readonly Reason<StayCode>[];
  private readonly file: TranscriptFile;
  private readonly ino: number;

  constructor(file: TranscriptFile, stamp: FileStamp, oddities: readonly Reason<StayCode>[], isFile: boolean) {
    this.file = file;
    this.ino = stamp.ino;
    this.bytes = stamp.size;
    this.touchedMs = stamp.mtimeMs;
    this.writtenMs = isFile ? stamp.mtimeMs : null;
    this.oddities = oddities;
  }

  get asIndexed(): boolean {
    const { size, ino, mtimeMs } = this.file.stamp;
    return this.oddities.length > 0 || (this.bytes === size && this.ino === ino && this.touchedMs === mtimeMs);
  }

  get fingerprint(): string {
    return fingerprintOf([this.file.path, 'file', this.ino, this.bytes, this.touchedMs], this.file.configDir);
  }
}

function lookOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, ABSENT_IS_NONE) ?? null;
  } catch {
    return null;
  }
}

function fingerprintOf(judged: readonly (string | number)[], { path }: ConfigDir): string {
  const parts = judged.map((part, at) => (at % STATE_MEMBERS === 0 ? relative(path, String(part)) : part));
  return `sha256:${createHash('sha256').update(parts.join('\0')).digest('hex')}`;
}

class Walk implements Survey {
  files = 0;
  bytes = 0;
  writtenMs: number | null = null;
  touchedMs = 0;
  asIndexed = true;
  oddities: readonly Reason<StayCode>[] = NOTHING_ODD;
  seen = 0;
  seenTranscript = false;
  private readonly target: Target;
  private readonly transcript: string | null;
  private readonly judgedPaths: ReadonlySet<string>;
  /**
   * Path, kind and state of each judged file, one after the other: put together only if the fingerprint is asked for.
   */
  private readonly judged: (string | number)[] = [];
  private counted: Set<string> | null = null;
  private readonly sums: FolderSums | null;
  /** Some files were not looked at, since the sum of their folder is remembered. */
  private isSummed = false;

  constructor(target: Target, sums: FolderSums | null) {
    this.target = target;
    this.sums = sums;
    this.judgedPaths = new Set(target.judged);
    this.transcript = target.row?.file.path ?? null;
  }

  get fingerprint(): string {
    if (!this.isSummed) return fingerprintOf(this.judged, this.target.configDir);
    const walk = new Walk(this.target, null);
    for (const root of this.target.roots) walk.visit(root, true);
    return walk.fingerprint;
  }

  visit(path: string, isRoot: boolean, isJudged = this.judgedPaths.has(path)): void {
    const stats = this.#look(path);
    if (stats === null) return;
    const kind = kindOf(stats);
    this.seen += 1;
    this.touchedMs = Math.max(this.touchedMs, stats.mtimeMs);
    if (path === this.transcript) this.#compare(kind, stats);
    if (stats.uid !== ownUid()) this.#odd('not-ours', `owned by another user: ${path}`);
    if (kind === 'other') this.#odd('unrecognised', `neither file nor folder: ${path}`);
    // Below a root links move along as they are; a root that is one is not how Claude Code keeps sessions.
    if (kind === 'link' && isRoot) this.#odd('unrecognised', `a link: ${path}`);
    if (kind === 'file') this.#count(path, stats);
    // The state of a folder adds nothing to the names in it.
    if (kind === 'folder') {
      if (!this.#addSum(path, stats))
        for (const name of this.#namesIn(path)) this.visit(path + sep + name, false, isJudged);
    } else if (isJudged) this.judged.push(path, kind, stats.ino, stats.size, stats.mtimeMs);
  }

  /** Adds the files of a folder that is written once by its sum; false if they must be looked at one by one. */
  #addSum(path: string, stats: Stats): boolean {
    if (this.sums === null || !isWriteOnceFolder(path)) return false;
    const sum = folderSum(path, stats, this.sums);
    if (sum === null) return false;
    this.isSummed = true;
    this.files += sum.files;
    this.bytes += sum.bytes;
    this.touchedMs = Math.max(this.touchedMs, sum.newestMs);
    return true;
  }

  #compare(kind: string, { size, mtimeMs, ino }: Stats): void {
    const stamp = this.target.row?.file.stamp;
    this.seenTranscript = true;
    // The index knows what a link leads to.
    if (kind === 'file') this.asIndexed = stamp?.size === size && stamp.ino === ino && stamp.mtimeMs === mtimeMs;
  }

  #count(path: string, { dev, ino, nlink, size, mtimeMs }: Stats): void {
    if (path.endsWith('.jsonl')) this.writtenMs = Math.max(this.writtenMs ?? 0, mtimeMs);
    if (nlink > 1) {
      const inode = `${dev}:${ino}`;
      this.counted ??= new Set();
      if (this.counted.has(inode)) return;
      this.counted.add(inode);
    }
    this.files += 1;
    this.bytes += size;
  }

  #odd(code: StayCode, detail: string): void {
    if (!this.oddities.some((odd) => odd.code === code)) this.oddities = [...this.oddities, { code, detail }];
  }

  #look(path: string): Stats | null {
    try {
      return lstatSync(path, ABSENT_IS_NONE) ?? null;
    } catch (error) {
      this.#odd('unrecognised', `cannot be looked at (${errorCode(error) ?? 'unknown error'}): ${path}`);
      return null;
    }
  }

  #namesIn(folder: string): string[] {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        this.#odd('unrecognised', `cannot be read (${errorCode(error) ?? 'unknown error'}): ${folder}`);
      return [];
    }
  }
}

function kindOf(stats: Stats): 'file' | 'folder' | 'link' | 'other' {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** True if a folder is in a config dir, and not reached through a link in it. */
export type IsOurs = (folder: string, configDir: ConfigDir) => boolean;

/** An `IsOurs` that looks at each folder once. A folder that is gone is nobody's: nothing in it can be moved. */
export function ourFolders(configDirs: readonly ConfigDir[]): IsOurs {
  const known = new Map<string, boolean>();
  const ours = new Map<ConfigDir, readonly Base[]>();
  return (folder, configDir) => {
    const looked = known.get(folder);
    if (looked !== undefined) return looked;
    const bases = ours.get(configDir) ?? basesOf(configDir, configDirs);
    ours.set(configDir, bases);
    const base = bases.find(({ path }) => folder === path || folder.startsWith(path + sep));
    // A restore follows no link, so nothing is moved from below one.
    const isOurs = base !== undefined && realPath(folder) === base.real + folder.slice(base.path.length);
    known.set(folder, isOurs);
    return isOurs;
  };
}

/**
 * As `ourFolders`, for sessions that are looked at one after the other while they are moved: a folder is looked at each
 * time, and its path resolved again once it is another folder than it was.
 */
export function ourFoldersNow(configDirs: readonly ConfigDir[]): IsOurs {
  const known = new Map<string, { dev: number; ino: number; isOurs: boolean }>();
  return (folder, configDir) => {
    const stats = lookOrNull(folder);
    if (stats?.isDirectory() !== true) return ourFolders(configDirs)(folder, configDir);
    const { dev, ino } = stats;
    const seen = known.get(folder);
    if (seen?.dev === dev && seen.ino === ino) return seen.isOurs;
    const isOurs = ourFolders(configDirs)(folder, configDir);
    known.set(folder, { dev, ino, isOurs });
    return isOurs;
  };
}

/** A folder that may be reached through links, and its real path. */
interface Base {
  path: string;
  real: string;
}

/** The `projects` folder comes first, which may be a link itself. Config dirs that share it share the rest too. */
function basesOf(configDir: ConfigDir, configDirs: readonly ConfigDir[]): Base[] {
  const { projectsRoot } = configDir;
  const sharing = [configDir, ...configDirs.filter((other) => other.projectsRoot === projectsRoot)];
  return [
    { path: projectsRoot, real: projectsRoot },
    ...sharing.map(({ path }) => ({ path: join(path, 'projects'), real: projectsRoot })),
    ...sharing.flatMap(({ path }) => {
      const real = realPath(path);
      return real === null ? [] : [{ path, real }];
    }),
  ];
}

/** `null` for what is not there: nothing in it can be moved either. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
