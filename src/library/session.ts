import { existsSync } from 'node:fs';
import { footprintFiles, type SessionFile } from '../claude/footprint-paths.js';
import { claudeName, resumeLaunch } from '../claude/launch.js';
import { shellCommand } from '../claude/shell-command.js';
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
import { requireConversation } from '../sessions/resolve/conversation.js';
import { resolveSession } from '../sessions/resolve/resolve.js';
import { resumePoint } from '../sessions/resolve/resume-folder.js';
import { rowOf } from '../sessions/select/row-of.js';
import { findStartFolder } from '../sessions/select/start-folder.js';
import { CcsessError } from '../system/errors.js';
import type { SessionMessage } from '../transcript/messages/message.js';
import { fullRecords } from '../usage/full-records.js';
import { throwAsIo, rejectAsIo } from './support/as-io.js';
import { entriesIn, messagesIn, type MessageOptions } from './conversation.js';
import { checkOptions, checkText, given, type OneOrMore, type OptionNames } from './support/options.js';
import type {
  ResumeCommand,
  ResumeOptions,
  SessionForkOptions,
  Subagent,
  TouchOption,
  Transcript,
} from './session-options.js';
import {
  abortSignal,
  openIndex,
  reportProblems,
  rowAt,
  surroundingsOf,
  type LibraryOptions,
  type Surroundings,
} from './surroundings.js';
import { inTurnSettled } from './support/settle-moves.js';

const TOUCH: OptionNames<TouchOption> = { touch: true };
const FORK: OptionNames<SessionForkOptions> = { at: true, title: true, id: true, cwd: true, tag: true };
const RESUME: OptionNames<ResumeOptions> = { claudeBin: true, args: true };
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;
let construct: (record: SessionRecord, surroundings: Surroundings) => Session;
let surroundingsIn: (session: Session) => Surroundings;

/**
 * A session: its paths, its metadata, and the operations on it. It is a snapshot: `metadata` is as it was
 * read, until `refresh` or a change made through it reads it again; `exists` asks the disk. Methods reject with
 * `CcsessError`, NOT_FOUND if the session has gone.
 */
export class Session {
  #record: SessionRecord;
  readonly #surroundings: Surroundings;

  static {
    construct = (record, surroundings) => new Session(record, surroundings);
    surroundingsIn = (session) => session.#surroundings;
  }

