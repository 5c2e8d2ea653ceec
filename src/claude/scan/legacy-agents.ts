import type { AgentFile, NewFolder, TranscriptFile } from '../model.js';
import { parseObject, readStart } from '../../system/small-file.js';

/**
 * Sizes of the two attempts to read the session id, mostly in the first line: 4 KiB have room for several short lines,
 * 64 KiB for the start of a long one.
 */
const HEAD_BYTES = [4 * 1024, 64 * 1024];

/** `sessionId` of a line, preceded only by plain values, so that a nested member is not mistaken for it. */
const EARLY_SESSION_ID =
  /^\s*\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^\s"{}[\],]+)\s*,)*?\s*"sessionId"\s*:\s*"([^"\\]*)"/;

/**
 * Returns the transcripts of a project dir, with legacy agent files assigned to the sessions that their lines name;
 * files of unknown sessions are left out. `sessionOf` may use a cache keyed by path and stamp; by default the head of
 * each file is read.
 */
export function withLegacyAgents(
  { transcripts, legacyAgents }: NewFolder,
  sessionOf: (file: AgentFile) => string | null = ({ path }) => legacyAgentSession(path),
): readonly TranscriptFile[] {
  if (legacyAgents.length === 0) return transcripts;
  const agentsOf = new Map<string, AgentFile[]>();
  for (const agent of legacyAgents) {
    const id = sessionOf(agent);
    if (id === null) continue;
    const others = agentsOf.get(id);
    if (others === undefined) agentsOf.set(id, [agent]);
    else others.push(agent);
  }
  return transcripts.map((file) => {
    const legacy = agentsOf.get(file.id);
    return legacy === undefined ? file : { ...file, agents: [...file.agents, ...legacy] };
  });
}

/** Returns the session that a legacy agent file names in its first 64 KiB; null if there is none. */
export function legacyAgentSession(path: string): string | null {
  for (const bytes of HEAD_BYTES) {
    for (const line of readStart(path, bytes)?.text.split('\n') ?? []) {
      const id = EARLY_SESSION_ID.exec(line)?.[1] ?? parseObject(line)?.['sessionId'];
      if (typeof id === 'string') return id;
    }
  }
  return null;
}
