import type { AgentFile, ConfigDir, Scan, TranscriptFile } from './model.js';
import { plainTranscript } from './scan.js';
import { parseObject, readStart } from './small-file.js';

/** As a rule the first tells it; the second is enough for many short first lines, and the session id comes early in a long one. */
const HEAD_BYTES = [4 * 1024, 64 * 1024];

/** `sessionId` of a line whose members before it are all plain values, so that no nested one is taken for it. */
const EARLY_SESSION_ID = /^\s*\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^\s"{}[\],]+)\s*,)*?\s*"sessionId"\s*:\s*"([^"\\]*)"/;

/**
 * The transcripts of a scan with the flat `agent-*.jsonl` files of old Claude Code versions given to the session of
 * the same project dir that their lines name. `sessionOf` may answer from a cache keyed by path and stamp; by default
 * each file's head is read. Files of no known session are left out.
 */
export function assignLooseAgents(
  scan: Scan,
  sessionOf: (file: AgentFile) => string | null = ({ path }) => looseAgentSession(path),
): TranscriptFile[] {
  const agentsOf = new Map<string, AgentFile[]>();
  for (const { configDir, projectDir, file } of scan.looseAgents) {
    const id = sessionOf(file);
    if (id === null) continue;
    const key = keyOf(configDir, projectDir, id);
    agentsOf.set(key, [...(agentsOf.get(key) ?? []), file]);
  }
  if (agentsOf.size === 0) return scan.transcripts;
  return scan.transcripts.map((transcript) => {
    const loose = agentsOf.get(keyOf(transcript.configDir, transcript.projectDir, transcript.id));
    return loose === undefined ? transcript : plainTranscript(transcript, [...transcript.agents, ...loose]);
  });
}

/** The session a flat subagent file names in its first lines (at most 64 KiB are read); `null` if none is found. */
export function looseAgentSession(path: string): string | null {
  for (const bytes of HEAD_BYTES) {
    for (const line of readStart(path, bytes)?.text.split('\n') ?? []) {
      const id = EARLY_SESSION_ID.exec(line)?.[1] ?? parseObject(line)?.['sessionId'];
      if (typeof id === 'string') return id;
    }
  }
  return null;
}

function keyOf(configDir: ConfigDir, projectDir: string, id: string): string {
  return `${configDir.path}\0${projectDir}\0${id}`;
}
