import type { SessionRow } from '../../session-index/session-index.js';
import { unreadable, type Problem } from '../../system/problem.js';
import { readFileCalls, type DoneCall } from '../../transcript/file-calls/file-calls.js';
import { isInSpan, type Span } from '../../usage/span-usage.js';
import { compareText } from '../select/listing.js';
import type { LogFile } from './log-record.js';

/** A call that changed a file, without the content it wrote. */
type Change = Pick<DoneCall, 'id' | 'path' | 'action' | 'isInherited'>;

/** The changes of one session. */
interface Changes {
  row: SessionRow;
  calls: Change[];
}

/**
 * Collects the files that the tools of sessions and their subagents changed in a span, in the order of the sessions. A
 * call in several sessions counts for the one that made it. Transcripts that cannot be read are added to `problems`.
 */
export class ChangedFiles {
  readonly #span: Span;
  readonly #problems: Problem[];
  readonly #changes: Changes[] = [];
  /** The session that each call counts for, by the id of the call. */
  readonly #owners = new Map<string, { row: SessionRow; isInherited: boolean }>();

  constructor(span: Span, problems: Problem[]) {
    this.#span = span;
    this.#problems = problems;
  }

  /**
   * Reads the calls of a session. Older sessions must be added first, so that a call copied without a mark counts for
   * the original.
   */
  add(row: SessionRow): void {
    const { path, agents } = row.file;
    const calls = [path, ...agents.map((agent) => agent.path)].flatMap((file) => this.#callsIn(file));
    for (const { id, isInherited } of calls) {
      const owner = this.#owners.get(id);
      if (owner === undefined || (owner.isInherited && !isInherited)) this.#owners.set(id, { row, isInherited });
    }
    this.#changes.push({ row, calls });
  }

  /** The files of each session that was added, by path. */
  files(): Map<SessionRow, LogFile[]> {
    return new Map(
      this.#changes.map(({ row, calls }) => [
        row,
        filesOf(calls.filter(({ id }) => this.#owners.get(id)?.row === row)),
      ]),
    );
  }

  #callsIn(path: string): Change[] {
    try {
      return readFileCalls(path, { results: false })
        .filter(({ action, timeMs, doneMs }) => action !== 'read' && isInSpan(doneMs ?? timeMs ?? NaN, this.#span))
        .map(({ id, path: changed, action, isInherited }) => ({ id, path: changed, action, isInherited }));
    } catch (error) {
      this.#problems.push(unreadable(path, error));
      return [];
    }
  }
}

function filesOf(calls: readonly Change[]): LogFile[] {
  const files = new Map<string, LogFile>();
  for (const { path, action } of calls) {
    const file = files.get(path) ?? { path, writes: 0, edits: 0 };
    if (action === 'write') file.writes += 1;
    else file.edits += 1;
    files.set(path, file);
  }
  return [...files.values()].sort((a, b) => compareText(a.path, b.path));
}
