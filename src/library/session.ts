import { closeSync, existsSync } from 'node:fs';
import { CcsessError } from '../system/errors.js';
import { errorCode } from '../system/problem.js';
import { renewTimes } from '../retention/keep/keep-times.js';
import { pinSession, unpinSession } from '../retention/keep/pins.js';
import { goneSession } from '../sessions/amend/amend.js';
import { setArchived } from '../sessions/amend/archive.js';
import { forkSession, type ForkOptions } from '../sessions/fork/fork.js';
import { parseChoice } from '../grammar/choice.js';
import { moveSession } from '../sessions/move/move.js';
import { renameSession } from '../sessions/amend/rename.js';
import { rowOf } from '../sessions/select/row-of.js';
import { tagSession } from '../sessions/amend/tag.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { readHugeEntry } from '../transcript/messages/huge-entry.js';
import { MAX_LINE_BYTES, openRegularFile, readLines } from '../transcript/lines.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import { readMessages, type MessageSelection } from '../transcript/messages/messages.js';
import { parseLine } from '../transcript/skeleton.js';
import { fullRecords } from '../usage/full-records.js';
import { asIo, orIo, orIoLater } from './as-io.js';
import { checkCount } from './check-count.js';
import { openIndex, rowAt, type Surroundings } from './surroundings.js';

/** Which messages `Session.messages` gives: by default the active branch, which is what a resume shows. */
export interface MessageOptions {
  /** `all`: every message in the file, abandoned branches and sidechains too. */
  which?: 'active' | 'all';
  /** Only this number of first or last messages; the last ones are read from the end of the file. */
  head?: number;
  tail?: number;
}

/** The file a session is written to. */
export interface Transcript {
  /** Absolute. */
  path: string;
  /**
   * Claude Code's own entries, line by line, untouched; of damaged lines what can be saved. Long texts of a line of 128
   * MiB or more are cut. One entry in memory at a time.
   */
  entries(): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

/** True if a change updates the modification time of the session. */
export interface TouchOption {
  /** Renew the transcript's times; else they stay as they are. */
  touch?: boolean;
}

/**
 * A session: its paths, its metadata, and the operations on it. It is a snapshot: `metadata` is as it was
 * read, until `refresh` or a change made through it reads it again; `exists` asks the disk. Methods reject with
 * `CcsessError`, NOT_FOUND if the session has gone.
 */
export class Session {
  #record: SessionRecord;
  readonly #surroundings: Surroundings;

  /** Made by `getSession`, `listSessions` and the like, not by hand. */
  constructor(record: SessionRecord, surroundings: Surroundings) {
    this.#record = record;
    this.#surroundings = surroundings;
  }

  /** The value for `claude --resume` and the Agent SDK's `resume`. */
  get id(): string {
    return this.#record.id;
  }

  /** Absolute path of its transcript. */
  get path(): string {
    return this.#record.transcript;
  }

  /** True if its transcript exists at this moment. */
  get exists(): boolean {
    return existsSync(this.path);
  }

  /** Title, folder, times, prompts, turns, tokens, cost and the rest: docs/json.md, "A session". */
  get metadata(): SessionRecord {
    return this.#record;
  }

