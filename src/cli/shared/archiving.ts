import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { setArchived } from '../../sessions/amend/archive.js';
import { recordsNow } from './changed.js';
import type { Context } from '../context.js';
import { describeFailure } from '../terminal/fail.js';
import { namedSessions } from './named-session.js';
import { namesIn, type DryRunSessions } from './keep-output.js';
import { jsonArray } from '../render/text/json.js';
import { counted } from '../render/text/number.js';
import { printSentences, printPieces } from './print-sentences.js';
import { PARTLY_DONE } from '../../system/errors.js';

/**
 * Archives the named sessions, or unarchives them; sessions already in that state are left alone. Sets exit code 3 if
 * some of them fail; if all fail, throws as `setArchived`.
 */
export async function markArchived(
  archived: boolean,
  { dryRun, ...sessions }: DryRunSessions,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  const index = await context.openIndex();
  const rows = await namedSessions(index, sessions, context, (name) => anyCopy(index, name));
  const wanted = rows.filter((row) => copiesOf(index, row).some((copy) => copy.archived !== archived));
  const failed = dryRun ? [] : await archiveEach(wanted, archived, context);
  const done = wanted.filter((row) => !failed.includes(row));
  const report = sentence(index, { rows, wanted, done }, { archived, dryRun });
  if (!global.json) {
    const ids = rows.filter((row) => !failed.includes(row)).map(({ file }) => `${file.id}\n`);
    return stdout.isTerminal || dryRun ? printSentences([report], context) : stdout.write(ids.join(''));
  }
  if (dryRun) await stderr.write(`${report}\n`);
  await printPieces(jsonArray(await recordsNow(rows, context), stdout.isTerminal), context);
}

/**
 * Returns any copy of a session with a full id, unless copies are in several config dirs: all copies of an id share the
 * mark.
 */
function anyCopy(index: SessionIndex, name: string): SessionRow | undefined {
  const copies = index.rows.filter(({ file }) => file.id === name.toLowerCase());
  return new Set(copies.map(({ file }) => file.configDir.projectsRoot)).size === 1 ? copies[0] : undefined;
}

/** Returns all sessions with the id, since archiving applies to each of them. */
function copiesOf(index: SessionIndex, { file: { id, configDir } }: SessionRow): SessionRow[] {
  return index.rows.filter(({ file }) => file.id === id && file.configDir.projectsRoot === configDir.projectsRoot);
}

/** Archives the sessions and returns those that failed, each reported on stderr. */
async function archiveEach(rows: readonly SessionRow[], archived: boolean, context: Context): Promise<SessionRow[]> {
  const failures = rows.flatMap((row) => {
    try {
      setArchived(row.file, archived, context);
      return [];
    } catch (error) {
      return [{ row, error }];
    }
  });
  if (failures.length > 0 && failures.length === rows.length) throw failures[0]?.error;
  const reporting = { ...context.global, invocation: context.invocation };
  for (const { error } of failures) await context.stderr.write(describeFailure(error, reporting).text);
  if (failures.length > 0) context.setExitCode(PARTLY_DONE);
  return failures.map(({ row }) => row);
}

interface Archived {
  rows: readonly SessionRow[];
  wanted: readonly SessionRow[];
  done: readonly SessionRow[];
}

/** Returns id and title. A row of the list would be ambiguous, as rows shift when a session is archived. */
function nameOf(index: SessionIndex, row: SessionRow): string {
  return index.records([row], { footprint: false }).map(namesIn(index)).join();
}

/** Returns `Archived 3 sessions; 1 was archived already.`; a single session is named. */
function sentence(
  index: SessionIndex,
  { rows, wanted, done }: Archived,
  { archived, dryRun }: { archived: boolean; dryRun: boolean },
): string {
  const [only, ...others] = rows;
  const alone = others.length === 0 && only !== undefined ? nameOf(index, only) : null;
  const state = archived ? 'archived already' : 'not archived';
  const already = rows.length - wanted.length;
  if (alone !== null && already > 0) return `${alone} is ${state}.`;
  const did = archived ? ['Archived', 'Would archive'] : ['Unarchived', 'Would unarchive'];
  const rest = already === 0 ? '' : `; ${already} ${already === 1 ? 'was' : 'were'} ${state}`;
  return `${did[dryRun ? 1 : 0]} ${alone ?? counted(done.length, 'session')}${rest}.`;
}
