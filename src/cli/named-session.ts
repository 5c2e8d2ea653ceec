import type { Command } from 'commander';
import { CcsessError } from '../claude/errors.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionRecord } from '../session-index/record.js';
import { AmbiguousName, resolveSession, type Naming } from '../sessions/resolve.js';
import { choose } from './choose.js';
import type { Context, Questions } from './context.js';
import { placeOf } from './filters.js';
import { formatAge } from './render/age.js';
import { counted } from './render/number.js';
import { shortPath } from './render/path.js';
import { oneLine } from './render/sanitize.js';
import { idLengths } from './render/short-id.js';

const MOST_TITLE = 40;

/** Adds `[session]` and `--last`, which every command on one session takes. */
export function addSessionArgument(command: Command): Command {
  return command
    .argument('[session]', 'id, start of an id, title, @N (row N of the list) or @ (newest here)')
    .option('--last', 'the newest interactive session of this folder');
}

/**
 * The session the arguments name; of several that answer to a name, the one chosen at the terminal. Throws USAGE if they
 * name none or two, `QuestionLeft` if nothing was chosen, else as `resolveSession`.
 */
export async function namedSession(index: SessionIndex, name: string | undefined, last: boolean, context: Context): Promise<SessionRow> {
  if (last && name !== undefined) throw new CcsessError('USAGE', `--last and '${name}' name a session each: leave one out.`);
  const wanted = last ? '@' : name;
  if (wanted === undefined) throw new CcsessError('USAGE', 'name a session: its id, the start of it, its title, or @1 for the first of the list.');
  const naming = await namingOf(index, context);
  try {
    return resolveSession(index, wanted, naming);
  } catch (error) {
    const questions = error instanceof AmbiguousName ? await context.questions() : null;
    if (questions === null || !(error instanceof AmbiguousName)) throw error;
    return chooseSession(index, error.rows, `${error.why}. Which one?`, naming, questions);
  }
}

/** One of these sessions, chosen at the terminal. Throws `QuestionLeft`. */
export async function chooseSession(index: SessionIndex, rows: readonly SessionRow[], question: string, naming: Naming, questions: Questions): Promise<SessionRow> {
  const records = index.records(rows, { footprint: false });
  const choices = records.flatMap((record, at) => {
    const row = rows[at];
    return row === undefined ? [] : [{ label: naming.describe(row, record), value: row }];
  });
  return choose(questions, question, choices);
}

/** How this context resolves and describes names. */
export async function namingOf(index: SessionIndex, context: Context): Promise<Naming> {
  const ids = index.rows.map(({ file }) => file.id);
  return {
    place: await placeOf(context),
    describe: (row, record) => describe(row.file.id.slice(0, idLengths([row.file.id], ids)[0]), row, record, context),
  };
}

/** `3f2a91c0  live  ~/code/ccsess  31 prompts  Fix prune race`: one line for one of several sessions. */
function describe(id: string, row: SessionRow, record: SessionRecord, { now, home }: Context): string {
  const active = row.live === null ? (row.lastActivityMs === null ? '–' : formatAge(row.lastActivityMs, now())) : 'live';
  const folder = record.cwd === null ? record.projectDir : shortPath(record.cwd, home);
  const title = record.title === null ? '' : shortened(oneLine(record.title));
  return [id, active.padEnd(4), folder, counted(record.prompts, 'prompt'), title].join('  ').trimEnd();
}

/** Enough of a title to know it by. */
function shortened(title: string): string {
  const characters = [...title];
  return characters.length <= MOST_TITLE ? title : `${characters.slice(0, MOST_TITLE - 1).join('')}…`;
}
