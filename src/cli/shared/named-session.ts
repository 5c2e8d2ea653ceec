import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { shortId } from '../../claude/layout.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { SessionRecord } from '../../session-index/record.js';
import { AmbiguousName, resolveSession, withTitle, type Naming } from '../../sessions/resolve/resolve.js';
import { transcriptName } from '../../sessions/resolve/transcript-name.js';
import { choose } from '../terminal/choose.js';
import { pickSession, pickSessions } from '../picker/pick-sessions.js';
import type { Context, Questions } from '../context.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { folderText } from '../render/folder-text.js';
import { screenOf } from './screen.js';
import { liveWord } from '../render/live-text.js';
import { formatAge, formatMoment } from '../render/text/age.js';
import { counted } from '../render/text/number.js';
import { shortPath } from '../render/text/path.js';
import { oneLine } from '../render/text/sanitize.js';
import { idLengths } from '../render/text/short-id.js';

const MAX_TITLE = 40;
/** Number of names from which reading all ids is faster than searching for each name. */
const MANY_NAMES = 20;

const WAYS_TO_NAME = 'id, id prefix, title, transcript path, @N (row N of ccsess list) or @ (same as --last)';

/** The session of a command, as options of its run. */
export interface SessionOption {
  /** Name of a session; undefined with `last`, or to ask the person at the terminal. */
  name: string | undefined;
  /** The most recent interactive session of the current folder. */
  last: boolean;
}

/** The sessions of a command, as options of its run. */
export interface SessionsOption {
  /** Names of sessions; empty with `last`, or to ask the person at the terminal. */
  names: readonly string[];
  /** The most recent interactive session of the current folder. */
  last: boolean;
}

/** The flag of commands on sessions. */
export interface LastFlag {
  last?: boolean;
}

/** Adds `[session]` and `--last`, which all commands on one session take. */
export function addSessionArgument(command: Command): Command {
  return addLast(command.argument('[session]', WAYS_TO_NAME));
}

/** Adds `[session...]` and `--last`, for commands that take several sessions. */
export function addSessionsArgument(command: Command): Command {
  return addLast(command.argument('[session...]', `each: ${WAYS_TO_NAME}`));
}

/** Adds `--last`. */
export function addLast(command: Command): Command {
  return command.option('--last', 'the most recent interactive session of the current folder');
}

/** Reads the arguments of `addSessionArgument`. Throws USAGE if two sessions are named. */
export function readSession(name: string | undefined, { last = false }: LastFlag): SessionOption {
  if (last && name !== undefined) throw twoSessions(name);
  return { name, last };
}

/** Reads the arguments of `addSessionsArgument`. Throws USAGE if `--last` is combined with names. */
export function readSessions(names: readonly string[], { last = false }: LastFlag): SessionsOption {
  const [first] = names;
  if (last && first !== undefined) throw twoSessions(first);
  return { names, last };
}

function twoSessions(name: string): CcsessError {
  return new CcsessError('USAGE', `--last and '${name}' each name a session: leave one out.`);
}

/**
 * Returns session and further words of a command that takes both; with `--last` all words are further ones.
 */
export function sessionAndWords(
  session: string | undefined,
  words: readonly string[],
  last: boolean,
): [name: string | undefined, ...words: string[]] {
  const all = [...(session === undefined ? [] : [session]), ...words];
  return last ? [undefined, ...all] : [all[0], ...all.slice(1)];
}

/**
 * Opens an index for looking up one session; for a full id it may be limited to the session and its kin
 * (`IndexOptions.around`). Not for commands that change or remove anything.
 */
export function indexAround(
  { name, last }: SessionOption,
  { configDirs, openIndex }: Context,
  { processes = false } = {},
): Promise<SessionIndex> {
  const isThere = (id: string): boolean => findTranscripts(configDirs, id).length > 0;
  const isFullId = name !== undefined && !last && (isThere(name) || isThere(name.toLowerCase()));
  return openIndex({ processes, ...(isFullId ? { around: name } : {}) });
}

/**
 * Returns the named session. Asks the person at the terminal if several match or none is named; throws USAGE if nobody
 * can be asked, `QuestionCancelled`, and as `resolveSession`.
 */
export async function namedSession(
  index: SessionIndex,
  { name, last }: SessionOption,
  context: Context,
): Promise<SessionRow> {
  const wanted = last ? '@' : name;
  if (wanted === undefined) return pickSession(index, context);
  return resolveOrAsk(index, wanted, await namingOf(index, context), context);
}

/**
 * Returns the named sessions, each once, after resolving all of them. `known` may resolve names itself; throws as
 * `namedSession`.
 */
export async function namedSessions(
  index: SessionIndex,
  { names, last }: SessionsOption,
  context: Context,
  known: (name: string) => SessionRow | undefined = () => undefined,
): Promise<SessionRow[]> {
  if (!last && names.length === 0) return pickSessions(index, context);
  if (last) return [await namedSession(index, { name: undefined, last }, context)];
  const naming = await namingOf(index, context);
  const byId = names.length < MANY_NAMES ? null : onlyOnesById(index);
  const rows = new Set<SessionRow>();
  for (const name of names)
    rows.add(known(name) ?? byId?.get(name) ?? (await resolveOrAsk(index, name, naming, context)));
  return [...rows];
}

