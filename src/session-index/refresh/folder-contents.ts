import { isSameFolderStamp } from '../../claude/scan/known-folder.js';
import type { AgentFile, UnchangedFolder } from '../../claude/model.js';
import type { FolderContent } from '../format/folders/folder-content.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import type { ScannedFolder } from './scanned-folder.js';

/** Returns the content of a scanned project dir for the index. `sessionOf` finds the session of a legacy agent file. */
export function folderContent(
  folder: ScannedFolder,
  sessionOf: (agent: AgentFile) => string | null,
): FolderContent | StoredFolder {
  if (folder.known !== null)
    return hasNewStamp(folder) ? { ...folder.known.content(), stamp: folder.stamp } : folder.known;
  const { name, memory, transcripts } = folder;
  const assigned = new Set(transcripts.flatMap(({ agents }) => agents));
  const fromHere = (file: string): string => file.slice(folder.path.length);
  const unassigned = folder.legacyAgents
    .filter((agent) => !assigned.has(agent))
    .map((agent) => ({ name: fromHere(agent.path), stamp: agent.stamp, sessionId: sessionOf(agent) }));
  const agents = transcripts.flatMap((file) => file.agents.map(({ path }) => fromHere(path)));
  if (memory !== null) return { name, agents, unassigned, ...memory, isWhole: true };
  return {
    name,
    agents,
    unassigned,
    isWhole: false,
    stamp: null,
    names: transcripts.map(({ path }) => fromHere(path)).join('\0'),
    transcripts: transcripts.map((_, at) => at),
    folders: [],
    sides: [],
  };
}

/** Returns true if a scan found contents of project dirs that are not stored yet. */
export function hasNewContents(folders: readonly ScannedFolder[]): boolean {
  return folders.some((folder) => (folder.known === null ? folder.memory !== null : hasNewStamp(folder)));
}

/** Returns true if a project dir has a stamp that differs from the stored one. */
function hasNewStamp({ known, stamp }: UnchangedFolder<StoredFolder>): boolean {
  return stamp !== null && (known.stamp === null || !isSameFolderStamp(stamp, known.stamp));
}
