import { existsSync } from 'node:fs';
import { footprintFiles, type SessionFile } from '../claude/footprint-paths.js';
import { renewTimes } from '../retention/keep/keep-times.js';
import { pinSession, unpinSession } from '../retention/keep/pins.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { sessionGoneError } from '../sessions/amend/amend.js';
import { setArchived } from '../sessions/amend/archive.js';
import { renameSession } from '../sessions/amend/rename.js';
import { tagSession } from '../sessions/amend/tag.js';
import { forkSession } from '../sessions/fork/fork.js';
import { moveSession } from '../sessions/move/move.js';
import { resolveSession } from '../sessions/resolve/resolve.js';
import { rowOf } from '../sessions/select/row-of.js';
import { findStartFolder } from '../sessions/select/start-folder.js';
import { CcsessError } from '../system/errors.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import { fullRecords } from '../usage/full-records.js';
import { throwAsIo, rejectAsIo } from './support/as-io.js';
import { entriesIn, messagesIn, type MessageOptions } from './conversation.js';
import {
  checkOptions,
  checkPath,
  checkReference,
  checkSwitch,
  checkText,
  type OneOrMore,
  type OptionNames,
} from './support/options.js';
import type {
  ResumeCommand,
  ResumeOptions,
  SessionForkOptions,
  Subagent,
  TouchOption,
  Transcript,
} from './session-options.js';
import {
  openIndex,
  ownOptions,
  reportProblems,
  rowAt,
  contextOf,
  type LibraryOptions,
  type LibraryContext,
} from './context.js';
import { runAfterRecovery } from './support/recover-moves.js';
import { checkResumeOptions, resumeCommandOf } from './support/resume-command.js';

const TOUCH: OptionNames<TouchOption> = { touch: 'boolean' };
const FORK: OptionNames<SessionForkOptions> = {
  at: 'other',
  title: 'string',
  id: 'string',
  cwd: 'string',
  tag: 'string',
};
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;
let constructSession: (record: SessionRecord, context: LibraryContext) => Session;
let contextIn: (session: Session) => LibraryContext;

/**
 * A session: its paths, its metadata, and operations on it. `metadata` is a snapshot, which `refresh` and changes made
 * through this object renew. Methods reject with a `CcsessError`, whose code is NOT_FOUND if the session is gone.
 */
export class Session {
  #record: SessionRecord;
  readonly #context: LibraryContext;

  static {
    constructSession = (record, context) => new Session(record, context);
    contextIn = (session) => session.#context;
  }

  private constructor(record: SessionRecord, context: LibraryContext) {
    this.#record = record;
    this.#context = context;
  }

  /** Id for `claude --resume` and the Agent SDK's `resume`. */
  get id(): string {
    return this.#record.id;
  }

  /** Absolute path of the transcript. */
  get path(): string {
    return this.#record.transcript;
  }

  /** True if the transcript exists now. */
  get exists(): boolean {
    return existsSync(this.path);
  }

  /** Title, folder, times, prompts, turns, tokens, cost and more: docs/json.md, "A session". */
  get metadata(): SessionRecord {
    return this.#record;
  }

