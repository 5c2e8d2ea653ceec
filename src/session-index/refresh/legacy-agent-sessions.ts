import { basename } from 'node:path';
import { legacyAgentSession, withLegacyAgents } from '../../claude/scan/legacy-agents.js';
import type { AgentFile } from '../../claude/model.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { ScannedFolder } from './scanned-folder.js';

/** The sessions of legacy agent files, from the index or else from the starts of the files. */
export class LegacyAgentSessions {
  readonly #sessions = new Map<AgentFile, string | null>();
  /** True once a file had to be read. */
  hasRead = false;

  /** Returns a project dir with each legacy agent file among the agents of its session. */
  assign(folder: ScannedFolder, stored: StoredFolder | undefined): ScannedFolder {
    if (folder.known !== null) return folder;
    const transcripts = withLegacyAgents(folder, (agent) => {
      const known = stored?.sessionOf(basename(agent.path), agent.stamp);
      this.hasRead ||= known === undefined;
      const id = known === undefined ? legacyAgentSession(agent.path) : known;
      this.#sessions.set(agent, id);
      return id;
    });
    return { ...folder, transcripts };
  }

  sessionOf(agent: AgentFile): string | null {
    return this.#sessions.get(agent) ?? null;
  }
}
