import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, realpathSync, type BigIntStats } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import type { ConfigDir } from '../claude/model.js';
import { errorCode } from '../claude/problem.js';
import type { Reason, StayCode, Target } from './model.js';

/** A stamp's milliseconds are a fraction that holds no nanoseconds exactly. */
const STAMP_PRECISION_MS = 0.001;

/** All files of a target as they are at one moment. Times are milliseconds. */
export interface Survey {
  /** `sha256:…` over place, type, size, mtime and inode of whatever `Target.judged` holds. */
  fingerprint: string;
  /** Regular files and their bytes, hard links once. */
  files: number;
  bytes: number;
  /** Newest mtime of a transcript or a subagent's. */
  writtenMs: number | null;
  /** Newest mtime of anything, folders too. */
  touchedMs: number;
  /** The transcript has the size, mtime and inode that the index knows; true where there is none. */
  asIndexed: boolean;
  /** What makes the files none that may be moved: odd types, links, other owners, places outside. */
  oddities: Reason<StayCode>[];
}

/**
 * Looks at every file of a target without following links. `null` if nothing of it is there any more, its transcript
 * if it has one. Never throws: what cannot be looked at is an oddity.
 */
export function surveyTarget(target: Target, configDirs: readonly ConfigDir[]): Survey | null {
  const walk = new Walk(target);
  for (const root of target.roots) walk.visit(root, true);
  if (walk.seen === 0 || (target.row !== null && !walk.seenTranscript)) return null;
  return { ...walk.sums, fingerprint: walk.fingerprint, asIndexed: walk.asIndexed, oddities: [...walk.oddities, ...outsiders(target, configDirs)] };
}

class Walk {
  readonly sums = { files: 0, bytes: 0, writtenMs: null as number | null, touchedMs: 0 };
  readonly oddities: Reason<StayCode>[] = [];
  seen = 0;
  seenTranscript = false;
  asIndexed = true;
  readonly #target: Target;
  readonly #transcript: string | null;
  readonly #judged: ReadonlySet<string>;
  readonly #hash: Hash = createHash('sha256');
  readonly #counted = new Set<string>();

  constructor(target: Target) {
    this.#target = target;
    this.#transcript = target.row?.file.path ?? null;
    this.#judged = new Set(target.judged);
  }

  get fingerprint(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }

  visit(path: string, isRoot: boolean, isJudged = this.#judged.has(path)): void {
    const stats = this.#look(path);
    if (stats === null) return;
    const kind = kindOf(stats);
    this.seen += 1;
    if (path === this.#transcript) this.#compare(stats);
    if (isJudged) this.#hash.update(this.#line(path, kind, stats));
    const mtimeMs = Number(stats.mtimeNs) / 1e6;
    this.sums.touchedMs = Math.max(this.sums.touchedMs, mtimeMs);
    if (stats.uid !== ownUid()) this.#odd('not-ours', `owned by another user: ${path}`);
    if (kind === 'other') this.#odd('unrecognised', `neither file nor folder: ${path}`);
    // Below a root links move along as they are; a root that is one is not how Claude Code keeps sessions.
    if (kind === 'link' && isRoot) this.#odd('unrecognised', `a link: ${path}`);
    if (kind === 'file') this.#count(path, stats, mtimeMs);
    if (kind === 'folder') for (const name of this.#namesIn(path)) this.visit(path + sep + name, false, isJudged);
  }

  #compare({ size, mtimeNs, ino }: BigIntStats): void {
    const stamp = this.#target.row?.file.stamp;
    this.seenTranscript = true;
    this.asIndexed = stamp?.size === Number(size) && stamp.ino === Number(ino) && Math.abs(stamp.mtimeMs - Number(mtimeNs) / 1e6) < STAMP_PRECISION_MS;
  }

  #count(path: string, { dev, ino, nlink, size }: BigIntStats, mtimeMs: number): void {
    if (path.endsWith('.jsonl')) this.sums.writtenMs = Math.max(this.sums.writtenMs ?? 0, mtimeMs);
    const inode = `${dev}:${ino}`;
    if (nlink > 1n && this.#counted.has(inode)) return;
    this.#counted.add(inode);
    this.sums.files += 1;
    this.sums.bytes += Number(size);
  }

  /** A folder's own time and size tell nothing that the names in it do not. */
  #line(path: string, kind: string, { size, mtimeNs, ino }: BigIntStats): string {
    const state = kind === 'folder' ? [] : [size, mtimeNs];
    return `${[relative(this.#target.configDir.path, path), kind, ino, ...state].join('\0')}\n`;
  }

  #odd(code: StayCode, detail: string): void {
    if (!this.oddities.some((odd) => odd.code === code)) this.oddities.push({ code, detail });
  }

  #look(path: string): BigIntStats | null {
    try {
      return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
    } catch (error) {
      this.#odd('unrecognised', `cannot be looked at (${errorCode(error) ?? 'unknown error'}): ${path}`);
      return null;
    }
  }

  #namesIn(folder: string): string[] {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#odd('unrecognised', `cannot be read (${errorCode(error) ?? 'unknown error'}): ${folder}`);
      return [];
    }
  }
}

let uid: bigint | undefined;

/** Asked once: it reads the system's list of users. */
function ownUid(): bigint {
  uid ??= BigInt(userInfo().uid);
  return uid;
}

function kindOf(stats: BigIntStats): 'file' | 'folder' | 'link' | 'other' {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** Folders that hold the target's roots and, with links resolved, lie in none of the config dirs. */
function outsiders({ roots, configDir }: Target, configDirs: readonly ConfigDir[]): Reason<StayCode>[] {
  const sharing = configDirs.filter(({ projectsRoot }) => projectsRoot === configDir.projectsRoot);
  const ours = [configDir.projectsRoot, ...[configDir, ...sharing].flatMap(({ path }) => realPath(path) ?? [])];
  for (const folder of new Set(roots.map((root) => dirname(root)))) {
    const real = realPath(folder);
    if (real === null || ours.some((own) => real === own || real.startsWith(join(own, sep)))) continue;
    return [{ code: 'not-ours', detail: `outside the config dir: ${real}` }];
  }
  return [];
}

/** `null` for what is not there: nothing in it can be moved either. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