/**
 * Returns sessions by full id, null for an id of several copies: of thousands of names most are full ids, which take
 * precedence and need no search.
 */
function onlyOnesById({ rows }: SessionIndex): ReadonlyMap<string, SessionRow | null> {
  const byId = new Map<string, SessionRow | null>();
  for (const row of rows) byId.set(row.file.id, byId.has(row.file.id) ? null : row);
  return byId;
}

async function resolveOrAsk(index: SessionIndex, name: string, naming: Naming, context: Context): Promise<SessionRow> {
  try {
    return resolveSession(index, name, naming);
  } catch (error) {
    if (error instanceof CcsessError && error.code === 'NOT_FOUND') throw await orInTrash(error, name, context);
    if (!(error instanceof AmbiguousName)) throw error;
    const questions = await context.questions();
    if (questions === null) throw error;
    return chooseSession(index, error.rows, `${error.why}. Which one?`, naming, questions);
  }
}

/** Returns the error for an unknown name, or for the name of a session in the trash. */
async function orInTrash(notFound: CcsessError, name: string, context: Context): Promise<CcsessError> {
  if (name.startsWith('@')) return notFound;
  const [{ inspectTrash }, { findTrashed }, { namedTrashDir }] = await Promise.all([
    import('../../retention/trash/trash.js'),
    import('../../retention/trash/find-trashed.js'),
    import('../../retention/trash/trash-dir.js'),
  ]);
  try {
    const [found] = findTrashed(inspectTrash(context.configDirs, namedTrashDir(undefined, context)), name);
    if (found === undefined) return notFound;
    const { id, trashedAt } = found.session;
    const when = formatMoment(Date.parse(trashedAt));
    return new CcsessError('NOT_FOUND', `session ${id} has been in the trash since ${when}.`, {
      hint: `${context.invocation} restore ${id}`,
    });
  } catch {
    // The trash cannot be read, or several sessions in it have the name: what is certain is that no session has it.
    return notFound;
  }
}

/** Lets the person at the terminal choose one of the sessions. Throws `QuestionCancelled`. */
async function chooseSession(
  index: SessionIndex,
  rows: readonly SessionRow[],
  question: string,
  naming: Naming,
  questions: Questions,
): Promise<SessionRow> {
  const choices = index.records(rows, { footprint: false }).flatMap((record, at) => {
    const row = rows[at];
    return row === undefined ? [] : [{ label: naming.describe(row, record), value: row }];
  });
  return choose(questions, question, choices);
}

/** Returns the shortest unique prefix of a session's id: `3f2a91c0`. */
export function shortIdOf(index: SessionIndex, { file: { id } }: SessionRow): string {
  const alike = index.withIdPrefix(shortId(id)).map(({ file }) => file.id);
  return id.slice(0, idLengths([id], alike)[0]);
}

/**
 * Reports on stderr another session of the project with this title, and returns true if there is one: Claude Code
 * resolves names within a project, and refuses ambiguous ones.
 */
export async function noteNamesakes(
  index: SessionIndex,
  row: SessionRow,
  title: string,
  { stderr }: Pick<Context, 'stderr'>,
): Promise<boolean> {
  const { id, projectDir, configDir } = row.file;
  const [one] = withTitle(
    index,
    title,
    ({ file }) =>
      file.projectDir === projectDir && file.configDir.projectsRoot === configDir.projectsRoot && file.id !== id,
  );
  if (one !== undefined)
    await stderr.write(`ccsess: ${shortIdOf(index, one)} of this project has the same title: use ids to name them.\n`);
  return one !== undefined;
}

/** Returns how this context resolves and describes names. */
export async function namingOf(index: SessionIndex, context: Context): Promise<Naming> {
  return {
    start: await findStartFolder(context),
    describe: (row, record) => describe(handleOf(index, row, context), row, record, context),
  };
}

/**
 * Returns a name to type for a session: the shortest unique id prefix, or the transcript's path if copies share the id.
 */
function handleOf(index: SessionIndex, row: SessionRow, { home }: Context): string {
  return index.withId(row.file.id).length === 1 ? shortIdOf(index, row) : shortPath(transcriptName(index, row), home);
}

/** Describes one of several sessions in a line: `3f2a91c0  live  ~/code/ccsess  31 prompts  Fix prune race`. */
function describe(handle: string, row: SessionRow, record: SessionRecord, context: Context): string {
  const { now } = context;
  const { live, lastActivityMs } = row;
  const active = live !== null ? liveWord(live) : lastActivityMs === null ? '–' : formatAge(lastActivityMs, now());
  const folder = folderText(record, screenOf(context));
  const title = record.title === null ? '' : shortened(oneLine(record.title));
  return [handle, active.padEnd(4), folder, counted(record.prompts, 'prompt'), title].join('  ').trimEnd();
}

/** Shortens a title so that it is still recognised. */
function shortened(title: string): string {
  const characters = [...title];
  return characters.length <= MAX_TITLE ? title : `${characters.slice(0, MAX_TITLE - 1).join('')}…`;
}
