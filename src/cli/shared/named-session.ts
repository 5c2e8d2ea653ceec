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
/** From this number of names on, a look at all sessions takes less time than a search for each name. */
const MANY_NAMES = 20;

const WAYS_TO_NAME = 'id, start of an id, title, transcript, @N (row N of the list) or @ (newest here)';

/** The session that a command works on, as options of its run. */
export interface SessionOption {
  /** A way to name a session; undefined with `last`, and to let the person at the terminal choose. */
  name: string | undefined;
  /** The most recent interactive session of the current folder. */
  last: boolean;
}

/** The sessions that a command works on, as options of its run. */
export interface SessionsOption {
  /** Ways to name sessions, one each; none with `last`, and to let the person at the terminal choose. */
  names: readonly string[];
  /** The most recent interactive session of the current folder. */
  last: boolean;
}

/** The flag of commands on sessions. */
export interface LastFlag {
  last?: boolean;
}

/** Adds `[session]` and `--last`, which every command on one session takes. */
export function addSessionArgument(command: Command): Command {
  return addLast(command.argument('[session]', WAYS_TO_NAME));
}

/** Adds `[session...]` and `--last`, for commands that take several at once. */
export function addSessionsArgument(command: Command): Command {
  return addLast(command.argument('[session...]', `each: ${WAYS_TO_NAME}`));
}

/** Adds `--last`. */
export function addLast(command: Command): Command {
  return command.option('--last', 'the most recent interactive session of the current folder');
}

/** Reads what `addSessionArgument` declares. Throws USAGE if two sessions are named. */
export function readSession(name: string | undefined, { last = false }: LastFlag): SessionOption {
  if (last && name !== undefined) throw twoSessions(name);
  return { name, last };
}

/** Reads what `addSessionsArgument` declares. Throws USAGE if `--last` is not the only session. */
export function readSessions(names: readonly string[], { last = false }: LastFlag): SessionsOption {
  const [first] = names;
  if (last && first !== undefined) throw twoSessions(first);
  return { names, last };
}

function twoSessions(name: string): CcsessError {
  return new CcsessError('USAGE', `--last and '${name}' each name a session: leave one out.`);
}

/**
 * The words of a command that takes something after the session: with `--last` all of them come after it. What follows
 * `--` counts as well, so that a title may begin with a dash.
 */
export function sessionAndWords(
  session: string | undefined,
  words: readonly string[],
  last: boolean,
  { passthrough }: Context,
): [name: string | undefined, ...words: string[]] {
  const all = [...(session === undefined ? [] : [session]), ...words, ...passthrough];
  return last ? [undefined, ...all] : [all[0], ...all.slice(1)];
}

/**
 * The index to look a session up in of which nothing is asked but what it and its kin hold: for a full id, one that
 * looks around it (`IndexOptions.around`). Not for what changes or removes anything. `processes` as in `IndexOptions`.
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
 * The session the arguments name; of several that answer to a name, and where none is named, the one chosen at the
 * terminal. Throws USAGE if none is named and nobody can be asked; `QuestionCancelled` if nothing was chosen; else as
 * `resolveSession`.
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
 * The sessions the arguments name, each once; all of them are found before the first is returned. `known` may answer
 * for names that need no resolving. Throws as `namedSession`.
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

/** Of thousands of names most are full ids, which win over all else: no search for each of them. */
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

/** The error for a name that no session has, or one that says that such a session is in the trash. */
async function orInTrash(notFound: CcsessError, name: string, context: Context): Promise<CcsessError> {
  if (name.startsWith('@')) return notFound;
  const [{ readTrash }, { findTrashed }, { namedTrashDir }] = await Promise.all([
    import('../../retention/trash/trash.js'),
    import('../../retention/trash/find-trashed.js'),
    import('../../retention/trash/trash-dir.js'),
  ]);
  try {
    const [found] = findTrashed(readTrash(context.configDirs, namedTrashDir(undefined, context)), name);
    if (found === undefined) return notFound;
    const { id, trashedAt } = found.session;
    const when = formatMoment(Date.parse(trashedAt));
    return new CcsessError('NOT_FOUND', `session ${id} is in the trash since ${when}.`, {
      hint: `ccsess restore ${id}`,
    });
  } catch {
    // A trash that cannot be read, or several sessions of that name in it: what is known is that no session has the
    // name.
    return notFound;
  }
}

/** One of these sessions, chosen at the terminal. Throws `QuestionCancelled`. */
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

/** `3f2a91c0`: the shortest prefix of a session's id that is unique. */
export function shortIdOf(index: SessionIndex, { file: { id } }: SessionRow): string {
  const alike = index.withIdPrefix(shortId(id)).map(({ file }) => file.id);
  return id.slice(0, idLengths([id], alike)[0]);
}

/**
 * Says on stderr which other session of the project has this title, and returns whether one has: Claude Code resolves
 * names within a project, and refuses those of several sessions.
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
    await stderr.write(
      `ccsess: ${shortIdOf(index, one)} of this project has this title too: name them by their ids.\n`,
    );
  return one !== undefined;
}

/** How this context resolves and describes names. */
export async function namingOf(index: SessionIndex, context: Context): Promise<Naming> {
  return {
    start: await findStartFolder(context),
    describe: (row, record) => describe(handleOf(index, row, context), row, record, context),
  };
}

/** The name to type for a session: as much of its id as is unique, or its transcript where copies share the id. */
function handleOf(index: SessionIndex, row: SessionRow, { home }: Context): string {
  return index.withId(row.file.id).length === 1 ? shortIdOf(index, row) : shortPath(transcriptName(index, row), home);
}

/** `3f2a91c0  live  ~/code/ccsess  31 prompts  Fix prune race`: one line for one of several sessions. */
function describe(handle: string, row: SessionRow, record: SessionRecord, context: Context): string {
  const { now } = context;
  const { live, lastActivityMs } = row;
  const active = live !== null ? liveWord(live) : lastActivityMs === null ? '–' : formatAge(lastActivityMs, now());
  const folder = folderText(record, screenOf(context));
  const title = record.title === null ? '' : shortened(oneLine(record.title));
  return [handle, active.padEnd(4), folder, counted(record.prompts, 'prompt'), title].join('  ').trimEnd();
}

/** Enough of a title to know it by. */
function shortened(title: string): string {
  const characters = [...title];
  return characters.length <= MAX_TITLE ? title : `${characters.slice(0, MAX_TITLE - 1).join('')}…`;
}