  private constructor(record: SessionRecord, surroundings: Surroundings) {
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
    const { id, path } = this;
    return { path, entries: () => entriesIn({ id, path, signal: this.#surroundings.signal }) };
  }

  /**
   * Its conversation, message by message; one in memory at a time, however long it is. Nothing is read before the first
   * step.
   */
  messages(options: MessageOptions = {}): AsyncGenerator<SessionMessage> {
    const { id, path } = this;
    return messagesIn({ id, path, signal: this.#surroundings.signal }, options, false);
  }

  /** Its subagents that have a transcript. */
  async subagents(): Promise<Subagent[]> {
    const { id } = this;
    const { signal } = this.#surroundings;
    const row = rowAt(await openIndex(this.#surroundings), this);
    return row.file.agents.map(({ agentId, path }) => ({
      id: agentId,
      path,
      messages: (options: MessageOptions = {}) => messagesIn({ id, path, signal }, options, true),
    }));
  }

  /** Every file that belongs to it, with its size: transcript, subagents, tool results, file history and so on. */
  async files(): Promise<SessionFile[]> {
    const row = rowAt(await openIndex(this.#surroundings), this);
    return footprintFiles(row.file);
  }

  /**
   * The command that resumes it in Claude Code, from any directory. Rejects with IO if Claude Code cannot resume it.
   * `metadata.live` says if it is live.
   */
  async resumeCommand(options: ResumeOptions = {}): Promise<ResumeCommand> {
    checkOptions(options, RESUME);
    const { env, cwd } = this.#surroundings;
    const index = await openIndex(this.#surroundings);
    const row = rowAt(index, this);
    const record = await recordOf(index, row, this.#surroundings);
    requireConversation(row, record);
    const point = resumePoint(index, row, record, { env });
    const program = claudeName(options.claudeBin, { env, cwd });
    const resume = { name: point.name, configDir: row.file.configDir, cwd: point.folder ?? cwd };
    const launch = resumeLaunch(resume, program, options.args ?? []);
    return {
      command: shellCommand(launch, env),
      program,
      args: [...launch.args],
      cwd: launch.cwd,
      env: { CLAUDE_CONFIG_DIR: launch.configDir },
    };
  }

  /** Reads it again. */
  async refresh(): Promise<this> {
    const index = await openIndex(this.#surroundings, { processes: true });
    return this.#take(index, rowAt(index, this));
  }

  /**
   * A new session that begins as this one: the active branch, up to a prompt or message if asked. This one is only
   * read.
   */
  async fork(options: SessionForkOptions = {}): Promise<Session> {
    checkOptions(options, FORK);
    const { at, ...others } = options;
    const wanted = { ...others, ...(at === undefined ? {} : { at: String(at) }) };
    const before = await openIndex(this.#surroundings);
    const row = rowAt(before, this);
    const made = throwAsIo(() => forkSession(before, row, wanted, this.#surroundings));
    const index = await openIndex(this.#surroundings);
    return sessionOf(index, rowOf(index, made), this.#surroundings);
  }

  /** Gives it a title, or takes its given title away (`null`), as Claude Code's `/rename` does. */
  rename(title: string | null, options: TouchOption = {}): Promise<this> {
    return this.#amend(title, 'title', options, (row, touch) => renameSession(row, title, touch, this.#surroundings));
  }

  /** Tags it, or takes its tag away (`null`). */
  tag(tag: string | null, options: TouchOption = {}): Promise<this> {
    return this.#amend(tag, 'tag', options, (row, touch) => tagSession(row, tag, touch, this.#surroundings));
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
    const row = rowAt(index, this);
    if (pinned) pinSession(row.file, this.#surroundings);
    else unpinSession(row.file);
    const kept = index.rows.filter((other) => (other === row ? pinned : other.pinned));
    reportProblems(renewTimes(kept, index, this.#surroundings, { dryRun: false }).problems, this.#surroundings);
    return this.refresh();
  }

  /** Moves it to another project, so that it resumes and lists there; not while it is live. */
  async move(folder: string): Promise<this> {
    checkText(folder, 'folder');
    return inTurnSettled(this.#surroundings, async () => {
      const before = await openIndex(this.#surroundings);
      const row = rowAt(before, this);
      const { moves } = await rejectAsIo(moveSession(before, row, folder, this.#surroundings));
      const [moved] = moves;
      const { status, error } = moved ?? {};
      if (status === 'live' || status === 'failed') {
        throw new CcsessError(
          status === 'live' ? 'LIVE' : 'IO',
          `session ${this.id} stays where it was: ${error?.message ?? status}.`,
        );
      }
      const index = await openIndex(this.#surroundings);
      const movedRow = index.rows.find(
        ({ file }) =>
          file.id === this.id &&
          file.projectDir === moved?.toProjectDir &&
          file.configDir.path === row.file.configDir.path,
      );
      return this.#take(index, movedRow ?? rowAt(index, this));
    });
  }

  /** Its metadata, so that `JSON.stringify` shows it. */
  toJSON(): SessionRecord {
    return this.#record;
  }

  /** Returns the text that `console.log` shows. */
  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return `Session ${inspect(this.#record, options)}`;
  }

  #amend(
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
    const index = await openIndex(this.#surroundings);
    await act(rowAt(index, this));
    return this.refresh();
  }

  async #take(index: SessionIndex, row: SessionRow): Promise<this> {
    this.#record = await recordOf(index, row, this.#surroundings);
    return this;
  }
}

/** Returns the session of a record. */
export function newSession(record: SessionRecord, surroundings: Surroundings): Session {
  return construct(record, surroundings);
}

/** Sessions, given themselves or by name. */
export type NamedSessions = OneOrMore<Session | string>;

/**
 * Returns the surroundings for work on sessions: those of the first one that is given itself, unless the options say
 * where to look. Throws as `surroundingsOf`.
 */
export function surroundingsFor(sessions: NamedSessions, options: LibraryOptions): Surroundings {
  const first = [sessions].flat().find((session) => session instanceof Session);
  if (first === undefined || options.configDir !== undefined) return surroundingsOf(options);
  const { cacheDir, now, signal, onProblem } = options;
  return { ...surroundingsIn(first), ...given({ cacheDir, now, signal: abortSignal(signal), onProblem }) };
}

/** The session of a row, as it was when the index was opened. */
export async function sessionOf(index: SessionIndex, row: SessionRow, surroundings: Surroundings): Promise<Session> {
  return newSession(await recordOf(index, row, surroundings), surroundings);
}

/** Returns the rows of sessions, given themselves or by name. Throws NOT_FOUND and AMBIGUOUS as `resolveSession`. */
export async function sessionsNamed(
  index: SessionIndex,
  sessions: NamedSessions,
  surroundings: Surroundings,
): Promise<SessionRow[]> {
  const start = await findStartFolder(surroundings);
  const describe = ({ file }: SessionRow): string => file.path;
  return [sessions].flat().map((session) => {
    if (session instanceof Session) return rowAt(index, session);
    return resolveSession(index, checkText(session, 'session'), { start, describe });
  });
}

async function recordOf(index: SessionIndex, row: SessionRow, { now }: Surroundings): Promise<SessionRecord> {
  const [record] = await fullRecords(index, [row], now());
  return record ?? Promise.reject(sessionGoneError(row.file.id));
}
