import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';

/** A folder in which `claude -c` opens another session after a change of file times. */
export interface Continuation {
  /** `claude -p -c` also continues headless sessions. */
  command: 'claude -c' | 'claude -p -c';
  /** Null if the sessions record none. */
  cwd: string | null;
  before: SessionRow;
  after: SessionRow;
}

interface Candidate {
  row: SessionRow;
  record: SessionRecord;
  beforeMs: number;
  afterMs: number;
}

/**
 * Returns the folders in which new mtimes of transcripts (milliseconds) change the session that `claude -c` opens: the
 * newest transcript of those that record this folder. Source: docs/storage.md, "Lifecycle".
 */
export function changedContinuations(index: SessionIndex, times: ReadonlyMap<SessionRow, number>): Continuation[] {
  const moved = new Set([...times].filter(([row, ms]) => ms > row.file.stamp.mtimeMs).map(([row]) => folderKey(row)));
  const near = index.rows.filter((row) => row.resumable && moved.has(folderKey(row)));
  const records = index.records(near, { footprint: false });
  const folders = new Map<string, Candidate[]>();
  near.forEach((row, at) => {
    const record = records[at];
    if (record === undefined) return;
    const key = `${folderKey(row)}\0${record.cwd ?? ''}`;
    const beforeMs = row.file.stamp.mtimeMs;
    folders.set(key, [...(folders.get(key) ?? []), { row, record, beforeMs, afterMs: times.get(row) ?? beforeMs }]);
  });
  return [...folders.values()].flatMap((candidates) => [
    ...changeOf(
      'claude -c',
      candidates.filter(({ record }) => record.entrypoint?.startsWith('sdk-') !== true),
    ),
    ...changeOf('claude -p -c', candidates),
  ]);
}

function changeOf(command: Continuation['command'], candidates: readonly Candidate[]): Continuation[] {
  const before = newest(candidates, ({ beforeMs }) => beforeMs);
  const after = newest(candidates, ({ afterMs }) => afterMs);
  if (before === undefined || after === undefined || before.row === after.row) return [];
  return [{ command, cwd: after.record.cwd, before: before.row, after: after.row }];
}

function newest(candidates: readonly Candidate[], timeOf: (candidate: Candidate) => number): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, each) => (best === undefined || timeOf(each) > timeOf(best) ? each : best),
    undefined,
  );
}

function folderKey({ file }: SessionRow): string {
  return `${file.configDir.projectsRoot}\0${file.projectDir}`;
}
