import { randomUUID } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { sideFolderOf } from '../../claude/layout.js';
import type { ConfigDir } from '../../claude/model.js';
import { projectDirOf } from '../../claude/project-key.js';
import { createFile } from '../../system/write-file.js';
import { writeTitleSidecar } from '../../claude/write-sidecars.js';
import type { Workplace } from '../../claude/workplace.js';
import { tagEntry, titleEntries } from '../../transcript/title-entries.js';
import { unwritable } from '../amend/amend.js';
import { sweepNewSessions } from '../../retention/sweep.js';
import { NewFiles } from './new-files.js';
import { makeSandbox, sandboxPath } from './sandbox.js';
import { requireNewId, SessionExists } from '../resolve/session-id.js';
import { checkTag, checkTitle } from '../amend/title.js';
import { realFolder } from '../resolve/work-folder.js';

/** Properties of a new session. */
export interface CreateOptions {
  /** A uuid in lower case; else a random one. */
  id?: string;
  /** None is invented. */
  title?: string;
  tag?: string;
  /** The folder it works in, from the workplace's; else that itself. */
  cwd?: string;
  /** It is to work in a fresh folder below this one (`makeSandbox`); `cwd` then is the project that this belongs to. */
  sandboxes?: string;
}

/** A session that is made, or could be. */
export interface NewSession {
  id: string;
  title: string | null;
  tag: string | null;
  configDir: ConfigDir;
  projectDir: string;
  transcript: string;
  /** Real path of the folder it works in. */
  cwd: string;
  /** Real path of the project a sandbox belongs to; null without one. */
  project: string | null;
}

/** The version whose form the entries have. */
const CLAUDE_VERSION = '2.1.330';
/** How often two that make the same session in different projects may step back for each other. */
const MAX_TRIES = 10;
const LONGEST_WAIT_MS = 50;

/**
 * Plans what `createSession` would create; nothing is written. Throws USAGE for an invalid id, title, tag or folder,
 * and unless there is one config dir to make it in; `SessionExists` if any project has the id.
 */
export function planSession(options: CreateOptions, workplace: Workplace): NewSession {
  const [configDir, ...others] = workplace.configDirs;
  if (configDir === undefined || others.length > 0)
    throw new CcsessError('USAGE', phrase`a session is created in one config dir: pass ${option('configDir')} once.`);
  const { id = randomUUID(), title, tag } = options;
  requireNewId(id, workplace.configDirs);
  const folders = workFolders(options, id, workplace);
  const projectDir = projectDirOf(folders.cwd, configDir, workplace.env);
  return {
    id,
    title: title === undefined ? null : checkTitle(title),
    tag: tag === undefined ? null : checkTag(tag),
    configDir,
    projectDir,
    transcript: join(configDir.path, 'projects', projectDir, `${id}.jsonl`),
    ...folders,
  };
}

/** Working directory of a session with this id. Throws USAGE for an unusable folder. */
export function workFolders(
  { cwd, sandboxes }: CreateOptions,
  id: string,
  workplace: Workplace,
): Pick<NewSession, 'cwd' | 'project'> {
  const folder = realFolder(cwd, workplace);
  return sandboxes === undefined
    ? { cwd: folder, project: null }
    : { cwd: sandboxPath(sandboxes, id, workplace), project: folder };
}

/**
 * Makes a session that is there before its first message: Claude Code lists it by its title, resumes it by id and name,
 * and sends nothing of it to the model (docs/storage.md, "Lifecycle"). It appears whole or not at all, and when it
 * cannot be written (IO) nothing that was made for it stays. Of several that make one id at the same time, in whichever
 * projects, one succeeds. Throws as `planSession`.
 */
export function createSession(options: CreateOptions, workplace: Workplace): NewSession {
  for (let tries = 1; ; tries++) {
    const session = planSession(options, workplace);
    if (write(session, workplace)) return session;
    // Both of two may have stepped back: one has to come earlier the next time.
    if (tries === MAX_TRIES) throw new SessionExists(session.id, session.transcript);
    sleep(Math.random() * LONGEST_WAIT_MS);
  }
}

/** False if somebody made the id in another project at the same moment: then ours is gone again. */
function write(session: NewSession, workplace: Workplace): boolean {
  const { id, title, transcript, cwd, project, configDir } = session;
  const newFiles = new NewFiles();
  try {
    if (project !== null) makeSandbox(cwd, project, newFiles);
    newFiles.folder(dirname(transcript));
    sweepNewSessions(dirname(transcript), configDir, id);
    const content = entriesOf(session, workplace.now())
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    if (!createFile(transcript, content)) throw new SessionExists(id, transcript);
    newFiles.onFailure(() => removeUnchanged(transcript, Buffer.byteLength(content)));
    // Names are exclusive within a folder only.
    if (findTranscripts([configDir], id).length > 1) {
      newFiles.takeBack();
      return false;
    }
    if (title !== null) {
      newFiles.folder(sideFolderOf({ path: transcript }));
      writeTitleSidecar({ path: transcript }, { title, by: 'user', atMs: workplace.now() });
    }
    return true;
  } catch (error) {
    newFiles.takeBack();
    throw error instanceof CcsessError ? error : unwritable(`no session was made: ${transcript}`, error);
  }
}

/** The title stands first, where Claude Code looks for it however long the transcript grows. */
function entriesOf({ id, title, tag, cwd }: NewSession, nowMs: number): object[] {
  return [
    ...(title === null ? [] : titleEntries(id, title)),
    {
      parentUuid: null,
      isSidechain: false,
      type: 'system',
      subtype: 'informational',
      content: 'Session created by ccsess',
      isMeta: false,
      timestamp: new Date(nowMs).toISOString(),
      uuid: randomUUID(),
      level: 'info',
      userType: 'external',
      entrypoint: 'cli',
      cwd,
      sessionId: id,
      version: CLAUDE_VERSION,
    },
    ...(tag === null ? [] : [tagEntry(id, tag)]),
  ];
}

/** If somebody went on with it in this moment, it is theirs. */
function removeUnchanged(path: string, size: number): void {
  if (statSync(path).size === size) rmSync(path);
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