  /** Its transcript, as Claude Code wrote it. */
  get transcript(): Transcript {
    const { path } = this;
    return { path, entries: () => entriesOf(this.#record, this.#surroundings.signal) };
  }

  /**
   * Its conversation, message by message; one in memory at a time, however long it is. Nothing is read before the first
   * step.
   */
  async *messages({ which = 'active', head, tail }: MessageOptions = {}): AsyncGenerator<SessionMessage> {
    const selection: MessageSelection = { which: parseChoice(which, ['active', 'all'], 'which') };
    if (head !== undefined) selection.head = checkCount(head, 'head');
    if (tail !== undefined) selection.tail = checkCount(tail, 'tail');
    try {
      for await (const message of readMessages(this.path, selection)) {
        this.#surroundings.signal?.throwIfAborted();
        yield message;
      }
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? goneSession(this.id) : asIo(error);
    }
  }

  /** Reads it again. */
  async refresh(): Promise<this> {
    const index = await openIndex(this.#surroundings, { processes: true });
    return this.#take(index, rowAt(index, this.path));
  }

  /**
   * A new session that begins as this one: the active branch, up to a prompt or message if asked. This one is only
   * read.
   */
  async fork(options: Omit<ForkOptions, 'dryRun'> = {}): Promise<Session> {
    const before = await openIndex(this.#surroundings);
    const row = rowAt(before, this.path);
    const made = orIo(() => forkSession(before, row, options, this.#surroundings));
    const index = await openIndex(this.#surroundings);
    return sessionOf(index, rowOf(index, made), this.#surroundings);
  }

  /** Gives it a title, or takes its given title away (`null`), as Claude Code's `/rename` does. */
  rename(title: string | null, { touch = false }: TouchOption = {}): Promise<this> {
    return this.#change((row) => renameSession(row, title, { touch }, this.#surroundings));
  }

  /** Tags it, or takes its tag away (`null`). */
  tag(tag: string | null, { touch = false }: TouchOption = {}): Promise<this> {
    return this.#change((row) => tagSession(row, tag, { touch }, this.#surroundings));
  }

  /** Leaves it out of plain lists, until a person prompts again; `false` puts it back. */
  archive(archived = true): Promise<this> {
    return this.#change((row) => setArchived(row.file, archived, this.#surroundings));
  }

  /**
   * Keeps it from every prune, and from Claude Code's cleanup by renewing the times of all pinned sessions; `false`: no
   * longer.
   */
  async pin(pinned = true): Promise<this> {
    const index = await openIndex(this.#surroundings);
    const row = rowAt(index, this.path);
    if (pinned) pinSession(row.file, this.#surroundings);
    else unpinSession(row.file);
    renewTimes(
      index.rows.filter((other) => (other === row ? pinned : other.pinned)),
      index,
      this.#surroundings,
      { dryRun: false },
    );
    return this.refresh();
  }

  /** Moves it to another project, so that it resumes and lists there; not while it is live. */
  async move(folder: string): Promise<this> {
    const before = await openIndex(this.#surroundings);
    const row = rowAt(before, this.path);
    const { moves } = await orIoLater(moveSession(before, row, folder, this.#surroundings));
    const [moved] = moves;
    const { status, error } = moved ?? {};
    if (status === 'live' || status === 'failed') {
      throw new CcsessError(
        status === 'live' ? 'LIVE' : 'IO',
        `session ${this.id} stays where it was: ${error?.message ?? status}.`,
      );
    }
    const index = await openIndex(this.#surroundings);
    const place = index.rows.find(
      ({ file }) =>
        file.id === this.id &&
        file.projectDir === moved?.toProjectDir &&
        file.configDir.path === row.file.configDir.path,
    );
    return this.#take(index, place ?? rowAt(index, this.path));
  }

  async #change(act: (row: SessionRow) => unknown): Promise<this> {
    const index = await openIndex(this.#surroundings);
    await act(rowAt(index, this.path));
    return this.refresh();
  }

  async #take(index: SessionIndex, row: SessionRow): Promise<this> {
    this.#record = await recordOf(index, row, this.#surroundings);
    return this;
  }
}

/** The session of a row, as it was when the index was opened. */
export async function sessionOf(index: SessionIndex, row: SessionRow, surroundings: Surroundings): Promise<Session> {
  return new Session(await recordOf(index, row, surroundings), surroundings);
}

async function recordOf(index: SessionIndex, row: SessionRow, { now }: Surroundings): Promise<SessionRecord> {
  const [record] = await fullRecords(index, [row], now());
  return record ?? Promise.reject(goneSession(row.file.id));
}

async function* entriesOf(
  { id, transcript }: SessionRecord,
  signal: AbortSignal | null,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const fd = openTranscript(id, transcript);
  try {
    for (const { start, end, bytes, isHeld, terminated } of readLines(fd, { limit: MAX_LINE_BYTES })) {
      signal?.throwIfAborted();
      if (bytes.length > 0) yield* parseLine(bytes, !terminated);
      const huge = isHeld ? null : readHugeEntry(fd, { start, end });
      if (huge !== null) yield huge;
    }
  } finally {
    closeSync(fd);
  }
}

function openTranscript(id: string, path: string): number {
  try {
    return openRegularFile(path).fd;
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? goneSession(id) : asIo(error);
  }
}
