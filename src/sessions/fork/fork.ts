import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { projectDirOf } from '../../claude/project-key.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { withFile } from '../../transcript/lines.js';
import { readActiveBranch } from '../../transcript/messages/tail.js';
import { isConversation } from '../resolve/conversation.js';
import { forkTitle, promptAsTitle, titlesAmong, type TakenTitles } from '../amend/fork-title.js';
import { type ForkedBranch, branchUpTo, MAX_TITLE } from './branch-up-to.js';
import { writeFork, type NewSession } from './write.js';
import { requireNewId } from '../resolve/session-id.js';
import { sessionNotFoundError, isGone } from '../amend/amend.js';
import { checkTag, checkTitle } from '../amend/title.js';
import { realFolder } from '../resolve/work-folder.js';

/** Options of `forkSession`. */
export interface ForkOptions {
  /**
   * Number of the last prompt to copy, with its answer, as `show` prints it; or the uuid of the last message, or its
   * start.
   */
  at?: string;
  /** By default the parent's title with ` (fork)`, numbered if another session of the project has that. */
  title?: string;
  /** A uuid in lower case; by default a random one. */
  id?: string;
  /** Another folder to work in; it must exist. */
  cwd?: string;
  /** By default none: the parent's tag describes the parent. */
  tag?: string;
  /** Return the fork that would be made, and write nothing. */
  dryRun?: boolean;
}

/** A fork that was made, or would be. */
export interface Fork {
  id: string;
  transcript: string;
  projectDir: string;
  title: string;
  tag: string | null;
  /** Working directory to resume it in; null if no entry has one. */
  cwd: string | null;
  parent: SessionRecord;
  /** Number of the last prompt copied from the parent, as `show` prints it; 0 if there is none. */
  prompt: number;
  /** The last entry copied from the parent. */
  messageUuid: string | null;
}

/**
 * Creates a new session from the active branch of another, without Claude Code: what `/branch` would write, and all
 * files of the parent that the fork needs, so that it does not depend on the parent. The parent is only read, up to its
 * present end, and may be live. The fork appears whole or not at all. Throws NOT_FOUND if there is no such message or
 * no message to copy, EXISTS if the id is taken, USAGE for bad options, and Node's error if it cannot be read or
 * written.
 */
export function forkSession(
  index: SessionIndex,
  row: SessionRow,
  options: ForkOptions,
  environment: Environment,
): Fork {
  const { file } = row;
  const [parent] = index.records([row], { footprint: false });
  if (parent === undefined) throw new CcsessError('NOT_FOUND', `session ${file.id} is gone.`);
  const id = options.id ?? randomUUID();
  requireNewId(id, environment.configDirs);
  const cwd = options.cwd === undefined ? null : realFolder(options.cwd, environment);
  const folder =
    cwd === null
      ? dirname(file.path)
      : join(file.configDir.path, 'projects', projectDirOf(cwd, file.configDir, environment.env));
  const given = options.title === undefined ? null : checkTitle(options.title);
  const tag = options.tag === undefined ? null : checkTag(options.tag);
  if (isGone(file.path)) throw sessionNotFoundError(file);
  return withParent(file.path, (fd, size) => {
    const branch = readActiveBranch(fd, size);
    const nodes = branch.nodes.filter(({ type }) => type !== 'progress');
    if (!isConversation(nodes)) throw new CcsessError('NOT_FOUND', `session ${file.id} has no messages to fork.`);
    const cut = branchUpTo({ fd, size, nodes }, options.at, file.id);
    const title = given ?? checkTitle(ownTitle(parent, cut, titlesIn(index, folder)));
    const isTitleGiven = given !== null;
    const atMs = environment.now();
    const session: NewSession = { id, folder, title, isTitleGiven, tag, relocatedTo: cwd, atMs };
    if (options.dryRun !== true) writeFork(session, { file, fd, size, nodes: cut.nodes, chain: branch.chain });
    const made = {
      id,
      transcript: join(folder, `${id}.jsonl`),
      projectDir: basename(folder),
      title,
      tag,
      cwd: cwd ?? parent.cwd,
    };
    return { ...made, parent, prompt: cut.prompt, messageUuid: cut.nodes.at(-1)?.uuid ?? null };
  });
}

/** Opens the parent's transcript; throws IO if that is not possible. */
function withParent<T>(path: string, use: (fd: number, size: number) => T): T {
  try {
    return withFile(path, use);
  } catch (error) {
    const { syscall, path: failed, code } = error as NodeJS.ErrnoException;
    if (syscall !== 'open' || failed !== path) throw error;
    throw new CcsessError('IO', `no fork was made: ${path} cannot be read (${code}).`, { cause: error });
  }
}

/**
 * Returns a title based on the parent's. If that is a prompt the fork does not contain, it is based on the fork's last
 * prompt.
 */
function ownTitle({ title, titleSource, id }: SessionRecord, { titles }: ForkedBranch, taken: TakenTitles): string {
  const last = titles.findLast((one) => one !== '') ?? id;
  const isHeld = titleSource !== 'prompt' || titles.includes(title?.slice(0, 2 * MAX_TITLE) ?? '');
  const base = isHeld ? (title ?? id) : last;
  return forkTitle(titleSource === 'prompt' ? promptAsTitle(base) : base, taken);
}

/** Returns the titles of sessions in a folder, in lower case. */
function titlesIn(index: SessionIndex, folder: string): TakenTitles {
  const name = basename(folder);
  return titlesAmong(index, ({ file }) => file.projectDir === name && dirname(file.path) === folder);
}
