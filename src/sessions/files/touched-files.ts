import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { findBackup, historyFolder, readBytes } from '../../checkpoints/contents.js';
import type { Backup, History } from '../../checkpoints/model.js';
import { readHistory } from '../../checkpoints/history.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { unreadable, type Problem } from '../../system/problem.js';
import { readFileCalls, type DoneCall } from '../../transcript/file-calls/file-calls.js';
import { effectOf, type FileVersion, type TouchedFile } from './file-record.js';
import { readPromptPositions, type PromptPositions } from './prompt-positions.js';
import { isoTime } from '../../system/time.js';

/** The files of a session, and the parts of it that could not be read. */
export interface TouchedFiles {
  files: TouchedFile[];
  problems: Problem[];
}

/** A version that has no number yet. */
interface Found extends Omit<FileVersion, 'version' | 'timestamp'> {
  timeMs: number | null;
  hash: string;
  /** Kept only for the file whose contents are requested. */
  content: Buffer | null;
}

interface CollectedFile extends Omit<TouchedFile, 'versions' | 'firstAt' | 'lastAt' | 'prompts'> {
  prompts: Set<number>;
  times: number[];
  versions: Found[];
  /** Contents of the file after the last call added; null if they cannot be determined. */
  known: string | null;
}

/** Maximum size of a copy that counts as a version, in bytes: it is held in memory. */
const MAX_VERSION_BYTES = 256 * 1024 * 1024;

/**
 * Returns the files that the tools of a session and its subagents read, wrote or edited, by path, with the versions
 * known from the file history and the tool calls. A transcript that cannot be read is reported.
 */
export function listTouchedFiles(row: SessionRow, cwd: string | null): TouchedFiles {
  const gathered = new FileCollector(row, cwd, null);
  return { files: gathered.files(), problems: gathered.problems };
}

/** Returns the contents of one version of a file, given by its exact path; null if there is no such version. */
export function readFileVersion(row: SessionRow, cwd: string | null, path: string, version: number): Buffer | null {
  return new FileCollector(row, cwd, path).contents(path)[version - 1] ?? null;
}

class FileCollector {
  readonly problems: Problem[] = [];
  readonly #row: SessionRow;
  /** The path whose contents are kept. */
  readonly #wanted: string | null;
  readonly #files = new Map<string, CollectedFile>();

  constructor(row: SessionRow, cwd: string | null, wanted: string | null) {
    this.#row = row;
    this.#wanted = wanted;
    this.#addCalls(cwd);
  }