  /** The transcript as Claude Code wrote it. */
  get transcript(): Transcript {
    const { id, path } = this;
    return { path, entries: () => entriesIn({ id, path, signal: this.#context.signal }) };
  }

  /**
   * Yields the conversation message by message, with one in memory at a time. Nothing is read before the first step.
   */
  messages(options: MessageOptions = {}): AsyncGenerator<SessionMessage> {
    const { id, path } = this;
    return messagesIn({ id, path, signal: this.#context.signal }, options, false);
  }

  /** Resolves to the subagents that have a transcript. */
  async subagents(): Promise<Subagent[]> {
    const { id } = this;
    const { signal } = this.#context;
    const row = rowAt(await openIndex(this.#context), this);
    return row.file.agents.map(({ agentId, path }) => ({
      id: agentId,
      path,
      messages: (options: MessageOptions = {}) => messagesIn({ id, path, signal }, options, true),
    }));
  }

  /**
   * Resolves to all files of the session with their sizes: transcript, subagents, tool results, file history and so on.
   */
  async files(): Promise<SessionFile[]> {
    const row = rowAt(await openIndex(this.#context), this);
    return footprintFiles(row.file);
  }

  /**
   * Resolves to the command that resumes the session in Claude Code from any directory. Rejects with IO if Claude Code
   * cannot resume it; `metadata.live` shows if it is live.
   */
  async resumeCommand(options: ResumeOptions = {}): Promise<ResumeCommand> {
    checkResumeOptions(options);
    const index = await openIndex(this.#context);
    const row = rowAt(index, this);
    return resumeCommandOf(index, row, await recordOf(index, row, this.#context), options, this.#context);
  }

  /** Reads the metadata again. */
  async refresh(): Promise<this> {
    const index = await openIndex(this.#context, { processes: true });
    return this.#replaceRecord(index, rowAt(index, this));
  }

  /**
   * Resolves to a new session with the active branch of this one, up to a prompt or message if `at` is given. This
   * session is not changed.
   */
  async fork(options: SessionForkOptions = {}): Promise<Session> {
    checkOptions(options, FORK);
    const { at, ...others } = options;
    const wanted = { ...others, ...(at === undefined ? {} : { at: checkReference(at, 'at') }) };
    const before = await openIndex(this.#context);
    const row = rowAt(before, this);
    const created = throwAsIo(() => forkSession(before, row, wanted, this.#context));
    const index = await openIndex(this.#context);
    return sessionOf(index, rowOf(index, created), this.#context);
  }

  /** Sets the title, or removes it (`null`), as Claude Code's `/rename` does. */
  rename(title: string | null, options: TouchOption = {}): Promise<this> {
    return this.#changeText(title, 'title', options, (row, touch) => renameSession(row, title, touch, this.#context));
  }

  /** Sets the tag, or removes it (`null`). */
  tag(tag: string | null, options: TouchOption = {}): Promise<this> {
    return this.#changeText(tag, 'tag', options, (row, touch) => tagSession(row, tag, touch, this.#context));
  }

  /** Hides the session from default lists until it gets a new prompt; `false` shows it again. */
  async archive(archived = true): Promise<this> {
    checkSwitch(archived, 'archived');
    return this.#change((row) => setArchived(row.file, archived, this.#context));
  }

  /**
   * Protects the session from every prune, and from Claude Code's cleanup by renewing the times of all pinned sessions;
   * `false` ends the protection.
   */
  async pin(pinned = true): Promise<this> {
    checkSwitch(pinned, 'pinned');
    const index = await openIndex(this.#context);
    const row = rowAt(index, this);
    if (pinned) pinSession(row.file, this.#context);
    else unpinSession(row.file);
    const kept = index.rows.filter((other) => (other === row ? pinned : other.pinned));
    reportProblems(renewTimes(kept, index, this.#context, { dryRun: false }).problems, this.#context);
    return this.refresh();
  }

  /** Moves the session to another project, where it is then listed and resumed. Rejects with LIVE while it is live. */
  async move(folder: string): Promise<this> {
    checkPath(folder, 'folder');
    return runAfterRecovery(this.#context, async () => {
      const before = await openIndex(this.#context);
      const row = rowAt(before, this);
      const { moves } = await rejectAsIo(moveSession(before, row, folder, this.#context));
      const [moved] = moves;
      const { status, error } = moved ?? {};
      if (status === 'live' || status === 'failed') {
        throw new CcsessError(
          status === 'live' ? 'LIVE' : 'IO',
          `session ${this.id} was not moved: ${error?.message ?? status}.`,
        );
      }
      const index = await openIndex(this.#context);
      const movedRow = index.rows.find(
        ({ file }) =>
          file.id === this.id &&
          file.projectDir === moved?.toProjectDir &&
          file.configDir.path === row.file.configDir.path,
      );
      return this.#replaceRecord(index, movedRow ?? rowAt(index, this));
    });
  }

  /** Returns the metadata, for `JSON.stringify`. */
  toJSON(): SessionRecord {
    return this.#record;
  }

  /** Returns the text that `console.log` shows. */
  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return `Session ${inspect(this.#record, options)}`;
  }

  #changeText(
    text: string | null,
    name: string,
    options: TouchOption,
    act: (row: SessionRow, touch: { touch: boolean }) => unknown,
  ): Promise<this> {
    return this.#change((row) => {
      checkOptions(options, TOUCH);
      if (text !== null) checkText(text, name);
      return act(row, { touch: options.touch === true });
    });
  }

  async #change(act: (row: SessionRow) => unknown): Promise<this> {
    const index = await openIndex(this.#context);
    await act(rowAt(index, this));
    return this.refresh();
  }

  async #replaceRecord(index: SessionIndex, row: SessionRow): Promise<this> {
    this.#record = await recordOf(index, row, this.#context);
    return this;
  }
}

/** Returns the session of a record. */
export function newSession(record: SessionRecord, context: LibraryContext): Session {
  return constructSession(record, context);
}

/** One or more sessions, as objects or by name. */
export type NamedSessions = OneOrMore<Session | string>;

/**
 * Returns the context for work on sessions: that of the first `Session` object, unless `configDir` is given. Throws as
 * `contextOf`.
 */
export function contextFor(sessions: NamedSessions, options: LibraryOptions): LibraryContext {
  const first = [sessions].flat().find((session) => session instanceof Session);
  if (first === undefined || options.configDir !== undefined) return contextOf(options);
  return { ...contextIn(first), ...ownOptions(options) };
}

/** Returns the session of a row, with its metadata as of when the index was opened. */
export async function sessionOf(index: SessionIndex, row: SessionRow, context: LibraryContext): Promise<Session> {
  return newSession(await recordOf(index, row, context), context);
}

/** Returns the rows of sessions, given as objects or by name. Throws NOT_FOUND and AMBIGUOUS as `resolveSession`. */
export async function sessionsNamed(
  index: SessionIndex,
  sessions: NamedSessions,
  context: LibraryContext,
): Promise<SessionRow[]> {
  const start = await findStartFolder(context);
  const describe = ({ file }: SessionRow): string => file.path;
  return [sessions].flat().map((session) => {
    if (session instanceof Session) return rowAt(index, session);
    return resolveSession(index, checkText(session, 'session'), { start, describe });
  });
}

async function recordOf(index: SessionIndex, row: SessionRow, { now }: LibraryContext): Promise<SessionRecord> {
  const [record] = await fullRecords(index, [row], now());
  return record ?? Promise.reject(sessionGoneError(row.file.id));
}
