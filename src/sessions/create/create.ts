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
import type { Environment } from '../../claude/environment.js';
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
  /** A uuid in lower case; by default a random one. */
  id?: string;
  /** By default none. */
  title?: string;
  tag?: string;
  /** Working directory of the session, relative to the environment's; by default the environment's. */
  cwd?: string;
  /**
   * Folder in which to make a new working directory for it (`makeSandbox`); `cwd` is then the project of the sandbox.
   */
  sandboxes?: string;
}

/** A session that was created, or would be. */
export interface NewSession {
  id: string;
  title: string | null;
  tag: string | null;
  configDir: ConfigDir;
  projectDir: string;
  transcript: string;
  /** Real path of its working directory. */
  cwd: string;
  /** Real path of the project a sandbox belongs to; null without one. */
  project: string | null;
}

/** The version of Claude Code whose format the entries have. */
const CLAUDE_VERSION = '2.1.330';
/** Maximum number of attempts: two runs that create the same id in different projects may both give way. */
const MAX_TRIES = 10;
const MAX_WAIT_MS = 50;

/**
 * Plans what `createSession` would create; nothing is written. Throws USAGE for an invalid id, title, tag or folder,
 * and unless there is exactly one config dir; `SessionExists` if any project has the id.
 */
export function planSession(options: CreateOptions, environment: Environment): NewSession {
  const [configDir, ...others] = environment.configDirs;
  if (configDir === undefined || others.length > 0)
    throw new CcsessError('USAGE', phrase`a session is created in one config dir: pass ${option('configDir')} once.`);
  const { id = randomUUID(), title, tag } = options;
  requireNewId(id, environment.configDirs);
  const folders = workFolders(options, id, environment);
  const projectDir = projectDirOf(folders.cwd, configDir, environment.env);
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
  environment: Environment,
): Pick<NewSession, 'cwd' | 'project'> {
  const folder = realFolder(cwd, environment);
  return sandboxes === undefined
    ? { cwd: folder, project: null }
    : { cwd: sandboxPath(sandboxes, id, environment), project: folder };
}

/**
 * Creates an empty session before its first message: Claude Code lists it by its title, resumes it by id and name, and
 * sends nothing of it to the model (docs/storage.md, "Lifecycle"). It appears whole or not at all; if it cannot be
 * written (IO), everything made for it is removed. Of several runs that create one id at the same time, even in
 * different projects, one succeeds. Throws as `planSession`.
 */
export function createSession(options: CreateOptions, environment: Environment): NewSession {
  for (let tries = 1; ; tries++) {
    const session = planSession(options, environment);
    if (write(session, environment)) return session;
    // Two runs may both have given way: a random wait lets one of them be first the next time.
    if (tries === MAX_TRIES) throw new SessionExists(session.id, session.transcript);
    sleep(Math.random() * MAX_WAIT_MS);
  }
}

/**
 * Writes the session. Returns false if another run created the id in another project at the same time; ours is then
 * removed.
 */
function write(session: NewSession, environment: Environment): boolean {
  const { id, title, transcript, cwd, project, configDir } = session;
  const newFiles = new NewFiles();
  try {
    if (project !== null) makeSandbox(cwd, project, newFiles);
    newFiles.folder(dirname(transcript));
    sweepNewSessions(dirname(transcript), configDir, id);
    const content = entriesOf(session, environment.now())
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    if (!createFile(transcript, content)) throw new SessionExists(id, transcript);
    newFiles.onFailure(() => removeUnchanged(transcript, Buffer.byteLength(content)));
    // A name is unique within its folder only.
    if (findTranscripts([configDir], id).length > 1) {
      newFiles.removeAll();
      return false;
    }
    if (title !== null) {
      newFiles.folder(sideFolderOf({ path: transcript }));
      writeTitleSidecar({ path: transcript }, { title, by: 'user', atMs: environment.now() });
    }
    return true;
  } catch (error) {
    newFiles.removeAll();
    throw error instanceof CcsessError ? error : unwritable(`no session was made: ${transcript}`, error);
  }
}

/** The title comes first, where Claude Code finds it however long the transcript grows. */
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

/** Leaves a transcript that another process has written to meanwhile. */
function removeUnchanged(path: string, size: number): void {
  if (statSync(path).size === size) rmSync(path);
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
