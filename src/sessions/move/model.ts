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
  /** A session of a folder below the old one may go where no folder is: there was none before either. */
  toCwdExists: boolean;
  fromProjectDir: string;
  toProjectDir: string;
  /** `live`: somebody took it up meanwhile, so it stayed. */
  status: 'planned' | 'moved' | 'live' | 'failed';
  error: { code: 'LIVE' | 'IO'; message: string } | null;
}

/** The `memory/` of a project dir all of whose sessions go. */
export interface MemoryMove {
  configDir: string;
  fromProjectDir: string;
  toProjectDir: string;
  /** `stays`: the new project dir has its own, or a session of the old one stays. */
  status: 'planned' | 'moved' | 'stays';
}

/** A session that stays. */
export interface Staying {
  configDir: string;
  id: string;
  projectDir: string;
}

/** A move, planned or done. Folders are absolute; JSON as docs/schema/move.schema.json. */
export interface MovePlan {
  schemaVersion: 1;
  dryRun: boolean;
  /** The old folder; of a single session the folder it records, if it does. */
  from: string | null;
  to: string;
  moves: SessionMove[];
  memory: MemoryMove[];
  /**
   * Sessions that record no folder, in a project dir that sessions of another folder share: nobody knows whose they
   * are.
   */
  unplaced: Staying[];
  /** Forks that read large tool results of sessions that go: what they say of these follows. */
  readers: Staying[];
}

/** A plan in hand: the data, and what each move stands for on this disk. */
export interface PreparedMove {
  plan: MovePlan;
  rows: ReadonlyMap<SessionMove, SessionRow>;
}

/** One session on its way, as the journal keeps it: names below the projects root, and the folder it goes to. */
export interface Step {
  id: SessionId;
  from: SafeName;
  to: SafeName;
  cwd: string;
  /** Its transcript's bytes and modification time (milliseconds) before it goes. */
  size: number;
  mtimeMs: number;
  /** Names of loose subagent files that belong to it. */
  agents: readonly SafeName[];
}

/** A `memory/` on its way. */
export interface MemoryStep {
  from: SafeName;
  to: SafeName;
}

/** All that moves within one config dir, and the sessions that stay but read tool results of those that go. */
export interface Steps {
  configDir: ConfigDir;
  sessions: readonly Step[];
  memory: readonly MemoryStep[];
  readers: readonly Reader[];
}

/** A session that stays in its project dir. */
export interface Reader {
  id: SessionId;
  projectDir: SafeName;
}
