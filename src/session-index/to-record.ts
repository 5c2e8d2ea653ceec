import { existsSync } from 'node:fs';
import type { TranscriptFile } from '../claude/model.js';
import { fileProblem, type Problem } from '../system/problem.js';
import { titleText } from '../transcript/messages/title-text.js';
import { projectKey } from '../claude/project-key.js';
import { repositoryOf } from '../claude/worktree.js';
import { sidecarTitle } from '../claude/sidecars.js';
import { teamLeader } from '../claude/team.js';
import { folderOf, type SessionFacts } from './facts.js';
import { givenTitle } from './given-title.js';
import type { SessionRecord, TitleSource } from './record.js';
import type { SessionRow } from './session-index.js';
import { isoTime } from '../system/time.js';

/** Facts about folders, each computed once. */
export class Folders {
  readonly #known = new Map<string, { key: string; exists: boolean }>();

  /** Returns the project key of a folder. */
  key(path: string): string {
    return this.#find(path).key;
  }

  exists(path: string): boolean {
    return this.#find(path).exists;
  }

  #find(path: string): { key: string; exists: boolean } {
    let known = this.#known.get(path);
    if (known === undefined) {
      known = { key: projectKey(path), exists: existsSync(path) };
      this.#known.set(path, known);
    }
    return known;
  }
}

/** Inputs of a record in addition to the session itself. */
interface Surroundings {
  /** Bytes of the footprint; null leaves it out. */
  footprintBytes: number | null;
  folders: Folders;
  /** The folder of the session's project dir, for a session that records none. */
  folderOfProjectDir: () => string | null;
}

/** Returns the record of a session, from its facts and the present state of its files. */
export function toRecord(
  row: SessionRow,
  facts: SessionFacts,
  { footprintBytes, folders, folderOfProjectDir }: Surroundings,
): SessionRecord {
  const { file } = row;
  const { mtimeMs, size } = file.stamp;
  const { title, titleSource } = titleOf(file, facts);
  const cwd = folderOf(file, facts, (path) => folders.key(path)) ?? folderOfProjectDir();
  return {
    schemaVersion: 1,
    configDir: file.configDir.path,
    id: file.id,
    title,
    titleSource,
    firstPrompt: facts.firstPrompt,
    lastPrompt: facts.lastPrompt,
    cwd,
    cwds: facts.cwds,
    cwdExists: cwd === null ? null : folders.exists(cwd),
    repository: repositoryOf(cwd, facts.worktree),
    projectDir: file.projectDir,
    transcript: file.path,
    kind: row.kind,
    entrypoint: facts.entrypoint,
    gitBranch: facts.gitBranch,
    version: facts.version,
    models: facts.models,
    createdAt: isoTime(facts.createdMs),
    lastActivityAt: isoTime(facts.lastActivityMs),
    modifiedAt: new Date(mtimeMs).toISOString(),
    expiresAt: isoTime(row.expiresMs),
    prompts: facts.prompts,
    turns: facts.turns,
    messageCount: facts.turns + facts.responses,
    toolCalls: facts.toolCalls,
    tools: toolCounts(facts.tools),
    compactions: facts.compactions,
    subagents: facts.subagents,
    tokens: facts.tokens,
    costUsd: null,
    own: null,
    reportedCostUsd: facts.reportedCostUsd,
    lastStopReason: facts.lastStopReason,
    lastError: facts.lastError,
    transcriptBytes: size,
    footprintBytes,
    tag: facts.tag,
    pinned: row.pinned,
    archived: row.archived,
    live: row.live,
    forkedFrom: facts.forkedFrom ?? facts.requestedBy,
    team: facts.team === null ? null : { ...facts.team, leader: teamLeader(file.configDir.path, facts.team.name) },
    problems: problemsOf(file, facts),
  };
}

/** Name of a tool call that names no tool. */
const NO_TOOL = '(none named)';

/** Returns calls by the tool's name, the most frequent first. */
export function toolCounts(calls: Iterable<readonly [name: string, calls: number]>): Record<string, number> {
  const sorted = [...calls].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, count]) => [name || NO_TOOL, count]));
}

/** Returns the title as Claude Code's picker finds it (docs/storage.md), but from anywhere in the file. */
function titleOf(file: TranscriptFile, facts: SessionFacts): { title: string | null; titleSource: TitleSource } {
  // A title line, even one that clears the title, counts more than the sidecar.
  const custom = facts.customTitle ?? (file.sideEntries.includes('custom-title.json') ? sidecarTitle(file) : null);
  const given = givenTitle({ ...facts, customTitle: custom });
  if (given !== null) return given;
  const prompts = [facts.lastPromptEntry, facts.name, facts.firstPrompt, facts.command];
  const title = prompts.map((text) => titleText(text ?? '')).find((text) => text !== '');
  return title === undefined ? { title: null, titleSource: null } : { title, titleSource: 'prompt' };
}

/** Returns the problems met while reading, limited per file, with one entry for the rest and one for odd figures. */
function problemsOf(file: TranscriptFile, { problems, problemCount, oddFigures }: SessionFacts): Problem[] {
  const more = problemCount - problems.length;
  if (more === 0 && oddFigures === 0) return problems;
  return [
    ...problems,
    ...(more === 0 ? [] : [fileProblem('more-problems', `${more} more`, file.path)]),
    ...(oddFigures === 0
      ? []
      : [
          fileProblem(
            'odd-usage',
            `${oddFigures === 1 ? '1 token figure' : `${oddFigures} token figures`} cannot be true: negative, ` +
              'fractional, huge or no number',
            file.path,
          ),
        ]),
  ];
}
