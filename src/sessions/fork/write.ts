import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { sideFolderOf } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import { writeTitleSidecar } from '../../claude/write-sidecars.js';
import { errorCode } from '../../system/problem.js';
import { NewFile } from '../../system/write-file.js';
import { EntryReader } from '../../transcript/entry-reader.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';
import { tagEntry, titleEntries } from '../../transcript/title-entries.js';
import { unwritable } from '../amend/amend.js';
import { NewFiles } from '../create/new-files.js';
import { SessionExists } from '../resolve/session-id.js';
import { copyBackups } from './backups.js';
import { backupNames, bookkeepingEntries, findBookkeeping } from './bookkeeping.js';
import { Calls } from './calls.js';
import { changedLine, forkedLine, type NewLine, type Ownership } from './entry.js';
import { linksOf } from './links.js';
import { NewFolder, plainName } from './side-folder.js';
import { copySubagents } from './subagents.js';
import { sweepNewSessions } from '../../retention/sweep.js';
import { ToolResults } from './tool-results.js';

/** Properties of a fork. */
export interface NewSession {
  id: string;
  /** Path of the project dir; created if it does not exist. */
  folder: string;
  title: string;
  /** True if the title was given, false if it is derived from the parent's. */
  isTitleGiven: boolean;
  tag: string | null;
  /** The fork's working directory if it differs from the parent's. */
  relocatedTo: string | null;
  /** Now, in milliseconds. */
  atMs: number;
}

/** Source of a fork: an open transcript. `nodes` are copied in this order. */
export interface Source {
  file: TranscriptFile;
  fd: number;
  size: number;
  nodes: readonly SkeletonNode[];
  /** Entries that each follow from the one before; may contain more than `nodes`. */
  chain: readonly SkeletonNode[];
}

/**
 * Writes a fork. Everything is written under temporary names; then the side folder and the backups of files are
 * renamed, and last the transcript, which makes it a session. Throws `SessionExists` if a session of its id exists by
 * then, and IO if something cannot be read or written; nothing is left behind then.
 */
export function writeFork(session: NewSession, source: Source): void {
  const { configDir } = source.file;
  const transcript = { path: join(session.folder, `${session.id}.jsonl`) };
  const historyFolder = join(configDir.path, 'file-history');
  const newFiles = new NewFiles();
  try {
    newFiles.folder(session.folder);
    for (const folder of [session.folder, historyFolder]) sweepNewSessions(folder, configDir, session.id);
    const side = new NewFolder(sideFolderOf(transcript));
    newFiles.onFailure(() => side.discard());
    const file = new NewFile(transcript.path);
    newFiles.onFailure(() => file.discard());
    const results = new ToolResults({
      projects: join(configDir.path, 'projects'),
      parentId: source.file.id,
      parentFolder: sideFolderOf(source.file),
      folder: sideFolderOf(transcript),
      staged: side.path,
    });
    const ownership: Ownership = { from: source.file.id, to: session.id, moved: (path) => results.copyRecorded(path) };
    const { calls, backups } = writeTranscript(file, session, source, ownership);
    copySubagents(source.file, side.path, calls, ownership);
    results.copyOthers();
    const { title, isTitleGiven, atMs } = session;
    writeTitleSidecar({ path: `${side.path}.jsonl` }, { title, by: isTitleGiven ? 'user' : 'auto', atMs });
    const history = copyBackups(join(historyFolder, source.file.id), join(historyFolder, session.id), backups);
    if (history !== null) newFiles.onFailure(() => history.discard());

    if (!side.publish()) throw new SessionExists(session.id, sideFolderOf(transcript));
    if (history?.publish() === false) throw new SessionExists(session.id, join(historyFolder, session.id));
    if (!file.publish()) throw new SessionExists(session.id, transcript.path);
    newFiles.onFailure(() => rmSync(transcript.path));
    // A name is unique within its folder only, so the other project dirs are searched as well.
    if (findTranscripts([configDir], session.id).length > 1) throw new SessionExists(session.id, transcript.path);
    file.discard();
  } catch (error) {
    newFiles.removeAll();
    throw failure(error, session, transcript.path);
  }
}

/**
 * Returns the error of a fork that failed. A path that does not belong to the fork is one of the parent's that cannot
 * be read.
 */
function failure(error: unknown, { id, folder }: NewSession, transcript: string): unknown {
  const code = errorCode(error);
  if (error instanceof CcsessError || code === null) return error;
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const isParents = path !== undefined && dest === undefined && path !== folder && !path.includes(id);
  if (!isParents) return unwritable(`no fork was made: ${transcript}`, error);
  return new CcsessError('IO', `no fork was made: ${path} cannot be read (${code}).`, { cause: error });
}

/**
 * Writes the titles first, as forks of Claude Code do, which looks for them at both ends of a file; then messages, then
 * bookkeeping.
 */
function writeTranscript(
  file: NewFile,
  session: NewSession,
  source: Source,
  ownership: Ownership,
): { calls: Calls; backups: Set<string> } {
  const { fd, size, nodes, chain } = source;
  const uuids = new Map(nodes.map((node) => [node, node.uuid.startsWith('@') ? randomUUID() : node.uuid]));
  const known = new Set(uuids.values());
  const has = (uuid: string): boolean => known.has(uuid);
  const lastUuid = [...known].at(-1) ?? '';
  const write = (entry: object): void => file.write(`${JSON.stringify(entry)}\n`);
  const writeLine = (pieces: NewLine): void => {
    for (const piece of pieces) file.write(piece);
  };
  const [title = {}, ...more] = titleEntries(session.id, session.title);
  // The first title entry has the only time of the fork itself; without it, the fork would be as old as its parent.
  write({ ...title, uuid: randomUUID(), timestamp: new Date(session.atMs).toISOString() });
  more.forEach(write);
  const calls = new Calls();
  const reader = new EntryReader(fd, size);
  const links = linksOf(nodes, chain);
  for (const [at, node] of nodes.entries()) {
    const parent = links[at];
    const { entries, text } = node.compact === null ? reader.readBrief(node) : reader.read(node);
    const entry = entries[node.index];
    if (entry === undefined) continue;
    calls.addFrom(entry);
    const uuid = uuids.get(node) ?? node.uuid;
    writeLine(
      forkedLine(
        { entry, text },
        { uuid, parentUuid: parent ? (uuids.get(parent) ?? null) : null, has, lastUuid },
        ownership,
      ),
    );
  }
  const backups = new Set<string>();
  for (const original of bookkeepingEntries(fd, size, findBookkeeping(fd, size), has)) {
    const { entry } = original;
    for (const name of backupNames(entry).map(plainName)) if (name !== null) backups.add(name);
    if (entry['type'] === 'relocated' && session.relocatedTo !== null) continue;
    writeLine(changedLine(original, new Map(Object.hasOwn(entry, 'sessionId') ? [['sessionId', session.id]] : [])));
  }
  if (session.relocatedTo !== null)
    write({ type: 'relocated', relocatedCwd: session.relocatedTo, sessionId: session.id });
  if (session.tag !== null) write(tagEntry(session.id, session.tag));
  return { calls, backups };
}
