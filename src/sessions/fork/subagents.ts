import { basename, dirname, join } from 'node:path';
import { sideFolderOf } from '../../claude/layout.js';
import { makeFolders } from '../../system/make-folders.js';
import type { TranscriptFile } from '../../claude/model.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { NewFile } from '../../system/write-file.js';
import { asString } from '../../transcript/messages/classify.js';
import { EntryReader } from '../../transcript/entry-reader.js';
import { readHugeEntry } from '../../transcript/messages/huge-entry.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../../transcript/lines.js';
import { calledAgents, type Subagent } from './called-agents.js';
import type { Calls } from './calls.js';
import { ownedLine, type Ownership } from './entry.js';
import { copyPrivately, copyUndecodable, filesAndFolders, isFile } from './side-folder.js';

const MAX_META = 1024 * 1024;

/**
 * Copies to `staged` the subagents and workflow runs that the fork's entries refer to, with their descendants, and the
 * subagents of unknown callers. Those of messages that are not in the fork are not copied: their tokens are not the
 * fork's. References in the copied transcripts are added to `calls`.
 */
export function copySubagents(parent: TranscriptFile, staged: string, calls: Calls, ownership: Ownership): void {
  const agents = [...agentsBelow(join(sideFolderOf(parent), 'subagents'), 'subagents'), ...legacyAgents(parent)];
  for (const agent of calledAgents(agents, calls)) {
    copyTranscript(agent.path, join(staged, agent.relativePath), calls, ownership);
    if (isFile(metaOf(agent.path))) copyPrivately(metaOf(agent.path), metaOf(join(staged, agent.relativePath)));
  }
  copyRuns(sideFolderOf(parent), staged, calls, ownership);
}

function agentsBelow(folder: string, relativePath: string): Subagent[] {
  return filesAndFolders(folder).flatMap((entry) => {
    const id = entry.isFile() ? agentId(entry.name) : null;
    return id === null ? [] : [subagent(id, join(folder, entry.name), join(relativePath, entry.name))];
  });
}

/** Legacy agent files, in the project dir. */
function legacyAgents(parent: TranscriptFile): Subagent[] {
  const legacy = parent.agents.filter(({ path }) => dirname(path) === dirname(parent.path));
  return legacy.map(({ agentId: id, path }) => subagent(id, path, join('subagents', basename(path))));
}

function subagent(id: string, path: string, relativePath: string): Subagent {
  const meta = parseObject(readStart(metaOf(path), MAX_META)?.text ?? '');
  return { id, path, relativePath, toolUse: asString(meta?.['toolUseId']), parent: asString(meta?.['parentAgentId']) };
}

function agentId(name: string): string | null {
  return /^agent-(.+)\.jsonl$/.exec(name)?.[1] ?? null;
}

function metaOf(path: string): string {
  return path.replace(/\.jsonl$/, '.meta.json');
}

/** Copies workflow runs: the transcripts of their subagents are in one folder, their inputs in another. */
function copyRuns(from: string, to: string, calls: Calls, ownership: Ownership): void {
  const isCalledRun = (name: string): boolean => {
    const parts = name.replace(/\.\w+$/, '').split('-');
    return parts.some((_, at) => calls.runs.has(parts.slice(at).join('-')));
  };
  for (const folder of [join('subagents', 'workflows'), 'workflows', join('workflows', 'scripts')]) {
    for (const { name } of filesAndFolders(join(from, folder)).filter((entry) => isCalledRun(entry.name))) {
      copyTree(join(from, folder, name), join(to, folder, name), calls, ownership);
    }
  }
}

function copyTree(from: string, to: string, calls: Calls, ownership: Ownership): void {
  if (isFile(from)) {
    if (from.endsWith('.jsonl')) copyTranscript(from, to, calls, ownership);
    else copyPrivately(from, to);
    return;
  }
  copyUndecodable(from, to);
  for (const { name } of filesAndFolders(from)) copyTree(join(from, name), join(to, name), calls, ownership);
}

/**
 * Copies a subagent's transcript line by line with the new session id, since Claude Code resumes the subagent from this
 * file.
 */
function copyTranscript(from: string, to: string, calls: Calls, ownership: Ownership): void {
  makeFolders(dirname(to));
  const file = new NewFile(to);
  try {
    withFile(from, (fd, size) => {
      const reader = new EntryReader(fd, size);
      for (const { start, end, bytes, isHeld } of readLines(fd, { end: size, limit: MAX_LINE_BYTES })) {
        if (isHeld ? bytes.length === 0 : readHugeEntry(fd, { start, end }) === null) continue;
        const { entries, text } = reader.readBrief({ start, end });
        for (const entry of entries) {
          calls.addFrom(entry);
          for (const piece of ownedLine({ entry, text }, ownership)) file.write(piece);
        }
      }
    });
    file.replace();
  } finally {
    file.discard();
  }
}
