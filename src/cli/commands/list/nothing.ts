import type { SessionIndex } from '../../../session-index/session-index.js';
import { guessProjects } from '../../../sessions/select/guess-project.js';
import { belowFilter } from '../../../sessions/select/project-filter.js';
import { select, type Query } from '../../../sessions/select/select.js';
import { findStartFolder } from '../../../sessions/select/start-folder.js';
import { isGlob } from '../../../grammar/glob.js';
import { quoted } from '../../../grammar/quoted.js';
import type { Context } from '../../context.js';
import { counted, grouped } from '../../render/text/number.js';
import { sanitize } from '../../render/text/sanitize.js';
import { noteNoSessions } from '../../shared/notes.js';
import { noteTouched } from '../../shared/search/touched-note.js';

const ID_START = /^[0-9a-f][0-9a-f-]{3,35}$/;
const AGE = /^(?:today|yesterday|\d+(?:s|min|h|d|w|mo|y))$/;

/** A list without results: its filters and folders as typed (null for all), and its query. */
export interface EmptyList {
  filters: string;
  project: readonly string[] | null;
  query: Query;
}

/** Reports on stderr why nothing is listed, and what to type instead. */
export async function noteNothing(index: SessionIndex, options: EmptyList, context: Context): Promise<void> {
  const { filters, project, query } = options;
  const { stderr } = context;
  if (index.rows.length === 0) return noteNoSessions(index.problems, context);
  await stderr.write(`No sessions match ${sanitize(filters)} (searched ${grouped(index.rows.length)}).\n`);
  const { sinceMs, beforeMs, words = [] } = query;
  if (sinceMs !== undefined && beforeMs !== undefined && sinceMs >= beforeMs)
    await stderr.write('The range ends before it starts: swap its start and end.\n');
  if (words.length > 0) await stderr.write(`${sanitize(await meantBy(words, index, context))}\n`);
  if (project !== null) await noteBelow(index, project, context);
  if (query.touched !== undefined) await noteTouched(index, query.touched, context);
}

/** Returns the command that is likely to find what the words did not. */
async function meantBy(words: readonly string[], index: SessionIndex, context: Context): Promise<string> {
  const [word = '', ...others] = words;
  const { invocation } = context;
  const search = `In conversations: ${invocation} search ${words.map(quoted).join(' ')}`;
  if (others.length > 0) return search;
  if (word === 'all') return `All sessions: ${invocation} list -a`;
  if (AGE.test(word)) return `By time: ${invocation} list --since ${word}`;
  const id = word.toLowerCase();
  if (ID_START.test(id) && index.withIdPrefix(id).length > 0) return `By id: ${invocation} show ${id}`;
  const [guess] = guessProjects([word], index, await findStartFolder(context));
  return guess !== undefined && guess.named.length > 0 ? `By folder: ${invocation} list -p ${quoted(word)}` : search;
}

/** Reports sessions in folders below, since `-p` only matches the folder itself. */
async function noteBelow(index: SessionIndex, patterns: readonly string[], context: Context): Promise<void> {
  const below = belowFilter(patterns, await findStartFolder(context));
  if (below === null) return;
  const { rows } = select(index, { project: below });
  if (rows.length === 0) return;
  const globs = patterns
    .filter((pattern) => !isGlob(pattern))
    .map((pattern) => `-p ${quoted(`${pattern.replace(/\/+$/, '')}/**`)}`);
  await context.stderr.write(`Folders below have ${counted(rows.length, 'session')}: ${sanitize(globs.join(' '))}\n`);
}
