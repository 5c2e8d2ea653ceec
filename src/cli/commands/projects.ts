import type { Command } from 'commander';
import { PROJECT_SORT_KEYS, projectsOf, sortProjects, type ProjectSortKey } from '../../sessions/select/projects.js';
import { projectFilter } from '../../sessions/select/project-filter.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';
import type { Context } from '../context.js';
import { noteInterrupted, noteNoSessions, noteProblems } from '../shared/notes.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseCount } from '../../grammar/count.js';
import { batches, jsonArray, jsonLines } from '../render/text/json.js';
import { projectLine } from '../render/text/pipe.js';
import { projectLines } from '../render/projects.js';
import { printSentences, printPieces } from '../shared/print-sentences.js';

/** The flags of `projects`, as typed. */
export interface ProjectsFlags {
  limit?: string;
  sort?: string;
  reverse?: boolean;
  jsonl?: boolean;
}

/** Options of `projects`. */
export interface ProjectsOptions {
  /** Maximum number of projects, 0 for all; null for the default: 30 in a table, else all. */
  limit: number | null;
  /** Sort key; default: activity. */
  sort: ProjectSortKey;
  isReversed: boolean;
  /** Print one JSON object per line. */
  jsonl: boolean;
}

const TERMINAL_LIMIT = 30;

/** `ccsess projects`: lists the folders that Claude Code ran in. */
export function define(command: Command, context: Context): void {
  command
    .option(
      '-L, --limit <n>',
      `maximum number of projects (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .option('--sort <key>', `sort by: ${PROJECT_SORT_KEYS.join(', ')} (default: activity)`)
    .option('--reverse', 'reverse the order')
    .option('--jsonl', 'print one JSON object per line')
    .action((flags: ProjectsFlags) => runProjects(readProjectsOptions(flags), context));
}

/** Reads the flags of `projects`. Throws USAGE for an invalid value. */
export function readProjectsOptions({ limit, sort, reverse, jsonl }: ProjectsFlags): ProjectsOptions {
  return {
    limit: limit === undefined ? null : parseCount(limit, '--limit'),
    sort: parseChoice(sort ?? 'activity', PROJECT_SORT_KEYS, '--sort'),
    isReversed: reverse === true,
    jsonl: jsonl === true,
  };
}

/** Prints one row per project. */
export async function runProjects(
  { limit, sort, isReversed, jsonl }: ProjectsOptions,
  context: Context,
): Promise<void> {
  const index = await context.openIndex();
  await noteProblems(index.problems, context);
  await noteInterrupted(context);
  if (index.rows.length === 0) await noteNoSessions(index.problems, context);

  const all = sortProjects(projectsOf(index.records(index.rows, { footprint: true })), sort, isReversed);
  const { stdout, global } = context;
  const isTable = stdout.isTerminal && !global.json && !jsonl;
  const most = limit ?? (isTable ? TERMINAL_LIMIT : 0);
  const shown = most === 0 ? all : all.slice(0, most);
  if (jsonl) return printPieces(jsonLines(shown), context);
  if (global.json) return printPieces(jsonArray(shown, stdout.isTerminal), context);
  if (!stdout.isTerminal)
    return printPieces(batches(shown.map((project) => projectLine(project, hasSeveralConfigDirs(context)))), context);
  if (all.length === 0) return;
  const isHere = projectFilter(['.'], await findStartFolder(context));
  const lines = await projectLines(
    all,
    shown.length,
    (project) => isHere({ cwd: project.cwd, repository: null, projectDir: null }),
    screenOf(context),
  );
  await printSentences(lines, context);
}
