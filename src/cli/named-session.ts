import type { Command } from 'commander';
import { CcsessError } from '../claude/errors.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionRecord } from '../session-index/record.js';
import { resolveSession, type Naming } from '../sessions/resolve.js';
import type { Context } from './context.js';
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

/** Adds `<session...>` and `--dry-run`, which every command on several sessions takes. */
export function addSessionsArgument(command: Command, need: 'required' | 'optional' = 'required'): Command {
  const name = need === 'required' ? '<session...>' : '[session...]';
  return command
    .argument(name, 'ids, starts of ids, titles, @N (row N of the list) or @ (newest here)')
    .option('-n, --dry-run', 'say what would be done, and do nothing');
}

/** The session the arguments name. Throws USAGE if they name none or two, else as `resolveSession`. */
export async function namedSession(index: SessionIndex, name: string | undefined, last: boolean, context: Context): Promise<SessionRow> {
  if (last && name !== undefined) throw new CcsessError('USAGE', `--last and '${name}' name a session each: leave one out.`);
  const wanted = last ? '@' : name;
  if (wanted === undefined) throw new CcsessError('USAGE', 'name a session: its id, the start of it, its title, or @1 for the first of the list.');
  return resolveSession(index, wanted, await namingOf(index, context));
}

/** The sessions that names mean, each once, in their order; all are found before this returns. Throws as `resolveSession`. */
export async function namedSessions(index: SessionIndex, names: readonly string[], context: Context): Promise<SessionRow[]> {
  const naming = await namingOf(index, context);
  // Of thousands of names most are full ids, which win over all else: no search for each of them.
  const byId = new Map<string, SessionRow | null>();
  for (const row of index.rows) byId.set(row.file.id, byId.has(row.file.id) ? null : row);
  return [...new Set(names.map((name) => byId.get(name) ?? resolveSession(index, name, naming)))];
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
