import type { Environment } from '../claude/environment.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { absenceOf, type Absence } from './absence.js';
import type { LineChanges } from './line-changes.js';
import { listCheckpoints, type FileChange, type ListedCheckpoint } from './list.js';
import type { Checkpoint, History } from './model.js';
import type { StateFile } from './state-files.js';
import { foldersOfSession, type SessionFolders } from './target.js';
import { readHistory } from './history.js';

/** A session whose checkpoints were read. */
export interface CheckpointSession {
  row: SessionRow;
  record: SessionRecord;
  history: History;
  /** Null if the session records no folder. */
  folders: SessionFolders | null;
}

/** A checkpoint in JSON (docs/schema/checkpoints.schema.json). */
export interface CheckpointRecord {
  messageUuid: string;
  prompt: number | null;
  active: boolean;
  timestamp: string | null;
  text: string;
  gitBranch: string | null;
  untrackedChanges: boolean;
}

/** Number of different lines of a file, in JSON. */
export interface LineCounts {
  insertions: number | null;
  deletions: number | null;
  kind: LineChanges['kind'];
}

/** A checkpoint with the changes until the next state. */
export interface CheckpointRow extends CheckpointRecord {
  files: (LineCounts & { path: string; change: FileChange['change'] })[];
  unknownFiles: number;
  insertions: number;
  deletions: number;
}

/** The session that a report is about. */
export interface ReportHead {
  schemaVersion: 1;
  configDir: string;
  sessionId: string;
  projectDir: string;
  cwd: string | null;
}

/** The checkpoints of a session, in JSON and in the library. */
export interface CheckpointsReport extends ReportHead {
  checkpoints: CheckpointRow[];
  /** Reason why there are none, or none that can be restored; null if there are. */
  reason: Absence | null;
}

/** A file of a state, in JSON. */
export interface StateFileRecord extends Omit<StateFile, 'trackingPath' | 'path' | 'lines' | 'diff'>, LineCountsOrNull {
  /** As tracked by Claude Code: relative to the session's folder, or absolute. */
  path: string;
  absolutePath: string | null;
  diff: string | null;
}

type LineCountsOrNull = { [name in keyof LineCounts]: LineCounts[name] | null };

/** The files of a checkpoint, compared with another state. */
export interface StateReport extends ReportHead {
  checkpoint: CheckpointRecord;
  /** The state that the files are compared with; null for the current files. */
  against: CheckpointRecord | null;
  files: StateFileRecord[];
}

/** Reads the checkpoints of a session's transcript. Throws Node's error if it cannot be read. */
export function openCheckpoints(
  row: SessionRow,
  record: SessionRecord,
  { home }: Pick<Environment, 'home'>,
): CheckpointSession {
  return { row, record, history: readHistory(row.file), folders: foldersOfSession(record, home) };
}

/** Returns the checkpoints of a session with the changes after each, or the reason why there are none. */
export async function reportCheckpoints(
  session: CheckpointSession,
  options: { all: boolean; isIncluded?: (trackingPath: string) => boolean },
  index: SessionIndex,
  environment: Environment,
): Promise<CheckpointsReport> {
  const { row, record, history, folders } = session;
  const listed = await listCheckpoints(history, row.file, folders, options);
  const shown =
    options.isIncluded === undefined ? listed : listed.filter(({ changes, unknown }) => changes.length + unknown > 0);
  return {
    ...headOf(record),
    checkpoints: shown.map(rowOf),
    reason: absenceOf(history, index, { row, record }, environment),
  };
}

/** Returns the session that a report is about. */
export function headOf({ configDir, id, projectDir, cwd }: SessionRecord): ReportHead {
  return { schemaVersion: 1, configDir, sessionId: id, projectDir, cwd };
}

/** Returns the JSON record of a checkpoint. */
export function recordOf(checkpoint: Checkpoint): CheckpointRecord {
  const { messageUuid, prompt, isActive, timestamp, text, gitBranch, snapshot } = checkpoint;
  const untrackedChanges = snapshot.hasUntrackedChanges;
  return { messageUuid, prompt, active: isActive, timestamp, text, gitBranch, untrackedChanges };
}

function rowOf({ checkpoint, changes, unknown }: ListedCheckpoint): CheckpointRow {
  const sum = (name: 'insertions' | 'deletions'): number =>
    changes.reduce((total, { lines }) => total + (countsOf(lines)[name] ?? 0), 0);
  return {
    ...recordOf(checkpoint),
    files: changes.map(({ trackingPath, change, lines }) => ({ path: trackingPath, change, ...countsOf(lines) })),
    unknownFiles: unknown,
    insertions: sum('insertions'),
    deletions: sum('deletions'),
  };
}

function countsOf({ insertions, deletions, kind }: LineChanges): LineCounts {
  return kind === 'text' ? { insertions, deletions, kind } : { insertions: null, deletions: null, kind };
}

/** Returns the report on the files of a state. */
export function stateReport(
  { record }: CheckpointSession,
  checkpoint: Checkpoint,
  other: Checkpoint | null,
  files: readonly StateFile[],
): StateReport {
  return {
    ...headOf(record),
    checkpoint: recordOf(checkpoint),
    against: other === null ? null : recordOf(other),
    files: files.map(({ trackingPath, path, lines, diff, ...file }) => ({
      path: trackingPath,
      absolutePath: path,
      ...file,
      ...(lines === null ? { insertions: null, deletions: null, kind: null } : countsOf(lines)),
      diff: diff === null ? null : diff.join('\n'),
    })),
  };
}
