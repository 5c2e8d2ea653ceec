import { hash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { relative, sep } from 'node:path';
import { sideFolderOf } from '../../../claude/layout.js';
import type { AgentFile, ConfigDir, TranscriptFile } from '../../../claude/model.js';
import { scannedFolder } from '../../../claude/scan/known-folder.js';
import {
  isOwnSideFolder,
  rememberedSum,
  scannedSum,
  type FolderSums,
  type RememberedSum,
} from '../../../session-index/sums/folder-sums.js';
import { errorCode } from '../../../system/problem.js';
import { ownUid } from '../../../system/system.js';
import type { Reason, KeepCode, Target } from '../../model.js';
import { folderOf, type IsOurs } from './our-folders.js';

/** Fields of each file in a fingerprint: path, type, inode, size, mtime. */
const STATE_MEMBERS = 5;
/** The oddities of nearly all sessions. */
export const NO_ODDITIES: readonly Reason<KeepCode>[] = [];
const ABSENT_IS_NONE = { throwIfNoEntry: false } as const;

/** All files of a target as they are at one moment. Times are milliseconds. */
export interface Survey {
  /**
   * `sha256:…` over path, type, size, mtime and inode of all files below `Target.fingerprinted`. Computed on demand.
   */
  readonly fingerprint: string;
  /** Number of regular files, hard links counted once. */
  readonly files: number;
  /** Bytes of these files. */
  readonly bytes: number;
  /** Newest mtime of the transcript and those of subagents; null if there are none. */
  readonly writtenMs: number | null;
  /** Newest mtime of any file or folder. Computed on demand. */
  readonly touchedMs: number;
  /** The transcript has the size, mtime and inode that are in the index; true if there is no transcript. */
  readonly asIndexed: boolean;
  /** Reasons why files may not be moved: unexpected types, links, other owners, paths outside. */
  readonly oddities: readonly Reason<KeepCode>[];
}

/**
 * Returns the present state of all files of a target, without following links; null if its transcript, or everything if
 * it has none, is gone. With `sums`, the state in the scan and remembered sums of folders are used, which is enough for
 * a plan. Never throws: files that cannot be read are oddities.
 */
export function surveyTarget(target: Target, isOurs: IsOurs, sums: FolderSums | null = null): Survey | null {
  const walk = new Walk(target, sums);
  walk.visitAll();
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

/** Returns the fingerprint of files, each given as path, kind, inode, size and mtime. */
export function fingerprintOf(states: readonly (string | number)[], { path }: ConfigDir): string {
  const parts = states.map((part, at) => (at % STATE_MEMBERS === 0 ? relative(path, String(part)) : part));
  return `sha256:${hash('sha256', parts.join('\0'))}`;
}

class Walk implements Survey {
  files = 0;
  bytes = 0;
  writtenMs: number | null = null;
  asIndexed = true;
  oddities: readonly Reason<KeepCode>[] = NO_ODDITIES;
  seen = 0;
  seenTranscript = false;
  private readonly target: Target;
  private readonly transcript: string | null;
  private readonly fingerprintedPaths: ReadonlySet<string>;
  /** Path, kind, inode, size and mtime of each file in the fingerprint, for `fingerprintOf`. */
  private readonly states: (string | number)[] = [];
  private counted: Set<string> | null = null;
  private newestMs = 0;
  private readonly sums: FolderSums | null;
  /** Some files were not examined, since the scan did that or the sum of their folder is remembered. */
  private isSummed = false;
  private whole: Walk | undefined;
  private agents: readonly AgentFile[] | undefined;

  constructor(target: Target, sums: FolderSums | null) {
    this.target = target;
    this.sums = sums;
    this.fingerprintedPaths = new Set(target.fingerprinted);
    this.transcript = target.row?.file.path ?? null;
  }

  get fingerprint(): string {
    return this.isSummed ? this.#wholeWalk().fingerprint : fingerprintOf(this.states, this.target.configDir);
  }

  get touchedMs(): number {
    return this.isSummed ? this.#wholeWalk().touchedMs : this.newestMs;
  }

  /** Returns a walk that examines every file. */
  #wholeWalk(): Walk {
    if (this.whole === undefined) {
      this.whole = new Walk(this.target, null);
      this.whole.visitAll();
    }
    return this.whole;
  }

  visitAll(): void {
    const file = this.target.row?.file;
    if (this.sums !== null && file?.isPlain === true) this.#visitScanned(file, this.sums);
    else for (const root of this.target.roots) this.visit(root, true);
  }

  /** Counts a session whose transcript and side folder the scan has just examined. */
  #visitScanned(file: TranscriptFile, sums: FolderSums): void {
    const { path, stamp } = file;
    this.isSummed = true;
    this.seen = 1;
    this.seenTranscript = true;
    this.files = 1;
    this.bytes = stamp.size;
    this.writtenMs = stamp.mtimeMs;
    const sideFolder = sideFolderOf(file);
    for (const root of this.target.roots) {
      if (root === path) continue;
      if (root === sideFolder && isOwnSideFolder(file, sums))
        for (const name of file.sideEntries) this.#visitSidePart(root + sep + name, file, sums);
      else this.visit(root, true);
    }
  }

  #visitSidePart(path: string, file: TranscriptFile, sums: FolderSums): void {
    const stamp = scannedFolder(file, path);
    this.agents ??= file.agents;
    const sum = stamp === undefined ? null : scannedSum(path, stamp, this.agents, sums);
    if (sum === null) this.visit(path, false);
    else this.#add(sum);
  }

  visit(path: string, isRoot: boolean, isFingerprinted = this.fingerprintedPaths.has(path)): void {
    const stats = this.#stat(path);
    if (stats === null) return;
    const kind = kindOf(stats);
    this.seen += 1;
    this.newestMs = Math.max(this.newestMs, stats.mtimeMs);
    if (path === this.transcript) this.#compare(kind, stats);
    if (stats.uid !== ownUid()) this.#odd('not-ours', `owned by another user: ${path}`);
    if (kind === 'other') this.#odd('unrecognised', `neither file nor folder: ${path}`);
    // Links below a root are moved as they are, but Claude Code never makes a root that is a link.
    if (kind === 'link' && isRoot) this.#odd('unrecognised', `a link: ${path}`);
    if (kind === 'file') this.#count(path, stats);
    // A folder needs no state of its own in the fingerprint: the names in it are there.
    if (kind === 'folder') {
      if (!this.#addSum(path, stats))
        for (const name of this.#namesIn(path)) this.visit(path + sep + name, false, isFingerprinted);
    } else if (isFingerprinted) this.states.push(path, kind, stats.ino, stats.size, stats.mtimeMs);
  }

  /** Adds the remembered sum of a folder; false if its files must be examined one by one. */
  #addSum(path: string, stats: Stats): boolean {
    if (this.sums === null) return false;
    this.agents ??= this.target.row?.file.agents ?? [];
    const sum = rememberedSum(path, stats, this.agents, this.sums);
    if (sum === null) return false;
    this.#add(sum);
    return true;
  }

  #add({ files, bytes, agents }: RememberedSum): void {
    this.isSummed = true;
    this.files += files;
    this.bytes += bytes;
    for (const { stamp } of agents) this.writtenMs = Math.max(this.writtenMs ?? -Infinity, stamp.mtimeMs);
  }

  #compare(kind: string, { size, mtimeMs, ino }: Stats): void {
    const stamp = this.target.row?.file.stamp;
    this.seenTranscript = true;
    // The index has the state of a link's target.
    if (kind === 'file') this.asIndexed = stamp?.size === size && stamp.ino === ino && stamp.mtimeMs === mtimeMs;
  }

  #count(path: string, { dev, ino, nlink, size, mtimeMs }: Stats): void {
    if (path.endsWith('.jsonl')) this.writtenMs = Math.max(this.writtenMs ?? -Infinity, mtimeMs);
    if (nlink > 1) {
      const inode = `${dev}:${ino}`;
      this.counted ??= new Set();
      if (this.counted.has(inode)) return;
      this.counted.add(inode);
    }
    this.files += 1;
    this.bytes += size;
  }

  #odd(code: KeepCode, detail: string): void {
    if (!this.oddities.some((odd) => odd.code === code)) this.oddities = [...this.oddities, { code, detail }];
  }

  #stat(path: string): Stats | null {
    try {
      return lstatSync(path, ABSENT_IS_NONE) ?? null;
    } catch (error) {
      this.#odd('unrecognised', `cannot be examined (${errorCode(error) ?? 'unknown error'}): ${path}`);
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
