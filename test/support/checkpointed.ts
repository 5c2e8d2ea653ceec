import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { projectKey } from '../../src/claude/project-key.js';
import type { World } from './context.js';
import { temporaryFolder } from './temporary.js';
import { answerLine, line, promptLine } from './transcripts.js';

/** A tracked file of a snapshot, as Claude Code writes it. */
interface Backup {
  backupFileName: string | null;
  version: number;
  backupTime: string;
  realParentDir: string;
}

/** Choices of `CheckpointedSession`. */
export interface SessionOptions {
  id?: string;
  /** The folder that holds home, config dir and project; by default a new one. */
  root?: string;
}

/** Id of the sessions made here, unless another is given. */
export const SESSION = '11111111-0000-4000-8000-000000000001';

/**
 * A session that keeps checkpoints by Claude Code's own rules (docs/storage.md, "Checkpoints"), in a temporary home
 * with a project folder: each prompt makes a snapshot, and each edit of a new file a delta.
 */
export class CheckpointedSession {
  readonly id: string;
  readonly home: string;
  readonly configDir: string;
  readonly project: string;
  readonly transcript: string;
  /** Uuids of the prompts, the first one first. */
  readonly prompts: string[] = [];
  readonly #lines: string[] = [];
  readonly #tracked = new Map<string, Backup>();
  #parent: string | null = null;
  #minute = 0;
  #entries = 0;

  constructor({ id = SESSION, root = temporaryFolder('checkpoints') }: SessionOptions = {}) {
    this.id = id;
    this.home = join(root, 'home');
    this.configDir = join(this.home, '.claude');
    this.project = join(root, 'project');
    this.transcript = join(this.configDir, 'projects', projectKey(this.project), `${id}.jsonl`);
    for (const folder of [this.project, dirname(this.transcript)]) mkdirSync(folder, { recursive: true });
  }

  /** The world of a command: the folder it runs in is the project. */
  get world(): World {
    const configDirs = resolveConfigDirs({ explicit: [this.configDir], env: {}, home: this.home, cwd: '/' });
    return { configDirs, home: this.home, cwd: this.project, env: {}, cacheDir: join(this.home, 'cache') };
  }

  /** Path of a file of the project. */
  path(name: string): string {
    return isAbsolute(name) ? name : join(this.project, name);
  }

  /** Writes a file by hand, with the missing folders. */
  put(name: string, content: string | Buffer, mode = 0o644): void {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  }

  /** Content of a file; null if there is none. */
  get(name: string): string | null {
    try {
      return readFileSync(this.path(name), 'utf8');
    } catch {
      return null;
    }
  }

  /** Writes a prompt: makes a snapshot, then the edits of its answer, and returns its uuid. */
  prompt(text: string, edits: Record<string, string | Buffer> = {}, options: { untracked?: boolean } = {}): string {
    const uuid = this.#uuid();
    this.prompts.push(uuid);
    const timestamp = this.#time();
    for (const [path, last] of this.#tracked) this.#tracked.set(path, this.#backUp(path, last));
    this.#write({
      type: 'file-history-snapshot',
      messageId: uuid,
      snapshot: { messageId: uuid, timestamp, trackedFileBackups: Object.fromEntries(this.#tracked) },
      isSnapshotUpdate: false,
      ...(options.untracked === true ? { hasUntrackedChanges: true } : {}),
    });
    const members = { sessionId: this.id, cwd: this.project, turnOrigin: 'human', timestamp };
    this.#lines.push(promptLine(text, { ...members, uuid, parentUuid: this.#parent }));
    const answer = this.#uuid();
    for (const [name, content] of Object.entries(edits)) {
      this.#trackFirst(name, uuid, answer);
      this.put(name, content, this.#modeOf(name));
    }
    const answered = { sessionId: this.id, cwd: this.project, timestamp: this.#time(), uuid: answer };
    this.#lines.push(answerLine(`msg_${answer}`, 'Done.', { ...answered, parentUuid: uuid }));
    this.#parent = answer;
    this.save();
    return uuid;
  }

  /** Makes the next prompt follow this message instead of the last answer; null: it starts a new branch. */
  rewindConversation(parentUuid: string | null): void {
    this.#parent = parentUuid;
  }

  /** Adds any entry. */
  entry(entry: Record<string, unknown>): void {
    this.#write(entry);
    this.save();
  }

  /** Changes the lines of the transcript. */
  rewrite(change: (text: string) => string): void {
    const text = change(this.#lines.join(''));
    this.#lines.splice(0, Infinity, text);
    this.save();
  }

  /** Name of a path's backup. */
  backupName(name: string, version: number): string {
    return `${createHash('sha256').update(this.path(name)).digest('hex').slice(0, 16)}@v${version}`;
  }

  /** Path of a backup. */
  backup(name: string, version: number): string {
    return join(this.configDir, 'file-history', this.id, this.backupName(name, version));
  }

  save(): void {
    writeFileSync(this.transcript, this.#lines.join(''), { mode: 0o600 });
  }

  #trackFirst(name: string, snapshotMessageId: string, messageId: string): void {
    const path = this.#trackingPath(name);
    if (this.#tracked.has(path)) return;
    const backup = this.#copy(path, 1);
    this.#tracked.set(path, backup);
    const timestamp = backup.backupTime;
    this.#write({ type: 'file-history-delta', messageId, snapshotMessageId, trackingPath: path, backup, timestamp });
  }

  /** Returns a new version only if content or mode changed since the last one. */
  #backUp(path: string, last: Backup): Backup {
    const stats = lstatSync(this.path(path), { throwIfNoEntry: false });
    const isFile = stats?.isFile() === true;
    if (isFile && last.backupFileName !== null) {
      const copy = join(this.configDir, 'file-history', this.id, last.backupFileName);
      const isSame = readFileSync(copy).equals(readFileSync(this.path(path))) && lstatSync(copy).mode === stats.mode;
      if (isSame) return last;
    }
    return this.#copy(path, last.version + 1);
  }

  #copy(path: string, version: number): Backup {
    const from = this.path(path);
    const backup = { version, backupTime: this.#time(), realParentDir: this.#realParent(dirname(from)) };
    const stats = lstatSync(from, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return { backupFileName: null, ...backup };
    const to = this.backup(path, version);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    chmodSync(to, stats.mode & 0o777);
    return { backupFileName: this.backupName(path, version), ...backup };
  }

  #realParent(folder: string): string {
    try {
      return realpathSync(folder);
    } catch {
      return join(this.#realParent(dirname(folder)), relative(dirname(folder), folder));
    }
  }

  #modeOf(name: string): number {
    return (lstatSync(this.path(name), { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777;
  }

  #trackingPath(name: string): string {
    return isAbsolute(name) && !name.startsWith(`${this.project}/`) ? name : relative(this.project, this.path(name));
  }

  #write(entry: Record<string, unknown>): void {
    this.#lines.push(line(entry));
  }

  #uuid(): string {
    return `${this.id.slice(0, 24)}${String(++this.#entries).padStart(12, '0')}`;
  }

  #time(): string {
    return new Date(Date.UTC(2026, 10, 20, 10, this.#minute++)).toISOString();
  }
}

/** Removes a file by hand. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}
