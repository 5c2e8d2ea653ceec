import type { ConfigDir } from '../../claude/model.js';
import type { SessionId } from '../../claude/scan/scan.js';
import type { SafeName } from '../../system/safe-path.js';
import type { SessionRow } from '../../session-index/session-index.js';

/** One session of a move. JSON as docs/schema/move.schema.json. */
export interface SessionMove {
  configDir: string;
  id: string;
  title: string | null;
  lastActivityAt: string | null;
  footprintBytes: number;
  /** `null` where the session records no folder. */
  fromCwd: string | null;
  toCwd: string;
  /** May be false for a session of a folder below the old one, if that folder did not exist either. */
  toCwdExists: boolean;
  fromProjectDir: string;
  toProjectDir: string;
  /** `live`: it was resumed in the meantime, so it stayed. */
  status: 'planned' | 'moved' | 'live' | 'failed';
  error: { code: 'LIVE' | 'IO'; message: string } | null;
}

/** The `memory/` of a project dir whose sessions all move. */
export interface MemoryMove {
  configDir: string;
  fromProjectDir: string;
  toProjectDir: string;
  /** `stays`: the new project dir has its own, or a session of the old one stays. */
  status: 'planned' | 'moved' | 'stays';
}

/** A session that is not moved. */
export interface UnmovedSession {
  configDir: string;
  id: string;
  projectDir: string;
}

/** A move, planned or done. Folders are absolute; JSON as docs/schema/move.schema.json. */
export interface MovePlan {
  schemaVersion: 1;
  dryRun: boolean;
  /** The old folder; for a single session the folder it records, if any. */
  from: string | null;
  to: string;
  moves: SessionMove[];
  memory: MemoryMove[];
  /**
   * Sessions without a recorded folder, in a project dir that sessions of another folder share: their folder is
   * unknown.
   */
  unplaced: UnmovedSession[];
  /** Forks that refer to large tool results of moved sessions: these references are updated. */
  readers: UnmovedSession[];
}

/** A plan with the index row of each session that it moves. */
export interface PreparedMove {
  plan: MovePlan;
  rows: ReadonlyMap<SessionMove, SessionRow>;
}

/** The move of one session as the journal stores it: names below the projects root, and its new folder. */
export interface SessionStep {
  id: SessionId;
  from: SafeName;
  to: SafeName;
  cwd: string;
  /** Bytes of the transcript before the move; `mtimeMs` is its modification time then. */
  size: number;
  mtimeMs: number;
  /** Names of legacy agent files that belong to the session. */
  agents: readonly SafeName[];
}

/** The move of a `memory/`, as the journal stores it. */
export interface MemoryStep {
  from: SafeName;
  to: SafeName;
}

/** Everything that moves within one config dir, and the sessions that stay but refer to tool results of moved ones. */
export interface MoveJournal {
  configDir: ConfigDir;
  sessions: readonly SessionStep[];
  memory: readonly MemoryStep[];
  readers: readonly DependentFork[];
}

/** A session that stays, but refers to tool results of a session that moves. */
export interface DependentFork {
  id: SessionId;
  projectDir: SafeName;
}
