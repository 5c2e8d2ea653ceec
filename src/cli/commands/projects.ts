import type { Command } from 'commander';
import { PROJECT_SORT_KEYS, projectsOf, sortProjects } from '../../sessions/select/projects.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { placeOf } from '../../sessions/select/start-position.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';
import type { Context } from '../context.js';
import { noteInterrupted, noteNoSessions, noteProblems } from '../shared/notes.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseCount } from '../../grammar/count.js';
import { batches, jsonArray, jsonLines } from '../render/text/json.js';
import { projectLine } from '../render/text/pipe.js';
import { projectLines } from '../render/projects.js';
import { printSentences } from '../shared/print-sentences.js';

/** The flags of `projects`, as written. */
export interface ProjectFlags {
  limit?: string;
  sort?: string;
  reverse?: boolean;
  jsonl?: boolean;
}

const TERMINAL_LIMIT = 30;

/** `ccsess projects`: the folders Claude Code ran in. */
export function define(command: Command, context: Context): void {
  command
    .option(
      '-L, --limit <n>',
      `maximum number of projects (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .option('--sort <key>', `sort by: ${PROJECT_SORT_KEYS.join(', ')} (default: activity)`)
    .option('--reverse', 'reverse the order')
    .option('--jsonl', 'print one JSON object per line')
    .action((flags: ProjectFlags) => projects(flags, context));
}

/** Prints a row a project to the context's stdout. Throws usage errors. */
export async function projects(flags: ProjectFlags, context: Context): Promise<void> {
  const limit = flags.limit === undefined ? null : parseCount(flags.limit, '--limit');
  const sort = parseChoice(flags.sort ?? 'activity', PROJECT_SORT_KEYS, '--sort');
  const index = await context.openIndex();
  await noteProblems(index.problems, context);
  await noteInterrupted(context);
  if (index.rows.length === 0) await noteNoSessions(index.problems, context);

  const all = sortProjects(projectsOf(index.records(index.rows, { footprint: true })), sort, flags.reverse === true);
  const { stdout, global } = context;
  const isTable = stdout.isTerminal && !global.json && flags.jsonl !== true;
  const most = limit ?? (isTable ? TERMINAL_LIMIT : 0);
  const shown = most === 0 ? all : all.slice(0, most);
  if (flags.jsonl === true) return printAll(jsonLines(shown), context);
  if (global.json) return printAll(jsonArray(shown, stdout.isTerminal), context);
  if (!stdout.isTerminal)
    return printAll(batches(shown.map((project) => projectLine(project, hasSeveralConfigDirs(context)))), context);
  if (all.length === 0) return;
  const isHere = projectFilter(['.'], await placeOf(context));
  const lines = await projectLines(
    all,
    shown.length,
    (project) => isHere({ cwd: project.cwd, repository: null, projectDir: null }),
    screenOf(context),
  );
  await printSentences(lines, context);
}

async function printAll(pieces: Iterable<string>, { stdout }: Context): Promise<void> {
  for (const piece of pieces) await stdout.write(piece);
}