  files(): TouchedFile[] {
    return [...this.#files.values()]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ prompts, times, versions, known: _known, ...file }) => ({
        ...file,
        prompts: [...prompts].sort((a, b) => a - b),
        firstAt: isoTime(times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))),
        lastAt: isoTime(times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b))),
        versions: distinct(versions).map(({ timeMs, hash: _hash, content: _content, ...version }, at) => ({
          version: at + 1,
          ...version,
          timestamp: isoTime(timeMs),
        })),
      }));
  }

  contents(path: string): Buffer[] {
    return distinct(this.#files.get(path)?.versions ?? []).map(({ content }) => content ?? Buffer.alloc(0));
  }

  #addCalls(cwd: string | null): void {
    const { path, agents } = this.#row.file;
    const positions = this.#reading(path, readPromptPositions);
    const calls = [
      ...this.#callsOf(path, null, positions),
      ...agents.flatMap((agent) => this.#callsOf(agent.path, agent.agentId, positions)),
    ];
    // In order of time, so that an edit is applied to the result of the one before it, whichever agent made it.
    for (const call of calls.sort((a, b) => (a.timeMs ?? -Infinity) - (b.timeMs ?? -Infinity) || 0)) this.#add(call);
    const history = this.#reading(path, () => readHistory({ path }));
    if (history !== null) this.#addHistory(history, cwd);
  }

  #callsOf(path: string, agentId: string | null, positions: PromptPositions | null): AgentCall[] {
    const calls = this.#reading(path, () => readFileCalls(path, { results: true })) ?? [];
    return calls.map((call) => ({
      ...call,
      agentId,
      prompt: (agentId === null ? positions?.ofMessage(call.uuid) : positions?.atTime(call.timeMs)) ?? null,
    }));
  }

  #add(call: AgentCall): void {
    const { path, action, timeMs, doneMs, prompt, agentId, tool } = call;
    const file = this.#file(path);
    if (action === 'read') file.reads += 1;
    else if (action === 'write') file.writes += 1;
    else file.edits += 1;
    if (prompt !== null) file.prompts.add(prompt);
    if (timeMs !== null) file.times.push(timeMs);
    file.bySubagent ||= agentId !== null;
    if (action === 'read') return;
    const { before, after } = effectOf(tool, call.input, call.result, file.known);
    // Between the time of the call and that of its result, Claude Code copies the file for its history.
    const origin = { source: 'tool', tool, prompt, agentId } as const;
    if (before !== null) this.#addVersion(file, { ...origin, timeMs, state: 'before' }, Buffer.from(before));
    if (after !== null) this.#addVersion(file, { ...origin, timeMs: doneMs, state: 'after' }, Buffer.from(after));
    file.known = after;
  }

  #addHistory({ snapshots, checkpoints }: History, cwd: string | null): void {
    const folder = historyFolder(this.#row.file);
    const prompts = new Map(checkpoints.map(({ messageUuid, prompt }) => [messageUuid, prompt]));
    const seen = new Set<string>();
    for (const { messageUuid, files } of snapshots) {
      for (const [tracked, backup] of files) {
        const path = isAbsolute(tracked) ? tracked : cwd === null ? null : resolve(cwd, tracked);
        const key = JSON.stringify([path, backup.name, backup.time]);
        if (path === null || backup.name === null || seen.has(key)) continue;
        seen.add(key);
        const content = contentOf(folder, backup);
        const time = Date.parse(backup.time ?? '');
        const origin = { source: 'history', tool: null, agentId: null, state: 'before' } as const;
        const prompt = prompts.get(messageUuid) ?? null;
        if (content !== null)
          this.#addVersion(this.#file(path), { ...origin, prompt, timeMs: Number.isNaN(time) ? null : time }, content);
      }
    }
  }

  #addVersion(file: CollectedFile, origin: Omit<Found, 'bytes' | 'hash' | 'content'>, content: Buffer): void {
    const hash = createHash('sha256').update(content).digest('base64');
    file.versions.push({
      ...origin,
      bytes: content.length,
      hash,
      content: file.path === this.#wanted ? content : null,
    });
  }

  #file(path: string): CollectedFile {
    let file = this.#files.get(path);
    if (file === undefined) {
      const counts = { reads: 0, writes: 0, edits: 0, bySubagent: false };
      file = { path, ...counts, prompts: new Set(), times: [], versions: [], known: null };
      this.#files.set(path, file);
    }
    return file;
  }

  #reading<T>(path: string, read: (path: string) => T): T | null {
    try {
      return read(path);
    } catch (error) {
      if (!this.problems.some(({ file }) => file === path)) this.problems.push(unreadable(path, error));
      return null;
    }
  }
}

/** A call with the prompt that it belongs to, and the subagent that made it; null: the session itself. */
interface AgentCall extends DoneCall {
  agentId: string | null;
  prompt: number | null;
}

function contentOf(folder: string, backup: Backup): Buffer | null {
  const found = findBackup(folder, backup);
  if (!('path' in found)) return null;
  try {
    return readBytes(found.path, MAX_VERSION_BYTES);
  } catch {
    return null; // removed meanwhile, or unreadable
  }
}

/** Returns the versions in order of time, equal ones in succession only once. */
function distinct(versions: readonly Found[]): Found[] {
  const ordered = versions.toSorted((a, b) => (a.timeMs ?? -Infinity) - (b.timeMs ?? -Infinity) || 0);
  return ordered.filter(({ hash }, at) => hash !== ordered[at - 1]?.hash);
}
